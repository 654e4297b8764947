#include "runtime/core/decode/time_text.h"

namespace gress::decode {
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

}  // namespace

bool read_rfc3339(std::string_view text, std::int64_t& micros) {
  if (text.size() < 20) return false;
  const char* p = text.data();
  const char* end = p + text.size();
  int year, month, day, hour, minute, second;
  if (!number(p, 4, year) || p[4] != '-' || !number(p + 5, 2, month) || p[7] != '-' || !number(p + 8, 2, day)) return false;
  if (p[10] != 'T' && p[10] != 't' && p[10] != ' ') return false;
  if (!number(p + 11, 2, hour) || p[13] != ':' || !number(p + 14, 2, minute) || p[16] != ':' || !number(p + 17, 2, second)) return false;
  constexpr int kDays[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (day > kDays[month - 1] + (leap && month == 2)) return false;
  p += 19;
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
  micros = seconds * 1000000 + fraction;
  return true;
}

}  // namespace gress::decode
