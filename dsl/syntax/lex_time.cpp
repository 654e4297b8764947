// Timestamp literals: `@` and RFC 3339 (date, `T`, time, zone).
#include "dsl/syntax/lexer_impl.h"

namespace gress::dsl::detail {

namespace {

/// Days since 1970-01-01 of a civil date (Howard Hinnant, "chrono-compatible low-level date algorithms").
std::int64_t days_from_civil(int year, int month, int day) {
  year -= month <= 2;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146097 + day_of_era - 719468;
}

int days_in(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (month == 2 && leap);
}

/// Reads a timestamp from the front of `text`; what went wrong is in `error` (empty: nothing).
struct Reader {
  std::string_view text;
  std::size_t at = 0;
  std::string error{};
  bool date_only = false;

  bool number(int digits, int& value) {
    value = 0;
    for (int i = 0; i < digits; ++i, ++at) {
      if (at >= text.size() || !is_digit(text[at])) return false;
      value = value * 10 + (text[at] - '0');
    }
    return true;
  }
  bool sign(char c) {
    if (at >= text.size() || text[at] != c) return false;
    ++at;
    return true;
  }
  bool fail(std::string why) {
    error = std::move(why);
    return false;
  }

  bool read(std::int64_t& micros) {
    int year = 0, month = 0, day = 0;
    if (!number(4, year) || !sign('-') || !number(2, month) || !sign('-') || !number(2, day)) {
      return fail("not of the form `@2026-01-31T12:00:00Z`");
    }
    if (month < 1 || month > 12) return fail("there is no month " + std::to_string(month));
    if (day < 1 || day > days_in(year, month)) return fail("that month has no day " + std::to_string(day));
    if (!sign('T') && !sign('t')) {
      date_only = true;
      return fail("the time of day and the zone are missing");
    }
    int hour = 0, minute = 0, second = 0;
    if (!number(2, hour) || !sign(':') || !number(2, minute) || !sign(':') || !number(2, second)) {
      return fail("the time of day is written `12:00:00`");
    }
    if (hour > 23 || minute > 59 || second > 59) return fail("there is no such time of day");
    std::int64_t fraction = 0;
    if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
      ++at;
      int digits = 0;
      for (; at < text.size() && is_digit(text[at]); ++at, ++digits) {
        if (digits < 6) fraction = fraction * 10 + (text[at] - '0');
        else if (text[at] != '0') error = "timestamps are exact to the microsecond: six digits after the point";
      }
      for (; digits < 6; ++digits) fraction *= 10;
    }
    int offset = 0;
    if (!sign('Z') && !sign('z')) {
      const bool minus = at < text.size() && text[at] == '-';
      int hours = 0, minutes = 0;
      if (!(sign('+') || sign('-'))) return fail("the zone is missing: `Z` or as in `+02:00`");
      if (!number(2, hours) || !sign(':') || !number(2, minutes) || hours > 23 || minutes > 59) {
        return fail("the zone is `Z` or as in `+02:00`");
      }
      offset = (hours * 60 + minutes) * (minus ? -1 : 1);
    }
    if (at < text.size() && is_name_char(text[at])) return fail("something follows the zone");
    micros = (days_from_civil(year, month, day) * 86400 + hour * 3600 + (minute - offset) * 60 + second) * 1'000'000 +
             fraction;
    return error.empty();
  }
};

}  // namespace

void Lexer::timestamp() {
  const std::size_t begin = at_++;
  Reader reader{text_.substr(at_)};
  std::int64_t micros = 0;
  const bool good = reader.read(micros);
  at_ += reader.at;
  if (!good) {
    // What was meant to belong to it, so that one slip is one diagnostic.
    while (is_name_char(peek()) || peek() == ':' || ((peek() == '.' || peek() == '-' || peek() == '+') && is_digit(peek(1)))) {
      ++at_;
    }
    Diagnostic& d = report(Code::E0109, begin, at_, "bad timestamp: " + reader.error);
    if (reader.date_only && at_ == begin + 11) d.fix("write midnight in UTC", range(at_, at_), "T00:00:00Z");
  }
  add(TokenKind::timestamp, begin, at_).value = good ? micros : 0;
}

}  // namespace gress::dsl::detail
