// Sources, tables and the pipeline's options.
#include "dsl/check/foreign_connectors.h"
#include "dsl/check/options.h"
#include "dsl/check/source_options.h"
#include "dsl/check/unions.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;
using connectors::kOnSource;
using connectors::kOnTable;

/// The record of the rows, null after a diagnostic (here or before).
const Type* row_type(Context& c, const ast::TypeRefPtr& ref, const ast::Name& name, const char* what) {
  if (!ref) {
    c.report(Code::E0215, name.range, std::string("the ") + what + " " + quote(name.text) + " needs the type of its rows")
        .under("no type")
        .help("declare `type Row { … }` and write `" + name.text + ": Row`");
    return nullptr;
  }
  const Type* type = c.resolve_type(*ref, c.main());
  if (type->is(Kind::error)) return nullptr;
  if (!type->is(Kind::record)) {
    c.report(Code::E0215, ref->range, std::string("the rows of a ") + what + " are records, not " + quote(to_string(type)))
        .under("no record type");
    return nullptr;
  }
  return type;
}

void check_format(Context& c, Format format, const Type* type, Range range) {
  if (format == Format::csv) {
    for (const auto& f : type->fields)
      if (!is_flat(f.type)) {
        c.report(Code::E0508, range, "the field " + quote(f.name) + " of " + quote(to_string(type)) + " cannot be read from CSV")
            .under(quote(to_string(f.type)) + " is no single field")
            .note("a line of CSV holds single values: no lists, maps or records");
        return;
      }
  } else if (format == Format::text) {
    if (type->fields.size() != 1 || !type->fields[0].type->is(Kind::string))
      c.report(Code::E0509, range, "the format `text` reads a line into one string field")
          .under(quote(to_string(type)) + " is something else")
          .help("use a type such as `type Line { text: string }`");
  }
}

template <class Item>
void time_format(Context& c, const Options& options, Item& item) {
  const auto* g = options.find("time_format");
  if (!g) return;
  OptionValue value = option_value(c, *g, Env{}, nullptr);
  if (value.value) {
    auto text = constant_value(value.value);
    const std::string* pattern = text ? std::get_if<std::string>(&*text) : nullptr;
    if (value.value->type->is(Kind::error)) return;
    if (!pattern || pattern->find('%') == std::string::npos) {
      c.report(Code::E0505, g->value->range, "the option `time_format` takes a word or a `%` pattern")
          .under(pattern ? "no `%` in it" : "must be known while compiling")
          .help("such as `epoch_s` or `\"%Y-%m-%d %H:%M:%S\"`");
      return;
    }
    const auto report = [&](Code code, Range range, std::string text) -> Diagnostic& { return c.report(code, range, std::move(text)); };
    if (!check_time_pattern(*pattern, true, g->value->range, report)) return;
    item.time_format = TimeFormat::pattern;
    item.time_pattern = *pattern;
  } else if (value.word == "rfc3339") {
    item.time_format = TimeFormat::rfc3339;
  } else if (value.word == "epoch_s") {
    item.time_format = TimeFormat::epoch_s;
  } else if (value.word == "epoch_ms") {
    item.time_format = TimeFormat::epoch_ms;
  } else if (value.word == "epoch_us") {
    item.time_format = TimeFormat::epoch_us;
  }
}

