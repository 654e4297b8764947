#include "runtime/core/write_time.h"

#include <cstring>

#include "runtime/core/civil.h"
#include "runtime/core/write_number.h"

namespace gress::fn {

char* write_year(char* to, std::int32_t year) {
  if (static_cast<std::uint32_t>(year) < 10000) [[likely]] {
    write_4(to, static_cast<std::uint32_t>(year));
    return to + 4;
  }
  *to++ = year < 0 ? '-' : '+';
  const auto v = static_cast<std::uint32_t>(year < 0 ? -year : year);
  if (v < 10000) {
    write_4(to, v);
    return to + 4;
  }
  return write_u64(to, v);
}

char* write_fraction(char* to, std::uint32_t micros) {
  if (micros == 0) [[likely]]
    return to;
  *to = '.';
  write_4(to + 1, micros / 100);
  write_2(to + 5, micros % 100);
  to += 7;
  while (to[-1] == '0') --to;
  return to;
}

namespace {

/// Rows that follow each other mostly show the same day.
struct LastDay {
  std::int64_t day = INT64_MIN;
  std::uint32_t size = 0;
  char text[20];  // "2001-01-31T"
};
thread_local LastDay last_day;

[[gnu::noinline]] void write_day(std::int64_t days) {
  const Civil c = civil_from_days(days);
  char* to = write_year(last_day.text, c.year);
  to[0] = '-';
  write_2(to + 1, c.month);
  to[3] = '-';
  write_2(to + 4, c.day);
  to[6] = 'T';
  last_day.size = static_cast<std::uint32_t>(to + 7 - last_day.text);
  last_day.day = days;
}

}  // namespace

char* write_timestamp(char* to, std::int64_t micros) {
  const std::int64_t days = days_of(micros);
  const auto rest = static_cast<std::uint64_t>(time_of_day(micros));
  const auto seconds = static_cast<std::uint32_t>(rest / kSecond);
  const auto fraction = static_cast<std::uint32_t>(rest % kSecond);
  if (days != last_day.day) [[unlikely]] write_day(days);
  std::memcpy(to, last_day.text, sizeof last_day.text);
  to += last_day.size;
  write_2(to, seconds / 3600);
  to[2] = ':';
  write_2(to + 3, seconds / 60 % 60);
  to[5] = ':';
  write_2(to + 6, seconds % 60);
  to = write_fraction(to + 8, fraction);
  *to = 'Z';
  return to + 1;
}

char* write_duration(char* to, std::int64_t micros) {
  if (micros < 0) *to++ = '-';
  const std::uint64_t total =
      micros < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(micros) : static_cast<std::uint64_t>(micros);
  const std::uint64_t hours = total / kHour;
  const auto minutes = static_cast<std::uint32_t>(total / kMinute % 60);
  const auto seconds = static_cast<std::uint32_t>(total / kSecond % 60);
  const auto fraction = static_cast<std::uint32_t>(total % kSecond);
  *to++ = 'P';
  *to++ = 'T';
  if (hours != 0) {
    to = write_u64(to, hours);
    *to++ = 'H';
  }
  if (minutes != 0) {
    to = write_small(to, minutes);
    *to++ = 'M';
  }
  if (seconds != 0 || fraction != 0 || total == 0) {
    to = write_fraction(write_small(to, seconds), fraction);
    *to++ = 'S';
  }
  return to;
}

}  // namespace gress::fn
