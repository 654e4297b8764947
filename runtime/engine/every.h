// Something to do again after a time, such as reading a table again (`refresh: 5m`).
#pragma once
#include <cstdint>

#include "runtime/engine/runtime.h"

namespace gress::engine {

class Every {
 public:
  /// Microseconds; zero or less: never.
  explicit Every(std::int64_t period) : period_(period), next_(steady_micros() + period) {}

  /// True once a period; asked once a block. Also wakes a waiting program.
  bool due(Runtime& runtime) {
    if (period_ <= 0) return false;
    const std::int64_t now = steady_micros();
    if (now >= next_) {
      next_ = now + period_;
      return true;
    }
    runtime.wake_at(next_);
    return false;
  }

 private:
  std::int64_t period_;
  std::int64_t next_;
};

}  // namespace gress::engine
