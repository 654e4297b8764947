// gressc build: an executable, or what one of the phases makes.
#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/toolchain/depfile.h"
#include "compiler/toolchain/files.h"
#include "dsl/check/checked_json.h"
#include "dsl/check/print_checked.h"
#include "dsl/syntax/print.h"

namespace gress::driver {

using toolchain::exit_ok;
using toolchain::exit_program;
using toolchain::exit_usage;

namespace {

struct Arguments {
  std::string file, output, emit, stop_after, depfile;
  CompileOptions compile;
} arguments;

std::string default_output(const std::string& file) {
  std::string name = toolchain::base_of(file);
  if (file == "-" || !name.ends_with(".gress") || name == ".gress") {
    throw Failure(exit_usage, "no name for the " + std::string(arguments.compile.library ? "library" : "executable"),
                  {"say `-o PATH`: the program's file is not named `NAME.gress`"});
  }
  name.resize(name.size() - 6);
  return arguments.compile.library ? "lib" + name + ".a" : name;
}

/// `out/libfares.a` → `out/fares.h`
std::string header_of(const std::string& library) {
  std::string name = toolchain::base_of(library);
  if (!name.ends_with(".a") || name == ".a" || name == "lib.a")
    throw Failure(exit_usage, "`" + library + "` is no name for a library", {"say `-o libNAME.a`: its header will be `NAME.h` beside it"});
  const std::string folder = library.substr(0, library.size() - name.size());
  name.resize(name.size() - 2);
  return folder + (name.starts_with("lib") ? name.substr(3) : name) + ".h";
}

/// Refuses what an executable does and a library cannot.
void check_library(const Session& session) {
  if (!arguments.compile.library || plan::checkpoint_interval(session.program) == 0) return;
  throw Failure(exit_program, "`" + session.path + "` takes checkpoints, which a library does not: its state is gone with the host program",
                {"leave `checkpoint` out of the pipeline's options, and have the host push again what it needs after a start"});
}

/// Refuses, before any work, what would go wrong at its end.
void check_output(const std::string& output, const std::string& file) {
  if (toolchain::is_folder(output)) {
    throw Failure(toolchain::exit_cannot_create, "cannot create `" + output + "`: it is a folder", {"say `-o PATH`"});
  }
  if (toolchain::same_file(output, file)) {
    throw Failure(exit_usage, "the output `" + output + "` is the program itself", {"say another `-o PATH`"});
  }
}

/// For a build system: after the output, so that an output without it is made again.
void write_depfile(const Session& session, const std::string& output) {
  if (arguments.depfile.empty()) return;
  std::vector<std::string> inputs;
  for (dsl::FileId id = 0; id < session.sources.size(); ++id) inputs.push_back(session.sources.file(id).name());
  for (const std::string& header : used_headers(session)) inputs.push_back(header);
  for (std::string& file : toolchain::runtime_files()) inputs.push_back(std::move(file));
  toolchain::write_file(arguments.depfile, toolchain::depfile_text(output, inputs));
}

/// What `--emit` and `--stop-after` call the phases, in order.
enum Phase { lex, parse, check, plan, emit, compile };

Phase last_phase() {
  const std::string& word = !arguments.emit.empty() ? arguments.emit : arguments.stop_after;
  if (word == "tokens" || word == "lex") return lex;
  if (word == "ast" || word == "parse") return parse;
  if (word == "checked" || word == "checked-json" || word == "check") return check;
  if (word == "plan") return plan;
  if (word == "cpp" || word == "header" || word == "emit") return emit;
  return compile;
}

/// Says what was found; after errors that is all, else what was asked for is written.
int deliver(Session& session, const std::string& text) {
  if (!session.report()) return exit_program;
  if (!arguments.emit.empty()) print_to(arguments.output, text);
  if (arguments.compile.timings) print_timings(session);
  return exit_ok;
}

int run_build(const Settings& settings) {
  const Phase last = last_phase();
  if (!arguments.depfile.empty() && (last != compile || arguments.file == "-")) {
    throw Failure(exit_usage, "`--depfile` says what an executable was made from, and here " +
                                  std::string(last != compile ? "none is made" : "the program is no file"),
                  {"leave it out"});
  }
  if (arguments.emit == "header" && !arguments.compile.library)
    throw Failure(exit_usage, "`--emit header` is of libraries", {"add `--library`"});
  Session session(settings, arguments.file);
  session.target = {arguments.compile.debug, arguments.compile.cpu};
  session.cxx = arguments.compile.cxx;
  if (last == lex) return deliver(session, lex_phase(session));
  parse_phase(session);
  std::string output = arguments.output;
  if (last == compile && output.empty()) output = default_output(arguments.file);
  if (!output.empty()) check_output(output, arguments.file);
  const std::string header = last == compile && arguments.compile.library ? header_of(output) : "";
  if (!header.empty()) check_output(header, arguments.file);
  if (last == parse) return deliver(session, dsl::print_ast(*session.files.front(), session.sources));
  if (!session.diagnostics.has_errors()) check_phase(session);
  if (!session.report()) return exit_program;
  if (last == check) {
    return deliver(session, arguments.emit == "checked-json" ? dsl::checked_json(session.program, session.sources)
                                                             : dsl::print_checked(session.program));
  }
  require_sink(session);
  check_library(session);
  plan_phase(session, {.also = {}, .rows_given = arguments.compile.library});
  if (last == plan) return deliver(session, plan::print(session.plan, session.sources, plan::PrintFormat::text));
  if (last == emit) {
    codegen::EmitOptions options;
    options.library = arguments.compile.library;
    emit_phase(session, options);
    return deliver(session, arguments.emit == "header" ? session.cpp.header : session.cpp.text);
  }
  const toolchain::Built built = build_program(session, arguments.compile);
  session.phase("write", [&] {
    if (!header.empty()) toolchain::write_file(header, session.cpp.header);
    toolchain::copy_file(built.path, output, arguments.compile.library ? 0666 : 0777);
  });
  write_depfile(session, output);
  if (arguments.compile.timings) print_timings(session);
  return exit_ok;
}

}  // namespace

Command make_build() {
  std::vector<Option> options = {
      {"FILE", "", "the program", &arguments.file, {}, true, true},
      {"-o,--output", "PATH", "executable to write; without it the program's name, in this folder", &arguments.output},
      {"--library", "", "a static library for a host program instead, `libNAME.a`, and its header `NAME.h` beside it",
       &arguments.compile.library},
      {"--depfile", "FILE", "also write what the executable was made from, as a rule of make, for build systems",
       &arguments.depfile},
      {"--emit",
       "WHAT",
       "write what a phase makes instead, to standard output or -o",
       &arguments.emit,
       {"tokens", "ast", "checked", "checked-json", "plan", "cpp", "header"}},
      {"--stop-after",
       "PHASE",
       "go no further",
       &arguments.stop_after,
       {"lex", "parse", "check", "plan", "emit", "compile"}},
  };
  for (Option& option : compile_options(arguments.compile)) options.push_back(std::move(option));
  return {.name = "build",
          .summary = "Make an executable from a program",
          .examples = {{"gressc build flights.gress", "the executable `flights`"},
                       {"gressc build flights.gress -o bin/flights --cpu baseline", "one for any machine"},
                       {"gressc build flights.gress --library", "`libflights.a` and `flights.h`, to push rows into from C++"},
                       {"gressc build flights.gress --emit cpp", "the C++ that it is made from"},
                       {"gressc build flights.gress --timings", "where the time goes"}},
          .options = std::move(options),
          .run = run_build};
}

}  // namespace gress::driver
