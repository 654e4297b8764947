// Unions: records of several types in one source, told apart by a tag. Their cases are streams (sources.cpp makes them).
#include "dsl/check/unions.h"

#include "dsl/check/walk.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;

std::vector<std::string> names_of(const std::optional<ast::Path>& path) {
  std::vector<std::string> out;
  if (path)
    for (const auto& name : path->parts) out.push_back(name.text);
  return out;
}

void declare_union(Context& c, FileScope& scope, const ast::UnionDecl& decl) {
  Union made;
  made.name = decl.name.text;
  made.range = decl.name.range;
  made.tag_path = names_of(decl.by);
  made.content_path = names_of(decl.in);
  std::map<std::string, Range> names, tags;
  for (const auto& one : decl.cases) {
    auto [at, fresh] = names.try_emplace(one.name.text, one.name.range);
    if (!fresh) {
      c.report(Code::E0208, one.name.range, "the case " + quote(one.name.text) + " is given twice").at(at->second, "first given here");
      continue;
    }
    UnionCase made_case{one.name.text, nullptr, one.wire.value_or(one.name.text), one.name.range};
    auto [tag, fresh_tag] = tags.try_emplace(made_case.tag, one.name.range);
    if (!fresh_tag)
      c.report(Code::E0208, one.name.range, "two names on the wire are " + quote(made_case.tag)).at(tag->second, "the other one");
    ast::TypeRef ref;
    ref.name = one.type;
    ref.range = one.type.range;
    const Type* type = c.resolve_type(ref, scope);
    if (type->is(Kind::error)) {
      made.broken = true;
    } else if (!type->is(Kind::record)) {
      c.report(Code::E0215, one.type.range, "the rows of a case are records, not " + quote(to_string(type))).under("no record type");
      made.broken = true;
    }
    made_case.type = type;
    made.cases.push_back(std::move(made_case));
  }
  c.unions.emplace(&decl, std::move(made));
}

const Type* type_of(Context& c, connectors::FieldType type) {
  switch (type) {
    case connectors::FieldType::boolean: return c.types().basic(Kind::boolean);
    case connectors::FieldType::i64: return c.types().basic(Kind::i64);
    case connectors::FieldType::f64: return c.types().basic(Kind::f64);
    case connectors::FieldType::string: return c.types().basic(Kind::string);
    case connectors::FieldType::timestamp: return c.types().basic(Kind::timestamp);
  }
  return c.types().error();
}

}  // namespace

void declare_unions(Context& c) {
  for (auto& scope : c.files)
    for (const auto& item : scope->file->items)
      if (const auto* decl = item.as<ast::UnionDecl>()) declare_union(c, *scope, *decl);
}

const Union* union_of(Context& c, const ast::TypeRef& ref) {
  if (ref.optional || !ref.args.empty()) return nullptr;
  auto at = c.main().items.find(ref.name.text);
  if (at == c.main().items.end() || at->second.real().kind != ItemKind::union_ || !at->second.real().item) return nullptr;
  auto found = c.unions.find(at->second.real().item->as<ast::UnionDecl>());
  return found == c.unions.end() ? nullptr : &found->second;
}

Union union_of(Context& c, const connectors::ConnectorInfo& connector, Range range) {
  Union made;
  made.name = std::string(connector.name);
  made.range = range;
  for (const auto& one : connector.cases) {
    Type* type = c.types().declare(Kind::record, std::string(one.type), range);
    type->doc = std::string(one.doc);
    for (const auto& field : one.fields) {
      RecordField out;
      out.name = out.wire = std::string(field.name);
      out.type = type_of(c, field.type);
      out.doc = std::string(field.doc);
      type->fields.push_back(std::move(out));
    }
    made.cases.push_back({std::string(one.name), type, std::string(one.name), range});
  }
  return made;
}

// ---------------------------------------------------------------- sources

