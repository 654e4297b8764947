// `meta: { sent: timestamp, trace: header("x") }`: fields of a source's rows that its connector knows beside the
// record.
#include <algorithm>

#include "dsl/check/source_options.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;
using connectors::FieldType;
using connectors::MetaInfo;

namespace {

const Type* type_of(Context& c, const MetaInfo& info) {
  const auto kind = [&] {
    switch (info.type) {
      case FieldType::boolean:
        return Kind::boolean;
      case FieldType::i64:
        return Kind::i64;
      case FieldType::f64:
        return Kind::f64;
      case FieldType::string:
        return Kind::string;
      case FieldType::timestamp:
        return Kind::timestamp;
    }
    return Kind::error;
  };
  const Type* type = c.types().basic(kind());
  return info.optional ? c.types().optional(type) : type;
}

std::string said(const MetaInfo& info) { return std::string(info.name) + (info.named ? "(\"…\")" : ""); }

/// The text of `header("x")`; null after a diagnostic.
const std::string* argument(Context& c, const MetaInfo& info, const ast::Call* call, Range range) {
  if (call && call->args.size() == 1 && call->args[0].value && !call->args[0].name)
    if (const auto* text = bare(*call->args[0].value).as<ast::String>();
        text && text->parts.size() == 1 && !text->parts[0].expr)
      return &text->parts[0].text;
  c.report(Code::E0505, range, quote(info.name) + " needs one name").under("write `" + said(info) + "`");
  return nullptr;
}

/// The fields that `meta:` speaks of, with their types; what the source reads them from goes into `meta`.
std::vector<std::pair<RecordField, Range>> meta_fields(Context& c, const ast::Record& record, const connectors::ConnectorInfo& connector,
                                                       std::vector<MetaField>& meta) {
  std::vector<std::pair<RecordField, Range>> fields;
  std::vector<std::string_view> known;
  std::string list;
  for (const MetaInfo& info : connector.meta) {
    known.push_back(info.name);
    list += (list.empty() ? "`" : ", `") + said(info) + "`";
  }
  for (const auto& entry : record.entries) {
    if (!entry.value) continue;
    const ast::Expr& value = bare(*entry.value);
    const auto* call = value.as<ast::Call>();
    const std::string* word = bare_name(call ? *call->callee : value);
    const MetaInfo* found = nullptr;
    for (const MetaInfo& info : connector.meta)
      if (word && info.name == *word) found = &info;
    if (!found || (call && !found->named)) {
      auto& d = c.report(Code::E0505, value.range,
                         "the connector " + quote(connector.name) + " does not know this of a record");
      d.under("it knows " + list);
      if (word && !found) suggest(d, *word, value.range, known);
      continue;
    }
    MetaField field{static_cast<Index>(found - connector.meta.data()), ""};
    if (found->named) {
      const std::string* text = argument(c, *found, call, value.range);
      if (!text) continue;
      field.argument = *text;
    }
    const std::string name = entry.field_name();
    const Range range = entry.name ? entry.name->range : entry.range;
    if (std::ranges::any_of(fields, [&](const auto& f) { return f.first.name == name; })) {
      c.report(Code::E0208, range, "the field " + quote(name) + " is given twice").under("`meta` has it already");
      continue;
    }
    c.check_column_name(name, range);
    fields.push_back({{name, type_of(c, *found), name, nullptr, std::string(found->doc)}, range});
    meta.push_back(std::move(field));
  }
  return fields;
}

/// The record with these fields behind its own.
const Type* with_fields(Context& c, const Type* type, const std::vector<std::pair<RecordField, Range>>& fields) {
  Type* rows = c.types().declare(Kind::record, type->name, {});
  rows->fields = type->fields;
  for (const auto& [field, range] : fields) {
    if (type->field(field.name) >= 0)
      c.report(Code::E0208, range, "the field " + quote(field.name) + " is given twice").under(quote(to_string(type)) + " has it already");
    rows->fields.push_back(field);
  }
  return rows;
}

}  // namespace

const Type* check_meta(Context& c, const GivenOption& g, const connectors::ConnectorInfo& connector, Source& source,
                       const Type* type, const GivenOption* changes) {
  if (connector.meta.empty()) {
    c.report(Code::E0505, g.name_range, "the connector " + quote(connector.name) + " knows nothing beside the record")
        .under("no `meta` here");
    return type;
  }
  if (changes && option_word(c, *changes) != "upsert") {
    c.later(Code::E0933, g.name_range, "`meta` of such a changelog");
    return type;
  }
  const auto* record = bare(*g.value).as<ast::Record>();
  if (!record) {
    c.report(Code::E0505, g.value->range, "the option `meta` takes a record").under("such as `{ sent: timestamp }`");
    return type;
  }
  if (!type && source.cases.empty()) return nullptr;
  const auto fields = meta_fields(c, *record, connector, source.meta);
  for (SourceCase& one : source.cases) {
    if (c.broken[one.stream]) continue;
    one.type = with_fields(c, one.type, fields);
    c.program.streams[one.stream].row = row_of(one.type);
  }
  if (!type) return nullptr;
  source.type = with_fields(c, type, fields);
  c.program.streams[source.stream].row = row_of(source.type);
  return source.type;
}

}  // namespace gress::dsl::detail
