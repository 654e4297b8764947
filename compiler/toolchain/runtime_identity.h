// What the built runtime is, as text that changes when a header or library of it does.
#pragma once
#include <string>
#include <vector>

#include "compiler/toolchain/config.h"

namespace gress::toolchain {

/// All headers under `include`/runtime, sorted.
std::vector<std::string> runtime_headers(const Config&);
/// Path, size and time of a file, as a line. Failure exit_unavailable when it is not there.
std::string file_identity(const std::string& path);
/// Sizes and times of all headers under `include`/runtime. Takes about a millisecond.
std::string headers_identity(const Config&);
/// Sizes and times of the libraries.
std::string libraries_identity(const Config&);
/// A header was changed after the last library was built, as in a tree that has to be built again.
bool headers_are_newer(const Config&);

}  // namespace gress::toolchain
