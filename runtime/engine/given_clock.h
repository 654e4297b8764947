// Processing time that stands still until it is moved, by a test or by a host program.
#pragma once
#include <cstdint>

namespace gress::engine {

struct GivenClock {
  std::int64_t at = 0;
  template <class Runtime>
  std::int64_t now(const Runtime&) const {
    return at;
  }
};

}  // namespace gress::engine
