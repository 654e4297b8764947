// A pipeline in a shared object.
#include "fares.h"

extern "C" [[gnu::visibility("default")]] int areas() {
  fares::Pipeline pipeline;
  pipeline.push_rides({std::chrono::sys_days{std::chrono::January / 31 / 2026}, "north", 3});
  pipeline.finish();
  return static_cast<int>(pipeline.take_busy().size());
}
