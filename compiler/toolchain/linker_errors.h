// What linkers say that is a matter of users' C++.
#pragma once
#include <string>
#include <vector>

namespace gress::toolchain {

struct LinkerErrors {
  std::vector<std::string> undefined, duplicate, missing;  // symbols, symbols, names of libraries; each once
  bool empty() const { return undefined.empty() && duplicate.empty() && missing.empty(); }
};

/// Of GNU's and LLVM's linkers. Gress's own symbols are left out: it is not users who have to mend these.
LinkerErrors linker_errors(const std::string& output);

}  // namespace gress::toolchain
