#include "runtime/engine/usable_cpus.h"

#include <sched.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <fstream>
#include <sstream>

namespace gress::engine {
namespace {

int allowed() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

/// CPUs' worth of `quota` a period; none where the words are no positive numbers ("max", -1, "").
int worth(const std::string& quota, const std::string& period) {
  const double q = std::atof(quota.c_str()), p = std::atof(period.c_str());
  return q > 0 && p > 0 ? std::max(1, static_cast<int>(std::min(std::ceil(q / p), 1e6))) : INT_MAX;
}

std::string first_word(const std::string& path) {
  std::string word;
  std::ifstream(path) >> word;
  return word;
}

/// The least that `of(folder)` says from the group's folder up to where its hierarchy is mounted. In a container the
/// group's path may be one of the host's: then only the mount is there.
template <class Of>
int along(const std::string& mount, std::string group, Of of) {
  int least = of(mount);
  while (group.size() > 1) {
    least = std::min(least, of(mount + group));
    group.resize(group.find_last_of('/'));
  }
  return least;
}

int granted(const std::string& root) {
  int least = INT_MAX;
  std::ifstream groups(root + "/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // 0::/a/b, or 4:cpu,cpuacct:/a/b
    std::istringstream parts(line);
    std::string number, controllers, group;
    std::getline(parts, number, ':');
    std::getline(parts, controllers, ':');
    std::getline(parts, group);
    if (controllers.empty()) {
      least = std::min(least, along(root + "/sys/fs/cgroup", group, [](const std::string& folder) {
        std::string quota, period;
        std::ifstream(folder + "/cpu.max") >> quota >> period;
        return worth(quota, period);
      }));
    } else if ((',' + controllers + ',').find(",cpu,") != std::string::npos) {
      for (const std::string& mount : {std::string("cpu"), controllers})
        least = std::min(least, along(root + "/sys/fs/cgroup/" + mount, group, [](const std::string& folder) {
          return worth(first_word(folder + "/cpu.cfs_quota_us"), first_word(folder + "/cpu.cfs_period_us"));
        }));
    }
  }
  return least;
}

}  // namespace

int usable_cpus(const std::string& root) { return std::min(allowed(), granted(root)); }

void pin_thread(int n) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return;
  n %= std::max(1, CPU_COUNT(&set));
  for (int cpu = 0; cpu != CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &set) || n-- != 0) continue;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
    return;
  }
}

}  // namespace gress::engine
