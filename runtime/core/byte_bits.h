// Where a byte stands in a text, as bits, with the instructions of the CPU that this is compiled for.
#pragma once
#include <cstddef>
#include <cstdint>

#include "runtime/core/decode/simd.h"

namespace gress::fn {
inline namespace GRESS_SIMD_LEVEL {

/// Bits of the bytes at p that are `c`, the first in bit 0.
inline std::uint32_t equal_bits16(const char* p, char c) {
#if defined(GRESS_SSE2)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))));
#else
  std::uint32_t bits = 0;
  for (int i = 0; i != 16; ++i) bits |= static_cast<std::uint32_t>(p[i] == c) << i;
  return bits;
#endif
}
/// The same of up to 64 bytes of a text of sixteen and more, which begins no later than 16 bytes before p + size.
inline std::uint64_t bytes_equal(const char* p, std::size_t size, char c) {
#if defined(GRESS_AVX512)
  // Without a branch on the size.
  const __mmask64 valid = _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(size < 64 ? size : 64));
  return _mm512_mask_cmpeq_epi8_mask(valid, _mm512_maskz_loadu_epi8(valid, p), _mm512_set1_epi8(c));
#else
  if (size >= 64) return decode::Bytes64(p).equal(c);
  std::uint64_t bits = 0;
  std::size_t i = 0;
  for (; i + 16 <= size; i += 16) bits |= std::uint64_t{equal_bits16(p + i, c)} << i;
  if (i != size) bits |= static_cast<std::uint64_t>(equal_bits16(p + size - 16, c) >> (16 - (size - i))) << i;
  return bits;
#endif
}

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::fn
