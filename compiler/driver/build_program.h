// What build, run and test have in common: from a file to an executable in the cache.
#pragma once
#include <string>
#include <vector>

#include "compiler/driver/command.h"
#include "compiler/driver/phases.h"

namespace gress::driver {

/// Options of the C++ compilation that build, run and test take.
struct CompileOptions {
  bool debug = false;
  std::string cpu = "native";
  std::string cxx;
  bool timings = false;
  std::string jobs;
  bool library = false;
  bool is_static = false;
  toolchain::OwnCpp own;
};
std::vector<Option> compile_options(CompileOptions&);
/// Those that say how C++ headers are read; `compile_options` has them too.
std::vector<Option> header_options(toolchain::OwnCpp&);

/// What the front end has to know of them, for it reads headers. Failure exit_usage: see resolve().
void compile_for(Session&, const CompileOptions&);

/// For the text that the session has emitted.
toolchain::BuildOptions build_options(const Session&, const CompileOptions&);

/// Compiles the session's plan; says on a terminal that it does so and how long it took.
toolchain::Built build_program(Session&, const CompileOptions&, codegen::EmitOptions = {});

/// Failure exit_program for a program without sinks. `or_else`: a further way out.
void require_sink(const Session&, const std::string& or_else = "");

/// Tells which text an executable was built from.
std::string source_hash(const dsl::SourceManager&);
/// Tells what it does: the same for programs that differ in remarks and layout only.
std::string plan_hash(const Session&);

/// The table of phases, to standard error: `--timings`.
void print_timings(const Session&);

/// Replaces this process by the executable. Returns never; Failure exit_cannot_create when it cannot be started.
[[noreturn]] void execute(toolchain::Built, const std::string& name, const std::vector<std::string>& arguments);

}  // namespace gress::driver
