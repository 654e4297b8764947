// When a silent partition stops holding the watermark back, and how far sources of a group may be apart.
#include "dsl/check/source_options.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

void needs(Context& c, const GivenOption& g, const char* other, const char* why, const std::string& help) {
  c.report(Code::E0504, g.name_range, "the option " + quote(g.name) + " needs `" + other + ":`").under(why).help(help);
}

/// The duration of `30s` or `advance(30s)`; null after a diagnostic.
const ast::Expr* idle_duration(Context& c, const GivenOption& g, Source& source) {
  const ast::Expr& value = bare(*g.value);
  const auto* call = value.as<ast::Call>();
  const std::string* function = call ? bare_name(*call->callee) : nullptr;
  source.idle = IdleKind::after;
  if (function && *function == "advance") {
    source.idle = IdleKind::advance;
    if (call->args.size() == 1 && call->args[0].value && !call->args[0].name) return call->args[0].value.get();
    c.report(Code::E0505, g.value->range, "`advance` takes how long a silence lasts before the clock takes over")
        .under("one duration is wanted")
        .help("such as `idle: advance(2m)`");
    return nullptr;
  }
  if (const std::string* word = bare_name(value); word && *word == "advance") {
    c.report(Code::E0505, g.value->range, "`idle: advance` does not say how long a silence lasts")
        .under("a duration is missing")
        .help("such as `idle: advance(2m)`");
    return nullptr;
  }
  return &value;
}

}  // namespace

void check_pace(Context& c, const Options& options, Source& source, bool timed) {
  const Type* duration = c.types().basic(Kind::duration);
  const std::string time_help = "add `time: …`, an expression over the row that gives its timestamp";
  const auto* idle = options.find("idle");
  const auto* align = options.find("align");
  const auto* drift = options.find("max_drift");
  for (const auto* g : {idle, align})
    if (g && !timed) needs(c, *g, "time", "speaks of event time", time_help);
  if (idle)
    if (const ast::Expr* silence = idle_duration(c, *idle, source))
      source.idle_after = c.positive(*silence, Env{}, duration, "the option `idle`");
  if (align) {
    const std::string* name = bare_name(*align->value);
    if (name) source.align = *name;
    else
      c.report(Code::E0505, align->value->range, "the option `align` takes the name of a group")
          .under("not a name")
          .help("sources that say the same name are read at one pace, such as `align: trades`");
    if (!drift) needs(c, *align, "max_drift", "does not say how far apart", "add `max_drift: 1m`, how far this source may be ahead of the slowest");
  }
  if (drift) {
    source.max_drift = c.positive(*drift->value, Env{}, duration, "the option `max_drift`");
    if (!align) needs(c, *drift, "align", "ahead of which sources?", "add `align: NAME`, with the same name for the sources that are read at one pace");
  }
}

void check_groups(Context& c) {
  for (const auto& s : c.program.sources) {
    if (s.align.empty()) continue;
    std::size_t members = 0;
    for (const auto& other : c.program.sources) members += other.align == s.align;
    if (members > 1) continue;
    auto& d = c.report(Code::W0501, s.range, "the source " + quote(s.name) + " is alone in the group " + quote(s.align));
    d.under("waits for nobody").help("say `align: " + s.align + "` at the sources that it is to be read at one pace with");
    std::vector<std::string_view> candidates;
    for (const auto& other : c.program.sources)
      if (!other.align.empty() && other.align != s.align) candidates.push_back(other.align);
    if (!candidates.empty()) d.note("another group is " + quote(std::string(candidates.front())));
  }
}

}  // namespace gress::dsl::detail
