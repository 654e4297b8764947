// Names of time zones, by the system's database; the only place that includes the library for it.
#include <date/tz.h>

#include <exception>
#include <vector>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

namespace {

enum class ZoneState { known, unknown, no_database };

/// `near`: a name close to an unknown one, or empty.
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

}  // namespace

bool check_zone(ExprPtr zone, const std::function<Diagnostic&(Code, Range, std::string)>& report) {
  const std::optional<Value> value = constant_value(zone);
  const auto* name = value ? std::get_if<std::string>(&*value) : nullptr;
  if (name == nullptr) return true;
  std::string near;
  switch (find_zone(*name, near)) {
    case ZoneState::known: return true;
    case ZoneState::no_database:
      report(Code::W0306, zone->range, "this system has no time zone database: " + in_backticks(*name) + " was not checked")
          .help("the package `tzdata` has it");
      return true;
    case ZoneState::unknown: break;
  }
  Diagnostic& d = report(Code::E0329, zone->range, "there is no time zone " + in_backticks(*name)).under("unknown zone");
  if (!near.empty()) d.fix("did you mean `" + near + "`?", zone->range, '"' + near + '"');
  else d.note("zones are named as in \"Europe/Berlin\", \"America/New_York\", \"UTC\"");
  return false;
}

namespace {

/// Written as other languages have it: `yyyy-MM-dd`.
bool is_foreign(std::string_view pattern) {
  for (std::size_t i = 1; i < pattern.size(); ++i)
    if (pattern[i] == pattern[i - 1] && std::string_view("yMdHhms").find(pattern[i]) != std::string_view::npos) return true;
  return false;
}

/// Empty, or what is wrong with a time pattern.
std::string wrong_pattern(std::string_view pattern, bool reading) {
  // What format_time and parse_time know; weeks of the year do not make a date.
  const std::string_view known = reading ? "YymdejHIpMSfsaAbBhuwzZFTRDnt%" : "YymdejHIpMSfsaAbBhuwGVzZFTRDnt%";
  if (pattern.find('%') == std::string_view::npos && (reading || is_foreign(pattern))) return "a time pattern without a `%` says nothing of the time";
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    if (++i == pattern.size()) return "a `%` at the end of a time pattern stands for nothing; `%%` is the character";
    if (known.find(pattern[i]) == std::string_view::npos) {
      return std::string("`%") + pattern[i] + "` is no part of a time pattern" + (reading ? " that is read" : "");
    }
  }
  return {};
}

}  // namespace

bool check_time_pattern(std::string_view pattern, bool reading, Range range,
                        const std::function<Diagnostic&(Code, Range, std::string)>& report) {
  const std::string wrong = wrong_pattern(pattern, reading);
  if (wrong.empty()) return true;
  report(Code::E0330, range, wrong)
      .under(pattern.find('%') == std::string_view::npos ? "no conversion in it" : "unknown conversion")
      .note("%Y year, %m month, %d day, %H hour, %M minute, %S second, %f microseconds, %z offset, %a %A %b %B names, "
            "%j day of the year …");
  return false;
}

}  // namespace gress::dsl
