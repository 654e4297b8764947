// How the time of a run divides among its stages, by what the sampler saw.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/engine/program_info.h"
#include "runtime/engine/runtime.h"

namespace gress::engine {

/// A stage, of all workers; microseconds as in Counted.
struct StageTime {
  std::string_view kind;  // "source", "stage" or "sink"
  std::string name;
  int line;
  std::uint64_t busy = 0, waiting = 0, blocked = 0, held = 0;
  /// That all else could not go on without it.
  std::uint64_t all() const { return busy + waiting + held; }
};

struct TimeSpent {
  std::vector<StageTime> stages;   // the slowest first
  std::uint64_t seen = 0;          // of all workers
  std::uint64_t no_input = 0;      // every worker waited for input
  std::uint64_t starved = 0;       // some had nothing to do while others had
  std::uint64_t checkpoints = 0;
  int percent(std::uint64_t micros) const { return seen == 0 ? 0 : static_cast<int>((micros * 200 / seen + 1) / 2); }
};

TimeSpent time_spent(const Runtime& runtime);
/// "sink daily (flights.gress:12) held the sources for 81 % of the time"; empty when nothing was seen.
std::string slowest_text(const TimeSpent& time, const ProgramInfo& program);

}  // namespace gress::engine
