#include "runtime/engine/linked.h"

#include <link.h>

#include <algorithm>
#include <climits>
#include <cstdlib>

namespace gress::engine {

namespace {

/// Links lead from the name that programs ask for to the file, whose name has the whole version.
int add(dl_phdr_info* object, std::size_t, void* found) {
  char path[PATH_MAX];
  // The program itself has no name here, and what the kernel brings is no file.
  if (object->dlpi_name == nullptr || ::realpath(object->dlpi_name, path) == nullptr) return 0;
  const std::string name = path;
  static_cast<std::vector<std::string>*>(found)->push_back(name.substr(name.rfind('/') + 1));
  return 0;
}

}  // namespace

std::vector<std::string> linked_libraries() {
  std::vector<std::string> found;
  ::dl_iterate_phdr(add, &found);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace gress::engine
