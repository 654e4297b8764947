#include "runtime/core/decode/time_text.h"

#include <algorithm>

namespace gress::decode {

constinit const std::array<std::uint32_t, kYears * 12> kMonths = [] {
  std::array<std::uint32_t, kYears * 12> months{};
  constexpr int kDays[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::uint32_t days = 0;
  for (int i = 0; i != kYears * 12; ++i) {
    const int year = kFirstYear + i / 12;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    const int length = kDays[i % 12] + (leap && i % 12 == 1);
    months[i] = days * 24 << 10 | static_cast<std::uint32_t>(length * 24 + 24);
    days += static_cast<std::uint32_t>(length);
  }
  return months;
}();

constinit const std::array<TimeShape, 9> kTimeShapes = [] {
  std::array<TimeShape, 9> shapes{};
  for (int n = 0; n != 9; ++n) {
    TimeShape& s = shapes[n];
    constexpr std::string_view kForm = "0000-00-00T00:00:00.000000";
    const int length = 20 + n;  // with the Z; a fraction of n - 1 digits
    for (int i = 0; i != 32; ++i) {
      s.least[i] = 0;
      s.span[i] = 255;
      s.order[i] = 0x80;
    }
    for (int i = 0; i != length - 1 && i != 26; ++i) {
      s.least[i] = static_cast<std::uint8_t>(kForm[i]);
      s.span[i] = kForm[i] == '0' ? 9 : 0;
    }
    s.least[length - 1] = 'Z';
    s.span[length - 1] = 0;
    constexpr int kDate[8][2] = {{0, 0}, {2, 1}, {5, 2}, {8, 4}, {11, 5}, {14, 6}, {-1, 0}, {-1, 0}};
    for (const auto& d : kDate) {
      if (d[0] < 0) continue;
      s.order[2 * d[1]] = static_cast<std::uint8_t>(d[0]);
      s.order[2 * d[1] + 1] = static_cast<std::uint8_t>(d[0] + 1);
    }
    s.order[16] = 1;  // the seconds' digits are bytes 17 and 18
    s.order[17] = 2;
    for (int i = 0; i < n - 1 && i != 6; ++i) s.order[20 + i] = static_cast<std::uint8_t>(4 + i);
    if (n == 1 || n == 8) s.span[0] = 0, s.least[0] = 0xff;  // "…:00.Z" and every other length: no match
  }
  return shapes;
}();

namespace {

/// Days from 1970-01-01 to a date of the Gregorian calendar: the years are taken to begin in March, so that the leap
/// day is the last (Hinnant, "chrono-compatible low-level date algorithms").
std::int64_t days_before(int year, int month, int day) {
  year -= month <= 2;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int of_era = year - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return std::int64_t{era} * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool number(const char* p, int digits, int& out) {
  out = 0;
  for (int i = 0; i != digits; ++i) {
    const unsigned digit = static_cast<unsigned char>(p[i]) - '0';
    if (digit > 9) return false;
    out = out * 10 + static_cast<int>(digit);
  }
  return true;
}

/// Four digits; of years that have none as they are written, with a sign: `-0001`, `+10000`. Advances `p`.
bool read_year(const char*& p, const char* end, int& year) {
  const bool minus = *p == '-';
  if (!minus && *p != '+') {
    if (!number(p, 4, year)) return false;
    p += 4;
    return true;
  }
  const auto digits = static_cast<int>(std::find(p + 1, end, '-') - (p + 1));
  if (digits < (minus ? 4 : 5) || digits > 6 || (digits > 4 && p[1] == '0') || !number(p + 1, digits, year)) return false;
  if (minus) year = -year;
  p += 1 + digits;
  return true;
}

}  // namespace

bool read_rfc3339(std::string_view text, std::int64_t& micros) {
  if (text.size() < 20) return false;
  const char* p = text.data();
  const char* end = p + text.size();
  int year, month, day, hour, minute, second;
  if (!read_year(p, end, year) || end - p < 16) return false;
  if (p[0] != '-' || !number(p + 1, 2, month) || p[3] != '-' || !number(p + 4, 2, day)) return false;
  if (p[6] != 'T' && p[6] != 't' && p[6] != ' ') return false;
  if (!number(p + 7, 2, hour) || p[9] != ':' || !number(p + 10, 2, minute) || p[12] != ':' || !number(p + 13, 2, second)) return false;
  constexpr int kDays[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (day > kDays[month - 1] + (leap && month == 2)) return false;
  p += 15;
  std::int64_t fraction = 0;
  if (*p == '.') {
    const char* first = ++p;
    for (std::int64_t unit = 100000; p != end && *p >= '0' && *p <= '9'; ++p, unit /= 10) fraction += unit * (*p - '0');
    if (p == first || p == end) return false;
  }
  int offset = 0;
  if (*p == 'Z' || *p == 'z') {
    ++p;
  } else if (*p == '+' || *p == '-') {
    int offset_hour, offset_minute;
    if (end - p != 6 || !number(p + 1, 2, offset_hour) || p[3] != ':' || !number(p + 4, 2, offset_minute)) return false;
    if (offset_hour > 23 || offset_minute > 59) return false;
    offset = (offset_hour * 60 + offset_minute) * (*p == '-' ? -60 : 60);
    p += 6;
  } else {
    return false;
  }
  if (p != end) return false;
  const std::int64_t seconds = days_before(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
  return !__builtin_mul_overflow(seconds, 1000000, &micros) && !__builtin_add_overflow(micros, fraction, &micros);
}

}  // namespace gress::decode
