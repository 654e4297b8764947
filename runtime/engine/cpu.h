#pragma once
#include <string>

namespace gress::engine {

/// Those of `features` (names, spaces between) that this CPU or its system lacks, in their order. A name that is not
/// known counts as lacking.
std::string missing_cpu_features(const char* features);

}  // namespace gress::engine
