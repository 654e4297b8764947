// gressc describe: a program, or a part of the language.
#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/driver/describe_program.h"
#include "compiler/driver/phases.h"
#include "compiler/driver/reference.h"

namespace gress::driver {

using toolchain::exit_ok;
using toolchain::exit_program;
using toolchain::exit_usage;

namespace {

struct Arguments {
  std::string what;
  bool json = false;
  CompileOptions compile;
} arguments;

int describe_file(const Settings& settings) {
  Session session(settings, arguments.what);
  compile_for(session, arguments.compile);
  if (!front_end(session)) return exit_program;
  plan_phase(session);
  print(arguments.json ? describe_json(session.plan, session.sources) + '\n'
                       : describe_text(session.program, session.sources));
  return exit_ok;
}

int run_describe(const Settings& settings) {
  const std::string& what = arguments.what;
  if (what.ends_with(".gress") || what.find('/') != std::string::npos || what == "-") return describe_file(settings);
  std::string out;
  std::vector<std::string> names;
  for (const ReferenceEntry& entry : reference()) {  // one name may be an aggregate and a function of lists
    if (entry.name == what) out += (out.empty() ? "" : "\n") + entry.kind + ' ' + entry.text;
    names.push_back(entry.name);
  }
  if (!out.empty()) {
    if (arguments.json) throw Failure(exit_usage, "`--json` is of programs", {"`gressc list --json` has connectors, functions, aggregates, stages and windows"});
    print(out);
    return exit_ok;
  }
  Failure failure(exit_usage, "there is no connector, function, aggregate, stage or window `" + what + "`");
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (const std::string_view near = dsl::nearest(what, views); !near.empty()) {
    failure.helps.push_back("did you mean `" + std::string(near) + "`?");
  }
  failure.helps.push_back("`gressc list` shows all of them; a program is named by its file, `NAME.gress`");
  throw failure;
}

}  // namespace

Command make_describe() {
  std::vector<Option> options = {{"WHAT", "", "a program's file, or a name", &arguments.what, {}, true, true},
                                 {"--json", "", "a program as JSON", &arguments.json}};
  for (Option& option : header_options(arguments.compile.own)) options.push_back(std::move(option));
  return {.name = "describe",
          .summary = "Describe a program, or a connector, function, aggregate, stage or window",
          .examples = {{"gressc describe flights.gress", "its params, streams and their columns"},
                       {"gressc describe flights.gress --json", "for tools"},
                       {"gressc describe file", "the options of a connector"},
                       {"gressc describe max_by", "an aggregate"},
                       {"gressc describe tumbling", "a window and its arguments"}},
          .options = std::move(options),
          .run = run_describe};
}

}  // namespace gress::driver
