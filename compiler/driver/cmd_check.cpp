// gressc check: everything that can be found without building.
#include "compiler/driver/command.h"
#include "compiler/driver/phases.h"

namespace gress::driver {

namespace {

struct Arguments {
  std::vector<std::string> files;
} arguments;

int run_check(const Settings& settings) {
  int code = toolchain::exit_ok;
  for (const std::string& file : arguments.files) {
    Session session(settings, file);
    if (!front_end(session)) code = toolchain::exit_program;
  }
  return code;
}

}  // namespace

Command make_check() {
  return {.name = "check",
          .summary = "Find mistakes in programs, without building them",
          .examples = {{"gressc check flights.gress", "errors and warnings, with their places"},
                       {"gressc check *.gress", "several programs"},
                       {"gressc check --message-format json flights.gress", "for editors: one object a line"},
                       {"gressc check -", "a program from standard input"}},
          .options = {{"FILE", "", "programs to check; `-` is standard input", &arguments.files, {}, true, true}},
          .run = run_check};
}

}  // namespace gress::driver
