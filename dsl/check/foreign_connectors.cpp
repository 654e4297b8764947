#include "dsl/check/foreign_connectors.h"

#include "dsl/check/foreign_types.h"

namespace gress::dsl::detail {

using namespace checked;
using connectors::Ends;

namespace {

/// The struct of its rows, once for reading and once for writing.
bool map_row(Context& c, const foreign::Connector& from, Declared& d, const std::string& name, ForeignConnector& made) {
  Mapping mapping(c);
  made.row = mapping.map(from.row);
  if (!mapping.unknown.empty()) {
    report_unknown(c, d.range, name, mapping, from.row_range);
    return false;
  }
  if (!made.row->is(Kind::record)) {
    c.report(Code::E0222, d.range, "the rows of " + quote(name) + " are " + quote(to_string(made.row)) + ", no structs")
        .under("asked for here")
        .at(from.row_range, "rows are structs");
    return false;
  }
  for (const ForeignType& type : c.program.foreign_types)
    if (type.type == made.row) made.cpp_fields = type.cpp_fields;
  made.cpp_row = from.row.cpp;
  if (d.foreign->kind == "source" || total_in(c, from.row)) return true;
  c.report(Code::E0221, d.range, "rows of " + quote(made.row->name) + " cannot be written: a time of it does not hold every time")
      .under("asked for here")
      .at(from.row_range, "written here")
      .help("use times and durations of `std::chrono::microseconds` in it");
  return false;
}

bool add_options(Context& c, const foreign::Connector& from, const Declared& d, ForeignConnector& made) {
  bool sound = true;
  for (const foreign::Connector::Option& o : from.options) {
    Mapping mapping(c);
    made.options.push_back({o.name, o.doc, o.type.cpp, mapping.map(o.type)});
    const char* wrong = c.catalog.common_option(o.name, made.info.is_source ? connectors::kOnSource : connectors::kOnSink) != nullptr
                            ? "has the name of an option that all have"
                        : !total_in(c, o.type) ? "does not hold every time"
                                               : nullptr;
    if (wrong == nullptr) continue;
    sound = false;
    c.report(Code::E0222, d.range, "the option " + quote(o.name) + " of " + quote(made.name) + " " + wrong)
        .under("asked for here")
        .at(o.range, "declared here");
  }
  for (std::size_t i = 0; i != from.options.size(); ++i)
    made.option_infos.push_back({.name = made.options[i].name, .doc = made.options[i].doc, .required = from.options[i].required});
  return sound;
}

}  // namespace

void add_connector(Context& c, const std::string& name, Declared& d) {
  const foreign::Connector& from = *d.foreign->connector;
  const bool is_source = d.foreign->kind == "source";
  auto made = std::make_shared<ForeignConnector>();
  made->name = name;
  made->doc = from.doc;
  made->cpp = from.cpp;
  made->options_cpp = from.options_cpp;
  made->info = {.is_source = is_source,
                .is_sink = !is_source,
                .ends = Ends::unknown,
                .network = true,
                .files = true,
                .repeats = is_source,
                .takes_back = from.commits,
                .upserts = false,
                .has_rows = true,
                .header = is_source ? "runtime/connectors/foreign/foreign_source.h" : "runtime/connectors/foreign/foreign_writer.h"};
  const bool sound = add_options(c, from, d, *made);
  if (!map_row(c, from, d, name, *made) || !sound) {
    c.unknown_used.insert(name);
    return;
  }
  // Views of what lies where it stays.
  made->info.name = made->name;
  made->info.doc = made->doc;
  made->info.options = made->option_infos;
  d.index = static_cast<Index>(c.program.foreign_connectors.size());
  c.program.foreign_connectors.push_back(std::move(made));
}

const connectors::ConnectorInfo* own_connector(Context& c, const std::string& name, bool& broken) {
  const auto at = c.main().items.find(name);
  if (at == c.main().items.end()) return nullptr;
  const Declared& d = at->second.real();
  broken = d.kind == ItemKind::foreign || (d.kind == ItemKind::connector && d.index == kNone);
  return d.kind == ItemKind::connector && !broken ? &c.program.foreign_connectors[d.index]->info : nullptr;
}

const ForeignConnector* foreign_of(const Context& c, const connectors::ConnectorInfo* info) {
  for (const auto& own : c.program.foreign_connectors)
    if (&own->info == info) return own.get();
  return nullptr;
}

std::vector<OptionValue> foreign_options(Context& c, const Options& options, const ForeignConnector& connector) {
  std::vector<OptionValue> out;
  for (const ForeignConnector::Option& o : connector.options) {
    const GivenOption* g = options.find(o.name);
    if (g == nullptr) continue;
    Env seen;
    seen.hint = "the option " + quote(o.name) + " sees params only";
    OptionValue value;
    value.name = o.name;
    value.range = g->name_range;
    value.value = c.setting(*g->value, seen, o.type, "the option " + quote(o.name));
    out.push_back(std::move(value));
  }
  return out;
}

void check_foreign_row(Context& c, const Sink& sink, Range range) {
  const Stream& stream = c.program.streams[sink.stream];
  const Type* row = sink.foreign->row;
  std::string missing, other, extra;
  const auto add = [](std::string& list, const std::string& text) { list += (list.empty() ? "" : ", ") + text; };
  for (const RecordField& field : row->fields) {
    const int at = stream.row.find(field.name);
    if (at < 0) {
      add(missing, quote(field.name));
      continue;
    }
    const Type* type = stream.row.columns[static_cast<std::size_t>(at)].type;
    if (type->is(Kind::error)) return;
    if (!same_shape(type, field.type)) add(other, quote(field.name) + " is " + quote(to_string(type)) + " and not " + quote(to_string(field.type)));
  }
  for (const auto& column : stream.row.columns)
    if (row->field(column.name) < 0) add(extra, quote(column.name));
  if (missing.empty() && other.empty() && extra.empty()) return;
  auto& d = c.report(Code::E0414, range, "the row of " + quote(stream.name) + " is not " + quote(row->name) + ", which " + quote(sink.connector) + " writes");
  d.under(!missing.empty() ? "lacks " + missing : !other.empty() ? other : "has " + extra + " beside");
  if (!missing.empty() && !other.empty()) d.note(other);
  if (!(missing.empty() && other.empty()) && !extra.empty()) d.note("and has " + extra + " beside");
  d.at(row->range, "the type");
  d.help("end the chain with a `select` of exactly these fields; `stream NAME: " + row->name + " = …` converts numbers");
}

}  // namespace gress::dsl::detail
