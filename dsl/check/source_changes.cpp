// A source that is a changelog: its stream is an upsert stream, and its records have a form of their own.
#include "dsl/check/source_options.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

const Type* enumeration(Context& c, const char* name, std::vector<EnumVariant> variants) {
  Type* type = c.types().declare(Kind::enumeration, name, {});
  type->variants = std::move(variants);
  return type;
}

const Type* record(Context& c, std::string name, std::vector<RecordField> fields) {
  Type* type = c.types().declare(Kind::record, std::move(name), {});
  type->fields = std::move(fields);
  return type;
}

RecordField field(const char* name, const Type* type) { return {name, type, name, nullptr, ""}; }

/// The row with `_op` before its fields: how an upsert stream is written, and fed in tests.
const Type* op_record(Context& c, const Type* row) {
  std::vector<RecordField> fields{field("_op", enumeration(c, "LineOp", {{"upsert", "upsert", ""}, {"delete", "delete", ""}}))};
  fields.insert(fields.end(), row->fields.begin(), row->fields.end());
  return record(c, row->name + "Line", std::move(fields));
}

/// { before, after, op }, alone or under `payload`. Of `before` only the key is read: databases leave out the rest.
const Type* debezium_record(Context& c, const Type* row, const std::vector<Index>& key) {
  std::vector<RecordField> keys;
  for (Index k : key) keys.push_back(row->fields[k]);
  const Type* op = enumeration(c, "DebeziumOp", {{"create", "c", ""}, {"update", "u", ""}, {"delete", "d", ""}, {"read", "r", ""}});
  std::vector<RecordField> fields{field("before", c.types().optional(record(c, row->name + "Key", std::move(keys)))),
                                  field("after", c.types().optional(row)), field("op", c.types().optional(op))};
  const Type* payload = record(c, row->name + "Payload", fields);
  fields.push_back(field("payload", c.types().optional(payload)));
  return record(c, row->name + "Change", std::move(fields));
}

/// Of a connector that is not built yet no format is known.
bool readable(ChangesKind changes, Format format) {
  if (format == Format::none) return true;
  switch (changes) {
    case ChangesKind::debezium: return format == Format::json || format == Format::json_array;
    case ChangesKind::op: return format != Format::text;
    default: return true;
  }
}

void check_retain(Context& c, const GivenOption& g, Source& source, bool timed) {
  if (const std::string* word = bare_name(*g.value); word && *word == "forever") {
    source.retain.forever = true;
    return;
  }
  source.retain.duration = c.positive(*g.value, Env{}, c.types().basic(Kind::duration), "the option `retain`");
  if (!timed)
    c.report(Code::E0504, g.name_range, "the option `retain` needs `time:`")
        .under("measured in event time")
        .help("add `time: …`, or keep the rows for good: `retain: forever`");
}

}  // namespace

void check_changes(Context& c, const Options& options, Source& source, const Type* type, bool timed) {
  const auto* changes = options.find("changes");
  const auto* key = options.find("key");
  const auto* retain = options.find("retain");
  if (!changes) {
    for (const auto* g : {key, retain})
      if (g)
        c.report(Code::E0504, g->name_range, "the option " + quote(g->name) + " needs `changes:`")
            .under("speaks of a changelog")
            .help("`changes: upsert` makes each record replace the one of its key");
    return;
  }
  const std::string word = option_word(c, *changes);
  if (word.empty()) return;
  source.changes = word == "upsert" ? ChangesKind::upsert : word == "op" ? ChangesKind::op : ChangesKind::debezium;
  if (source.stream == kNone) {
    c.report(Code::E0505, changes->name_range, "the records of a union are no changelog").under("several types of rows");
    source.changes = ChangesKind::none;
    return;
  }
  if (!readable(source.changes, source.format)) {
    c.report(Code::E0507, changes->value->range, "a changelog of kind " + quote(word) + " is not read from this format")
        .under(source.changes == ChangesKind::debezium ? "is JSON" : "needs a field `_op`")
        .help("write `format: json`");
  }
  const auto missing = [&](const char* name, const char* help) {
    c.report(Code::E0504, changes->name_range, std::string("the option `changes` needs `") + name + ":`").under(std::string("`") + name + ":` is missing").help(help);
  };
  if (!key) missing("key", "`key: id` says which rows replace each other");
  if (!retain) missing("retain", "the last row of every key is kept: add `retain: 30d`, or `retain: forever`");
  else check_retain(c, *retain, source, timed);
  Stream& stream = c.program.streams[source.stream];
  stream.kind = StreamKind::upsert;
  c.notes[source.stream].upsert_reason = "the source " + quote(source.name) + " reads `changes: " + word + "`";
  if (!type || !key) {
    c.broken[source.stream] = true;
    return;
  }
  source.key = option_fields(c, *key, type);
  for (Index i : source.key)
    if (!ExprChecker::is_key_type(type->fields[i].type) && !type->fields[i].type->is(Kind::error))
      c.report(Code::E0407, key->value->range, "the key field " + quote(type->fields[i].name) + " is " + quote(to_string(type->fields[i].type)))
          .under("floats are no keys")
          .help("keys compare exactly; use `i64`, `decimal` or `string`");
  stream.key = source.key;
  source.fed = op_record(c, type);
  source.wire = source.changes == ChangesKind::upsert ? type
                : source.changes == ChangesKind::op   ? source.fed
                                                      : debezium_record(c, type, source.key);
}

}  // namespace gress::dsl::detail
