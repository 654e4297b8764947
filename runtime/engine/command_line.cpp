#include "runtime/engine/command_line.h"

#include <CLI/CLI.hpp>

namespace gress::engine {

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app;
  app.set_help_flag("");
  app.allow_extras();
  app.add_flag("-h,--help", line.help);
  app.add_flag("--describe", line.describe);
  app.add_flag("--version", line.version);
  app.add_flag("--json", line.json);
  app.add_flag("-q,--quiet", line.quiet);
  app.add_flag("--fresh", line.fresh);
  app.add_option("--config", line.config);
  // Of one start only, as `--fresh`: not from a file or the environment.
  app.add_option("--drop-state", line.drop_state)->allow_extra_args(false)->expected(1)->delimiter(',')->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  // One value each time, taken as it stands: no splitting of lists.
  app.add_option("-p,--param", line.params)
      ->allow_extra_args(false)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  std::string values[std::size(kOptionNames)];
  for (std::size_t i = 0; i < std::size(kOptionNames); ++i)
    app.add_option("--" + std::string(kOptionNames[i]), values[i]);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ArgumentMismatch& e) {  // "--config: 1 required TEXT missing"
    const std::string why = e.what();
    line.error = "`" + why.substr(0, why.find(':')) + "` lacks its value";
  } catch (const CLI::ParseError& e) {
    line.error = e.what();
    if (!line.error.empty() && line.error.back() == '.') line.error.pop_back();
  }
  line.unknown = app.remaining();
  for (std::size_t i = 0; i < std::size(kOptionNames); ++i) {
    const std::string name(kOptionNames[i]);
    if (app.count("--" + name) != 0) line.options.push_back({name, values[i]});
  }
  return line;
}

}  // namespace gress::engine
