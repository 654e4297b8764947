#include "runtime/engine/list_folder.h"

#include <algorithm>

namespace gress::engine {

std::vector<std::filesystem::path> list_folder(const std::filesystem::path& folder, std::error_code& error) {
  std::vector<std::filesystem::path> paths;
  // Not by a range-for: its steps throw.
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) paths.push_back(at->path());
  if (error) paths.clear();
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace gress::engine
