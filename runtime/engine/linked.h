// The shared objects that this process runs with.
#pragma once
#include <string>
#include <vector>

namespace gress::engine {

/// Names of their files with the versions that stand in them: libzstd.so.1.5.4. Sorted.
std::vector<std::string> linked_libraries();

}  // namespace gress::engine
