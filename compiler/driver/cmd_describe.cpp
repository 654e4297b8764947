// gressc describe: a program, what stands at a place of it, or a part of the language.
#include "compiler/driver/build_program.h"
#include "compiler/driver/command.h"
#include "compiler/driver/describe_program.h"
#include "compiler/driver/hover.h"
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

int describe_place(const Settings& settings, const Place& place) {
  Session session(settings, place.path);
  compile_for(session, arguments.compile);
  understand(session);
  const std::vector<Hover> found = hovers(session, place);
  if (found.empty() && !session.report()) return exit_program;
  if (found.empty() && !arguments.json) throw Failure(exit_usage, "nothing is known of what stands at `" + arguments.what + "`");
  print(arguments.json ? hovers_json(found, session.sources) : hovers_text(found, session.sources));
  return exit_ok;
}

int run_describe(const Settings& settings) {
  const std::string& what = arguments.what;
  if (const std::optional<Place> place = place_of(what)) return describe_place(settings, *place);
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
  std::vector<Option> options = {{"WHAT", "", "a program's file, a place of it (FILE:LINE, FILE:LINE:COL), or a name", &arguments.what, {}, true, true},
                                 {"--json", "", "a program, or what stands at the place, as JSON", &arguments.json}};
  for (Option& option : header_options(arguments.compile.own)) options.push_back(std::move(option));
  return {.name = "describe",
          .summary = "Describe a program, what stands at a place of it, or a connector, function, aggregate, stage or window",
          .examples = {{"gressc describe flights.gress", "its params, streams and their columns"},
                       {"gressc describe flights.gress --json", "for tools"},
                       {"gressc describe flights.gress:7:12", "what an editor shows there: type, doc comment, where it is declared"},
                       {"gressc describe file", "the options of a connector"},
                       {"gressc describe max_by", "an aggregate"},
                       {"gressc describe tumbling", "a window and its arguments"}},
          .options = std::move(options),
          .run = run_describe};
}

}  // namespace gress::driver
