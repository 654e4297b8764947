// Dependency files: what an output was made from, in the syntax of make, for build systems (Ninja, make, CMake's DEPFILE).
#pragma once
#include <string>
#include <vector>

namespace gress::toolchain {

/// One rule, `output: input …`, a line an input; inputs as absolute paths, the output as it is said.
/// Failure exit_usage for a path that the syntax cannot express: one with a line break.
std::string depfile_text(const std::string& output, const std::vector<std::string>& inputs);

}  // namespace gress::toolchain
