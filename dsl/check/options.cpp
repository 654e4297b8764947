#include "dsl/check/options.h"

#include <algorithm>

#include "dsl/check/foreign_connectors.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;
using connectors::OptionInfo;
using connectors::OptionType;

void Options::add(Context& c, const ast::Entry& entry, const OptionInfo* info, const std::string& owner_text,
                  std::span<const std::string_view> known, bool unknown_is_error, std::uint8_t side) {
  std::string name = entry.field_name();
  Range range = entry.name ? entry.name->range : entry.range;
  if (name.empty() || !entry.value) return;
  auto [at, fresh] = seen_.try_emplace(name, range);
  if (!fresh) {
    c.report(Code::E0506, range, "the option " + quote(name) + " is given twice").at(at->second, "first given here");
    return;
  }
  if (!info) {
    if (!unknown_is_error) return;
    auto& d = c.report(Code::E0503, range, owner_text + " has no option " + quote(name));
    d.under("unknown option");
    suggest(d, name, range, known);
    const auto meant = nearest(name, known);
    misspelt_.emplace(meant);
    if (!meant.empty()) return;
    std::string list;
    for (auto k : known) list += (list.empty() ? "" : ", ") + quote(k);
    if (!list.empty()) d.note("options here: " + list);
    return;
  }
  given_.push_back({info, std::move(name), range, entry.value.get(), side});
}

Options::Options(Context& c, const std::optional<ast::Options>& options, const connectors::ConnectorInfo* connector,
                 std::uint8_t side, Range owner, const std::string& owner_text) {
  std::vector<std::string_view> known;
  if (connector)
    for (const auto& o : connector->options)
      if (takes(o, side)) known.push_back(o.name);
  bool no_format = connector && (side == connectors::kOnSink ? connector->sink_formats : connector->source_formats).empty();
  for (const auto& o : c.catalog.common_options)
    if ((connector ? takes(*connector, o, side) : takes(o, side)) && !(no_format && o.name == "format") && !(connector && connector->meta.empty() && o.name == "meta")) known.push_back(o.name);
  if (options)
    for (const auto& entry : options->entries) {
      auto name = entry.field_name();
      const OptionInfo* info = connector ? c.catalog.option(*connector, name, side) : c.catalog.common_option(name, side);
      if (no_format && name == "format") info = nullptr;
      add(c, entry, info, owner_text, known, connector != nullptr, side);
    }
  if (!connector) return;
  for (const auto& g : given_)
    if (const std::string needs(g.info->needs); !needs.empty() && !seen_.contains(needs))
      c.report(Code::E0504, g.name_range, "the option " + quote(g.name) + " needs " + quote(needs + ":")).under(quote(needs + ":") + " is missing");
  for (const auto& o : connector->options) {
    if (!o.required || !takes(o, side) || seen_.contains(std::string(o.name)) || misspelt(o.name)) continue;
    Range range = options ? options->range : owner;
    auto& d = c.report(Code::E0504, range, owner_text + " needs the option " + quote(o.name));
    d.under("`" + std::string(o.name) + ":` is missing");
    if (!o.doc.empty()) d.note(std::string(o.name) + ": " + std::string(o.doc));
  }
}

Options::Options(Context& c, const std::optional<ast::Options>& options) {
  std::vector<std::string_view> known;
  for (const auto& o : pipeline_options()) known.push_back(o.name);
  if (!options) return;
  for (const auto& entry : options->entries)
    add(c, entry, connectors::find_option(pipeline_options(), entry.field_name()), "a pipeline", known, true, 0);
}

const GivenOption* Options::find(std::string_view name) const {
  for (const auto& g : given_)
    if (g.name == name) return &g;
  return nullptr;
}

// ---------------------------------------------------------------- values

namespace {

std::string words(std::span<const std::string_view> choices) {
  std::string text;
  for (std::size_t i = 0; i < choices.size(); ++i)
    text += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + quote(choices[i]);
  return text;
}

std::string option_text(const GivenOption& g) { return "the option " + quote(g.name); }

/// Seconds of the unit after the `/` of a rate, 0 if it is none.
double rate_seconds(const std::string& unit) {
  if (unit == "ms") return 0.001;
  if (unit == "s") return 1;
  if (unit == "m") return 60;
  if (unit == "h") return 3600;
  if (unit == "d") return 86400;
  return 0;
}

}  // namespace

