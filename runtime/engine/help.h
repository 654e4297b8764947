#pragma once
#include <string>
#include <string_view>

#include "runtime/engine/program_info.h"

namespace gress::engine {

/// `--help` of a program called as `command`: examples first, then params with types, defaults and docs, then options.
std::string help_text(const ProgramInfo& program, std::string_view command);
std::string version_text(const ProgramInfo& program);
/// One JSON object: program, gress, source_file, source_hash, plan_hash, compiler, cpu, built_for, libraries.
std::string version_json(const ProgramInfo& program);

}  // namespace gress::engine
