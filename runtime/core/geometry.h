// Window geometry: which windows a time lies in. A window is [start, end). One struct a form; sizes come from the
// program (constants are folded by the compiler, params are read at start).
//
//   struct G { template <class F> void windows(std::int64_t t, F f) const;   // f(start, end) for each window holding t }
#pragma once
#include <cstdint>

#include "runtime/core/time.h"

namespace gress {

struct Tumbling {
  std::int64_t size, offset = 0;
  template <class F>
  void windows(std::int64_t t, F f) const {
    const std::int64_t start = floor_to(t, size, offset);
    f(start, start + size);
  }
};

struct Sliding {
  std::int64_t size, every, offset = 0;
  /// In order of their ends.
  template <class F>
  void windows(std::int64_t t, F f) const {
    const std::int64_t last = floor_to(t, every, offset);
    std::int64_t start = last - ((size - 1 - (t - last)) / every) * every;
    if (t - last >= size) return;  // every > size leaves gaps
    for (; start <= last; start += every) f(start, start + size);
  }
};

/// [day start, each step's end) from the step that holds t on.
struct Cumulative {
  std::int64_t size, every, offset = 0;
  template <class F>
  void windows(std::int64_t t, F f) const {
    const std::int64_t start = floor_to(t, size, offset);
    for (std::int64_t end = start + ((t - start) / every + 1) * every; end <= start + size; end += every) f(start, end);
  }
};

/// Calendar units in a zone. `Unit` gives floor(t) and next(start); `offset` shifts the bounds.
template <class Unit>
struct CalendarTumbling {
  Unit unit;
  std::int64_t offset = 0;
  template <class F>
  void windows(std::int64_t t, F f) const {
    const std::int64_t start = unit.floor(t - offset);
    f(start + offset, unit.next(start) + offset);
  }
};

/// Elapsed steps of a calendar unit; the last one ends with the unit.
template <class Unit>
struct CalendarCumulative {
  Unit unit;
  std::int64_t every;
  std::int64_t offset = 0;
  template <class F>
  void windows(std::int64_t t, F f) const {
    const std::int64_t start = unit.floor(t - offset) + offset;
    const std::int64_t last = unit.next(start - offset) + offset;
    for (std::int64_t end = start + ((t - start) / every + 1) * every;; end += every) {
      if (end >= last) {
        f(start, last);
        return;
      }
      f(start, end);
    }
  }
};

/// One window over all time.
struct Global {
  template <class F>
  void windows(std::int64_t, F f) const {
    f(kStartOfTime, kEndOfTime);
  }
};

/// Whether a time lies in one window.
template <class Geometry>
inline constexpr bool kDisjoint = false;
template <>
inline constexpr bool kDisjoint<Tumbling> = true;
template <class Unit>
inline constexpr bool kDisjoint<CalendarTumbling<Unit>> = true;
template <>
inline constexpr bool kDisjoint<Global> = true;

}  // namespace gress
