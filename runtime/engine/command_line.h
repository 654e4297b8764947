#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace gress::engine {

/// The command line as it stands, nothing looked at but its form.
struct CommandLine {
  struct Option {
    std::string name;  // without the dashes
    std::string value;
  };
  std::vector<std::string> params;  // "name=value", in order
  std::vector<Option> options;      // of kOptionNames, each once at most
  std::string config;               // path; empty: none
  bool help = false, describe = false, version = false, json = false, quiet = false, fresh = false;
  std::vector<std::string> drop_state;
  std::vector<std::string> unknown;
  std::string error;  // an option without its value, or given twice
};

/// Options that take one value and may also come from the environment or a config file.
inline constexpr std::string_view kOptionNames[] = {"parallelism", "log-format", "log-level", "progress",
                                                    "stuck-after", "pin-workers", "checkpoint", "checkpoint-dir", "restore-from", "admin"};
/// All long options, for hints.
inline constexpr std::string_view kAllOptions[] = {"--help",       "--param",     "--config",  "--describe",
                                                   "--version",    "--json",      "--quiet",   "--parallelism",
                                                   "--log-format", "--log-level", "--progress", "--stuck-after",
                                                   "--pin-workers", "--checkpoint", "--checkpoint-dir", "--restore-from", "--drop-state", "--fresh",
                                                   "--admin"};

CommandLine parse_command_line(int argc, const char* const* argv);

}  // namespace gress::engine
