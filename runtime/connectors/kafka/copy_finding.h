// Copying bytes and looking for one among them in one pass: a message's value is read when it is copied, and not again.
#pragma once
#include <emmintrin.h>

#include <cstddef>
#include <cstring>

namespace gress::kafka {

/// True when `byte` is among the `n` bytes.
inline bool copy_finding(char* to, const char* from, std::size_t n, char byte) {
  constexpr std::size_t kStep = sizeof(__m128i);
  if (n < kStep) {
    std::memcpy(to, from, n);
    return std::memchr(to, byte, n) != nullptr;
  }
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

}  // namespace gress::kafka
