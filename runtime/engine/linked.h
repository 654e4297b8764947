// The shared objects that this process runs with.
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace gress::engine {

/// Names of their files with the versions that stand in them: libzstd.so.1.5.4. Sorted.
std::vector<std::string> linked_libraries();

/// Names and versions of the libraries that can tell theirs, of those that the program uses: `zstd`, `1.5.4`. They stand in
/// the executable, or are shared objects whose names have a part of the version only.
std::vector<std::pair<std::string, std::string>> linked_versions();

}  // namespace gress::engine
