// gressc check: everything that can be found without building.
#include "compiler/driver/against.h"
#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/driver/phases.h"

namespace gress::driver {

namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string against;
  std::vector<std::string> drop_state, params;
  CompileOptions compile;
} arguments;

int run_check(const Settings& settings) {
  if (!arguments.against.empty() && arguments.files.size() != 1)
    throw Failure(toolchain::exit_usage, "`--against` takes one program: a checkpoint is of one");
  if (arguments.against.empty() && !(arguments.drop_state.empty() && arguments.params.empty()))
    throw Failure(toolchain::exit_usage, std::string(arguments.params.empty() ? "`--drop-state`" : "`--param`") + " goes with `--against`");
  int code = toolchain::exit_ok;
  for (const std::string& file : arguments.files) {
    Session session(settings, file);
    compile_for(session, arguments.compile);
    if (!front_end(session) || (!arguments.against.empty() && !check_against(session, arguments.against, arguments.drop_state, arguments.params)))
      code = toolchain::exit_program;
  }
  return code;
}

}  // namespace

Command make_check() {
  std::vector<Option> options = {
      {"FILE", "", "programs to check; `-` is standard input", &arguments.files, {}, true, true},
      {"--against", "PATH", "a checkpoint folder, or a manifest in one: whether the program can go on from it", &arguments.against},
      {"--drop-state", "STAGE,…", "as the program's: leaves out what these stages have kept", &arguments.drop_state},
      {"-p,--param", "NAME=VALUE", "with `--against`: what the program will be given", &arguments.params}};
  for (Option& option : header_options(arguments.compile.own)) options.push_back(std::move(option));
  return {.name = "check",
          .summary = "Find mistakes in programs, without building them",
          .examples = {{"gressc check flights.gress", "errors and warnings, with their places"},
                       {"gressc check *.gress", "several programs"},
                       {"gressc check --message-format json flights.gress", "for editors: one object a line"},
                       {"gressc check --against flights.checkpoints flights.gress", "whether it can go on from a checkpoint"},
                       {"gressc check -", "a program from standard input"}},
          .options = std::move(options),
          .run = run_check};
}

}  // namespace gress::driver