void check_source(Context& c, const ast::Item& item, const ast::SourceDecl& decl, Declared& declared) {
  bool later = false;
  const auto* connector = find_connector(c, decl.connector, kOnSource, later);
  const ForeignConnector* foreign = foreign_of(c, connector);
  const bool brings = connector && !connector->cases.empty();
  if ((brings || foreign) && decl.type)
    c.report(Code::E0215, decl.type->range, "the connector " + quote(connector->name) + (brings ? " brings the types of its rows" : " brings the type of its rows"))
        .under("no type is wanted")
        .help("write `source " + decl.name.text + " from " + decl.connector.text + "`");
  std::optional<Union> rows;
  if (brings) rows = union_of(c, *connector, decl.name.range);
  else if (const Union* named = decl.type ? union_of(c, *decl.type) : nullptr) rows = *named;
  // A connector that is not built yet may bring its rows' type and their time.
  const Type* type = foreign ? foreign->row : rows || (later && !decl.type) ? nullptr : row_type(c, decl.type, decl.name, "source");

  Index stream = kNone;
  if (!rows) {
    stream = c.add_stream(decl.name.text, item.doc, decl.name.range, StreamOrigin::source);
    declared.index = stream;
    c.progress[stream] = Progress::done;
  }
  Source source;
  source.name = decl.name.text;
  source.doc = item.doc;
  source.range = decl.name.range;
  source.connector = decl.connector.text;
  source.info = connector;
  source.foreign = foreign;
  source.type = type ? type : c.types().error();
  source.stream = stream;
  auto index = static_cast<Index>(c.program.sources.size());
  if (rows) {
    declared.union_source = index;
    declare_cases(c, *rows, item, source, index);
    if (brings) time_of_connector(c, *connector, source);
  } else {
    c.program.streams[stream].source = index;
  }
  if (type) {
    c.program.streams[stream].row = row_of(type);
    check_field_names(c, type);
  } else if (!rows) {
    c.broken[stream] = true;
  }

  Env row;
  if (!rows) row.row = &c.program.streams[stream].row;
  row.hint = "the time of a source is made of its row's fields";
  Env params;
  const Type* duration = c.types().basic(Kind::duration);
  if (connector || later) {
    Options options(c, decl.options, connector, kOnSource, decl.name.range,
                    connector ? "a source from " + quote(connector->name) : "a source");
    if (!rows && !connector && options.find("meta")) c.broken[stream] = true;
    if (connector) {
      source.format = option_format(c, options, *connector, kOnSource, decl.options ? decl.options->range : decl.name.range);
      if (type && !foreign) check_format(c, source.format, type, decl.type->range);
      if (rows && !brings) check_union_format(c, source.format, decl.type->range);
      source.options = own_options(c, options, *connector, nullptr);
      if (const auto* g = options.find("meta")) type = check_meta(c, *g, *connector, source, type, options.find("changes"));
    }
    if (const auto* g = options.find("time")) {
      if (type) source.time = c.check_as(*g->value, row, c.types().basic(Kind::timestamp), "the option `time`");
      if (rows) time_of_cases(c, *g->value, source);
      else c.program.streams[stream].has_time = true;
    }
    for (const char* name : {"watermark_delay", "max_ahead"}) {
      const auto* g = options.find(name);
      if (!g) continue;
      bool delay = std::string_view(name) == "watermark_delay";
      ExprPtr value = c.positive(*g->value, params, duration, "the option " + quote(name), delay);
      (delay ? source.watermark_delay : source.max_ahead) = value;
      if (!options.find("time") && !brings && !later)
        c.report(Code::E0504, g->name_range, "the option " + quote(name) + " needs `time:`")
            .under("speaks of event time")
            .help("add `time: …`, an expression over the row that gives its timestamp");
    }
    if (const auto* g = options.find("rate")) source.rate = option_rate(c, *g, params);
    if (const auto* g = options.find("invalid")) source.invalid = invalid_stream(c, *g);
    check_unknown(c, options.find("unknown"), source);
    const bool timed = options.find("time") || brings || later;
    check_pace(c, options, source, timed);
    check_changes(c, options, source, type, timed);
    if (const auto* g = options.find("check")) source.check_all = option_word(c, *g) == "all";
    time_format(c, options, source);
  } else {
    // Routes are declared whatever the connector, so that their readers stay quiet.
    if (!rows) c.program.streams[stream].has_time = true;
    for (const auto& one : source.cases) c.program.streams[one.stream].has_time = true;
    if (decl.options)
      for (const auto& e : decl.options->entries)
        if (e.field_name() == "invalid" && e.value)
          if (const std::string* name = bare_name(*e.value); name && *name != "fail")
            source.invalid = invalid_stream(c, *name, e.value->range);
  }
  c.program.sources.push_back(std::move(source));
}