std::string option_word(Context& c, const GivenOption& g) {
  const std::string* word = bare_name(*g.value);
  const auto& choices = g.info->choices;
  if (word && std::find(choices.begin(), choices.end(), *word) != choices.end()) return *word;
  auto& d = c.report(Code::E0505, g.value->range, option_text(g) + " takes " + words(choices));
  d.under("not one of them");
  if (word) suggest(d, *word, g.value->range, choices);
  else if (const auto* text = bare(*g.value).as<ast::String>(); text && text->parts.size() == 1 && !text->parts[0].expr &&
           std::find(choices.begin(), choices.end(), text->parts[0].text) != choices.end())
    d.fix("written without quotes", g.value->range, text->parts[0].text);
  return {};
}

ExprPtr option_rate(Context& c, const GivenOption& g, const Env& env) {
  const Type* f64 = c.types().basic(Kind::f64);
  const ast::Expr& value = bare(*g.value);
  auto bad = [&] {
    c.report(Code::E0505, g.value->range, option_text(g) + " takes a rate").under("such as `1000/s`");
    return c.error_expr(g.value->range);
  };
  double seconds = 0;
  ExprPtr rows = nullptr;
  if (const auto* lit = value.as<ast::RateLit>()) {
    seconds = static_cast<double>(lit->per_micros) / 1e6;
    ast::Expr number;
    number.range = value.range;
    number.node = ast::Number{lit->digits, lit->digits.find_first_of(".eE") != std::string::npos};
    rows = c.setting(number, env, f64, option_text(g));
  } else {
    const auto* div = value.as<ast::Binary>();
    const std::string* unit = div && div->op == ast::BinaryOp::div ? bare_name(*div->right) : nullptr;
    seconds = unit ? rate_seconds(*unit) : 0;
    if (seconds == 0) return bad();
    rows = c.setting(*div->left, env, f64, option_text(g));
  }
  if (rows->type->is(Kind::error)) return rows;
  if (!c.require_positive(rows, g.value->range, option_text(g))) return c.error_expr(g.value->range);
  if (const auto constant = constant_value(rows))
    if (const double* d = std::get_if<double>(&*constant)) return c.exprs->literal(*d / seconds, f64, g.value->range);
  if (seconds == 1) return rows;
  Expr e;
  e.kind = ExprKind::arithmetic;
  e.op = Op::div;
  e.type = f64;
  e.range = g.value->range;
  e.args = {rows, c.exprs->literal(seconds, f64, g.value->range)};
  return c.exprs->make(std::move(e));
}

std::vector<Index> option_fields(Context& c, const GivenOption& g, const Type* record) {
  std::vector<std::string_view> candidates;
  for (const auto& f : record->fields) candidates.push_back(f.name);
  return option_fields(c, g, candidates, quote(to_string(record)));
}

std::vector<Index> option_fields(Context& c, const GivenOption& g, std::span<const std::string_view> candidates,
                                 const std::string& owner) {
  std::vector<const ast::Expr*> names;
  const ast::Expr& value = bare(*g.value);
  if (const auto* list = value.as<ast::List>()) for (const auto& item : list->items) names.push_back(&bare(*item));
  else names.push_back(&value);
  std::vector<Index> fields;
  for (const auto* e : names) {
    const std::string* name = bare_name(*e);
    if (!name) {
      c.report(Code::E0505, e->range, option_text(g) + " takes names of fields").under("such as `id` or `[site, id]`");
      continue;
    }
    const auto at = std::find(candidates.begin(), candidates.end(), *name);
    if (at == candidates.end()) {
      auto& d = c.report(Code::E0401, e->range, owner + " has no field " + quote(*name));
      d.under("unknown field");
      suggest(d, *name, e->range, candidates);
      continue;
    }
    const auto index = static_cast<Index>(at - candidates.begin());
    if (std::find(fields.begin(), fields.end(), index) != fields.end())
      c.report(Code::E0208, e->range, "the field " + quote(*name) + " is given twice");
    else
      fields.push_back(index);
  }
  return fields;
}

