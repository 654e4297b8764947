// Names of time zones, by the system's database; the only place that includes the library for it.
#include <date/tz.h>

#include <exception>
#include <vector>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

ZoneState find_zone(std::string_view name, std::string& near) {
  near.clear();
  try {
    const date::tzdb& database = date::get_tzdb();
    std::vector<std::string_view> all;
    all.reserve(database.zones.size() + 1);
    for (const date::time_zone& zone : database.zones) {
      if (zone.name() == name) return ZoneState::known;
      all.push_back(zone.name());
    }
    // Links such as "UTC" are listed as zones or apart, as the library was built.
    try {
      if (date::locate_zone(name) != nullptr) return ZoneState::known;
    } catch (const std::exception&) {
    }
    near = nearest(name, all);
    return all.empty() ? ZoneState::no_database : ZoneState::unknown;
  } catch (const std::exception&) {
    return ZoneState::no_database;
  }
}

std::string check_time_pattern(std::string_view pattern, bool reading) {
  // What format_time and parse_time know; weeks of the year do not make a date.
  const std::string_view known = reading ? "YymdejHIpMSfsaAbBhuwzZFTRDnt%" : "YymdejHIpMSfsaAbBhuwGVzZFTRDnt%";
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    if (++i == pattern.size()) return "a `%` at the end of a time pattern stands for nothing; `%%` is the character";
    if (known.find(pattern[i]) == std::string_view::npos) {
      return std::string("`%") + pattern[i] + "` is no part of a time pattern" + (reading ? " that is read" : "");
    }
  }
  return {};
}

}  // namespace gress::dsl
