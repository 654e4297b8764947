// Bytes of a block to a Text with two loads and no branch.
#pragma once
#include "runtime/core/decode/simd.h"
#include "runtime/core/text.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

/// The Text of [p, p + length); 16 bytes at `p` must be readable. Longer text than 15 bytes is a view.
inline void quick_text(const char* p, std::uint32_t length, Text* to) {
#if defined(GRESS_SSE2)
  alignas(64) static constexpr std::uint8_t kFirst[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                          0xff, 0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0,    0,
                                                          0,    0,    0,    0,    0,    0,    0,    0,    0,    0};
  if (length > Text::kInline) [[unlikely]] {
    *to = Text(p, length);
    return;
  }
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i mask = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kFirst + 16 - length));
  const __m128i count = _mm_slli_si128(_mm_cvtsi32_si128(static_cast<int>(length)), 15);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_or_si128(_mm_and_si128(bytes, mask), count));
#else
  *to = Text(p, length);
#endif
}

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
