// gressc run: compile into the cache, then become the program.
#include <charconv>

#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/driver/streams.h"

namespace gress::driver {

using toolchain::exit_program;
using toolchain::exit_usage;

namespace {

struct Arguments {
  std::string file;
  std::vector<std::string> taps, params;
  std::string config;
  CompileOptions compile;
} arguments;

/// STREAM or STREAM:N.
codegen::Tap read_tap(const std::string& text, const dsl::checked::Program& program) {
  const std::size_t colon = text.find(':');
  codegen::Tap tap{find_stream(program, text.substr(0, colon))};
  if (colon == std::string::npos) return tap;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, tap.limit);
  if (read.ec != std::errc() || read.ptr != end || tap.limit < 1) {
    throw Failure(exit_usage, "`" + text.substr(colon + 1) + "` is no number of rows",
                  {"say `--tap STREAM` or `--tap STREAM:10`"});
  }
  return tap;
}

std::vector<std::string> program_arguments(const std::vector<std::string>& rest) {
  std::vector<std::string> all;
  for (const std::string& param : arguments.params) {
    all.push_back("--param");
    all.push_back(param);
  }
  if (!arguments.config.empty()) {
    all.push_back("--config");
    all.push_back(arguments.config);
  }
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

int run_run(const Settings& settings) {
  Session session(settings, arguments.file);
  compile_for(session, arguments.compile);
  if (!front_end(session)) return exit_program;
  codegen::EmitOptions emit;
  std::vector<std::uint32_t> tapped;
  for (const std::string& text : arguments.taps) {
    emit.taps.push_back(read_tap(text, session.program));
    tapped.push_back(emit.taps.back().stream);
  }
  if (tapped.empty()) require_sink(session, "or look at a stream: `--tap STREAM`");
  plan_phase(session, {.also = tapped});
  toolchain::Built built = build_program(session, arguments.compile, std::move(emit));
  if (arguments.compile.timings) print_timings(session);
  execute(std::move(built), session.program.name, program_arguments(find_command("run")->rest));
}

}  // namespace

Command make_run() {
  std::vector<Option> options = {
      {"FILE", "", "the program", &arguments.file, {}, true, true},
      {"-p,--param", "NAME=VALUE", "value of a param (again for more)", &arguments.params},
      {"--config", "FILE", "YAML file of params and options", &arguments.config},
      {"--tap", "STREAM[:N]", "show the rows of a stream as they pass, or the first N (again for more)",
       &arguments.taps},
  };
  for (Option& option : compile_options(arguments.compile)) options.push_back(std::move(option));
  return {.name = "run",
          .summary = "Compile a program and run it",
          .details = "Words after `--` go to the program; `gressc run FILE -- --help` shows what it takes.",
          .examples = {{"gressc run flights.gress", "with the defaults of its params"},
                       {"gressc run flights.gress --param input=today.csv", ""},
                       {"gressc run flights.gress --tap daily:10", "show ten rows of the stream `daily`"},
                       {"gressc run flights.gress -- --parallelism 4", "options of the program itself"}},
          .options = std::move(options),
          .takes_rest = true,
          .run = run_run};
}

}  // namespace gress::driver
