#include "compiler/driver/command.h"

namespace gress::driver {

std::vector<Command>& commands() {
  // Built in place: options point at state that each command keeps in static storage.
  static std::vector<Command> all = [] {
    std::vector<Command> made;
    for (Command (*make)() : {make_check, make_build, make_run, make_test, make_fmt, make_plan, make_explain, make_list,
                              make_describe, make_audit, make_new, make_package, make_completions, make_precompile}) {
      made.push_back(make());
    }
    return made;
  }();
  return all;
}

const Command* find_command(std::string_view name) {
  for (const Command& command : commands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

std::vector<Option> common_options(Settings& settings) {
  return {
      {"--message-format",
       "FORMAT",
       "how errors and warnings are written",
       &settings.message_format,
       {"human", "short", "json"}},
      {"--color", "WHEN", "colours in messages", &settings.color, {"auto", "always", "never"}},
      {"-v,--verbose", "", "say what is done, phase by phase", &settings.verbose},
  };
}

}  // namespace gress::driver
