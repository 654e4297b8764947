// Copying bytes and looking for one among them in one pass: a message's value is read when it is copied, and not again.
#pragma once
#include <cstddef>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace gress::kafka {

/// True when `byte` is among the `n` bytes.
inline bool copy_finding(char* to, const char* from, std::size_t n, char byte) {
#if defined(__SSE2__)
  constexpr std::size_t kStep = sizeof(__m128i);
  if (n >= kStep) {
    const __m128i wanted = _mm_set1_epi8(byte);
    __m128i found = _mm_setzero_si128();
    const auto step = [&](std::size_t at) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + at));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to + at), bytes);
      found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, wanted));
    };
    for (std::size_t at = 0; at + kStep < n; at += kStep) step(at);
    step(n - kStep);
    return _mm_movemask_epi8(found) != 0;
  }
#endif
  std::memcpy(to, from, n);
  return std::memchr(to, byte, n) != nullptr;
}

}  // namespace gress::kafka
