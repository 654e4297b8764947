#include "runtime/core/civil.h"
#include "runtime/core/zone_data.h"

namespace gress::fn {

namespace {

struct Reader {
  const char* p;
  const char* end;

  bool take(char c) {
    if (p == end || *p != c) return false;
    ++p;
    return true;
  }
  bool number(int& out, int most) {
    if (p == end || *p < '0' || *p > '9') return false;
    out = 0;
    for (; p != end && *p >= '0' && *p <= '9'; ++p) {
      out = out * 10 + (*p - '0');
      if (out > most) return false;
    }
    return true;
  }
  /// Letters, or anything in angle brackets.
  bool name(std::string& out) {
    const char* from = p;
    if (take('<')) {
      from = p;
      while (p != end && *p != '>') ++p;
      out.assign(from, p);
      return take('>');
    }
    while (p != end && ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'))) ++p;
    out.assign(from, p);
    return p - from >= 3;
  }
  /// [+-]hh[:mm[:ss]], up to a week (RFC 8536, 3.3.1).
  bool time(std::int32_t& out) {
    const bool minus = take('-');
    if (!minus) take('+');
    int hours = 0, minutes = 0, seconds = 0;
    if (!number(hours, 167)) return false;
    if (take(':') && !number(minutes, 59)) return false;
    if (take(':') && !number(seconds, 59)) return false;
    out = (hours * 60 + minutes) * 60 + seconds;
    if (minus) out = -out;
    return true;
  }
  bool date(ZoneRule::Date& out) {
    using Form = ZoneRule::Date::Form;
    out = {Form::day_of_year, 0, 0, 0, 2 * 3600};
    if (!take(',')) return false;
    if (take('M')) {
      out.form = Form::month_week_day;
      if (!number(out.month, 12) || !take('.') || !number(out.week, 5) || !take('.') || !number(out.day, 6))
        return false;
      if (out.month == 0 || out.week == 0) return false;
    } else {
      if (take('J')) out.form = Form::day_without_leap;
      if (!number(out.day, 365) || (out.form == Form::day_without_leap && out.day == 0)) return false;
    }
    return !take('/') || time(out.time);
  }
};

}  // namespace

bool parse_zone_rule(std::string_view text, ZoneRule& out) {
  Reader in{text.data(), text.data() + text.size()};
  out = {};
  std::int32_t west = 0;
  if (!in.name(out.standard.abbreviation) || !in.time(west)) return false;
  out.standard.offset = -west;
  if (in.p == in.end) return true;
  out.has_daylight = true;
  if (!in.name(out.daylight.abbreviation)) return false;
  out.daylight.offset = out.standard.offset + 3600;
  if (in.p != in.end && *in.p != ',') {
    if (!in.time(west)) return false;
    out.daylight.offset = -west;
  }
  return in.date(out.start) && in.date(out.end) && in.p == in.end;
}

std::int64_t zone_rule_instant(const ZoneRule::Date& date, std::int64_t year, std::int32_t offset) {
  using Form = ZoneRule::Date::Form;
  const std::int64_t january = days_from_civil(year, 1, 1);
  std::int64_t day = january + date.day;
  if (date.form == Form::day_without_leap) {
    day = january + date.day - 1 + (is_leap(year) && date.day >= 60);
  } else if (date.form == Form::month_week_day) {
    const auto month = static_cast<std::uint32_t>(date.month);
    const std::int64_t first = days_from_civil(year, month, 1);
    day = first + (date.day - weekday_of(first) % 7 + 7) % 7 + 7 * (date.week - 1);
    if (day >= first + days_in_month(year, month)) day -= 7;  // week 5 is the last one
  }
  return day * 86400 + date.time - offset;
}

}  // namespace gress::fn
