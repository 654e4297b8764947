#include "compiler/driver/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "compiler/driver/help.h"

namespace gress::driver {

using toolchain::exit_ok;
using toolchain::exit_usage;

namespace {

void declare(CLI::App& app, const Option& option) {
  CLI::Option* declared = nullptr;
  if (auto* flag = std::get_if<bool*>(&option.target)) {
    declared = app.add_flag(option.names, **flag);
  } else if (auto* one = std::get_if<std::string*>(&option.target)) {
    declared = app.add_option(option.names, **one);
  } else {
    declared = app.add_option(option.names, *std::get<std::vector<std::string>*>(option.target));
    if (!option.operand) declared->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (option.value.ends_with(",…")) declared->delimiter(',');
  }
  if (std::holds_alternative<std::string*>(option.target)) {
    declared->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
}

std::vector<std::string> names_of(const Option& option) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= option.names.size();) {
    const std::size_t end = std::min(option.names.find(',', at), option.names.size());
    names.push_back(option.names.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

/// CLI11 speaks of what it did not expect; people want to know what they meant.
Failure unexpected(const std::string& word, const std::vector<Option>& options, const std::string& hint) {
  Failure failure(exit_usage, word.starts_with('-') && word != "-" ? "there is no option `" + word + "`"
                                                                   : "`" + word + "` is one argument too many");
  const std::string written = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const Option& option : options) {
    if (option.operand || option.hidden) continue;
    for (std::string& name : names_of(option)) names.push_back(std::move(name));
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (const std::string_view near = dsl::nearest(written, views); word.starts_with("--") && !near.empty()) {
    failure.helps.push_back("did you mean `" + std::string(near) + "`?");
  }
  failure.helps.push_back(hint);
  return failure;
}

void check_choices(const std::vector<Option>& options, const std::string& hint) {
  for (const Option& option : options) {
    if (option.choices.empty()) continue;
    auto* one = std::get_if<std::string*>(&option.target);
    if (one == nullptr || (*one)->empty()) continue;
    if (std::find(option.choices.begin(), option.choices.end(), **one) != option.choices.end()) continue;
    std::string all;
    for (const std::string& choice : option.choices) all += (all.empty() ? "`" : ", `") + choice + '`';
    Failure failure(exit_usage, "`" + **one + "` is no value of `" + names_of(option).back() + "`: there are " + all);
    const std::vector<std::string_view> views(option.choices.begin(), option.choices.end());
    if (const std::string_view near = dsl::nearest(**one, views); !near.empty()) {
      failure.helps.push_back("did you mean `" + std::string(near) + "`?");
    }
    failure.helps.push_back(hint);
    throw failure;
  }
}

void check_required(const std::vector<Option>& options, const std::string& hint) {
  for (const Option& option : options) {
    const auto* one = std::get_if<std::string*>(&option.target);
    const auto* many = std::get_if<std::vector<std::string>*>(&option.target);
    const bool given = (one != nullptr && !(*one)->empty()) || (many != nullptr && !(*many)->empty());
    if (option.required && !given) throw Failure(exit_usage, "`" + option.names + "` is missing", {hint});
  }
}

int run_command(Command& command, std::vector<std::string> words, Settings& settings) {
  const std::string hint = "`gressc " + command.name + " --help` shows how it is used";
  if (command.takes_rest) {
    const auto dashes = std::find(words.begin(), words.end(), "--");
    if (dashes != words.end()) {
      command.rest.assign(dashes + 1, words.end());
      words.erase(dashes, words.end());
    }
  }
  std::vector<Option> options = command.options;
  for (Option& option : common_options(settings)) options.push_back(std::move(option));

  CLI::App app(command.summary, command.name);
  app.set_help_flag();
  bool help = false;
  app.add_flag("-h,--help", help);
  for (const Option& option : options) declare(app, option);
  app.allow_extras();
  try {
    std::reverse(words.begin(), words.end());  // CLI11 takes its words from the back
    app.parse(words);
  } catch (const CLI::ArgumentMismatch& error) {  // "--cpu: 1 required TEXT missing"
    const std::string why = error.what();
    throw Failure(exit_usage, "`" + why.substr(0, why.find(':')) + "` lacks its value", {hint});
  } catch (const CLI::ParseError& error) {
    throw Failure(exit_usage, error.what(), {hint});
  }
  if (help) {
    print(help_of(command));
    return exit_ok;
  }
  if (const std::vector<std::string> extras = app.remaining(); !extras.empty()) {
    const auto word = std::find_if(extras.begin(), extras.end(), [](const std::string& e) { return e != "--"; });
    if (word != extras.end()) throw unexpected(*word, options, hint);
  }
  check_choices(options, hint);
  check_required(options, hint);
  return command.run(settings);
}

/// Common options may also stand before the command.
std::size_t skip_common(const std::vector<std::string>& words) {
  std::size_t at = 0;
  while (at < words.size() && words[at].starts_with('-')) {
    if (words[at] == "--color" || words[at] == "--message-format")
      ++at;
    else if (!words[at].starts_with("--color=") && !words[at].starts_with("--message-format=") && words[at] != "-v" &&
             words[at] != "--verbose")
      break;
    ++at;
  }
  return at;
}

}  // namespace

int run_command_line(std::vector<std::string> words, Settings& settings) {
  const std::size_t first = skip_common(words);
  if (first >= words.size()) {
    throw Failure(exit_usage, "no command is given",
                  {"`gressc --help` lists them", "`gressc run FILE` compiles and runs a program"});
  }
  const std::string name = words[first];
  if (name == "-h" || name == "--help" || (name == "help" && first + 1 == words.size())) {
    print(general_help());
    return exit_ok;
  }
  if (name == "--version" || name == "-V") {
    print(version_text());
    return exit_ok;
  }
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(first));
  if (name == "help") {  // gressc help build
    const std::string topic = words[first];
    if (const Command* command = find_command(topic)) {
      print(help_of(*command));
      return exit_ok;
    }
    throw Failure(exit_usage, "there is no command `" + topic + "`", {"`gressc --help` lists them"});
  }
  for (Command& command : commands()) {
    if (command.name == name) return run_command(command, std::move(words), settings);
  }
  Failure failure(exit_usage,
                  name.starts_with('-') ? "there is no option `" + name + "`" : "there is no command `" + name + "`");
  std::vector<std::string_view> names;
  for (const Command& command : commands()) {
    if (!command.hidden) names.push_back(command.name);
  }
  if (const std::string_view near = dsl::nearest(name, names); !near.empty()) {
    failure.helps.push_back("did you mean `" + std::string(near) + "`?");
  } else if (name.ends_with(".gress")) {
    failure.helps.push_back("to compile and run it: `gressc run " + name + "`");
  }
  failure.helps.push_back("`gressc --help` lists them");
  throw failure;
}

}  // namespace gress::driver
