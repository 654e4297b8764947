// Time zones. A zone is a list of intervals of one UTC offset, read once from the system's time zone database and
// extended by its rule for the future; asking again about times of one interval is a compare and an add.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gress::fn {

class Zone {
 public:
  /// Times are microseconds since the epoch, the offset is microseconds east of UTC.
  struct Interval {
    std::int64_t begin, end;  // [begin, end); the ends of time at both ends
    std::int64_t offset;
    std::uint32_t abbreviation;  // index into the zone's abbreviations
  };

  /// `intervals` follow each other without gaps. `cycle_from`: the times from here on repeat those 400 years before
  /// (the calendar's cycle), up to the last interval's begin the list holds them; kEndOfTime if nothing repeats.
  Zone(std::string name, std::vector<Interval> intervals, std::vector<std::string> abbreviations,
       std::int64_t cycle_from);
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

  const std::string& name() const { return name_; }

  /// The interval that holds t.
  Interval at(std::int64_t t) const {
    const Interval& recent = intervals_[__atomic_load_n(&recent_, __ATOMIC_RELAXED)];
    if (t >= recent.begin && t < recent.end) [[likely]]
      return recent;
    return search(t);
  }
  /// Local time is UTC + offset.
  std::int64_t offset(std::int64_t t) const {
    const Interval& recent = intervals_[__atomic_load_n(&recent_, __ATOMIC_RELAXED)];
    if (t >= recent.begin && t < recent.end) [[likely]]
      return recent.offset;
    return search(t).offset;
  }
  /// Microseconds since 1970-01-01T00:00:00 on the zone's clocks, held within 64 bits.
  std::int64_t local(std::int64_t t) const;
  /// "CET", "CEST"; for zones without letters "+03".
  std::string_view abbreviation(std::int64_t t) const { return abbreviations_[at(t).abbreviation]; }

  /// The first instant at which the clocks show `local` or later.
  std::int64_t first_instant(std::int64_t local) const;
  /// The instant of a local time: the earlier of two; a time that clocks skip counts on from before the gap.
  std::int64_t from_local(std::int64_t local) const;

 private:
  Interval search(std::int64_t t) const;

  std::string name_;
  std::vector<Interval> intervals_;
  std::vector<std::string> abbreviations_;
  std::int64_t cycle_from_;
  /// Where the last search ended: a hint that threads may share.
  mutable std::uint32_t recent_ = 0;
};

const Zone& utc();

/// The zone of an IANA name ("Europe/Berlin"), loaded at the first call and kept for good; safe from any thread.
/// nullptr and why in `error` ("no time zone is named `Europe/Berln`; did you mean `Europe/Berlin`?").
const Zone* find_zone(std::string_view name, std::string& error);

}  // namespace gress::fn
