#include "runtime/engine/time_spent.h"

#include <algorithm>
#include <utility>

namespace gress::engine {

TimeSpent time_spent(const Runtime& runtime) {
  TimeSpent time;
  const auto add = [&](std::string_view kind, const auto& cells) {
    for (const Counted& c : cells) {
      auto at = std::find_if(time.stages.begin(), time.stages.end(),
                             [&](const StageTime& s) { return s.kind == kind && s.name == c.name && s.line == c.line; });
      if (at == time.stages.end()) at = time.stages.insert(at, {kind, c.name, c.line});
      at->busy += c.busy.get();
      at->waiting += c.waiting.get();
      at->blocked += c.blocked.get();
      at->held += c.held.get();
    }
  };
  add("source", runtime.sources());
  add("stage", runtime.stages());
  add("stage", runtime.operators());
  add("sink", runtime.sinks());
  std::sort(time.stages.begin(), time.stages.end(),
            [](const StageTime& a, const StageTime& b) { return std::pair(b.all(), a.line) < std::pair(a.all(), b.line); });
  time.seen = runtime.sampled().get();
  time.no_input = runtime.idle().waiting.get();
  time.starved = runtime.idle().blocked.get();
  time.checkpoints = runtime.checkpoints().busy.get() + runtime.checkpoints().waiting.get();
  return time;
}

std::string slowest_text(const TimeSpent& time, const ProgramInfo& program) {
  if (time.seen == 0 || time.stages.empty()) return "";
  const StageTime& first = time.stages[0];
  const auto share = [&](std::uint64_t micros) { return std::to_string(time.percent(micros)) + " % of the time"; };
  if (time.no_input > first.all()) return "the input: there was nothing to read for " + share(time.no_input);
  std::string text = first.kind == "stage" ? first.name : std::string(first.kind) + " " + first.name;
  if (first.line > 0) text += std::string(" (") + program.source_file + ":" + std::to_string(first.line) + ")";
  if (first.kind == "sink" && first.waiting + first.held > first.busy)
    return text + " held the sources for " + share(first.waiting + first.held);
  return text + ", " + share(first.all());
}

}  // namespace gress::engine
