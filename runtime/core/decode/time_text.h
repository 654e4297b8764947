// RFC 3339 text to microseconds since the epoch.
#pragma once
#include <array>
#include <string_view>

#include "runtime/core/decode/simd.h"

namespace gress::decode {

/// Months of the usual years, January 1970 first: hours from the epoch to the month's first (bits 10 and up), and the
/// first invalid value of day * 24 + hour (bits 0-9).
inline constexpr int kFirstYear = 1970, kYears = 230;
[[gnu::visibility("hidden")]] extern const std::array<std::uint32_t, kYears * 12> kMonths;

/// Any RFC 3339 time: years 0000-9999 (and others, with a sign, as they are written), `T`, `t` or a space, 0 or more digits
/// of a second (those beyond microseconds are cut), `Z`, `z` or an offset. False for everything else, a missing zone and
/// second 60 included.
bool read_rfc3339(std::string_view text, std::int64_t& micros);

/// How `YYYY-MM-DDTHH:MM:SS[.f…]Z` of one length is taken apart: what stands in each byte at least, how much more may
/// stand there, and where the digits go. The first 16 bytes make the words YY YY MM 0 DD HH MM 0, the others SS 0 and
/// three words of fraction.
struct alignas(32) TimeShape {
  std::uint8_t least[32], span[32], order[32];
};
[[gnu::visibility("hidden")]] extern const std::array<TimeShape, 9> kTimeShapes;

inline namespace GRESS_SIMD_LEVEL {

/// A time in parts, which a loop of its own makes into microseconds.
struct QuickTime {
#if defined(GRESS_AVX2)
  /// year * 12, month, day * 24 + hour, minute * 60; second, micros of the first four digits and of the last two, 0
  alignas(32) std::uint32_t parts[8];

  bool value(std::int64_t& out) const {
    const std::uint32_t month = parts[0] + parts[1] - (kFirstYear * 12 + 1);
    const bool usual = month < kMonths.size();
    const std::uint32_t entry = kMonths[usual ? month : 0];
    const std::uint32_t hours = parts[2];
    const std::int64_t seconds = static_cast<std::int64_t>((entry >> 10) + hours) * 3600 + (parts[3] + parts[4]) - 24 * 3600;
    out = seconds * 1000000 + (parts[5] + parts[6]);
    return usual & (hours < (entry & 1023));
  }
#else
  std::int64_t micros;
  bool value(std::int64_t& out) const {
    out = micros;
    return true;
  }
#endif
};
/// The usual form only (upper case, UTC, at most six digits of a second, the years of kMonths); may read 32 bytes.
inline bool quick_time(const char* p, std::uint32_t length, QuickTime& out) {
#if defined(GRESS_AVX2)
  const std::uint32_t n = length - 20 < 8 ? length - 20 : 8;
  const TimeShape& shape = kTimeShapes[n];
  const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i least = _mm256_load_si256(reinterpret_cast<const __m256i*>(shape.least));
  const __m256i span = _mm256_load_si256(reinterpret_cast<const __m256i*>(shape.span));
  const __m256i order = _mm256_load_si256(reinterpret_cast<const __m256i*>(shape.order));
  const __m256i digits = _mm256_sub_epi8(text, least);
  const __m256i words = _mm256_maddubs_epi16(_mm256_shuffle_epi8(digits, order), _mm256_set1_epi16(0x010a));
  const __m256i low = _mm256_setr_epi16(0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i range = _mm256_setr_epi16(99, 99, 11, 0, 30, 23, 59, 0, 59, 0, 99, 99, 99, 0, 0, 0);
  const __m256i wrong = _mm256_or_si256(_mm256_subs_epu8(digits, span), _mm256_subs_epu16(_mm256_sub_epi16(words, low), range));
  const __m256i weights = _mm256_setr_epi16(1200, 12, 1, 0, 24, 1, 60, 0, 1, 0, 10000, 100, 1, 0, 0, 0);
  _mm256_store_si256(reinterpret_cast<__m256i*>(out.parts), _mm256_madd_epi16(words, weights));
  return _mm256_testz_si256(wrong, wrong);
#else
  out.micros = 0;
  return length >= 20 && length < 64 && p[length - 1] == 'Z' && read_rfc3339({p, length}, out.micros);
#endif
}

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
