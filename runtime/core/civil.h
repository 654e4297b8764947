// The proleptic Gregorian calendar as arithmetic on day numbers. Days are counted from 1970-01-01; every day of the
// microseconds that 64 bits hold has a date (years -290308 to 294247).
#pragma once
#include <cstdint>

namespace gress {

inline constexpr std::int64_t kSecond = 1000000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

struct Civil {
  std::int32_t year;
  std::uint32_t month, day;  // from 1
};

/// Largest whole number of `unit` (> 0) not above t.
constexpr std::int64_t floor_div(std::int64_t t, std::int64_t unit) {
  const std::int64_t q = t / unit;
  return q - (t % unit < 0);
}
constexpr std::int64_t days_of(std::int64_t micros) { return floor_div(micros, kDay); }
/// Microseconds since midnight.
constexpr std::int64_t time_of_day(std::int64_t micros) {
  const std::int64_t past = micros % kDay;
  return past + (past < 0 ? kDay : 0);
}

// Dates are shifted by 735 cycles of 400 years, so that everything is positive.
inline constexpr std::uint32_t kCalendarCycles = 735;

/// Without a branch: C. Neri, L. Schneider, Euclidean affine functions and their application to calendar algorithms
/// (2022), proposition 6.3.
constexpr Civil civil_from_days(std::int64_t days) {
  const std::uint32_t n = static_cast<std::uint32_t>(days + 719468 + 146097ll * kCalendarCycles);
  const std::uint32_t n1 = 4 * n + 3;
  const std::uint32_t century = n1 / 146097;
  const std::uint32_t n2 = n1 % 146097 | 3;
  const std::uint64_t p2 = std::uint64_t{2939745} * n2;
  const auto year_of_century = static_cast<std::uint32_t>(p2 >> 32);
  const std::uint32_t day_of_year = static_cast<std::uint32_t>(p2) / 2939745 / 4;  // from 1 March
  const std::uint32_t n3 = 2141 * day_of_year + 197913;
  const std::uint32_t january = day_of_year >= 306;
  return {
      static_cast<std::int32_t>(100 * century + year_of_century + january) - 400 * static_cast<int>(kCalendarCycles),
      (n3 >> 16) - 12 * january, (n3 & 0xffff) / 2141 + 1};
}

/// H. Hinnant, chrono-compatible low-level date algorithms (2013), days_from_civil. Month 1-12.
constexpr std::int64_t days_from_civil(std::int64_t year, std::uint32_t month, std::uint32_t day) {
  const auto y = static_cast<std::uint64_t>(year + 400ll * kCalendarCycles - (month <= 2));
  const std::uint64_t era = y / 400, year_of_era = y % 400;
  const std::uint64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const std::uint64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return static_cast<std::int64_t>(era * 146097 + day_of_era) - 719468 - 146097ll * kCalendarCycles;
}

constexpr bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
constexpr std::uint32_t days_in_month(std::int64_t year, std::uint32_t month) {
  return month == 2 ? 28 + is_leap(year) : 30 + ((month ^ (month >> 3)) & 1);
}
/// 1 Monday to 7 Sunday.
constexpr int weekday_of(std::int64_t days) { return static_cast<int>(((days + 3) % 7 + 7) % 7) + 1; }

}  // namespace gress
