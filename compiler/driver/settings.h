// What holds for every subcommand: how to speak.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compiler/toolchain/failure.h"
#include "dsl/diagnostics/diagnostics.h"

namespace gress::driver {

using toolchain::ExitCode;
using toolchain::Failure;

struct Settings {
  std::string message_format = "human";  // human, short, json
  std::string color = "auto";            // auto, always, never
  bool verbose = false;

  dsl::MessageFormat format() const;
  /// Whether messages, on standard error, are coloured: by --color, then NO_COLOR, then whether it is a terminal.
  bool colour() const;
};

/// Whether standard error, standard output is a terminal.
bool error_is_terminal();
bool output_is_terminal();

/// Says something that belongs to no place in a program: an error, in the format asked for, to standard error.
void say_error(const Settings&, std::string_view message, const std::vector<std::string>& notes = {},
               const std::vector<std::string>& helps = {});
void say(const Settings&, const Failure&);

/// Writes data to standard output; Failure exit_io when that fails. A reader that went away ends gressc with 0.
void print(std::string_view text);
/// Writes data to the path, or to standard output when it is empty or `-`.
void print_to(const std::string& path, std::string_view text);

}  // namespace gress::driver
