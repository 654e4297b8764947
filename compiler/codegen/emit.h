// Plan → one C++ file. Deterministic: the same plan gives the same bytes; no date, no absolute path.
#pragma once
#include <string>
#include <vector>

#include "compiler/plan/plan.h"

namespace gress::codegen {

/// `gressc run --tap STREAM[:N]`.
struct Tap {
  std::uint32_t stream;        // checked stream
  std::int64_t limit = -1;     // rows shown; all when negative
};

struct EmitOptions {
  std::string source_name;     // display name of the .gress file, for the header comment and #line
  std::string describe_json;   // embedded for --describe
  bool tests = false;          // emit the program's test blocks and a main that runs them
  bool coverage = false;       // and note which places they reach
  std::vector<Tap> taps;
};

std::string emit_cpp(const plan::Plan&, const dsl::SourceManager&, const EmitOptions&);

}  // namespace gress::codegen
