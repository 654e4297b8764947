// The phases of a compilation, each under the session's wrapper. Those that can find errors in the program report
// them and say whether to go on.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "compiler/codegen/emit.h"
#include "compiler/driver/session.h"

namespace gress::driver {

/// Tokens of the main file, printed. Errors are left in the diagnostics.
std::string lex_phase(Session&);
/// Reads and parses the program and what it uses. Failure exit_no_input when the main file cannot be read.
void parse_phase(Session&);
/// Reads the program's C++ headers, if it has any, and checks it.
void check_phase(Session&);
/// The C++ headers that the program uses, and what they include but the system's: absolute paths, known after check_phase().
const std::vector<std::string>& used_headers(const Session&);
/// `also`: streams computed although no sink reads them.
void plan_phase(Session&, const plan::PlanOptions& options = {});
void emit_phase(Session&, codegen::EmitOptions);
toolchain::Built compile_phase(Session&, const toolchain::BuildOptions&);

/// Parses and checks, as far as that goes.
void understand(Session&);
/// The same, and reports; false after errors.
bool front_end(Session&);

}  // namespace gress::driver
