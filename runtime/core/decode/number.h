// Digits to numbers without a branch a digit. The `quick_` functions take the usual forms only and say so by returning
// 0; anything else (and everything they cannot hold) is left to the complete readers of values.h. All of them may read
// up to 32 bytes from `p`, whatever `length` says, and `length` may be any number.
#pragma once
#include "runtime/core/decode/decoded.h"
#include "runtime/core/decode/simd.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

inline constexpr double kPowersOfTen[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                            1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

#if defined(GRESS_AVX2)
/// Shuffles that move the first n of 16 bytes to the end and zero the rest start at kToEnd + n.
alignas(64) inline constexpr std::uint8_t kToEnd[33] = {
    0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0,
    1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,   0x80};
/// Masks of the last n of 16 bytes start at kLastBytes + n.
alignas(64) inline constexpr std::uint8_t kLastBytes[48] = {
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,   0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

inline __m128i load_table(const std::uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

/// What 16 digits (as values 0-9, most significant first) make: the first eight in the low half, the last in the high.
inline std::uint64_t digit_halves(__m128i digits) {
  const __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010a));
  const __m128i fours = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));
  const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), _mm_set1_epi32(0x00012710));
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
}
/// Not all of these bytes are 0-9.
inline bool not_digits(__m128i digits) {
  return !_mm_testz_si128(_mm_subs_epu8(digits, _mm_set1_epi8(9)), _mm_set1_epi8(-1));
}
#else
inline bool eight_digits(std::uint64_t v) {
  return (((v + 0x4646464646464646u) | (v - 0x3030303030303030u)) & 0x8080808080808080u) == 0;
}
inline std::uint64_t join_eight(std::uint64_t v) {
  v -= 0x3030303030303030u;
  v = v * 10 + (v >> 8);
  return (((v & 0x000000ff000000ffu) * 0x000f424000000064u) + (((v >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u)) >> 32;
}
#endif

#if !defined(GRESS_AVX2)
/// 1 to 16 digits.
inline bool quick_digits(const char* p, std::uint32_t length, std::uint64_t& out) {
  if (length - 1 > 15) return false;
  std::uint64_t value = 0;
  std::uint32_t i = 0;
  if (length >= 8) {
    const std::uint64_t v = load64(p);
    if (!eight_digits(v)) return false;
    value = join_eight(v);
    i = 8;
  }
  for (; i != length; ++i) {
    const unsigned digit = static_cast<unsigned char>(p[i]) - '0';
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  out = value;
  return true;
}
#endif

/// A whole number in parts: digits with perhaps a `-`, 16 characters at most.
struct QuickInteger {
  std::uint64_t halves;
  std::uint64_t minus;

  std::int64_t value() const {
    const std::uint64_t magnitude = (halves & 0xffffffffu) * 100000000u + (halves >> 32);
    return static_cast<std::int64_t>((magnitude ^ (std::uint64_t{0} - minus)) + minus);
  }
};
/// `strict`: no needless zeros (JSON).
template <bool strict>
inline bool quick_integer(const char* p, std::uint32_t length, QuickInteger& out) {
  const std::uint32_t minus = *p == '-';
  out.minus = minus;
#if defined(GRESS_AVX2)
  const std::uint32_t n = length <= 16 ? length : 0;
  const __m128i v = _mm_sub_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)), _mm_set1_epi8('0'));
  const __m128i digits = _mm_and_si128(_mm_shuffle_epi8(v, load_table(kToEnd + n)), load_table(kLastBytes + ((n - minus) & 31)));
  out.halves = digit_halves(digits);
  bool good = !not_digits(digits) & (n > minus);
#else
  std::uint64_t magnitude = 0;
  bool good = quick_digits(p + minus, length - minus, magnitude);
  out.halves = magnitude / 100000000u | magnitude % 100000000u << 32;
#endif
  if constexpr (strict) good &= !((p[minus] == '0') & (length > 1 + minus));
  return good;
}

/// The parts of a plain decimal number: `-`, digits, and perhaps a point between digits; 16 characters at most. What
/// follows from them (value()) is left to a loop of its own: the way from bytes to parts is long enough.
struct QuickNumber {
  /// The first eight of sixteen digits in the low half, the last eight in the high half.
  std::uint64_t halves;
  std::uint32_t decimals;
  std::uint32_t minus;

  std::uint64_t magnitude() const { return (halves & 0xffffffffu) * 100000000u + (halves >> 32); }
  /// Exact: a magnitude below 2^53 and a power of ten below 10^23 round only once (Clinger 1990).
  bool value(double& out) const {
    const std::uint64_t m = magnitude();
    const double v = static_cast<double>(static_cast<std::int64_t>(m)) / kPowersOfTen[decimals & 15];
    out = std::bit_cast<double>(std::bit_cast<std::uint64_t>(v) | static_cast<std::uint64_t>(minus) << 63);
    return m >> 53 == 0;
  }
  bool value(float& out) const {
    const std::uint64_t m = magnitude();
    const float v = static_cast<float>(static_cast<std::int64_t>(m)) / static_cast<float>(kPowersOfTen[decimals & 15]);
    out = std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) | minus << 31);
    return (m >> 24 == 0) & (decimals <= 10);
  }
};

