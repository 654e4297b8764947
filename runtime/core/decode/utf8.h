// UTF-8 checking, and what is shown instead of bytes that are none.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/core/decode/simd.h"

namespace gress::decode {

/// Bytes of the well-formed UTF-8 sequence at p (its first byte >= 0x80), 0 if there is none before `end`
/// (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF).
inline int utf8_sequence(const char* p, const char* end) {
  const auto b = [p](int i) { return static_cast<unsigned char>(p[i]); };
  const auto tail = [&](int i) { return (b(i) & 0xc0) == 0x80; };
  const unsigned char lead = b(0);
  const std::ptrdiff_t left = end - p;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return left >= 2 && tail(1) ? 2 : 0;
  if (lead < 0xf0) {
    if (left < 3 || !tail(1) || !tail(2)) return 0;
    if ((lead == 0xe0 && b(1) < 0xa0) || (lead == 0xed && b(1) >= 0xa0)) return 0;
    return 3;
  }
  if (lead > 0xf4 || left < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if ((lead == 0xf0 && b(1) < 0x90) || (lead == 0xf4 && b(1) >= 0x90)) return 0;
  return 4;
}

template <class Level = SimdLevel>
[[gnu::noinline]] bool is_utf8(const char* p, const char* end) {
  while (p != end) {
    if (end - p >= 64) {
      const std::uint64_t high = Bytes64(p).high();
      if (high == 0) {
        p += 64;
        continue;
      }
      p += std::countr_zero(high);
    } else if (end - p >= 8) {
      const std::uint64_t high = load64(p) & 0x8080808080808080u;
      if (high == 0) {
        p += 8;
        continue;
      }
      p += std::countr_zero(high) / 8;
    } else if (static_cast<signed char>(*p) >= 0) {
      ++p;
      continue;
    }
    do {
      const int n = utf8_sequence(p, end);
      if (n == 0) return false;
      p += n;
    } while (p != end && static_cast<signed char>(*p) < 0);
  }
  return true;
}

extern template bool is_utf8<SimdLevel>(const char*, const char*);

/// `bytes` with each maximal ill-formed part replaced by U+FFFD.
std::string replace_bad_utf8(std::string_view bytes);

}  // namespace gress::decode
