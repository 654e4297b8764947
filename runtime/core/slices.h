// Which slices and windows there are where windows overlap: a slice is the widest stretch of time that lies in the same
// windows throughout.
//
//   slice(t) → [start, end)        next_end(x): least window end > x        start_of(window_end)
//   last_end(slice_start)          end of the last window over the slice
//   count(first, last)             windows with ends from `first` to `last`, both of them ends that share slices
//   kGrows                         windows only grow, until one begins behind all slices of the one before
#pragma once
#include <cstdint>
#include <numeric>

#include "runtime/core/time.h"

namespace gress {

struct Slice {
  std::int64_t start, end;
};

struct SlidingSlices {
  std::int64_t size, every, offset;
  std::int64_t width = std::gcd(size, every);
  Slice slice(std::int64_t t) const {
    const std::int64_t s = floor_to(t, width, offset);
    return {s, s + width};
  }
  std::int64_t next_end(std::int64_t x) const { return floor_to(x, every, offset + size % every) + every; }
  std::int64_t start_of(std::int64_t end) const { return end - size; }
  std::int64_t last_end(std::int64_t start) const { return floor_to(start, every, offset) + size; }
  std::int64_t count(std::int64_t first, std::int64_t last) const { return (last - first) / every + 1; }
  static constexpr bool kGrows = false;
};

struct CumulativeSlices {
  std::int64_t size, every, offset;
  Slice slice(std::int64_t t) const {
    const std::int64_t s = floor_to(t, every, offset);
    return {s, s + every};
  }
  std::int64_t next_end(std::int64_t x) const { return floor_to(x, every, offset) + every; }
  std::int64_t start_of(std::int64_t end) const { return floor_to(end - 1, size, offset); }
  std::int64_t last_end(std::int64_t start) const { return floor_to(start, size, offset) + size; }
  std::int64_t count(std::int64_t first, std::int64_t last) const { return (last - first) / every + 1; }
  static constexpr bool kGrows = true;
};

/// Steps of elapsed time within a calendar unit; the unit's last step ends with it.
template <class Unit>
struct CalendarSlices {
  Unit unit;
  std::int64_t every, offset;
  std::int64_t unit_start(std::int64_t t) const { return unit.floor(t - offset) + offset; }
  std::int64_t unit_end(std::int64_t t) const { return unit.next(unit.floor(t - offset)) + offset; }
  Slice slice(std::int64_t t) const {
    const std::int64_t day = unit_start(t), last = unit_end(t);
    const std::int64_t s = floor_to(t, every, day);
    return {s, s + every < last ? s + every : last};
  }
  std::int64_t next_end(std::int64_t x) const { return slice(x).end; }
  std::int64_t start_of(std::int64_t end) const { return unit_start(end - 1); }
  std::int64_t last_end(std::int64_t start) const { return unit_end(start); }
  std::int64_t count(std::int64_t first, std::int64_t last) const {
    std::int64_t n = 1;
    for (; first < last; first = next_end(first)) ++n;
    return n;
  }
  static constexpr bool kGrows = true;
};

}  // namespace gress