#if defined(GRESS_AVX2)
/// Which of a number's bytes are digits and points.
struct QuickMasks {
  std::uint32_t all, digits, points, minus;
  QuickMasks(const char* p, std::uint32_t length, std::uint32_t digit_mask, std::uint32_t point_mask) {
    all = length <= 16 ? (1u << length) - 1 : 0;
    digits = digit_mask & all;
    points = point_mask & all;
    minus = *p == '-';
  }
  /// Nothing but digits, one point at most, digits at both ends, and (strict) none behind a leading zero.
  template <bool strict>
  bool is_number(const char* p, std::uint32_t length) const {
    const std::uint32_t from_first = digits >> minus;
    std::uint32_t good = static_cast<std::uint32_t>((digits | points | minus) == all) & static_cast<std::uint32_t>((points & (points - 1)) == 0) &
                         (digits << 1 >> (length & 31)) & from_first;
    if constexpr (strict) good &= ~(static_cast<std::uint32_t>(p[minus] == '0') & from_first >> 1);
    return good & 1;
  }
};
#endif

#if defined(GRESS_AVX512)
/// The parts of what is taken to be a number.
inline void split_number(const char* p, std::uint32_t length, QuickNumber& out) {
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i values = _mm_sub_epi8(v, _mm_set1_epi8('0'));
  const std::uint32_t digits = _bzhi_u32(_mm_cmple_epu8_mask(values, _mm_set1_epi8(9)), length);
  const std::uint32_t points = _mm_cmpeq_epi8_mask(v, _mm_set1_epi8('.'));
  // The digits squeezed together and moved to the end of the register.
  const __m128i packed = _mm_maskz_compress_epi8(static_cast<__mmask16>(digits), values);
  out.halves = digit_halves(_mm_maskz_expand_epi8(static_cast<__mmask16>(0xffff0000u >> std::popcount(digits)), packed));
  out.decimals = static_cast<std::uint32_t>(std::popcount(digits & (0u - points)));
  out.minus = *p == '-';
}
#endif

template <bool strict>
inline bool quick_number(const char* p, std::uint32_t length, QuickNumber& out) {
#if defined(GRESS_AVX512)
  split_number(p, length, out);
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const QuickMasks m(p, length, _mm_cmple_epu8_mask(_mm_sub_epi8(v, _mm_set1_epi8('0')), _mm_set1_epi8(9)), _mm_cmpeq_epi8_mask(v, _mm_set1_epi8('.')));
  return m.is_number<strict>(p, length);
#elif defined(GRESS_AVX2)
  const std::uint32_t n = length <= 16 ? length : 0;
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const std::uint32_t minus = *p == '-';
  const std::uint32_t beyond = 1u << n;
  const std::uint32_t points =
      static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('.')))) & (beyond - 1);
  const auto end_of_whole = static_cast<std::uint32_t>(std::countr_zero(points | beyond));
  const std::uint32_t has = points != 0;
  const std::uint32_t decimals = n - end_of_whole - has;
  const std::uint32_t point = end_of_whole - minus;
  // To the end of the register, leaving out the point: the bytes behind it come from one place further on.
  const __m128i order = _mm_sub_epi8(load_table(kToEnd + n - has), load_table(kLastBytes + decimals));
  const __m128i digits =
      _mm_and_si128(_mm_shuffle_epi8(_mm_sub_epi8(v, _mm_set1_epi8('0')), order), load_table(kLastBytes + ((n - has - minus) & 31)));
  out.halves = digit_halves(digits);
  out.decimals = decimals;
  out.minus = minus;
  // Digits on both sides of a point, and some without one.
  bool good = !not_digits(digits) & (point - 1 < 16) & (p[(n - 1) & 15] != '.');
  if constexpr (strict) good &= !((p[minus] == '0') & (point > 1));
  return good;
#else
  const std::uint32_t minus = *p == '-';
  p += minus;
  length -= minus;
  out = {0, 0, minus};
  if (length - 1 > 15) return false;
  std::uint64_t magnitude = 0;
  std::uint32_t point = length;
  for (std::uint32_t i = 0; i != length; ++i) {
    const unsigned digit = static_cast<unsigned char>(p[i]) - '0';
    if (digit <= 9) {
      magnitude = magnitude * 10 + digit;
    } else if (p[i] == '.' && point == length && i != 0 && i + 1 != length) {
      point = i;
      out.decimals = length - i - 1;
    } else {
      return false;
    }
  }
  out.halves = magnitude / 100000000u | magnitude % 100000000u << 32;
  return !(strict && *p == '0' && point > 1);
#endif
}

/// Whether the text is such a number in JSON's grammar, its value aside.
inline bool quick_is_number(const char* p, std::uint32_t length) {
#if defined(GRESS_AVX2)
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i values = _mm_sub_epi8(v, _mm_set1_epi8('0'));
  const auto digits = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values)));
  const auto points = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('.'))));
  return QuickMasks(p, length, digits, points).is_number<true>(p, length);
