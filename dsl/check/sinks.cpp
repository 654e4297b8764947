// Sinks: connector, options, and whether the format can carry the rows.
#include <algorithm>
#include <set>

#include "dsl/check/foreign_connectors.h"
#include "dsl/check/options.h"
#include "dsl/check/print_expr.h"
#include "dsl/check/stages/chain.h"
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

/// `window: tumbling(1h, late_to: NAME)` of files by row.
std::optional<Window> check_file_window(Context& c, const GivenOption& g, Index stream) {
  const Stream& s = c.program.streams[stream];
  const auto* call = bare(*g.value).as<ast::Call>();
  const auto* name = call ? bare(*call->callee).as<ast::NameRef>() : nullptr;
  if (!name) {
    c.report(Code::E0505, g.value->range, "the option `window` takes a window").under("no window").help("such as `window: tumbling(1h)`");
    return std::nullopt;
  }
  Chain chain{c, stream, &c.main()};
  chain.row = s.row;
  chain.has_time = s.has_time;
  chain.kind = s.kind;
  chain.upsert_reason = c.notes[stream].upsert_reason;
  explain_no_time(c, stream, chain);
  ast::Stage here;
  here.range = g.value->range;
  if (!chain.wants_append(here, "a window of files") || !chain.wants_time(here, "a window of files")) return std::nullopt;
  const ast::Name word{name->name, call->callee->range};
  auto window = check_window(chain, WrittenWindow{word, call->args, g.value->range}, false);
  if (!window) return std::nullopt;
  const bool plain = window->kind == WindowKind::tumbling && !window->late && window->emit == EmitKind::on_close && !window->processing_time;
  if (plain) return window;
  c.report(Code::E0410, g.value->range, "a file has one window, which closes once")
      .under(window->kind == WindowKind::tumbling ? "`late`, `emit` and `time` mean nothing here" : "no `tumbling`")
      .help("such as `window: tumbling(1h, late_to: too_late)`");
  return std::nullopt;
}

/// The option by which a sink writes more than one target; null: it has none.
const OptionValue* target_of(const connectors::ConnectorInfo& connector, const Sink& sink) {
  for (const auto& o : connector.options)
    if (o.required && o.per_row)
      for (const auto& given : sink.options)
        if (given.name == o.name && given.value) return &given;
  return nullptr;
}

/// Files have one writer each; messages of several sinks may go to one topic.
void check_other_files(Context& c, const connectors::ConnectorInfo& connector, const Sink& sink, const OptionValue& where) {
  const auto text = [&](const Sink& of, const OptionValue& value) {
    const Row row = row_of_options(c.program, of);
    ExprNames names;
    names.row = &row;
    return print_expr(c.program, *value.value, names);
  };
  if (connector.messages) return;
  // A device is no file that the other would replace.
  const std::optional<Value> path = constant_value(where.value);
  if (const auto* text = path ? std::get_if<std::string>(&*path) : nullptr; text && text->starts_with("/dev/")) return;
  for (const Sink& other : c.program.sinks) {
    if (other.connector != sink.connector) continue;
    const OptionValue* const theirs = target_of(connector, other);
    if (!theirs || text(other, *theirs) != text(sink, where)) continue;
    c.report(Code::E0505, where.value->range, "the sinks " + quote(other.name) + " and " + quote(sink.name) + " would write the same files")
        .under("the same " + quote(where.name))
        .at(theirs->value->range, "that of " + quote(other.name))
        .help("put something into one of them that tells them apart: a folder, or the sink's name");
    return;
  }
}

/// What goes with paths by row, and with their windows.
void check_by_row(Context& c, const Options& options, const connectors::ConnectorInfo& connector, const Row& seen, Sink& sink) {
  const OptionValue* const where = target_of(connector, sink);
  if (!where || where->value->type->is(Kind::error)) return;
  sink.by_row = mentions(*where->value, Scope::row);
  check_other_files(c, connector, sink, *where);
  if (sink.window) {
    const int start = seen.find("window_start"), end = seen.find("window_end");
    bool windows = false;
    walk(*where->value, [&](const Expr& e) {
      windows |= e.kind == ExprKind::ref && e.scope == Scope::row && (static_cast<int>(e.index) == start || static_cast<int>(e.index) == end);
    });
    if (!windows)
      c.report(Code::E0505, where->value->range, "the windows of this sink would write the same file")
          .under("does not say which window")
          .at(options.find("window")->name_range, "a file a window")
          .help("such as `path: \"{format_time(window_start, \"%Y-%m-%dT%H\")}.jsonl\"`");
    return;
  }
  if (sink.by_row) return;
  for (const auto& g : options.all())
    if ((g.info->by_row_only && g.info->type != connectors::OptionType::window) || (g.info->of_refusals && !connector.messages))
      c.report(Code::E0505, g.name_range, "the option " + quote(g.name) + " goes with " + quote(where->name) + " by row")
          .under("there is one file")
          .at(where->value->range, "does not speak of the row");
}

