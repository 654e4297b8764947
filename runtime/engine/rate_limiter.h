// `rate: 1000/s`: a source reads no faster. Up to a tenth of a second's rows come at once, then the source waits.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "runtime/engine/runtime.h"

namespace gress::engine {

class RateLimiter {
 public:
  /// Rows a second; zero or less: no limit.
  explicit RateLimiter(double rows_per_second) : rate_(rows_per_second), at_(steady_micros()) {
    set_part(1);
    rows_ = burst_;
  }

  /// Of several workers each has the part of its partitions, and of what may be read at once too. A part that grows brings
  /// no rows: those of the others have them.
  void share(std::size_t own, std::size_t all) {
    fill(steady_micros());
    const double part = all == 0 ? 1 : static_cast<double>(own) / static_cast<double>(all);
    if (rows_ > 0 && part < part_) rows_ *= part / part_;
    set_part(part);
  }

  /// How many rows may be read now; when none, the runtime is told when to wake up and the source is idle.
  std::int64_t allowance(Runtime& runtime) {
    if (per_micro_ <= 0) return INT64_MAX;
    const std::int64_t now = steady_micros();
    fill(now);
    if (rows_ >= 1) return static_cast<std::int64_t>(rows_);
    runtime.wake_at(now + static_cast<std::int64_t>((1 - rows_) / per_micro_) + 1);
    return 0;
  }
  void took(std::int64_t rows) { rows_ -= static_cast<double>(rows); }

 private:
  void set_part(double part) {
    part_ = part;
    per_micro_ = rate_ * part / 1e6;
    burst_ = std::max(1.0, rate_ * part / 10);
  }
  void fill(std::int64_t now) {
    rows_ = std::min(burst_, rows_ + static_cast<double>(now - at_) * per_micro_);
    at_ = now;
  }

  const double rate_;  // of all workers
  double part_ = 1;    // of this one
  double per_micro_ = 0;
  double burst_ = 0;
  double rows_ = 0;  // that may be read at time at_; below zero when a block was larger than the allowance
  std::int64_t at_;
};

/// The beginning of `bytes` that holds at most `lines` lines: all of it when there are fewer.
inline std::span<const char> first_lines(std::span<const char> bytes, std::int64_t lines) {
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  for (; lines > 0 && p != end; --lines) {
    const auto* newline = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
    if (!newline) return bytes;
    p = newline + 1;
  }
  return bytes.first(static_cast<std::size_t>(p - bytes.data()));
}

}  // namespace gress::engine
