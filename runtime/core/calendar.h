// Calendar units: hours, days, weeks (from Monday), months, quarters and years on the clocks of a zone, as stretches of
// time. A unit runs from the first instant at which the clocks show it or anything later to the next unit's first
// instant, so that a day has 23, 24 or 25 hours; an hour that the clocks show twice is two units.
#pragma once
#include <cstdint>

#include "runtime/core/zone.h"

namespace gress {

namespace fn {

enum class CalendarUnit : std::uint8_t { hour, day, week, month, quarter, year };

/// Start of the unit that holds t, microseconds since the epoch; held within 64 bits.
std::int64_t unit_floor(std::int64_t t, CalendarUnit, const Zone&);
/// Start of the unit after the one that begins at `start`.
std::int64_t unit_next(std::int64_t start, CalendarUnit, const Zone&);

}  // namespace fn

/// What calendar windows ask (CalendarTumbling and others of geometry.h).
struct CalendarUnits {
  fn::CalendarUnit unit;
  const fn::Zone* zone;

  std::int64_t floor(std::int64_t t) const { return fn::unit_floor(t, unit, *zone); }
  std::int64_t next(std::int64_t start) const { return fn::unit_next(start, unit, *zone); }
};

}  // namespace gress
