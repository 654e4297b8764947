// What the C++ headers of a program declare: asked of `gress-headers` (compiler/foreign/reader), a program of its own
// that knows C++, and kept in the cache until the header, or a file that it includes, changes.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "compiler/toolchain/compiler.h"
#include "compiler/toolchain/own_cpp.h"
#include "dsl/check/foreign.h"
#include "dsl/diagnostics/diagnostics.h"
#include "dsl/source/source.h"
#include "dsl/syntax/ast.h"

namespace gress::foreign {

struct ReadHeaders {
  dsl::foreign::Headers headers;
  // All that were read, the headers and what they include without the system's; absolute.
  std::vector<std::string> files;
  std::vector<std::string> elsewhere;  // of those that are found on the compiler's own search path, which may change too
  std::string hash;  // of their contents, and of all else that the answer rests on; empty without headers
};

bool uses_headers(const std::vector<std::unique_ptr<dsl::ast::File>>&);

/// Of the `use`s of the program's files; nothing is done when none is of a header. The headers' texts are added to the
/// sources, so that diagnostics can show them. A header that is not there is reported (E0212).
/// They are read as they will be compiled for the target, by `cxx` (--cxx; empty: see find_compiler), with `own`. Failure
/// exit_unavailable when gress-headers or the compiler is not there.
ReadHeaders read_headers(dsl::SourceManager&, const std::vector<std::unique_ptr<dsl::ast::File>>&, dsl::Diagnostics&,
                         const toolchain::FlagOptions& target = {}, const std::string& cxx = {}, const toolchain::OwnCpp& own = {});

}  // namespace gress::foreign
