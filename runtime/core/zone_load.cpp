// Zones by name, from the files of the system's time zone database.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>

#include "runtime/core/civil.h"
#include "runtime/core/time.h"
#include "runtime/core/zone.h"
#include "runtime/core/zone_data.h"

namespace gress::fn {

namespace {

/// Rules are spelled out to here; later times repeat the 400 years before (more than that after 2037, the last year
/// that files list themselves).
constexpr std::int64_t kLastYear = 2499;

std::string database() {
  if (const char* own = std::getenv("TZDIR"); own != nullptr && *own == '/') return own;
  for (const char* folder : {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"}) {
    struct stat s;
    if (stat(folder, &s) == 0 && S_ISDIR(s.st_mode)) return folder;
  }
  return {};
}

bool read_file(const std::string& path, std::string& out) {
  constexpr std::size_t kMost = 1 << 20;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char part[16384];
  ssize_t n;
  while ((n = read(fd, part, sizeof part)) > 0 && out.size() < kMost) out.append(part, static_cast<std::size_t>(n));
  close(fd);
  return n == 0;
}

bool plausible(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/' || name.find("..") != std::string_view::npos)
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '+' ||
           c == '-' || c == '/';
  });
}

std::unique_ptr<const Zone> build(std::string_view name, const ZoneFile& file) {
  std::vector<ZoneType> types = file.types;
  std::vector<ZoneTransition> all = file.transitions;
  bool repeats = false;
  ZoneRule rule;
  if (!file.rule.empty() && parse_zone_rule(file.rule, rule) && rule.has_daylight) {
    repeats = true;
    const auto standard = static_cast<std::uint32_t>(types.size()), daylight = standard + 1;
    types.push_back(rule.standard);
    types.push_back(rule.daylight);
    const std::int64_t last = all.empty() ? INT64_MIN : all.back().at;
    constexpr std::int64_t kEarliest = days_from_civil(1900, 1, 1) * 86400;
    const std::int64_t first_year = civil_from_days(floor_div(std::max(last, kEarliest), 86400)).year;
    std::vector<ZoneTransition> future;
    for (std::int64_t year = first_year; year <= kLastYear; ++year) {
      future.push_back({zone_rule_instant(rule.start, year, rule.standard.offset), daylight});
      future.push_back({zone_rule_instant(rule.end, year, rule.daylight.offset), standard});
    }
    // Of two changes at one instant (daylight time all the year round) the change to daylight time counts.
    std::sort(future.begin(), future.end(),
              [](const auto& a, const auto& b) { return a.at != b.at ? a.at < b.at : a.type < b.type; });
    for (const ZoneTransition& t : future)
      if (t.at > last) all.push_back(t);
  }

  std::vector<Zone::Interval> intervals;
  std::vector<std::string> abbreviations;
  const auto add = [&](std::int64_t begin, std::uint32_t type) {
    const auto& [offset, letters] = types[type];
    auto at = std::find(abbreviations.begin(), abbreviations.end(), letters);
    if (at == abbreviations.end()) at = abbreviations.insert(at, letters);
    const Zone::Interval next{begin, kEndOfTime, offset * kSecond,
                              static_cast<std::uint32_t>(at - abbreviations.begin())};
    if (!intervals.empty()) {
      Zone::Interval& before = intervals.back();
      if (before.offset == next.offset && before.abbreviation == next.abbreviation) return;
      if (before.begin == begin) {
        before = next;
        return;
      }
      before.end = begin;
    }
    intervals.push_back(next);
  };
  add(kStartOfTime, 0);
  for (const ZoneTransition& t : all) {
    std::int64_t at;
    if (!__builtin_mul_overflow(t.at, kSecond, &at)) add(at, t.type);
  }
  const std::int64_t cycle_from = repeats ? days_from_civil(kLastYear, 1, 1) * kDay : kEndOfTime;
  return std::make_unique<const Zone>(std::string(name), std::move(intervals), std::move(abbreviations), cycle_from);
}

/// Every name below `folder`, by its files; those of other kinds of clocks (posix/, right/) left out.
void list_names(const std::string& folder, const std::string& prefix, std::vector<std::string>& names) {
  DIR* dir = opendir(folder.c_str());
  if (dir == nullptr) return;
  while (const dirent* entry = readdir(dir)) {
    const std::string name = entry->d_name, path = folder + '/' + name;
    if (name[0] == '.' || name[0] < 'A' || name[0] > 'Z') continue;
    struct stat s;
    if (stat(path.c_str(), &s) != 0) continue;
    if (S_ISDIR(s.st_mode)) {
      list_names(path, prefix + name + '/', names);
    } else {
      names.push_back(prefix + name);
    }
  }
  closedir(dir);
}

/// Letters to change, take or give to make one of the other, capitals or not.
std::size_t distance(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = corner + (small(a[i - 1]) != small(b[j - 1]));
      corner = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string near_name(const std::string& folder, std::string_view name) {
  std::vector<std::string> names;
  list_names(folder, "", names);
  std::sort(names.begin(), names.end());
  std::string best;
  std::size_t least = name.size() / 3 + 1;
  for (const std::string& n : names) {
    // "Berlin" means "Europe/Berlin" too.
    const std::size_t slash = n.rfind('/');
    std::size_t d = distance(name, n);
    if (slash != std::string::npos) d = std::min(d, distance(name, std::string_view(n).substr(slash + 1)));
    if (d < least) {
      least = d;
      best = n;
    }
  }
  return best;
}

std::unique_ptr<const Zone> load(std::string_view name, std::string& error) {
  const std::string quoted = "`" + std::string(name.substr(0, 80)) + "`";
  const std::string folder = database();
  if (folder.empty()) {
    error = "no time zone database on this system (package tzdata), wanted for " + quoted;
    return nullptr;
  }
  std::string bytes;
  ZoneFile file;
  if (plausible(name) && read_file(folder + '/' + std::string(name), bytes)) {
    if (parse_zone_file(bytes, file)) return build(name, file);
    if (bytes.starts_with("TZif")) {
      error = "the time zone file of " + quoted + " in " + folder + " is damaged";
      return nullptr;
    }
  }
  error = "no time zone is named " + quoted;
  if (const std::string near = near_name(folder, name); !near.empty()) error += "; did you mean `" + near + "`?";
  return nullptr;
}

}  // namespace

const Zone* find_zone(std::string_view name, std::string& error) {
  if (name == "UTC" || name == "Etc/UTC") return &utc();
  static std::mutex mutex;
  static auto* zones = new std::map<std::string, std::unique_ptr<const Zone>, std::less<>>;
  const std::lock_guard lock(mutex);
  if (const auto known = zones->find(name); known != zones->end()) return known->second.get();
  std::unique_ptr<const Zone> zone = load(name, error);
  if (zone == nullptr) return nullptr;
  return zones->emplace(std::string(name), std::move(zone)).first->second.get();
}

}  // namespace gress::fn