namespace {

std::vector<Index> row_fields(Context& c, const GivenOption& g, const Row& row) {
  std::vector<std::string_view> names;
  for (const auto& column : row.columns) names.push_back(column.name);
  std::vector<Index> fields = option_fields(c, g, names, "the row");
  for (const Index i : fields)
    if (!is_flat(row.columns[i].type))
      c.report(Code::E0407, g.value->range, "the field " + quote(row.columns[i].name) + " is " + quote(to_string(row.columns[i].type)))
          .under("no single value");
  return fields;
}

const ast::Record* option_record(Context& c, const GivenOption& g) {
  const auto* record = bare(*g.value).as<ast::Record>();
  if (!record) c.report(Code::E0505, g.value->range, option_text(g) + " takes a record").under("such as `" + g.name + ": { name: value }`");
  return record;
}

/// { name: text over the row }
std::vector<std::pair<std::string, ExprPtr>> row_texts(Context& c, const GivenOption& g, const Env& env, const Row& row) {
  std::vector<std::pair<std::string, ExprPtr>> out;
  const auto* record = option_record(c, g);
  if (!record) return out;
  Env seen = env;
  seen.row = &row;
  const Type* text = c.types().basic(Kind::string);
  for (const auto& entry : record->entries) {
    if (!entry.value) continue;
    const ExprPtr value = c.check(*entry.value, seen, text);
    if (value->type->is(Kind::error)) continue;
    if (!value->type->plain()->is(Kind::string))
      c.report(Code::E0505, entry.value->range, option_text(g) + " takes texts, not " + quote(to_string(value->type)))
          .under("no text")
          .help("`string(…)` makes one");
    else out.emplace_back(entry.field_name(), value);
  }
  return out;
}

/// Whether a value known now lies in `range`: "0 .. 100", or words with commas between.
bool in_range(const connectors::PropertyInfo& property, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value); text && property.kind == connectors::PropertyKind::word) {
    for (std::string_view rest = property.range; !rest.empty();) {
      const std::size_t end = std::min(rest.find(", "), rest.size());
      if (rest.substr(0, end) == *text) return true;
      rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    return property.range.empty();
  }
  const auto* number = std::get_if<std::int64_t>(&value);
  const std::size_t dots = property.range.find(" .. ");
  if (!number || dots == std::string_view::npos) return true;
  const auto limit = [](std::string_view text) { return std::strtoll(std::string(text).c_str(), nullptr, 10); };
  return *number >= limit(property.range.substr(0, dots)) && *number <= limit(property.range.substr(dots + 4));
}

/// Properties of a client library by their names, `_` for `.`
std::vector<std::pair<std::string, ExprPtr>> properties(Context& c, const GivenOption& g, const Env& env) {
  using connectors::PropertyKind;
  std::vector<std::pair<std::string, ExprPtr>> out;
  const auto* record = option_record(c, g);
  if (!record) return out;
  std::vector<std::string> known;
  for (const auto& p : g.info->properties())
    if (takes(p, g.side) && p.instead.empty()) {
      known.emplace_back(p.name);
      std::replace(known.back().begin(), known.back().end(), '.', '_');
    }
  for (const auto& entry : record->entries) {
    const std::string written = entry.field_name();
    if (!entry.value) continue;
    std::string name = written;
    std::replace(name.begin(), name.end(), '_', '.');
    const connectors::PropertyInfo* property = nullptr;
    for (const auto& p : g.info->properties())
      if (p.name == name && takes(p, g.side)) property = &p;
    const Range range = entry.name ? entry.name->range : entry.range;
    if (!property) {
      auto& d = c.report(Code::E0503, range, std::string("the client library has no property ") + quote(name) + (g.side == connectors::kOnSource ? " of consumers" : " of producers"));
      d.under("unknown property");
      const std::vector<std::string_view> views(known.begin(), known.end());
      suggest(d, written, range, views);
      continue;
    }
    if (!property->instead.empty()) {
      c.report(Code::E0505, range, "the property " + quote(name) + " is not to be set").under(std::string(property->instead));
      continue;
    }
    const Kind kind = property->kind == PropertyKind::integer   ? Kind::i64
                      : property->kind == PropertyKind::number  ? Kind::f64
                      : property->kind == PropertyKind::boolean ? Kind::boolean
                                                                : Kind::string;
    Env seen = env;
    seen.hint = option_text(g) + " sees params only";
    const ExprPtr value = c.setting(*entry.value, seen, c.types().basic(kind), "the property " + quote(name));
    if (value->type->is(Kind::error)) continue;
    if (const auto constant = constant_value(value); constant && !in_range(*property, *constant)) {
      c.report(Code::E0505, entry.value->range, "the property " + quote(name) + " takes " + std::string(property->range)).under("not in it");
      continue;
    }
    out.emplace_back(std::move(name), value);
  }
  return out;
}

}  // namespace