#else
  QuickNumber ignored;
  return quick_number<true>(p, length, ignored);
#endif
}

/// Which of a column's texts are such numbers (as quick_number and quick_is_number say), looked at together: a row only
/// leaves which of its bytes are what, and the rules are applied to 32 rows at once.
template <int Block>
class NumberForms {
 public:
#if defined(GRESS_AVX512)
  void note(int k, const char* p, std::uint32_t length) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    note(k, v, _mm_cmple_epu8_mask(_mm_sub_epi8(v, _mm_set1_epi8('0')), _mm_set1_epi8(9)), p, length);
  }
  /// Of one whose first bytes are loaded, and `digits` among them known.
  void note(int k, __m128i bytes, std::uint32_t digits, const char* p, std::uint32_t length) {
    digits_[k] = static_cast<std::uint16_t>(digits);
    points_[k] = _mm_cmpeq_epi8_mask(bytes, _mm_set1_epi8('.'));
    std::memcpy(&first_two_[k], p, 2);
    length_[k] = static_cast<std::uint16_t>(length);
  }
  /// Of eight rows.
  struct Eight {
    __m256i length, point;  // `point`: the bit of a byte, or 0
    __mmask8 minus;
  };
  Eight eight(int k) const {
    const auto load = [k](const std::uint16_t* of) { return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(of + k))); };
    const __m256i length = load(length_), one = _mm256_set1_epi32(1);
    const __m256i inside = _mm256_sub_epi32(_mm256_sllv_epi32(one, length), one);
    return {length, _mm256_and_si256(load(points_), inside), _mm256_cmpeq_epi32_mask(_mm256_and_si256(load(first_two_), _mm256_set1_epi32(0xff)), _mm256_set1_epi32('-'))};
  }
  /// Says of each of the first `count` whether it is none; true if there is one.
  template <bool strict>
  [[gnu::noinline]] bool wrong(int count, std::uint8_t* which) const {
    const __m512i one = _mm512_set1_epi16(1);
    std::uint32_t any = 0;
    for (int k = 0; k < count; k += 32) {
      const __m512i length = _mm512_loadu_si512(length_ + k), first_two = _mm512_loadu_si512(first_two_ + k);
      const __m512i last = _mm512_sub_epi16(length, one);
      const __m512i all = _mm512_sub_epi16(_mm512_sllv_epi16(one, length), one);
      const __m512i digits = _mm512_and_si512(_mm512_loadu_si512(digits_ + k), all);
      const __m512i points = _mm512_and_si512(_mm512_loadu_si512(points_ + k), all);
      const __m512i byte = _mm512_set1_epi16(0xff);
      const __mmask32 signs = _mm512_cmpeq_epi16_mask(_mm512_and_si512(first_two, byte), _mm512_set1_epi16('-'));
      const __m512i minus = _mm512_maskz_mov_epi16(signs, one);
      const __m512i from_first = _mm512_srlv_epi16(digits, minus);
      // Nothing but digits, one point at most, digits at both ends, and (strict) none behind a leading zero.
      __mmask32 good = _mm512_cmplt_epu16_mask(last, _mm512_set1_epi16(16)) &
                       _mm512_cmpeq_epi16_mask(_mm512_or_si512(_mm512_or_si512(digits, points), minus), all) &
                       _mm512_testn_epi16_mask(points, _mm512_sub_epi16(points, one)) &
                       _mm512_test_epi16_mask(_mm512_and_si512(from_first, _mm512_srlv_epi16(digits, last)), one);
      if constexpr (strict) {
        const __m512i first = _mm512_and_si512(_mm512_mask_srli_epi16(first_two, signs, first_two, 8), byte);
        good &= _mm512_cmpneq_epi16_mask(first, _mm512_set1_epi16('0')) | _mm512_testn_epi16_mask(from_first, _mm512_set1_epi16(2));
      }
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(which + k), _mm256_maskz_set1_epi8(~good, 1));
      any |= ~good & (count - k >= 32 ? 0xffffffffu : (1u << (count - k)) - 1);
    }
    return any != 0;
  }

 private:
  static constexpr int kRoom = (Block + 31) / 32 * 32;
  std::uint16_t digits_[kRoom], points_[kRoom], first_two_[kRoom], length_[kRoom];
#else
  void note(int k, const char* p, std::uint32_t length) { wrong_[k] = !quick_is_number(p, length); }
  template <bool>
  [[gnu::noinline]] bool wrong(int count, std::uint8_t* which) const {
    std::memcpy(which, wrong_, static_cast<std::size_t>(count));
    return std::memchr(wrong_, 1, static_cast<std::size_t>(count)) != nullptr;
  }

 private:
  std::uint8_t wrong_[Block];
#endif
};

extern template bool NumberForms<kLibraryBlock>::wrong<true>(int, std::uint8_t*) const;
extern template bool NumberForms<kLibraryBlock>::wrong<false>(int, std::uint8_t*) const;

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
