// Sinks: connector, options, and whether the format can carry the rows.
#include <set>

#include "dsl/check/options.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;
using connectors::kOnSink;

/// Fields of a record, flattened to single columns with names joined by `_`; lists and maps are left out.
void flatten(const Type* type, const std::string& path, const std::string& name, std::string& out, bool& lost) {
  if (is_flat(type)) {
    out += (out.empty() ? "" : ", ") + (path == name ? path : name + ": " + path);
  } else if (type->plain()->is(Kind::record)) {
    for (const auto& f : type->plain()->fields) flatten(f.type, path + "." + f.name, name + "_" + f.name, out, lost);
  } else {
    lost = true;
  }
}

void check_csv(Context& c, const Stream& stream, Range range) {
  std::string nested, select;
  bool lost = false;
  for (const auto& column : stream.row.columns) {
    if (column.type->is(Kind::error)) return;
    if (!is_flat(column.type)) nested += (nested.empty() ? "" : ", ") + quote(column.name);
    flatten(column.type, column.name, column.name, select, lost);
  }
  if (nested.empty()) return;
  auto& d = c.report(Code::E0508, range, "CSV cannot hold " + nested + " of " + quote(stream.name));
  d.under("a line of CSV holds single values");
  for (const auto& column : stream.row.columns)
    if (!is_flat(column.type)) d.note(quote(column.name) + " is " + quote(to_string(column.type)));
  if (!select.empty()) d.help("write the columns out: `stream flat = " + stream.name + " |> select { " + select + " }`");
  if (lost) d.help("lists and maps have no CSV form: take an element, `length`, or use `format: json`");
}

void check_text(Context& c, const Stream& stream, Range range) {
  if (stream.row.columns.size() == 1 && stream.row.columns[0].type->is(Kind::string)) return;
  if (stream.row.columns.size() == 1 && stream.row.columns[0].type->is(Kind::error)) return;
  c.report(Code::E0509, range, "the format `text` writes rows of one string field")
      .under(stream.row.columns.size() == 1 ? "its field is " + quote(to_string(stream.row.columns[0].type))
                                            : quote(stream.name) + " has " + std::to_string(stream.row.columns.size()) + " fields")
      .help("make the line: `stream lines = " + stream.name + " |> select { line: \"…\" }`");
}

void check_upsert(Context& c, const connectors::ConnectorInfo& connector, const Stream& stream, const Sink& sink,
                  const std::string& reason, Range range) {
  if (stream.kind == StreamKind::append || sink.ignore_deletes) return;
  if (connector.upserts && (connector.messages || sink.format != Format::text)) return;
  auto& d = c.report(Code::E0510, range, "the rows of " + quote(stream.name) + " replace each other, which this sink cannot express");
  d.under(sink.format == Format::text ? "a line of text has no place for `_op`" : "takes new rows only");
  if (!reason.empty()) d.note("the rows are upserts: " + reason);
  if (sink.format == Format::text) d.help("use `format: json`, which writes `_op` first");
  d.help("write its changes: put `|> changes` at the end of the chain");
  d.help("or leave deletes out: `deletes: ignore`");
}

/// Messages replace each other by their key, which for an upsert stream is the one that tells its rows apart.
void check_message_key(Context& c, const Options& options, const Stream& stream, Sink& sink, const std::string& reason) {
  if (stream.kind == StreamKind::append) return;
  std::string names;
  for (const Index i : stream.key) names += (names.empty() ? "" : ", ") + stream.row.columns[i].name;
  if (stream.key.empty()) {
    auto& d = c.report(Code::E0510, sink.range, "the rows of " + quote(stream.name) + " have no key, by which messages could replace each other");
    d.under("the whole row tells rows apart");
    if (!reason.empty()) d.note("the rows are upserts: " + reason);
    d.help("write its changes: put `|> changes` at the end of the chain");
    return;
  }
  const auto* given = options.find("key");
  if (!given) {
    sink.options.push_back({"key", sink.range, nullptr, "", {}, stream.key});
    return;
  }
  for (const auto& option : sink.options)
    if (option.name == "key" && std::set(option.fields.begin(), option.fields.end()) != std::set(stream.key.begin(), stream.key.end()))
      c.report(Code::E0510, given->value->range, "the rows of " + quote(stream.name) + " replace each other by another key")
          .under("is not " + quote(names))
          .help("leave the option out, or write `key: " + (stream.key.size() == 1 ? names : "[" + names + "]") + "`");
}

void check_sink(Context& c, const ast::SinkDecl& decl, std::map<std::string, Range>& names) {
  Index stream = resolve_stream(c, decl.stream, "a stream");
  ast::Name name = decl.alias ? *decl.alias : decl.stream.stream;
  if (!decl.alias && decl.stream.case_) name = {name.text + "." + decl.stream.case_->text, decl.stream.range};
  if (stream != kNone) {
    auto [at, fresh] = names.try_emplace(name.text, name.range);
    if (!fresh)
      c.report(Code::E0511, name.range, "two sinks are named " + quote(name.text))
          .under("the second")
          .at(at->second, "the first")
          .help("name this one: `sink " + decl.stream.stream.text + " as copy to …`");
  }
  bool later = false;
  const auto* connector = find_connector(c, decl.connector, kOnSink, later);
  if (!connector && !later) return;
  Options options(c, decl.options, connector, kOnSink, decl.connector.range,
                  connector ? "a sink to " + quote(connector->name) : "a sink");
  Sink sink;
  sink.name = name.text;
  sink.range = cover(decl.stream.range, decl.connector.range);
  sink.stream = stream;
  sink.connector = decl.connector.text;
  if (const auto* g = options.find("duplicates")) sink.duplicates = option_word(c, *g) == "allowed";
  if (const auto* g = options.find("deletes")) sink.ignore_deletes = option_word(c, *g) == "ignore";
  if (!connector) return;
  Range range = decl.options ? decl.options->range : decl.connector.range;
  sink.format = option_format(c, options, *connector, kOnSink, range);
  if (stream == kNone || c.broken[stream]) return;
  // A copy: options may not hold a reference into the vector of streams.
  Row row = c.program.streams[stream].row;
  if (options.has_later("window"))  // what a window of files will give to their names
    for (const char* name : {"window_start", "window_end"})
      if (row.find(name) < 0) row.columns.push_back({name, c.types().basic(Kind::timestamp), name, ""});
  sink.options = own_options(c, options, *connector, &row);
  Range format_range = options.find("format") ? options.find("format")->value->range : range;
  if (sink.format == Format::csv) check_csv(c, c.program.streams[stream], format_range);
  if (sink.format == Format::text) check_text(c, c.program.streams[stream], format_range);
  check_upsert(c, *connector, c.program.streams[stream], sink, c.notes[stream].upsert_reason, sink.range);
  if (connector->messages && !sink.ignore_deletes)
    check_message_key(c, options, c.program.streams[stream], sink, c.notes[stream].upsert_reason);
  c.program.sinks.push_back(std::move(sink));
}

}  // namespace

void check_sinks(Context& c) {
  std::map<std::string, Range> names;
  for (const auto& item : c.main().file->items)
    if (const auto* sink = item.as<ast::SinkDecl>()) check_sink(c, *sink, names);
}

}  // namespace gress::dsl::detail
