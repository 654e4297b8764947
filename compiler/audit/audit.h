// What stands in a program's hot loops that does not belong there: virtual and other indirect calls, allocation, locks, caught
// exceptions. Asked of `gress-audit` (reader), a program of its own that knows LLVM's IR and machine code, which looks at the
// program as it would be built, and at what it calls of the runtime's libraries.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/plan/plan.h"
#include "compiler/toolchain/build.h"
#include "dsl/diagnostics/diagnostics.h"
#include "dsl/source/source.h"

namespace gress::audit {

/// What may be there, and why; `used`: by how many places.
struct Allowance {
  std::string file;
  std::uint32_t line = 0;
  std::vector<std::string> kinds, patterns;  // without kinds: all
  std::string reason;
  std::uint64_t used = 0;
};

/// A function that something stands in, or that it is called from; the file is empty where the line is not known.
struct Place {
  std::string function, file;
  std::uint32_t line = 0;
};

struct Finding {
  dsl::Code code;           // E0601 to E0605
  std::string what;         // "a virtual call"
  dsl::Range range{};       // the line of the program that leads to it
  bool placed = false;      // whether there is one
  std::vector<Place> chain = {};  // from the hot loop to the place
};

struct Result {
  std::vector<Finding> findings;
  std::uint64_t functions = 0;    // looked at
  std::vector<std::string> cold;  // not looked at: marked as such
  std::vector<Allowance> allowances;
};

/// Of the program's generated text and the plan that it was made from. `allow`: files of allowances beside the runtime's own. Failure exit_unavailable when gress-audit or Clang is not there,
/// exit_usage for a file of allowances with mistakes.
Result audit(const std::string& text, const plan::Plan&, const toolchain::BuildOptions&, const std::vector<std::string>& allow,
             const dsl::SourceManager&);

}  // namespace gress::audit
