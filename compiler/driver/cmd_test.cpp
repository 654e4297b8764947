// gressc test: the `test` blocks of programs, compiled and run.
#include <cstdio>
#include <set>

#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/toolchain/process.h"
#include "runtime/testing/xml_text.h"

namespace gress::driver {

using toolchain::exit_ok;
using testing::xml_text;
using toolchain::exit_program;

namespace {

struct Arguments {
  std::vector<std::string> files;
  std::string filter, junit, coverage_json;
  bool coverage = false;
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

/// What a test program says when `--filter` left no test to run.
constexpr int exit_none = 2;

void append(const std::string& path, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), "a");
  const bool written = file != nullptr && std::fputs(text.c_str(), file) >= 0;
  if (file == nullptr || std::fclose(file) != 0 || !written) throw Failure(toolchain::exit_cannot_create, "cannot write `" + path + "`");
}

/// Empties a report, which test programs append to.
void begin_report(const std::string& path, const std::string& head) {
  if (path.empty()) return;
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) throw Failure(toolchain::exit_cannot_create, "cannot write `" + path + "`");
  std::fclose(file);
  append(path, head);
}

int test_file(const Settings& settings, const std::string& file) {
  Session session(settings, file);
  compile_for(session, arguments.compile);
  if (!front_end(session)) {
    if (!arguments.junit.empty())
      append(arguments.junit, "  <testsuite name=\"" + xml_text(file) + "\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" time=\"0\">\n"
                              "    <testcase classname=\"" + xml_text(file) + "\" name=\"compiles\" time=\"0\"><error message=\"the program has errors\"/>"
                              "</testcase>\n  </testsuite>\n");
    return exit_program;
  }
  if (session.program.tests.empty()) {
    std::fprintf(stderr, "%s: no tests\n", file.c_str());
    return exit_ok;
  }
  plan_phase(session, {.also = expected_streams(session.program), .rows_given = true});
  codegen::EmitOptions emit;
  emit.tests = true;
  emit.coverage = arguments.coverage || !arguments.coverage_json.empty();
  const toolchain::Built built = build_program(session, arguments.compile, std::move(emit));
  if (arguments.compile.timings) print_timings(session);
  toolchain::Process process{{built.path}, "", ""};
  if (!arguments.filter.empty()) process.argv.insert(process.argv.end(), {"--filter", arguments.filter});
  if (!arguments.junit.empty()) process.argv.insert(process.argv.end(), {"--junit", arguments.junit});
  if (!arguments.coverage_json.empty()) process.argv.insert(process.argv.end(), {"--coverage-json", arguments.coverage_json});
  if (arguments.coverage) process.argv.emplace_back("--coverage");
  return toolchain::run(process).status;
}

int run_test(const Settings& settings) {
  begin_report(arguments.junit, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
  begin_report(arguments.coverage_json, "");
  int code = exit_ok;
  bool none = true;  // of the programs had a test that fits the filter
  for (const std::string& file : arguments.files) {
    const int ended = test_file(settings, file);
    none = none && ended == exit_none;
    if (ended != exit_none && ended > code) code = ended;
  }
  if (!arguments.junit.empty()) append(arguments.junit, "</testsuites>\n");
  if (none) throw Failure(toolchain::exit_usage, "no test has `" + arguments.filter + "` in its name");
  return code;
}

}  // namespace

Command make_test() {
  std::vector<Option> options = {
      {"FILE", "", "programs whose tests to run", &arguments.files, {}, true, true},
      {"--filter", "TEXT", "only tests with this text in their name", &arguments.filter},
      {"--junit", "FILE", "results as JUnit XML, for build servers", &arguments.junit},
      {"--coverage", "", "also says which places of the program no test has reached", &arguments.coverage},
      {"--coverage-json", "FILE", "the same for machines, a JSON object a program", &arguments.coverage_json},
  };
  for (Option& option : compile_options(arguments.compile)) options.push_back(std::move(option));
  return {.name = "test",
          .summary = "Run the tests that stand in programs",
          .examples = {{"gressc test flights.gress", "all of its `test` blocks"},
                       {"gressc test *.gress", "those of several programs"},
                       {"gressc test flights.gress --filter late", "those with `late` in their name"},
                       {"gressc test flights.gress --coverage", "and what they did not reach"}},
          .options = std::move(options),
          .run = run_test};
}

}  // namespace gress::driver
