// The renderers behind `render` of diagnostics.h, one a format.
#pragma once
#include <string>

#include "dsl/diagnostics/diagnostics.h"

namespace gress::dsl::detail {

/// Appends one diagnostic to `out`, ending with a newline (human: and an empty line).
void render_human(std::string& out, const Diagnostic&, const SourceManager&, bool colour);
void render_short(std::string& out, const Diagnostic&, const SourceManager&);
void render_json(std::string& out, const Diagnostic&, const SourceManager&);

inline const char* word(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

}  // namespace gress::dsl::detail
