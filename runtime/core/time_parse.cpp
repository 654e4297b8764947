#include <string>

#include "runtime/core/decode/values.h"
#include "runtime/core/time.h"
#include "runtime/core/time_fn.h"
#include "runtime/core/time_names.h"

namespace gress::fn {

namespace {

struct Parser {
  explicit Parser(std::string_view text) : p(text.data()), end(text.data() + text.size()) {}

  const char* p;
  const char* end;

  int year = 1970, month = 1, day = 1, day_of_year = 0;
  int hour = 0, minute = 0, second = 0, micros = 0;
  int half = -1;  // 0 AM, 1 PM
  bool twelve = false, has_offset = false, has_epoch = false;
  std::int64_t offset = 0, epoch = 0;  // offset: seconds
  std::string_view abbreviation;

  /// Up to `most` digits, one at least.
  bool number(int most, int& out) {
    const char* from = p;
    out = 0;
    while (p != end && p - from < most && *p >= '0' && *p <= '9') out = out * 10 + (*p++ - '0');
    return p != from;
  }
  bool between(int most, int low, int high, int& out) { return number(most, out) && out >= low && out <= high; }

  static char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
  bool word(std::string_view name) {
    if (static_cast<std::size_t>(end - p) < name.size()) return false;
    for (std::size_t i = 0; i != name.size(); ++i)
      if (small(p[i]) != small(name[i])) return false;
    p += name.size();
    return true;
  }
  /// One of the names, whole or its first three letters.
  template <std::size_t n>
  bool name(const std::string_view (&names)[n], int& out) {
    for (std::size_t i = 0; i != n; ++i) {
      if (word(names[i]) || word(names[i].substr(0, 3))) {
        out = static_cast<int>(i) + 1;
        return true;
      }
    }
    return false;
  }
  bool zone_offset() {
    has_offset = true;
    offset = 0;
    if (p != end && (*p == 'Z' || *p == 'z')) return ++p, true;
    if (p == end || (*p != '+' && *p != '-')) return false;
    const bool minus = *p++ == '-';
    int hours, minutes = 0;
    const char* from = p;
    if (!between(2, 0, 23, hours) || p - from != 2) return false;
    const bool colon = p != end && *p == ':';
    if (colon) ++p;
    from = p;
    if (number(2, minutes) ? p - from != 2 || minutes > 59 : colon) return false;
    offset = (hours * 60 + minutes) * 60;
    if (minus) offset = -offset;
    return true;
  }
  bool zone_name() {
    const char* from = p;
    const auto part = [](char c) {
      return (small(c) >= 'a' && small(c) <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-';
    };
    while (p != end && part(*p)) ++p;
    abbreviation = {from, static_cast<std::size_t>(p - from)};
    if (abbreviation == "UTC" || abbreviation == "GMT" || abbreviation == "Z") {
      abbreviation = {};
      has_offset = true;
      offset = 0;
      return true;
    }
    return !abbreviation.empty();
  }
  bool fraction() {
    const char* from = p;
    micros = 0;
    int scale = 100000;
    for (; p != end && p - from < 9 && *p >= '0' && *p <= '9'; ++p, scale /= 10) micros += (*p - '0') * scale;
    return p != from;
  }
  bool epoch_seconds() {
    const bool minus = p != end && *p == '-';
    if (minus) ++p;
    const char* from = p;
    epoch = 0;
    for (; p != end && *p >= '0' && *p <= '9'; ++p)
      if (__builtin_mul_overflow(epoch, std::int64_t{10}, &epoch) ||
          __builtin_sub_overflow(epoch, std::int64_t{*p - '0'}, &epoch))
        return false;
    if (!minus && __builtin_sub_overflow(std::int64_t{0}, epoch, &epoch)) return false;
    has_epoch = true;
    return p != from;
  }

  bool one(char conversion) {
    int ignored;
    if (const std::string_view longer = expansion(conversion); !longer.empty()) return all(longer);
    switch (conversion) {
      case 'Y': {
        const char* from = p;
        return number(4, year) && p - from == 4;
      }
      case 'y':
        if (!number(2, year)) return false;
        year += year < 69 ? 2000 : 1900;  // as POSIX has it
        return true;
      case 'm':
        return between(2, 1, 12, month);
      case 'e':
        if (p != end && *p == ' ') ++p;
        [[fallthrough]];
      case 'd':
        return between(2, 1, 31, day);
      case 'j':
        return between(3, 1, 366, day_of_year);
      case 'H':
        return between(2, 0, 23, hour);
      case 'I':
        twelve = true;
        return between(2, 1, 12, hour);
      case 'p':
        half = word("AM") ? 0 : word("PM") ? 1 : -1;
        return half >= 0;
      case 'M':
        return between(2, 0, 59, minute);
      case 'S':
        return between(2, 0, 59, second);
      case 'f':
        return fraction();
      case 's':
        return epoch_seconds();
      case 'a':
      case 'A':
        return name(kDayNames, ignored);
      case 'b':
      case 'h':
      case 'B':
        return name(kMonthNames, month);
      case 'u':
        return between(1, 1, 7, ignored);
      case 'w':
        return between(1, 0, 6, ignored);
      case 'z':
        return zone_offset();
      case 'Z':
        return zone_name();
      case 'n':
        return literal('\n');
      case 't':
        return literal('\t');
      case '%':
        return literal('%');
      default:
        return false;
    }
  }
  bool literal(char c) {
    if (p == end || *p != c) return false;
    ++p;
    return true;
  }
  bool all(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != '%') {
        if (!literal(pattern[i])) return false;
      } else if (i + 1 == pattern.size() || !one(pattern[++i])) {
        return false;
      }
    }
    return true;
  }

