// Reading of time zone files: RFC 8536 (TZif) and the rules for the future in their last line (POSIX TZ).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gress::fn {

/// Seconds throughout.
struct ZoneType {
  std::int32_t offset;
  std::string abbreviation;
};
struct ZoneTransition {
  std::int64_t at;
  std::uint32_t type;
};

/// What a TZif file says.
struct ZoneFile {
  std::vector<ZoneType> types;              // the first holds before all transitions
  std::vector<ZoneTransition> transitions;  // in order
  std::string rule;                         // POSIX TZ, may be empty
};
/// False for bytes that are no well-formed TZif file, or one with leap seconds.
bool parse_zone_file(std::string_view bytes, ZoneFile& out);

/// A POSIX TZ rule: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule {
  struct Date {
    enum class Form : std::uint8_t { month_week_day, day_without_leap, day_of_year } form;
    int month, week, day;  // day: of the week (0 Sunday) or of the year
    std::int32_t time;     // after local midnight, may be negative or above a day
  };
  ZoneType standard, daylight;
  bool has_daylight = false;
  Date start, end;  // of daylight time
};
bool parse_zone_rule(std::string_view text, ZoneRule& out);
/// When in `year` the date is on the clocks of `offset`: seconds since the epoch.
std::int64_t zone_rule_instant(const ZoneRule::Date&, std::int64_t year, std::int32_t offset);

}  // namespace gress::fn
