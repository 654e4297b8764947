#include "compiler/driver/phases.h"

#include <algorithm>
#include <filesystem>

#include "compiler/driver/describe_program.h"
#include "compiler/toolchain/files.h"
#include "dsl/check/check.h"
#include "dsl/syntax/lexer.h"
#include "dsl/syntax/print.h"

namespace gress::driver {

using toolchain::exit_no_input;

namespace {

std::string read_program(const std::string& path) {
  if (path == "-") return toolchain::read_file("/dev/stdin");
  try {
    return toolchain::read_file(path);
  } catch (Failure& failure) {
    if (toolchain::is_file(path + ".gress")) failure.helps.push_back("did you mean `" + path + ".gress`?");
    throw;
  }
}

/// Where the paths of headers begin.
std::string folder_of_program(const Session& session) {
  const std::filesystem::path path = std::filesystem::absolute(session.path == "-" ? "stdin" : session.path);
  return path.lexically_normal().parent_path().string();
}

std::string display_name(const std::string& path) { return path == "-" ? "<stdin>" : path; }

}  // namespace

std::string lex_phase(Session& session) {
  return session.phase("lex", [&] {
    const dsl::FileId file = session.sources.add(display_name(session.path), read_program(session.path));
    return dsl::print_tokens(dsl::lex(session.sources, file, session.diagnostics), session.sources);
  });
}

void parse_phase(Session& session) {
  session.phase("parse", [&] {
    session.files =
        dsl::load_text(session.sources, display_name(session.path), read_program(session.path), session.diagnostics);
  });
}

void check_phase(Session& session) {
  if (foreign::uses_headers(session.files))
    session.phase("headers", [&] {
      session.own.folder = folder_of_program(session);
      session.headers = foreign::read_headers(session.sources, session.files, session.diagnostics, session.target, session.cxx, session.own);
    });
  session.phase("check", [&] {
    session.program = dsl::check(session.sources, session.files, session.diagnostics, dsl::default_catalog(), session.headers.headers);
  });
}

const std::vector<std::string>& used_headers(const Session& session) { return session.headers.files; }

void plan_phase(Session& session, const plan::PlanOptions& options) {
  session.phase("plan", [&] { session.plan = plan::make_plan(session.program, options); });
}

void emit_phase(Session& session, codegen::EmitOptions options) {
  session.phase("emit", [&] {
    options.source_name = display_name(toolchain::base_of(session.path));
    options.describe_json = describe_json(session.plan, session.sources);
    session.cpp = codegen::emit_cpp(session.plan, session.sources, options);
  });
}

toolchain::Built compile_phase(Session& session, const toolchain::BuildOptions& options) {
  toolchain::Built built = session.phase("C++", [&] { return toolchain::build(session.cpp.text, options); });
  // The parts take the place of the whole in the table of timings.
  session.steps.pop_back();
  session.steps.insert(session.steps.end(), built.steps.begin(), built.steps.end());
  return built;
}

void understand(Session& session) {
  parse_phase(session);
  // Errors within stages leave the rest to be checked for more in the same run; those of half-read items would mislead.
  const bool whole = std::ranges::all_of(session.files, [](const auto& file) { return file->whole; });
  if (whole) check_phase(session);
}

bool front_end(Session& session) {
  understand(session);
  return session.report();
}

}  // namespace gress::driver