void check_table(Context& c, const ast::Item& item, const ast::TableDecl& decl, Declared& declared) {
  const Type* type = row_type(c, decl.type, decl.name, "table");
  bool later = false;
  const auto* connector = find_connector(c, decl.connector, kOnTable, later);
  Table table;
  table.name = decl.name.text;
  table.doc = item.doc;
  table.range = decl.name.range;
  table.connector = decl.connector.text;
  table.type = type ? type : c.types().error();
  if (connector || later) {
    Options options(c, decl.options, connector, kOnTable, decl.name.range,
                    connector ? "a table from " + quote(connector->name) : "a table");
    if (connector) {
      table.format = option_format(c, options, *connector, kOnTable, decl.options ? decl.options->range : decl.name.range);
      if (type) check_format(c, table.format, type, decl.type->range);
      table.options = own_options(c, options, *connector, nullptr);
    }
    if (const auto* g = options.find("key"); g && type) {
      table.key = option_fields(c, *g, type);
      for (Index i : table.key)
        if (!ExprChecker::is_key_type(type->fields[i].type) && !type->fields[i].type->is(Kind::error))
          c.report(Code::E0407, g->value->range, "the key field " + quote(type->fields[i].name) + " is " + quote(to_string(type->fields[i].type)))
              .under("floats are no keys")
              .help("keys compare exactly; use `i64`, `decimal` or `string`");
    }
    if (const auto* g = options.find("refresh")) {
      table.refresh = c.positive(*g->value, Env{}, c.types().basic(Kind::duration), "the option `refresh`");
      if (connector && !connector->rereadable)
        c.report(Code::E0505, g->name_range, "a table from " + quote(connector->name) + " cannot be read again")
            .under("read once only");
    }
    time_format(c, options, table);
  }
  declared.index = static_cast<Index>(c.program.tables.size());
  c.program.tables.push_back(std::move(table));
}

}  // namespace

void check_field_names(Context& c, const Type* type) {
  for (auto& scope : c.files)
    for (const auto& [name, d] : scope->items)
      if (d.type == type && d.item)
        for (const auto& f : d.item->as<ast::TypeDecl>()->fields)
          if (!f.name.text.starts_with('_')) c.check_column_name(f.name.text, f.name.range);
}

void check_sources(Context& c) {
  FileScope& scope = c.main();
  for (const auto& item : scope.file->items) {
    const auto* source = item.as<ast::SourceDecl>();
    const auto* table = item.as<ast::TableDecl>();
    if (!source && !table) continue;
    auto at = scope.items.find(source ? source->name.text : table->name.text);
    if (at == scope.items.end() || at->second.item != &item) continue;  // a duplicate
    if (source) check_source(c, item, *source, at->second);
    else check_table(c, item, *table, at->second);
  }
  check_groups(c);
}

/// As the runtime has key groups for.
constexpr std::int64_t kMostWorkers = 256;

void check_pipeline(Context& c) {
  const auto& pipeline = c.main().file->pipeline;
  if (!pipeline) return;
  Options options(c, pipeline->options);
  if (const auto* g = options.find("errors")) c.program.errors = invalid_stream(c, *g);
  if (const auto* g = options.find("parallelism")) {
    OptionValue option = option_value(c, *g, Env{}, nullptr);
    const std::optional<Value> value = option.value != nullptr ? constant_value(option.value) : std::nullopt;
    const auto* n = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    if (n != nullptr && *n > kMostWorkers)
      c.report(Code::E0411, option.value->range, "the option `parallelism` must be at most " + std::to_string(kMostWorkers)).under("too many");
    c.program.options.push_back(std::move(option));
  }
  check_durability(c, options);
}

}  // namespace gress::dsl::detail
