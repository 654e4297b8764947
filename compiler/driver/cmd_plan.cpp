// gressc plan: how a program will run.
#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/driver/phases.h"

namespace gress::driver {

namespace {

struct Arguments {
  std::string file, output, format = "text";
  CompileOptions compile;
} arguments;

plan::PrintFormat print_format() {
  if (arguments.format == "json") return plan::PrintFormat::json;
  if (arguments.format == "dot") return plan::PrintFormat::dot;
  if (arguments.format == "mermaid") return plan::PrintFormat::mermaid;
  return plan::PrintFormat::text;
}

int run_plan(const Settings& settings) {
  Session session(settings, arguments.file);
  compile_for(session, arguments.compile);
  if (!front_end(session)) return toolchain::exit_program;
  plan_phase(session);
  print_to(arguments.output, plan::print(session.plan, session.sources, print_format()));
  return toolchain::exit_ok;
}

}  // namespace

Command make_plan() {
  std::vector<Option> options = {{"FILE", "", "the program", &arguments.file, {}, true, true},
                                 {"--format", "FORMAT", "how", &arguments.format, {"text", "json", "dot", "mermaid"}},
                                 {"-o,--output", "PATH", "file to write instead of standard output", &arguments.output}};
  for (Option& option : header_options(arguments.compile.own)) options.push_back(std::move(option));
  return {.name = "plan",
          .summary = "Show how a program will run: operators, columns read, state",
          .examples = {{"gressc plan flights.gress", "as text"},
                       {"gressc plan flights.gress --format dot | dot -Tsvg > plan.svg", "as a drawing"},
                       {"gressc plan flights.gress --format mermaid", "for Markdown"}},
          .options = std::move(options),
          .run = run_plan};
}

}  // namespace gress::driver
