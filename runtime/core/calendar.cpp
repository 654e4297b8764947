#include "runtime/core/calendar.h"

#include "runtime/core/civil.h"
#include "runtime/core/time.h"

namespace gress::fn {

namespace {

std::int64_t midnight(std::int64_t days) {
  std::int64_t out;
  if (__builtin_mul_overflow(days, kDay, &out)) return days < 0 ? kStartOfTime : kEndOfTime;
  return out;
}

/// First day of the unit (of a day or more) that holds a day; and of the one after.
std::int64_t first_day(std::int64_t days, CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::hour:
    case CalendarUnit::day:
      return days;
    case CalendarUnit::week:
      return days - (weekday_of(days) - 1);
    case CalendarUnit::month:
      return days - (civil_from_days(days).day - 1);
    case CalendarUnit::quarter: {
      const Civil c = civil_from_days(days);
      return days_from_civil(c.year, (c.month - 1) / 3 * 3 + 1, 1);
    }
    case CalendarUnit::year:
      return days_from_civil(civil_from_days(days).year, 1, 1);
  }
  return days;
}
std::int64_t next_first_day(std::int64_t first, CalendarUnit unit) {
  switch (unit) {
    case CalendarUnit::hour:
    case CalendarUnit::day:
      return first + 1;
    case CalendarUnit::week:
      return first + 7;
    case CalendarUnit::month:
      return first_day(first + 31, CalendarUnit::month);
    case CalendarUnit::quarter:
      return first_day(first + 92, CalendarUnit::quarter);
    case CalendarUnit::year:
      return first_day(first + 366, CalendarUnit::year);
  }
  return first + 1;
}

std::int64_t floor_hour(std::int64_t local) {
  const std::int64_t hours = floor_div(local, kHour);
  return hours < kStartOfTime / kHour ? kStartOfTime : hours * kHour;
}

std::int64_t hour_floor(std::int64_t t, const Zone& zone) {
  Zone::Interval i = zone.at(t);
  const std::int64_t hour = floor_hour(add_saturated(t, i.offset));
  while (true) {
    const std::int64_t start = add_saturated(hour, -i.offset);
    if (start >= i.begin) return start;
    // The hour began before this offset did: the clocks went forward within it, or show it a second time.
    const Zone::Interval before = zone.at(i.begin - 1);
    if (before.offset > i.offset || floor_hour(i.begin - 1 + before.offset) != hour) return i.begin;
    i = before;
  }
}

std::int64_t hour_next(std::int64_t start, const Zone& zone) {
  Zone::Interval i = zone.at(start);
  const std::int64_t local = add_saturated(start, i.offset), hour = floor_hour(local);
  std::int64_t next;
  if (__builtin_mul_overflow(floor_div(local, kHour) + 1, kHour, &next)) return kEndOfTime;
  if (add_saturated(next, -i.offset) <= start) next += kHour;  // held back at the start of time
  while (true) {
    const std::int64_t end = add_saturated(next, -i.offset);
    if (end <= i.end) return end;
    const Zone::Interval after = zone.at(i.end);
    if (after.offset < i.offset || floor_hour(i.end + after.offset) != hour) return i.end;
    i = after;
  }
}

}  // namespace

std::int64_t unit_floor(std::int64_t t, CalendarUnit unit, const Zone& zone) {
  if (unit == CalendarUnit::hour) return hour_floor(t, zone);
  const Zone::Interval i = zone.at(t);
  std::int64_t first = first_day(days_of(add_saturated(t, i.offset)), unit);
  const std::int64_t start = add_saturated(midnight(first), -i.offset);
  // Far enough from the last change of clocks that it cannot matter.
  if (start >= add_saturated(i.begin, 2 * kDay)) [[likely]]
    return start;
  // Where clocks went back over midnight, the next unit may have begun already.
  for (std::int64_t next; (next = next_first_day(first, unit), zone.first_instant(midnight(next)) <= t);) first = next;
  return zone.first_instant(midnight(first));
}

std::int64_t unit_next(std::int64_t start, CalendarUnit unit, const Zone& zone) {
  if (unit == CalendarUnit::hour) return hour_next(start, zone);
  const std::int64_t first = first_day(days_of(zone.local(start)), unit);
  std::int64_t next = next_first_day(first, unit);
  std::int64_t end = zone.first_instant(midnight(next));
  while (end <= start && end != kEndOfTime) {  // days that a zone left out
    next = next_first_day(next, unit);
    end = zone.first_instant(midnight(next));
  }
  return end;
}

}  // namespace gress::fn
