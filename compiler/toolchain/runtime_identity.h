// What the built runtime is, as text that changes when a header or library of it does.
#pragma once
#include <string>

#include "compiler/toolchain/config.h"

namespace gress::toolchain {

/// Sizes and times of all headers under `include`/runtime. Takes about a millisecond.
std::string headers_identity(const Config&);
/// Sizes and times of the libraries.
std::string libraries_identity(const Config&);

}  // namespace gress::toolchain
