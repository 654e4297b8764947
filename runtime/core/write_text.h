// Text written straight to where it goes.
#pragma once
#include <cstring>

#include "runtime/core/text.h"

namespace gress::fn {

/// The bytes of `x` at `to`; returns the end. Short text is stored as one register: 16 bytes are written in any case.
inline char* write_text(char* to, const Text& x) {
  if (x.is_inline()) [[likely]] {
    std::memcpy(to, &x, 16);
    return to + (x.hi() >> 56);
  }
  const std::size_t size = x.size();
  std::memcpy(to, x.data(), size);
  return to + size;
}

}  // namespace gress::fn
