#include "dsl/catalog/windows.h"

#include <utility>

namespace gress::dsl {
namespace {

constexpr std::string_view kTumbling[] = {"offset", "zone", "late", "late_to", "emit", "time"};
constexpr std::string_view kSliding[] = {"every", "offset", "late", "late_to", "emit", "time"};
constexpr std::string_view kSession[] = {"gap", "max", "late", "late_to", "emit", "time"};
constexpr std::string_view kCumulative[] = {"every", "offset", "zone", "late", "late_to", "emit", "time"};
constexpr std::string_view kCount[] = {"every", "retain"};
constexpr std::string_view kGlobal[] = {"emit", "retain"};

constexpr WindowInfo kWindows[] = {
    {"tumbling", "tumbling(5m)", "each five minutes; `tumbling(day, zone: \"Europe/Berlin\")`: each day there", kTumbling},
    {"sliding", "sliding(10m, every: 1m)", "the last ten minutes, each minute", kSliding},
    {"session", "session(gap: 30s)", "a burst: rows of a key at most `gap` apart", kSession, false},
    {"cumulative", "cumulative(1d, every: 1h)", "a day so far, each hour", kCumulative},
    {"count", "count(100, retain: 7d)", "each hundred rows of a key", kCount},
    {"global", "global()", "all rows", kGlobal, false},
};

constexpr WindowArgument kArguments[] = {
    {"every", "every: 1m", "how far apart the results are: a duration, or rows in `count`"},
    {"gap", "gap: 30s", "the longest silence within a session"},
    {"max", "max: 10m", "a row this long after a session's start begins another"},
    {"offset", "offset: 8h", "moves the alignment, which is to the epoch"},
    {"zone", "zone: \"Europe/Berlin\"", "whose days, weeks, months, quarters or years; of calendar units"},
    {"late", "late: 1m", "a closed window takes late rows for so long and gives a new version for each"},
    {"late_to", "late_to: NAME", "declares the stream of late rows"},
    {"emit", "emit: every(10s)", "versions before the close, by event time; `on_count(1000)`: by rows; `on_close`: none"},
    {"time", "time: processing", "goes by the wall clock; the rows need no event time"},
    {"retain", "retain: 7d", "how long a silent key is kept; `forever`"},
};

constexpr std::pair<std::string_view, std::string_view> kForeign[] = {
    {"hop", "`sliding(10m, every: 1m)`"},
    {"hopping", "`sliding(10m, every: 1m)`"},
    {"calendar", "`tumbling(month, zone: \"Europe/Berlin\")`"},
    {"day", "`tumbling(day, zone: \"Europe/Berlin\")`"},
    {"month", "`tumbling(month, zone: \"Europe/Berlin\")`"},
    {"cumulate", "`cumulative(1d, every: 1h)`"},
    {"rows", "`count(100, retain: 7d)`"},
};

}  // namespace

std::span<const WindowInfo> windows() { return kWindows; }

std::string_view foreign_window_hint(std::string_view name) {
  for (const auto& [theirs, ours] : kForeign)
    if (theirs == name) return ours;
  return {};
}

const WindowArgument* find_window_argument(std::string_view name) {
  for (const WindowArgument& argument : kArguments)
    if (argument.name == name) return &argument;
  return nullptr;
}

}  // namespace gress::dsl
