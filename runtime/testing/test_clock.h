// Processing time in a test: it stands still, and moves with `advance`.
#pragma once
#include <cstdint>

namespace gress::testing {

struct Clock {
  std::int64_t at = 0;
  template <class Runtime>
  std::int64_t now(const Runtime&) const {
    return at;
  }
};

}  // namespace gress::testing