  bool result(const Zone& zone, std::int64_t& out) const {
    std::int64_t t;
    if (has_epoch)
      return !__builtin_mul_overflow(epoch, kSecond, &t) && !__builtin_add_overflow(t, std::int64_t{micros}, &out);
    std::int64_t days;
    if (day_of_year != 0) {
      if (day_of_year == 366 && !is_leap(year)) return false;
      days = days_from_civil(year, 1, 1) + day_of_year - 1;
    } else {
      const auto m = static_cast<std::uint32_t>(month), d = static_cast<std::uint32_t>(day);
      if (d > days_in_month(year, m)) return false;
      days = days_from_civil(year, m, d);
    }
    int hours = hour;
    if (twelve) hours = hours % 12 + (half == 1 ? 12 : 0);
    const std::int64_t local = days * kDay + ((hours * 60 + minute) * 60 + second) * kSecond + micros;
    if (has_offset) {
      out = local - offset * kSecond;
      return true;
    }
    out = zone.from_local(local);
    if (abbreviation.empty()) return true;
    if (zone.abbreviation(out) == abbreviation) return true;
    // The second time that the clocks show it goes by another name.
    const Zone::Interval next = zone.at(zone.at(out).end);
    out = add_saturated(local, -next.offset);
    return out >= next.begin && zone.local(out) == local && zone.abbreviation(out) == abbreviation;
  }
};

}  // namespace

bool read_time(std::string_view text, std::string_view pattern, const Zone& zone, std::int64_t& out) {
  Parser parser(text);
  return parser.all(pattern) && parser.p == parser.end && parser.result(zone, out);
}

std::int64_t parse_time(Eval& ev, const Text& text, const Text& pattern) {
  return parse_time(ev, text, pattern, utc());
}
std::int64_t parse_time(Eval& ev, const Text& text, const Text& pattern, const Zone& zone) {
  std::int64_t out = 0;
  if (!read_time(text.view(), pattern.view(), zone, out)) [[unlikely]] {
    if (const std::string_view unknown = unknown_conversion(pattern.view(), true); !unknown.empty()) {
      ev.fail("parse_time knows no " + std::string(unknown));
    } else {
      ev.fail(decode::shown_text(text.view()) + " is no time of the form " + decode::shown_text(pattern.view()));
    }
  }
  return out;
}

}  // namespace gress::fn
