// What a source's options say about time, and a place for it in the order in which several sources are read.
#pragma once
#include <cstdint>

#include "runtime/core/time.h"

namespace gress {

/// Microseconds. Members behind `max_ahead` are left out by programs that do not speak of them.
struct SourceTime {
  std::int64_t delay = 0;               // watermark = highest time - delay
  std::int64_t max_ahead = kEndOfTime;  // of the clock; rows further ahead are invalid
  std::int64_t idle = kEndOfTime;       // a partition that is caught up and silent for so long holds nothing back
  bool by_clock = false;                // `idle: advance`: when all are, the watermark follows the clock
  int peers = -1;                       // sources that meet in an operator have one number: an idle one follows them
  int group = -1;                       // of `align`
  std::int64_t max_drift = kEndOfTime;  // how far it may be ahead of the slowest of its group
};

}  // namespace gress
