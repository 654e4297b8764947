// A column of times, read together: a row only leaves where its text is; the texts are taken apart two at a time and made
// into microseconds eight at a time. The usual form only, as quick_time has it; what is not of it is said to be `wrong`.
#pragma once
#include "runtime/core/decode/decoded.h"
#include "runtime/core/decode/time_text.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

template <int Block>
class Times {
 public:
  /// 32 bytes at `p` are readable until read(); `length` may be any number.
  void note(int k, const char* p, std::uint32_t length) {
    text_[k] = p;
    length_[k] = length;
  }
#if defined(GRESS_AVX512)
  /// Of the first `count` the values, and whether there is none; true if of any. Room for 8 more behind both.
  [[gnu::noinline]] bool read(int count, std::int64_t* values, std::uint8_t* wrong) {
    if (count == 0) return false;
    std::uint32_t different = 0;
    for (int k = 0; k < count; ++k) different |= length_[k] ^ length_[0];
    for (int k = count, end = (count + 7) / 8 * 8; k < end; ++k) note(k, text_[0], length_[0]);
    return different == 0 ? read_all<true>(count, values, wrong) : read_all<false>(count, values, wrong);
  }

 private:
  static __m256i load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static __m512i both(__m256i low, __m256i high) { return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1); }
  const TimeShape& shape(int k) const {
    const std::uint32_t n = length_[k] - 20 < 8 ? length_[k] - 20 : 8;
    return kTimeShapes[n];
  }

  /// Of kMonths; nothing of a month that it has not. Most often all months are one.
  static __m512i entries(__m512i month) {
    if (_mm512_cmpneq_epi64_mask(month, _mm512_broadcastq_epi64(_mm512_castsi512_si128(month))) == 0) [[likely]] {
      const auto first = static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm512_castsi512_si128(month)));
      return _mm512_set1_epi64(first < kMonths.size() ? kMonths[first] : 0);
    }
    const __mmask8 usual = _mm512_cmplt_epu64_mask(month, _mm512_set1_epi64(static_cast<std::int64_t>(kMonths.size())));
    return _mm512_cvtepu32_epi64(_mm512_mask_i64gather_epi32(_mm256_setzero_si256(), usual, month, kMonths.data(), 4));
  }

  /// `alike`: all texts are of one length.
  template <bool alike>
  bool read_all(int count, std::int64_t* values, std::uint8_t* wrong) const {
    const TimeShape& first = shape(0);
    __m512i least = both(load(first.least), load(first.least)), span = both(load(first.span), load(first.span)),
            order = both(load(first.order), load(first.order));
    const __m512i low = _mm512_broadcast_i64x4(_mm256_setr_epi16(0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m512i range = _mm512_broadcast_i64x4(_mm256_setr_epi16(99, 99, 11, 0, 30, 23, 59, 0, 59, 0, 99, 99, 99, 0, 0, 0));
    const __m512i weights = _mm512_broadcast_i64x4(_mm256_setr_epi16(1200, 12, 1, 0, 24, 1, 60, 0, 1, 0, 10000, 100, 1, 0, 0, 0));
    const __m512i lower = _mm512_set1_epi64(0xffffffff);
    std::uint32_t any = 0;
    for (int k = 0; k < count; k += 8) {
      __m512i parts[4];
      std::uint32_t odd = 0;  // four bits a row
      for (int j = 0; j != 4; ++j) {
        const int a = k + 2 * j, b = a + 1;
        if constexpr (!alike) {
          least = both(load(shape(a).least), load(shape(b).least));
          span = both(load(shape(a).span), load(shape(b).span));
          order = both(load(shape(a).order), load(shape(b).order));
        }
        const __m512i digits = _mm512_sub_epi8(both(load(text_[a]), load(text_[b])), least);
        const __m512i words = _mm512_maddubs_epi16(_mm512_shuffle_epi8(digits, order), _mm512_set1_epi16(0x010a));
        const __m512i beyond = _mm512_or_si512(_mm512_subs_epu8(digits, span), _mm512_subs_epu16(_mm512_sub_epi16(words, low), range));
        odd |= static_cast<std::uint32_t>(_mm512_test_epi64_mask(beyond, beyond)) << (8 * j);
        parts[j] = _mm512_madd_epi16(words, weights);
      }
      // Each row four pairs: year * 12 and month, day * 24 + hour and minute * 60, second and micros, the last micros.
      const __m512i pairs_01 = _mm512_setr_epi64(0, 4, 8, 12, 1, 5, 9, 13), pairs_23 = _mm512_setr_epi64(2, 6, 10, 14, 3, 7, 11, 15);
      const __m512i a = _mm512_permutex2var_epi64(parts[0], pairs_01, parts[1]), b = _mm512_permutex2var_epi64(parts[2], pairs_01, parts[3]);
      const __m512i c = _mm512_permutex2var_epi64(parts[0], pairs_23, parts[1]), d = _mm512_permutex2var_epi64(parts[2], pairs_23, parts[3]);
      const __m512i pair_0 = _mm512_shuffle_i64x2(a, b, 0x44), pair_1 = _mm512_shuffle_i64x2(a, b, 0xee);
      const __m512i pair_2 = _mm512_shuffle_i64x2(c, d, 0x44), pair_3 = _mm512_shuffle_i64x2(c, d, 0xee);
      const __m512i month = _mm512_sub_epi64(_mm512_add_epi64(_mm512_and_si512(pair_0, lower), _mm512_srli_epi64(pair_0, 32)), _mm512_set1_epi64(kFirstYear * 12 + 1));
      const __m512i entry = entries(month);
      const __m512i of_month = _mm512_and_si512(pair_1, lower);
      const __m512i hours = _mm512_add_epi64(_mm512_srli_epi64(entry, 10), of_month);
      const __m512i seconds = _mm512_add_epi64(_mm512_srli_epi64(pair_1, 32), _mm512_and_si512(pair_2, lower));
      const __m512i micros = _mm512_add_epi64(_mm512_srli_epi64(pair_2, 32), pair_3);
      const __m512i of_hours = _mm512_sub_epi64(_mm512_mul_epu32(hours, _mm512_set1_epi64(3'600'000'000)), _mm512_set1_epi64(86'400'000'000));
      _mm512_storeu_si512(values + k, _mm512_add_epi64(_mm512_add_epi64(of_hours, micros), _mm512_mul_epu32(seconds, _mm512_set1_epi64(1'000'000))));
      __mmask8 bad = _mm512_cmpge_epu64_mask(of_month, _mm512_and_si512(entry, _mm512_set1_epi64(1023)));
      if (odd != 0) [[unlikely]]
        for (int row = 0; row != 8; ++row) bad |= static_cast<__mmask8>((odd >> (4 * row) & 15) != 0) << row;
      _mm_storel_epi64(reinterpret_cast<__m128i*>(wrong + k), _mm_maskz_set1_epi8(bad, 1));
      any |= bad & (count - k >= 8 ? 0xffu : (1u << (count - k)) - 1);
    }
    return any != 0;
  }
#else
  [[gnu::noinline]] bool read(int count, std::int64_t* values, std::uint8_t* wrong) const {
    QuickTime parts[Block];
    bool any = false;
    for (int k = 0; k < count; ++k) wrong[k] = !quick_time(text_[k], length_[k], parts[k]);
    for (int k = 0; k < count; ++k) {
      wrong[k] |= !parts[k].value(values[k]);
      any |= wrong[k] != 0;
    }
    return any;
  }

 private:
#endif
  static constexpr int kRoom = (Block + 7) / 8 * 8;
  const char* text_[kRoom];
  std::uint32_t length_[kRoom];
};

extern template class Times<kLibraryBlock>;

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
