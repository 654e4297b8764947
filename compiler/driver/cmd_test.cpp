// gressc test: the `test` blocks of programs, compiled and run.
#include <cstdio>
#include <set>

#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/toolchain/process.h"

namespace gress::driver {

using toolchain::exit_ok;
using toolchain::exit_program;

namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string filter;
  CompileOptions compile;
} arguments;

/// Streams that tests look at, which may reach no sink.
std::vector<std::uint32_t> expected_streams(const dsl::checked::Program& program) {
  std::set<std::uint32_t> streams;
  for (const dsl::checked::Test& test : program.tests) {
    for (const dsl::checked::TestStep& step : test.steps) {
      if (const auto* expect = std::get_if<dsl::checked::TestExpect>(&step.node)) streams.insert(expect->stream);
    }
  }
  return {streams.begin(), streams.end()};
}

int test_file(const Settings& settings, const std::string& file) {
  Session session(settings, file);
  if (!front_end(session)) return exit_program;
  if (session.program.tests.empty()) {
    std::fprintf(stderr, "%s: no tests\n", file.c_str());
    return exit_ok;
  }
  plan_phase(session, expected_streams(session.program));
  codegen::EmitOptions emit;
  emit.tests = true;
  const toolchain::Built built = build_program(session, arguments.compile, std::move(emit));
  if (arguments.compile.timings) print_timings(session);
  toolchain::Process process{{built.path}, "", ""};
  if (!arguments.filter.empty()) process.argv.insert(process.argv.end(), {"--filter", arguments.filter});
  return toolchain::run(process).status;
}

int run_test(const Settings& settings) {
  int code = exit_ok;
  for (const std::string& file : arguments.files) {
    if (const int ended = test_file(settings, file); ended != exit_ok) code = ended;
  }
  return code;
}

}  // namespace

Command make_test() {
  std::vector<Option> options = {
      {"FILE", "", "programs whose tests to run", &arguments.files, {}, true, true},
      {"--filter", "TEXT", "only tests with this text in their name", &arguments.filter},
  };
  for (Option& option : compile_options(arguments.compile)) options.push_back(std::move(option));
  return {.name = "test",
          .summary = "Run the tests that stand in programs",
          .examples = {{"gressc test flights.gress", "all of its `test` blocks"},
                       {"gressc test *.gress", "those of several programs"},
                       {"gressc test flights.gress --filter late", "those with `late` in their name"}},
          .options = std::move(options),
          .run = run_test};
}

}  // namespace gress::driver
