// Where a C++ compiler looks for the headers that it is not told of: its library's and the system's.
#pragma once
#include <string>
#include <vector>

#include "compiler/toolchain/compiler.h"

namespace gress::foreign {

/// Flags by which Clang looks there and nowhere else, but for those headers that come with a compiler and fit no other
/// (`stddef.h`, intrinsics): these are the reader's own. Nothing where the compiler does not say.
std::vector<std::string> system_header_flags(const toolchain::Compiler&, const std::vector<std::string>& compile_flags);

}  // namespace gress::foreign
