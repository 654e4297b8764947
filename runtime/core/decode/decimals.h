// A column of decimal numbers, read together as f64: a row only leaves its digits, without the point, and which of its bytes
// are what; values are made eight rows at a time. The usual forms only, as quick_number has them; what is not of them, or
// would be rounded twice, is said to be `wrong` and left to the complete readers of values.h.
#pragma once
#include "runtime/core/decode/number.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

/// `strict`: no needless zeros (JSON).
template <int Block, bool strict>
class Decimals {
 public:
#if defined(GRESS_AVX512)
  /// 16 bytes at `p` are readable, `length` may be any number.
  void note(int k, const char* p, std::uint32_t length) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), values = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    const std::uint32_t digits = _mm_cmple_epu8_mask(values, _mm_set1_epi8(9));
    forms_.note(k, v, digits, p, length);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(digits_[k]), _mm_maskz_compress_epi8(static_cast<__mmask16>(_bzhi_u32(digits, length)), values));
  }
  /// Of the first `count` the values, and whether there is none; true if of any. Room for 8 more behind values, 31 behind wrong.
  [[gnu::noinline]] bool read(int count, double* values, std::uint8_t* wrong) const {
    bool any = forms_.template wrong<strict>(count, wrong);
    const __m512d powers = _mm512_loadu_pd(kPowersOfTen), more_powers = _mm512_loadu_pd(kPowersOfTen + 8);
    const __m256i one = _mm256_set1_epi32(1);
    for (int k = 0; k < count; k += 8) {
      const typename NumberForms<Block>::Eight parts = forms_.eight(k);
      const __mmask8 pointed = _mm256_test_epi32_mask(parts.point, parts.point);
      const __m256i unsigned_length = _mm256_mask_sub_epi32(parts.length, parts.minus, parts.length, one);
      const __m256i digits = _mm256_mask_sub_epi32(unsigned_length, pointed, unsigned_length, one);
      // Behind the point, which is bit 31 - lzcnt: length - 1 - (31 - lzcnt).
      const __m256i decimals = _mm256_maskz_add_epi32(pointed, _mm256_sub_epi32(parts.length, _mm256_set1_epi32(32)), _mm256_lzcnt_epi32(parts.point));
      const __m512i eights = _mm512_madd_epi16(_mm512_packus_epi32(fours(k, _mm256_castsi256_si128(digits)), fours(k + 4, _mm256_extracti128_si256(digits, 1))),
                                               _mm512_set1_epi32(0x00012710));
      // Each 64 bits the first eight digits and the last eight; rows 0, 4, 1, 5, 2, 6, 3, 7.
      const __m512i halves = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), eights);
      const __m512i magnitude = _mm512_add_epi64(_mm512_mul_epu32(halves, _mm512_set1_epi64(100000000)), _mm512_srli_epi64(halves, 32));
      const __m512d value = _mm512_div_pd(_mm512_cvtepi64_pd(magnitude), _mm512_permutex2var_pd(powers, _mm512_cvtepu32_epi64(decimals), more_powers));
      const __m512i bits = _mm512_castpd_si512(value);
      _mm512_storeu_si512(values + k, _mm512_mask_or_epi64(bits, parts.minus, bits, _mm512_set1_epi64(INT64_MIN)));
      // A magnitude below 2^53 and a power of ten below 10^23 round only once (Clinger 1990).
      const auto valid = static_cast<__mmask8>(count - k >= 8 ? 0xff : (1 << (count - k)) - 1);
      const __mmask8 inexact = _mm512_mask_cmpge_epu64_mask(valid, magnitude, _mm512_set1_epi64(std::int64_t{1} << 53));
      if (inexact == 0) [[likely]] continue;
      any = true;
      for (int row = 0; row != 8; ++row) wrong[k + row] |= inexact >> row & 1;
    }
    return any;
  }

 private:
  static constexpr int kRoom = (Block + 7) / 8 * 8;

  /// The digits of four rows, moved to the end of 16 bytes each, made into numbers of four.
  __m512i fours(int k, __m128i count) const {
    const __m512i spread = _mm512_set_epi64(0x0c0c0c0c0c0c0c0c, 0x0c0c0c0c0c0c0c0c, 0x0808080808080808, 0x0808080808080808,
                                            0x0404040404040404, 0x0404040404040404, 0, 0);
    const __m512i to_end = _mm512_broadcast_i32x4(_mm_setr_epi8(-16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1));
    const __m512i from = _mm512_add_epi8(to_end, _mm512_shuffle_epi8(_mm512_broadcast_i32x4(count), spread));
    const __m512i digits = _mm512_shuffle_epi8(_mm512_loadu_si512(digits_[k]), from);
    return _mm512_madd_epi16(_mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010a)), _mm512_set1_epi32(0x00010064));
  }

  NumberForms<Block> forms_;
  char digits_[kRoom][16];
#else
  void note(int k, const char* p, std::uint32_t length) { wrong_[k] = !quick_number<strict>(p, length, parts_[k]); }
  [[gnu::noinline]] bool read(int count, double* values, std::uint8_t* wrong) const {
    bool any = false;
    for (int k = 0; k != count; ++k) {
      wrong[k] = wrong_[k] | !parts_[k].value(values[k]);
      any |= wrong[k] != 0;
    }
    return any;
  }

 private:
  QuickNumber parts_[Block];
  std::uint8_t wrong_[Block];
#endif
};

extern template class Decimals<kLibraryBlock, true>;
extern template class Decimals<kLibraryBlock, false>;

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
