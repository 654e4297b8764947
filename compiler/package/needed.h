// What an executable asks of the machine that runs it.
#pragma once
#include <string>
#include <vector>

namespace gress::package {

struct Needed {
  std::string architecture;          // as images say it: amd64, arm64
  std::string loader;                // the path that the executable names: /lib64/ld-linux-x86-64.so.2; empty: it is static
  std::vector<std::string> objects;  // shared objects, those too that others of them need: paths on this machine
  std::vector<std::string> by_path;  // those that are asked for by their path: linked so, and without a SONAME
};

/// By the dynamic loader of this machine. Failure exit_unavailable when one is missing, or the executable is for another kind
/// of machine.
Needed needed_by(const std::string& executable);

}  // namespace gress::package
