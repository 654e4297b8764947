// The command line: which subcommand, with which options.
#pragma once
#include <string>
#include <vector>

#include "compiler/driver/command.h"

namespace gress::driver {

/// Runs the subcommand that the arguments (without the program's name) ask for, and returns the exit code.
int run_command_line(std::vector<std::string> arguments, Settings&);

}  // namespace gress::driver
