// A subcommand as data: what `--help`, the command-line parser and shell completion read. Each cmd_*.cpp makes one.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/driver/settings.h"

namespace gress::driver {

struct Example {
  std::string line;  // "gressc check flights.gress"
  std::string what;  // "find what is wrong with it"
};

/// One option or operand. Its target takes what the user wrote.
struct Option {
  std::string names;  // "-o,--output"; of an operand its name, "FILE"
  std::string value;  // "PATH"; empty for a flag
  std::string help;
  std::variant<bool*, std::string*, std::vector<std::string>*> target;
  std::vector<std::string> choices = {};  // the values there are; empty: any
  bool operand = false;
  bool required = false;
  bool hidden = false;
};

struct Command {
  std::string name;
  std::string summary;       // one line, no full stop
  std::string details = {};  // further text of the help
  std::vector<Example> examples = {};
  std::vector<Option> options = {};
  bool takes_rest = false;  // words after `--` go to `rest`
  bool hidden = false;
  std::vector<std::string> rest = {};
  std::function<int(const Settings&)> run = {};
};

/// All subcommands in the order of the help; targets live as long as the program.
std::vector<Command>& commands();
const Command* find_command(std::string_view name);

/// Options that every subcommand takes.
std::vector<Option> common_options(Settings&);

// One a file; each is called once.
Command make_check();
Command make_audit();
Command make_build();
Command make_run();
Command make_test();
Command make_fmt();
Command make_plan();
Command make_explain();
Command make_describe();
Command make_list();
Command make_new();
Command make_completions();
Command make_package();
Command make_precompile();

}  // namespace gress::driver
