// The program: LLVM's IR, optimised, with the lines that it came from.
#pragma once
#include <string>
#include <vector>

#include "compiler/audit/reader/code.h"

namespace gress::audit {

struct Program {
  Functions functions;
  std::vector<std::string> roots;  // those that hold what `root` became
};

/// Adds what a file of bitcode defines. `root`: the linkage name of the function that hot loops are in, which may be inlined.
/// False, with `error`, when it cannot be read.
bool read_program(const std::string& path, const std::string& root, Program&, std::string& error);

}  // namespace gress::audit
