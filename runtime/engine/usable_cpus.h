// How many CPUs this process may use at once: those that its affinity allows, and as many as the CPU time that its
// cgroups (v1 or v2) grant a period is worth, rounded up.
#pragma once
#include <string>

namespace gress::engine {

/// `root`: where /proc and /sys are looked for.
int usable_cpus(const std::string& root = "");

/// From now on this thread runs on one CPU, the n-th of those allowed, again from the first when there are fewer.
void pin_thread(int n);

}  // namespace gress::engine
