// Functions of time. Timestamps are microseconds since the epoch, UTC; parts are those of the zone's clocks, UTC
// without one.
#pragma once
#include <cstdint>
#include <string_view>

#include "runtime/core/calendar.h"
#include "runtime/core/civil.h"
#include "runtime/core/eval.h"
#include "runtime/core/zone.h"

namespace gress::fn {

inline std::int64_t year(Eval&, std::int64_t t) { return civil_from_days(days_of(t)).year; }
inline std::int64_t month(Eval&, std::int64_t t) { return civil_from_days(days_of(t)).month; }
inline std::int64_t day(Eval&, std::int64_t t) { return civil_from_days(days_of(t)).day; }
inline std::int64_t hour(Eval&, std::int64_t t) { return time_of_day(t) / kHour; }
inline std::int64_t minute(Eval&, std::int64_t t) { return time_of_day(t) / kMinute % 60; }
inline std::int64_t second(Eval&, std::int64_t t) { return time_of_day(t) / kSecond % 60; }
/// 1 Monday to 7 Sunday.
inline std::int64_t day_of_week(Eval&, std::int64_t t) { return weekday_of(days_of(t)); }

inline std::int64_t year(Eval& ev, std::int64_t t, const Zone& zone) { return year(ev, zone.local(t)); }
inline std::int64_t month(Eval& ev, std::int64_t t, const Zone& zone) { return month(ev, zone.local(t)); }
inline std::int64_t day(Eval& ev, std::int64_t t, const Zone& zone) { return day(ev, zone.local(t)); }
inline std::int64_t hour(Eval& ev, std::int64_t t, const Zone& zone) { return hour(ev, zone.local(t)); }
inline std::int64_t minute(Eval& ev, std::int64_t t, const Zone& zone) { return minute(ev, zone.local(t)); }
inline std::int64_t second(Eval& ev, std::int64_t t, const Zone& zone) { return second(ev, zone.local(t)); }
inline std::int64_t day_of_week(Eval& ev, std::int64_t t, const Zone& zone) { return day_of_week(ev, zone.local(t)); }

void truncate_failed(Eval&, std::int64_t t, std::int64_t step);

/// The last multiple of `step` since the epoch that is not after t.
inline std::int64_t truncate_time(Eval& ev, std::int64_t t, std::int64_t step) {
  std::int64_t out = t;
  if (step > 0) [[likely]] {
    std::int64_t past = t % step;
    past += past < 0 ? step : 0;
    if (!__builtin_sub_overflow(t, past, &out)) [[likely]]
      return out;
  }
  truncate_failed(ev, t, step);
  return t;
}
/// Start of the calendar unit that holds t.
inline std::int64_t truncate_time(Eval&, std::int64_t t, CalendarUnit unit) { return unit_floor(t, unit, utc()); }
inline std::int64_t truncate_time(Eval&, std::int64_t t, CalendarUnit unit, const Zone& zone) {
  return unit_floor(t, unit, zone);
}
inline std::int64_t truncate_time_unit(Eval& ev, std::int64_t t, CalendarUnit unit) {
  return truncate_time(ev, t, unit);
}
inline std::int64_t truncate_time_unit(Eval& ev, std::int64_t t, CalendarUnit unit, const Zone& zone) {
  return truncate_time(ev, t, unit, zone);
}

// Patterns of format_time and parse_time, after strftime:
//   %Y year   %y its last two digits   %m %d month, day (01)   %e day ( 1)   %j day of the year (001)
//   %H %I hour of 24, of 12   %p AM, PM   %M %S minute, second   %f microseconds (000000)   %s seconds since the epoch
//   %a %A %b %B (%h = %b) names of weekdays and months, English   %u 1 Monday to 7   %w 0 Sunday to 6
//   %G %V year and week of ISO 8601   %z +0100   %Z CET   %F = %Y-%m-%d   %T = %H:%M:%S   %R = %H:%M   %D = %m/%d/%y
//   %n newline   %t tab   %% percent
// Anything else after a % is an error.

Text format_time(Eval&, std::int64_t t, const Text& pattern);
Text format_time(Eval&, std::int64_t t, const Text& pattern, const Zone&);

/// The whole text by the pattern. Numbers take at most their usual digits, names any case; %f 1 to 9 digits (those
/// beyond microseconds are cut), %z +0100, +01:00, +01 or Z, %Z UTC, GMT, Z or an abbreviation that the zone uses then.
/// What the pattern leaves out is that of 1970-01-01T00:00:00. A text without its own zone is in `zone`, UTC without
/// one; of a local time that comes twice it is the earlier, one that is skipped counts on from before the gap.
std::int64_t parse_time(Eval&, const Text& text, const Text& pattern);
std::int64_t parse_time(Eval&, const Text& text, const Text& pattern, const Zone&);

/// The same for decoders: false when the text does not match.
bool read_time(std::string_view text, std::string_view pattern, const Zone&, std::int64_t& out);
/// The first conversion of a pattern that is none of the above ("%Q"), empty when all are known.
std::string_view unknown_conversion(std::string_view pattern, bool parsing);

}  // namespace gress::fn
