// Processing time: the wall clock at start, moved on by the monotonic one, so that it never jumps or goes back.
#pragma once
#include <cstdint>

#include "runtime/engine/runtime.h"

namespace gress::engine {

class Clock {
 public:
  Clock() : start_(now_micros()), steady_(steady_micros()) {}

  /// Microseconds since the epoch.
  std::int64_t now(const Runtime&) const { return start_ + (steady_micros() - steady_); }
  /// The later of the wall clock and this one: what is judged to lie in the future must do so by both, so that a wall
  /// clock that is set back takes no rows away, nor does one that was slow at start.
  std::int64_t latest(std::int64_t wall) const { return latest(wall, steady_micros()); }
  std::int64_t latest(std::int64_t wall, std::int64_t steady) const {
    const std::int64_t moved = start_ + (steady - steady_);
    return moved > wall ? moved : wall;
  }
  /// While every source waits, windows close all the same: look again soon.
  void wake(Runtime& runtime) const { runtime.wake_at(steady_micros() + kTick); }

 private:
  static constexpr std::int64_t kTick = 50'000;
  std::int64_t start_, steady_;
};

}  // namespace gress::engine