/// The source whose rows are of several types: a stream a case, one time expression for all.
void declare_cases(Context& c, const Union& rows, const ast::Item& item, Source& source, Index index) {
  for (std::size_t i = 0; i < rows.cases.size(); ++i) {
    const UnionCase& one = rows.cases[i];
    const Index stream = c.add_stream(source.name + "." + one.name, item.doc, source.range, StreamOrigin::source);
    c.progress[stream] = Progress::done;
    c.broken[stream] = rows.broken;
    Stream& s = c.program.streams[stream];
    s.source = index;
    s.union_case = static_cast<Index>(i);
    if (!rows.broken) {
      s.row = row_of(one.type);
      check_field_names(c, one.type);
    }
    source.cases.push_back({one.name, one.type, one.tag, stream, nullptr});
  }
  source.tag_path = rows.tag_path;
  source.content_path = rows.content_path;
}

/// `time:` over the rows of each case; the first that lacks a field ends it, for it names the mistake.
void time_of_cases(Context& c, const ast::Expr& time, Source& source) {
  for (auto& one : source.cases) {
    const Row row = c.program.streams[one.stream].row;
    Env env;
    env.row = &row;
    env.hint = "every case of a union has the fields that `time` is made of; this is about the case " + quote(one.name);
    if (!c.broken[one.stream]) one.time = c.check_as(time, env, c.types().basic(Kind::timestamp), "the option `time`");
    c.program.streams[one.stream].has_time = true;
    if (one.time && one.time->type->is(Kind::error)) break;
  }
  for (auto& one : source.cases) c.program.streams[one.stream].has_time = true;
}

/// What a connector says of its rows' time.
void time_of_connector(Context& c, const connectors::ConnectorInfo& connector, Source& source) {
  for (auto& one : source.cases) {
    const int field = one.type->field(connector.time);
    if (field < 0) continue;
    one.time = c.exprs->ref(Scope::row, static_cast<Index>(field), one.type->fields[static_cast<std::size_t>(field)].type, source.range);
    c.program.streams[one.stream].has_time = true;
  }
}

void check_union_format(Context& c, Format format, Range range) {
  if (format != Format::csv && format != Format::text && format != Format::json_array) return;
  const char* word = format == Format::csv ? "csv" : format == Format::text ? "text" : "json_array";
  c.report(Code::E0507, range, std::string("a union cannot be read by the format `") + word + "`")
      .under(format == Format::json_array ? "elements of one list" : "its lines carry no tag")
      .help(format == Format::json_array ? "use `format: json`, an object a line" : "use `format: json`, or a source for each type");
}

void check_unknown(Context& c, const GivenOption* g, Source& source) {
  if (!g) return;
  const std::string* name = bare_name(*g->value);
  if (source.cases.empty()) {
    c.report(Code::E0503, g->name_range, "the option `unknown` is for sources of a union").under("there are no tags here");
  } else if (!name) {
    c.report(Code::E0505, g->value->range, "the option `unknown` takes `invalid`, `skip` or the name of a stream").under("none of them");
  } else if (*name == "skip") {
    source.unknown = UnknownTag::skip;
  } else if (*name != "invalid") {
    source.unknown = UnknownTag::route;
    source.unknown_to = invalid_stream(c, *name, g->value->range);
  }
}

namespace {

std::string list_of_cases(const Source& source) {
  std::string out;
  for (std::size_t i = 0; i < source.cases.size(); ++i)
    out += (i == 0 ? "" : i + 1 == source.cases.size() ? " or " : ", ") + quote(source.name + "." + source.cases[i].name);
  return out;
}

}  // namespace

Index resolve_case(Context& c, Index index, const ast::StreamRef& ref) {
  const Source& source = c.program.sources[index];
  if (!ref.case_) {
    for (const auto& one : source.cases) c.read.insert(one.stream);
    c.report(Code::E0218, ref.stream.range, "the rows of " + quote(source.name) + " are of several types")
        .under("which of its cases?")
        .help("write " + list_of_cases(source));
    return kNone;
  }
  for (const auto& one : source.cases)
    if (one.name == ref.case_->text) {
      c.read.insert(one.stream);
      return one.stream;
    }
  auto& d = c.report(Code::E0202, ref.case_->range, "the source " + quote(source.name) + " has no case " + quote(ref.case_->text));
  d.under("unknown case");
  std::vector<std::string_view> candidates;
  for (const auto& one : source.cases) candidates.push_back(one.name);
  suggest(d, ref.case_->text, ref.case_->range, candidates);
  d.note("its cases are " + list_of_cases(source));
  return kNone;
}

}  // namespace gress::dsl::detail