OptionValue option_value(Context& c, const GivenOption& g, const Env& env, const Row* row) {
  OptionValue out;
  out.name = g.name;
  out.range = g.name_range;
  auto scalar = [&](Kind kind) {
    Env seen = env;
    const bool rows = g.info->per_row && row;
    if (rows) seen.row = row;
    else seen.hint = option_text(g) + " sees params only";
    if (!rows) {
      out.value = c.setting(*g.value, seen, c.types().basic(kind), option_text(g));
      return;
    }
    out.value = c.check_as(*g.value, seen, c.types().basic(kind), option_text(g));
  };
  switch (g.info->type) {
    case OptionType::string: scalar(Kind::string); break;
    case OptionType::boolean: scalar(Kind::boolean); break;
    case OptionType::i64:
    case OptionType::size:
      out.value = c.positive(*g.value, env, c.types().basic(Kind::i64), option_text(g));
      break;
    case OptionType::duration:
      out.value = c.positive(*g.value, env, c.types().basic(Kind::duration), option_text(g), true);
      break;
    case OptionType::rate: out.value = option_rate(c, g, env); break;
    case OptionType::word: out.word = option_word(c, g); break;
    case OptionType::word_or_text:
      if (bare(*g.value).as<ast::String>()) out.value = c.setting(*g.value, env, c.types().basic(Kind::string), option_text(g));
      else out.word = option_word(c, g);
      break;
    case OptionType::word_or_i64:
      if (const std::string* word = bare_name(*g.value);
          word && std::ranges::find(g.info->choices, *word) != g.info->choices.end())
        out.word = *word;
      else out.value = c.positive(*g.value, env, c.types().basic(Kind::i64), option_text(g));
      break;
    case OptionType::word_or_time:
      if (const std::string* word = bare_name(*g.value); word && std::find(g.info->choices.begin(), g.info->choices.end(), *word) != g.info->choices.end()) out.word = *word;
      else out.value = c.setting(*g.value, env, c.types().basic(Kind::timestamp), option_text(g));
      break;
    case OptionType::fields:
      if (row) out.fields = row_fields(c, g, *row);
      break;
    case OptionType::record:
      if (g.info->properties) out.entries = properties(c, g, env);
      else if (row) out.entries = row_texts(c, g, env, *row);
      break;
    case OptionType::stream:
    case OptionType::name:
    case OptionType::expression: c.later(Code::E0933, g.name_range, option_text(g)); break;
    case OptionType::window: break;  // of sinks, which have it beside their options
  }
  return out;
}

std::vector<OptionValue> own_options(Context& c, const Options& options, const connectors::ConnectorInfo& connector,
                                     const Row* row) {
  if (connector.has_rows) return foreign_options(c, options, *foreign_of(c, &connector));
  std::vector<OptionValue> out;
  Env env;
  for (const auto& g : options.all()) {
    bool own = false;
    for (const auto& o : connector.options) own |= g.info == &o;
    if (own && g.info->type != OptionType::window) out.push_back(option_value(c, g, env, row));
  }
  return out;
}

// ---------------------------------------------------------------- connectors and formats

