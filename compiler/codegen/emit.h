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
  bool library = false;        // for a host program, which pushes and takes rows
};

struct SectionPlace {
  std::string section;
  dsl::Range range;
};

/// With two parts, the text compiled with GRESS_PART = 1 and = 2 gives two objects that make the program together: what
/// decodes its input, and the rest. Compiled without GRESS_PART it is whole.
struct Emitted {
  std::string text;
  int parts = 1;
  std::string state;                   // of programs with checkpoints: what these hold (runtime/checkpoint/evolution.h)
  std::vector<SectionPlace> sections;  // and of which places in the program
  std::string header;                  // of a library
  bool pages = false;                  // to be linked with the heap whose pages go to disk
};

Emitted emit_cpp(const plan::Plan&, const dsl::SourceManager&, const EmitOptions&);

}  // namespace gress::codegen
