// `2001-01-31T23:59:59[.fff]Z` to seconds and back.
#pragma once
#include <immintrin.h>

#include <array>
#include <cstdint>

namespace hand {

/// For each month from January 1970: the hours before its first day, and the hours of day and time that it has.
struct Month {
  std::uint32_t hours;
  std::uint32_t limit;
};
inline constexpr auto kMonths = [] {
  std::array<Month, 200 * 12> months{};
  std::uint32_t hours = 0;
  for (std::uint32_t i = 0; i != months.size(); ++i) {
    const std::uint32_t year = 1970 + i / 12, month = i % 12;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const std::uint32_t days = month == 1 ? 28 + leap : 30 + ((month + (month > 6)) % 2 == 0);
    months[i] = {hours - 24, days * 24 + 24};
    hours += days * 24;
  }
  return months;
}();

/// A time taken apart by vector steps: year * 12, month, day * 24 + hour, minute * 60, second, milliseconds.
struct TimeParts {
  alignas(32) std::uint32_t part[8];
};
/// Reads `length` = 20 (whole seconds) or, if `millis`, 24 bytes; false for every other form.
template <bool millis>
inline bool take_time(const char* p, std::uint32_t length, TimeParts& out) {
  alignas(32) static constexpr char kForm[2][33] = {"0000-00-00T00:00:00Z", "0000-00-00T00:00:00.000Z"};
  const bool fraction = millis && length == 24;
  const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  const __m256i digits = _mm256_sub_epi8(text, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kForm[fraction])));
  // Digits stand at 0-3, 5-6, 8-9, 11-12, 14-15, 17-18 and 20-22; all else is exactly as in the form.
  const std::uint32_t places = fraction ? 0x76db6fu : 0x6db6fu;
  const std::uint32_t counted = fraction ? 0xffffffu : 0xfffffu;
  const std::uint32_t wrong = (_mm256_cmpgt_epu8_mask(digits, _mm256_set1_epi8(9)) & places) | (_mm256_test_epi8_mask(digits, digits) & counted & ~places);
  const __m256i order = _mm256_setr_epi8(0, 1, 2, 3, 5, 6, -1, -1, 8, 9, 11, 12, 14, 15, -1, -1, 1, 2, -1, -1, -1, 4, 5, 6, -1, -1, -1, -1, -1, -1, -1, -1);
  const __m256i pairs = _mm256_maddubs_epi16(_mm256_shuffle_epi8(digits, order), _mm256_set1_epi16(0x010a));
  const __m256i weights = _mm256_setr_epi16(1200, 12, 1, 0, 24, 1, 60, 0, 1, 0, 100, 1, 0, 0, 0, 0);
  const __m256i limits = _mm256_setr_epi16(99, 99, 12, 0, 31, 23, 59, 0, 59, 0, fraction ? 9 : -1, fraction ? 99 : -1, -1, -1, -1, -1);
  const std::uint32_t beyond = _mm256_cmpgt_epu16_mask(pairs, limits);
  const __m256i keep = _mm256_setr_epi32(-1, -1, -1, -1, -1, fraction ? -1 : 0, 0, 0);
  _mm256_store_si256(reinterpret_cast<__m256i*>(out.part), _mm256_and_si256(_mm256_madd_epi16(pairs, weights), keep));
  return ((length == 20) | fraction) & ((wrong | beyond) == 0);
}
/// Milliseconds since the epoch; false outside the table or for a day that the month has not.
inline bool make_time(const TimeParts& t, std::int64_t& millis) {
  const std::uint32_t month = t.part[0] + t.part[1] - (1970 * 12 + 1);
  const bool known = (month < kMonths.size()) & (t.part[1] != 0);
  const Month m = kMonths[known ? month : 0];
  const std::uint32_t seconds_high = m.hours + t.part[2];
  millis = (static_cast<std::int64_t>(static_cast<std::int32_t>(seconds_high)) * 3600 + t.part[3] + t.part[4]) * 1000 + t.part[5];
  return known & (t.part[2] < m.limit) & (t.part[2] >= 24);
}

inline char* put_digits(char* to, std::uint32_t value, int digits) {
  for (int i = digits; i-- != 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
  return to + digits;
}
/// `2001-01-31T23:00:00Z`, 20 bytes.
inline char* put_time(char* to, std::int64_t seconds) {
  std::int64_t days = seconds / 86400 - (seconds % 86400 < 0);
  const auto of_day = static_cast<std::uint32_t>(seconds - days * 86400);
  // Howard Hinnant, civil_from_days.
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto doe = static_cast<std::uint32_t>(days - era * 146097);
  const std::uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const std::uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const std::uint32_t mp = (5 * doy + 2) / 153;
  const std::uint32_t month = mp < 10 ? mp + 3 : mp - 9;
  to = put_digits(to, static_cast<std::uint32_t>(yoe + era * 400) + (month <= 2), 4);
  *to++ = '-';
  to = put_digits(to, month, 2);
  *to++ = '-';
  to = put_digits(to, doy - (153 * mp + 2) / 5 + 1, 2);
  *to++ = 'T';
  to = put_digits(to, of_day / 3600, 2);
  *to++ = ':';
  to = put_digits(to, of_day / 60 % 60, 2);
  *to++ = ':';
  to = put_digits(to, of_day % 60, 2);
  *to++ = 'Z';
  return to;
}

}  // namespace hand
