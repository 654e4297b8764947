// From generated C++ text to LLVM's IR.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "compiler/toolchain/build.h"

namespace gress::toolchain {

/// What an executable is made of, as optimised IR that knows its lines: a file of bitcode a part, in the cache or, without
/// one, in `scratch`.
struct Bitcode {
  std::vector<std::string> files;
  std::optional<ScratchFolder> scratch;
};

/// Failures as of build(); exit_unavailable when the C++ compiler is not Clang.
Bitcode build_bitcode(const std::string& text, const BuildOptions&);

}  // namespace gress::toolchain