const connectors::ConnectorInfo* find_connector(Context& c, const ast::Name& name, std::uint8_t side, bool& later) {
  later = false;
  if (name.text.empty()) return nullptr;
  auto can = [&](const connectors::ConnectorInfo& info) {
    return side == connectors::kOnSource ? info.is_source : side == connectors::kOnTable ? info.is_table : info.is_sink;
  };
  const char* side_word = side == connectors::kOnSource ? "source" : side == connectors::kOnTable ? "table" : "sink";
  const auto* info = own_connector(c, name.text, later);
  if (later) return nullptr;
  if (!info) info = c.catalog.find(name.text);
  if (info && can(*info)) return info;
  if (!info && c.catalog.is_later(name.text)) {
    later = true;
    c.report(Code::E0932, name.range, "the connector " + quote(name.text) + " is not built yet").under("not built yet");
    return nullptr;
  }
  std::vector<std::string_view> candidates;
  for (const auto* other : c.catalog.connectors)
    if (can(*other)) candidates.push_back(other->name);
  for (const auto& other : c.program.foreign_connectors)
    if (can(other->info)) candidates.push_back(other->name);
  std::string list;
  for (auto n : candidates) list += (list.empty() ? "" : ", ") + quote(n);
  if (info) {
    c.report(Code::E0502, name.range, "the connector " + quote(name.text) + " cannot be a " + side_word)
        .under(std::string("not a ") + side_word)
        .note(std::string("connectors for a ") + side_word + ": " + list);
  } else {
    auto& d = c.report(Code::E0501, name.range, "there is no connector " + quote(name.text));
    d.under("unknown connector").note(std::string("connectors for a ") + side_word + ": " + list);
    suggest(d, name.text, name.range, candidates);
  }
  return nullptr;
}

Format option_format(Context& c, const Options& options, const connectors::ConnectorInfo& connector, std::uint8_t side,
                     Range owner) {
  auto formats = side == connectors::kOnSink ? connector.sink_formats : connector.source_formats;
  if (formats.empty()) return Format::none;
  std::string_view word = connector.default_format;
  if (const auto* g = options.find("format")) {
    const std::string* given = bare_name(*g->value);
    if (!given || std::find(formats.begin(), formats.end(), *given) == formats.end()) {
      auto& d = c.report(Code::E0507, g->value->range,
                         given ? "the connector " + quote(connector.name) + " has no format " + quote(*given)
                               : "the option `format` takes a word");
      d.under("takes " + words(formats));
      if (given) suggest(d, *given, g->value->range, formats);
      else d.help("formats are written without quotes: `format: " + std::string(formats.front()) + "`");
      return Format::none;
    }
    word = *given;
  } else if (word.empty()) {
    if (options.misspelt("format")) return Format::none;
    c.report(Code::E0504, owner, "the format is not said").under("`format:` is missing").help("add `format: json`; there are " + words(formats));
    return Format::none;
  }
  if (word == "json") return Format::json;
  if (word == "json_array") return Format::json_array;
  if (word == "csv") return Format::csv;
  if (word == "text") return Format::text;
  return Format::none;
}

Index invalid_stream(Context& c, const std::string& name, Range range) {
  auto at = c.main().items.find(name);
  if (at == c.main().items.end() || !at->second.invalid_route) return kNone;  // E0201 or E0422 said why
  Declared& d = at->second;
  if (d.index == kNone) {
    d.index = c.add_stream(name, "", range, StreamOrigin::invalid);
    auto& t = c.types();
    const Type* string = t.basic(Kind::string);
    const Type* number = t.optional(t.basic(Kind::i64));
    auto& row = c.program.streams[d.index].row;
    auto column = [&](const char* n, const Type* type) { row.columns.push_back({n, type, n, ""}); };
    column("text", string);
    column("error", string);
    column("source", string);
    column("partition", number);
    column("offset", number);
    column("raw", t.optional(t.basic(Kind::bytes)));
    c.progress[d.index] = Progress::done;
  }
  return d.index;
}

Index invalid_stream(Context& c, const GivenOption& g) {
  const std::string* name = bare_name(*g.value);
  if (!name)
    c.report(Code::E0505, g.value->range, "the option " + quote(g.name) + " takes `fail` or the name of a stream")
        .under("declares a stream, such as `" + g.name + ": bad`");
  return name && *name != "fail" ? invalid_stream(c, *name, g.value->range) : kNone;
}

bool is_flat(const Type* type) {
  switch (type->plain()->kind) {
    case Kind::record:
    case Kind::list:
    case Kind::map: return false;
    default: return true;
  }
}

}  // namespace gress::dsl::detail
