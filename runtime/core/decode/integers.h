// A column of whole numbers, read together: a row only leaves where its bytes are copied to, and digits are made into
// values eight rows at a time. Numbers of 16 characters at most (a `-`, digits); what is longer or none is said to be
// `wrong` and left to the complete readers of values.h.
#pragma once
#include "runtime/core/decode/number.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

/// `strict`: no needless zeros (JSON).
template <int Block, bool strict>
class Integers {
 public:
#if defined(GRESS_AVX512)
  /// 16 bytes at `p` are readable, `length` may be any number.
  void note(int k, const char* p, std::uint32_t length) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes_[k]), _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    length_[k] = length;
  }
  /// Of the first `count` the values, and whether there is none; true if of any. Room for 8 more behind both.
  [[gnu::noinline]] bool read(int count, std::int64_t* values, std::uint8_t* wrong) const {
    std::uint32_t any = 0;
    for (int k = 0; k < count; k += 8) {
      const __m256i length = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(length_ + k));
      const __m512i a = _mm512_loadu_si512(bytes_[k]), b = _mm512_loadu_si512(bytes_[k + 4]);
      std::uint64_t none_a, none_b;
      const __m512i eights = _mm512_madd_epi16(
          _mm512_packus_epi32(fours(a, _mm256_castsi256_si128(length), none_a), fours(b, _mm256_extracti128_si256(length, 1), none_b)),
          _mm512_set1_epi32(0x00012710));
      // Each 64 bits the first eight digits and the last eight; rows 0, 4, 1, 5, 2, 6, 3, 7, as are the first bytes.
      const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
      const __m512i in_order = _mm512_permutexvar_epi64(order, eights);
      const __m512i first = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14), b);
      const __mmask8 minus = _mm512_cmpeq_epi64_mask(_mm512_and_si512(first, _mm512_set1_epi64(0xff)), _mm512_set1_epi64('-'));
      const __m512i magnitude = _mm512_add_epi64(_mm512_mul_epu32(in_order, _mm512_set1_epi64(100000000)), _mm512_srli_epi64(in_order, 32));
      _mm512_storeu_si512(values + k, _mm512_mask_sub_epi64(magnitude, minus, _mm512_setzero_si512(), magnitude));

      // At least one digit behind the sign, all of it in 16 bytes, and (strict) none behind a leading zero.
      const __m256i digits = _mm256_sub_epi32(length, _mm256_maskz_set1_epi32(minus, 1)), before = _mm256_sub_epi32(digits, _mm256_set1_epi32(1));
      __mmask8 bad = _mm256_cmpgt_epu32_mask(length, _mm256_set1_epi32(16)) | _mm256_cmpgt_epu32_mask(before, _mm256_set1_epi32(15));
      if constexpr (strict) {
        const __m512i least = _mm512_permutex2var_epi64(_mm512_loadu_si512(kLeast), _mm512_cvtepu32_epi64(before), _mm512_loadu_si512(kLeast + 8));
        bad |= _mm512_cmplt_epu64_mask(magnitude, least);
      }
      const __m128i none = _mm_set_epi64x(static_cast<std::int64_t>(none_b), static_cast<std::int64_t>(none_a));
      bad |= _mm_test_epi16_mask(none, none);
      _mm_storel_epi64(reinterpret_cast<__m128i*>(wrong + k), _mm_maskz_set1_epi8(bad, 1));
      any |= bad & (count - k >= 8 ? 0xffu : (1u << (count - k)) - 1);
    }
    return any != 0;
  }

 private:
  static constexpr int kRoom = (Block + 7) / 8 * 8;
  /// The least magnitude of so many digits less one.
  alignas(64) static constexpr std::uint64_t kLeast[16] = {
      0, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000,
      1000000000000, 10000000000000, 100000000000000, 1000000000000000};

  /// The digits of four rows, moved to the end of 16 bytes each, made into numbers of four; a bit of `none` for each byte
  /// that is no digit.
  static __m512i fours(__m512i bytes, __m128i length, std::uint64_t& none) {
    const __m512i spread = _mm512_set_epi64(0x0c0c0c0c0c0c0c0c, 0x0c0c0c0c0c0c0c0c, 0x0808080808080808, 0x0808080808080808,
                                            0x0404040404040404, 0x0404040404040404, 0, 0);
    const __m512i to_end = _mm512_broadcast_i32x4(_mm_setr_epi8(-16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1));
    const __m512i from = _mm512_add_epi8(to_end, _mm512_shuffle_epi8(_mm512_broadcast_i32x4(length), spread));
    constexpr std::uint64_t kFirst = 0x0001000100010001;
    const std::uint64_t minus = _mm512_mask_cmpeq_epi8_mask(kFirst, bytes, _mm512_set1_epi8('-'));
    const __m512i digits = _mm512_shuffle_epi8(_mm512_maskz_sub_epi8(~minus, bytes, _mm512_set1_epi8('0')), from);
    none = _mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9));
    return _mm512_madd_epi16(_mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x010a)), _mm512_set1_epi32(0x00010064));
  }

  char bytes_[kRoom][16];
  std::uint32_t length_[kRoom];
#else
  void note(int k, const char* p, std::uint32_t length) {
    QuickInteger parts;
    wrong_[k] = !quick_integer<strict>(p, length, parts);
    values_[k] = parts.value();
  }
  [[gnu::noinline]] bool read(int count, std::int64_t* values, std::uint8_t* wrong) const {
    std::memcpy(values, values_, static_cast<std::size_t>(count) * sizeof *values);
    std::memcpy(wrong, wrong_, static_cast<std::size_t>(count));
    return std::memchr(wrong_, 1, static_cast<std::size_t>(count)) != nullptr;
  }

 private:
  std::int64_t values_[Block];
  std::uint8_t wrong_[Block];
#endif
};

extern template class Integers<kLibraryBlock, true>;
extern template class Integers<kLibraryBlock, false>;

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
