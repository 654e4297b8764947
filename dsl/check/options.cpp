#include "dsl/check/options.h"

#include <algorithm>

#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;
using connectors::OptionInfo;
using connectors::OptionType;
using connectors::PerRow;

void Options::add(Context& c, const ast::Entry& entry, const OptionInfo* info, const std::string& owner_text,
                  std::span<const std::string_view> known, bool unknown_is_error) {
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
    std::string list;
    for (auto k : known) list += (list.empty() ? "" : ", ") + quote(k);
    if (!list.empty()) d.note("options here: " + list);
    return;
  }
  if (!info->built) {
    c.later(Code::E0933, range, "the option " + quote(name));
    later_.insert(name);
    return;
  }
  given_.push_back({info, std::move(name), range, entry.value.get()});
}

Options::Options(Context& c, const std::optional<ast::Options>& options, const connectors::ConnectorInfo* connector,
                 std::uint8_t side, Range owner, const std::string& owner_text) {
  std::vector<std::string_view> known;
  if (connector)
    for (const auto& o : connector->options)
      if (takes(o, side)) known.push_back(o.name);
  bool no_format = connector && (side == connectors::kOnSink ? connector->sink_formats : connector->source_formats).empty();
  for (const auto& o : c.catalog.common_options)
    if ((connector ? takes(*connector, o, side) : takes(o, side)) && o.built && !(no_format && o.name == "format")) known.push_back(o.name);
  if (options)
    for (const auto& entry : options->entries) {
      auto name = entry.field_name();
      const OptionInfo* info = connector ? c.catalog.option(*connector, name, side) : c.catalog.common_option(name, side);
      if (no_format && name == "format") info = nullptr;
      add(c, entry, info, owner_text, known, connector != nullptr);
    }
  if (!connector) return;
  for (const auto& o : connector->options) {
    if (!o.required || !takes(o, side) || seen_.contains(std::string(o.name))) continue;
    Range range = options ? options->range : owner;
    c.report(Code::E0504, range, owner_text + " needs the option " + quote(o.name))
        .under("`" + std::string(o.name) + ":` is missing")
        .note(std::string(o.name) + ": " + std::string(o.doc));
  }
}

Options::Options(Context& c, const std::optional<ast::Options>& options) {
  std::vector<std::string_view> known;
  for (const auto& o : pipeline_options()) known.push_back(o.name);
  if (!options) return;
  for (const auto& entry : options->entries)
    add(c, entry, connectors::find_option(pipeline_options(), entry.field_name()), "a pipeline", known, true);
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
    d.help("written without quotes").fix("remove the quotes", g.value->range, text->parts[0].text);
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
    int i = record->field(*name);
    if (i < 0) {
      auto& d = c.report(Code::E0401, e->range, quote(to_string(record)) + " has no field " + quote(*name));
      d.under("unknown field");
      std::vector<std::string_view> candidates;
      for (const auto& f : record->fields) candidates.push_back(f.name);
      suggest(d, *name, e->range, candidates);
      continue;
    }
    auto index = static_cast<Index>(i);
    if (std::find(fields.begin(), fields.end(), index) != fields.end())
      c.report(Code::E0208, e->range, "the field " + quote(*name) + " is given twice");
    else
      fields.push_back(index);
  }
  return fields;
}

OptionValue option_value(Context& c, const GivenOption& g, const Env& env, const Row* row) {
  OptionValue out;
  out.name = g.name;
  out.range = g.name_range;
  auto scalar = [&](Kind kind) {
    Env seen = env;
    const bool rows = g.info->per_row != PerRow::no && row;
    if (rows) seen.row = row;
    else seen.hint = option_text(g) + " sees params only";
    if (!rows) {
      out.value = c.setting(*g.value, seen, c.types().basic(kind), option_text(g));
      return;
    }
    out.value = c.check_as(*g.value, seen, c.types().basic(kind), option_text(g));
    if (g.info->per_row == PerRow::later && mentions(*out.value, Scope::row))
      c.later(Code::E0933, g.value->range, option_text(g) + " by row");
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
    case OptionType::stream:
    case OptionType::name:
    case OptionType::fields:
    case OptionType::expression:
    case OptionType::record:
    case OptionType::window: c.later(Code::E0933, g.name_range, option_text(g)); break;
  }
  return out;
}

std::vector<OptionValue> own_options(Context& c, const Options& options, const connectors::ConnectorInfo& connector,
                                     const Row* row) {
  std::vector<OptionValue> out;
  Env env;
  for (const auto& g : options.all()) {
    bool own = false;
    for (const auto& o : connector.options) own |= g.info == &o;
    if (own) out.push_back(option_value(c, g, env, row));
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
  const auto* info = c.catalog.find(name.text);
  if (info && can(*info)) return info;
  if (!info && c.catalog.is_later(name.text)) {
    later = true;
    c.report(Code::E0932, name.range, "the connector " + quote(name.text) + " is not built yet").under("not built yet");
    return nullptr;
  }
  std::vector<std::string_view> candidates;
  for (const auto* other : c.catalog.connectors)
    if (can(*other)) candidates.push_back(other->name);
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

bool is_flat(const Type* type) {
  switch (type->plain()->kind) {
    case Kind::record:
    case Kind::list:
    case Kind::map: return false;
    default: return true;
  }
}

}  // namespace gress::dsl::detail