/// What is compiled hangs on it.
bool flag(Context& c, const GivenOption& g) {
  const ExprPtr value = option_value(c, g, Env{}, nullptr).value;
  const std::optional<Value> known = value != nullptr ? constant_value(value) : std::nullopt;
  if (const auto* is = known ? std::get_if<bool>(&*known) : nullptr) return *is;
  if (value != nullptr && value->type->is(Kind::boolean))
    c.report(Code::E0505, g.value->range, "the option " + quote(g.name) + " takes `true` or `false`").under("known at start only");
  return false;
}

/// Where rows come to that sinks refuse.
class Rejected {
 public:
  explicit Rejected(const Program& program) : program_(program), seen_(program.streams.size()) {}

  /// Rows of the stream `from` become, or bring about, rows of `to`.
  bool reaches(Index from, Index to) {
    if (from == to) return true;
    if (seen_[to]) return false;
    seen_[to] = true;
    const Stream& s = program_.streams[to];
    const auto one = [&](Index input) { return input != kNone && reaches(from, input); };
    if (std::ranges::any_of(s.inputs, one) || std::ranges::any_of(s.joined, one) || one(s.late_stream)) return true;
    // A row may fail in any stage behind, and in a sink that says no other place for it.
    const auto fails = [&](const Sink& sink) { return sink.rejected == kNone && !sink.rejected_ends && (sink.by_row || (sink.info && sink.info->messages)) && one(sink.stream); };
    if (to == program_.errors && std::ranges::any_of(program_.sinks, fails)) return true;
    if (to == program_.errors)
      for (Index i = 0; i != program_.streams.size(); ++i)
        if (!program_.streams[i].inputs.empty() && reaches(from, i)) return true;
    return std::ranges::any_of(program_.sinks, [&](const Sink& sink) { return sink.rejected == to && one(sink.stream); });
  }

 private:
  const Program& program_;
  std::vector<bool> seen_;
};

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
  sink.info = connector;
  sink.foreign = foreign_of(c, connector);
  if (const auto* g = options.find("duplicates")) sink.duplicates = option_word(c, *g) == "allowed";
  if (const auto* g = options.find("ordered")) sink.ordered = flag(c, *g);
  if (const auto* g = options.find("rejected")) {
    sink.rejected = invalid_stream(c, *g);
    sink.rejected_ends = sink.rejected == kNone;
  }
  if (const auto* g = options.find("deletes")) sink.ignore_deletes = option_word(c, *g) == "ignore";
  if (!connector) return;
  Range range = decl.options ? decl.options->range : decl.connector.range;
  sink.format = option_format(c, options, *connector, kOnSink, range);
  if (stream == kNone || c.broken[stream]) return;
  // A copy: options may not hold a reference into the vector of streams.
  Row row = c.program.streams[stream].row;
  bool sound = true;
  if (const auto* g = options.find("window")) {
    sink.window = check_file_window(c, *g, stream);
    sound = sink.window.has_value();
    if (!sound) sink.window.emplace(Window{WindowKind::tumbling});
    row = row_of_options(c.program, sink);
  }
  sink.options = own_options(c, options, *connector, &row);
  if (sound) check_by_row(c, options, *connector, row, sink);
  Range format_range = options.find("format") ? options.find("format")->value->range : range;
  if (sink.format == Format::csv) check_csv(c, c.program.streams[stream], format_range);
  if (sink.format == Format::text) check_text(c, c.program.streams[stream], format_range);
  if (sink.foreign) check_foreign_row(c, sink, sink.range);
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
  for (const Sink& sink : c.program.sinks)
    if (sink.rejected != kNone && Rejected(c.program).reaches(sink.rejected, sink.stream))
      c.report(Code::E0204, sink.range, "rows that the sink " + quote(sink.name) + " refuses come back to it")
          .under(quote(c.program.streams[sink.stream].name) + " is made of " + quote(c.program.streams[sink.rejected].name))
          .at(c.program.streams[sink.rejected].range, "declared here")
          .help("write them somewhere else: `sink " + c.program.streams[sink.rejected].name + " to file { … }`");
}

}  // namespace gress::dsl::detail

gress::dsl::checked::Row gress::dsl::checked::row_of_options(const Program& program, const Sink& sink) {
  Row row = program.streams[sink.stream].row;
  if (!sink.window) return row;
  const Type* timestamp = program.type_table->basic(Kind::timestamp);
  for (const char* name : {"window_start", "window_end"}) {
    const int at = row.find(name);
    if (at >= 0) row.columns[static_cast<std::size_t>(at)].type = timestamp;
    else row.columns.push_back({name, timestamp, name, ""});
  }
  return row;
}
