// Finding streams of a checked program by the names that people write.
#pragma once
#include <cstdint>
#include <string>

#include "dsl/check/checked.h"

namespace gress::driver {

/// Index of the stream; Failure exit_usage, with the nearest name, when there is none.
std::uint32_t find_stream(const dsl::checked::Program&, const std::string& name);

}  // namespace gress::driver
