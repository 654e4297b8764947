// Event time as numbers: microseconds since the epoch, and the two ends of time. Arithmetic saturates at them.
#pragma once
#include <cstdint>
#include <limits>

namespace gress {

inline constexpr std::int64_t kStartOfTime = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kEndOfTime = std::numeric_limits<std::int64_t>::max();

/// t + d, held between the two ends of time; the ends themselves do not move.
inline std::int64_t add_saturated(std::int64_t t, std::int64_t d) {
  if (t == kStartOfTime || t == kEndOfTime) return t;
  std::int64_t r;
  if (__builtin_add_overflow(t, d, &r)) [[unlikely]] return d < 0 ? kStartOfTime : kEndOfTime;
  return r;
}

/// Largest multiple of `step` (> 0) plus `offset` that is not after `t`.
inline std::int64_t floor_to(std::int64_t t, std::int64_t step, std::int64_t offset) {
  const std::int64_t x = t - offset;
  std::int64_t q = x / step;
  q -= (x % step) < 0;
  return q * step + offset;
}

}  // namespace gress
