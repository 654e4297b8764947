#include "runtime/engine/zones.h"

#include "runtime/engine/failure.h"

namespace gress::engine {

const fn::Zone& load_zone(const Text& name) {
  std::string error;
  const fn::Zone* zone = fn::find_zone(name.view(), error);
  if (zone == nullptr) throw Failure(Exit::usage, "unknown_zone", error);
  return *zone;
}

}  // namespace gress::engine
