#include "compiler/driver/help.h"

#include <algorithm>

#include "compiler/toolchain/compiler.h"

namespace gress::driver {

namespace {

/// Of UTF-8: characters, each as wide as a letter.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(std::string text, std::size_t width) {
  if (const std::size_t taken = columns(text); taken < width) text.append(width - taken, ' ');
  return text;
}

std::string examples_text(const std::vector<Example>& examples) {
  std::size_t width = 0;
  for (const Example& example : examples) width = std::max(width, example.line.size());
  std::string out = "Examples:\n";
  for (const Example& example : examples) {
    out += example.what.empty() ? "  " + example.line : "  " + padded(example.line, width + 3) + "# " + example.what;
    out += '\n';
  }
  return out;
}

/// "-o,--output" and "PATH" give "-o, --output PATH".
std::string shown(const Option& option) {
  std::string out;
  if (option.operand || option.names[1] == '-') out = option.operand ? "" : "    ";
  for (char c : option.names) out += c == ',' ? std::string(", ") : std::string(1, c);
  if (!option.value.empty()) out += ' ' + option.value;
  return out;
}

std::string options_text(const std::vector<Option>& options) {
  constexpr std::size_t width = 30;
  std::string out;
  for (const Option& option : options) {
    if (option.hidden) continue;
    std::string left = "  " + shown(option);
    std::string help = option.help;
    if (!option.choices.empty() && option.choices.size() <= 8) {
      help += help.empty() ? "" : ": ";
      for (std::size_t i = 0; i < option.choices.size(); ++i) help += (i == 0 ? "" : ", ") + option.choices[i];
    }
    out += columns(left) + 2 > width ? left + '\n' + std::string(width, ' ') : padded(left, width);
    out += help + '\n';
  }
  return out;
}

bool is_list(const Option& option) { return std::holds_alternative<std::vector<std::string>*>(option.target); }

}  // namespace

std::string general_help() {
  std::string out = examples_text({
      {"gressc new hello", "a folder with a first program and data for it"},
      {"gressc run hello/hello.gress", "compile it and run it"},
      {"gressc check flights.gress", "find mistakes, without building"},
      {"gressc build flights.gress -o flights", "make an executable"},
      {"gressc test flights.gress", "run the tests written in it"},
      {"gressc explain E0118", "what a diagnostic means, and what to do"},
  });
  out += "\nGress compiles streaming dataflow programs (.gress) into native executables.\n\n";
  out += "Usage: gressc COMMAND [OPTIONS] …\n\nCommands:\n";
  for (const Command& command : commands()) {
    if (!command.hidden) out += "  " + padded(command.name, 14) + command.summary + '\n';
  }
  Settings settings;
  out += "\nEverywhere:\n" + options_text(common_options(settings));
  out += "  -h, --help                  help of gressc, or of a command\n";
  out += "      --version               versions of gressc and what it uses\n";
  return out;
}

std::string help_of(const Command& command) {
  std::string out = examples_text(command.examples);
  out += '\n' + command.summary + '\n';
  if (!command.details.empty()) out += '\n' + command.details + '\n';
  out += "\nUsage: gressc " + command.name;
  std::vector<Option> named, operands;
  for (const Option& option : command.options) (option.operand ? operands : named).push_back(option);
  if (!named.empty()) out += " [OPTIONS]";
  for (const Option& option : operands) {
    const std::string word = option.names + (is_list(option) ? "…" : "");
    out += option.required ? ' ' + word : " [" + word + ']';
  }
  if (command.takes_rest) out += " [-- ARGUMENTS…]";
  out += '\n';
  if (!operands.empty()) out += "\nOperands:\n" + options_text(operands);
  if (!named.empty()) out += "\nOptions:\n" + options_text(named);
  Settings settings;
  out += "\nEverywhere:\n" + options_text(common_options(settings));
  return out;
}

std::string version_text() {
  std::string out = "gressc " GRESS_VERSION "\n";
  out += "built with: " __VERSION__ "\n";
  try {
    const toolchain::Config config = toolchain::load_config();
    out += "runtime: " + config.version + " (" + config.path + ")\n";
    const toolchain::Compiler compiler = toolchain::find_compiler("", config);
    out += "C++ compiler: " + compiler.path + " (" + toolchain::version_line(compiler) + ")\n";
    out += "linker: " + (compiler.linker.empty() ? "the compiler's own" : compiler.linker) + '\n';
  } catch (const Failure& failure) {
    out += std::string("not ready to build: ") + failure.what() + '\n';
  }
  return out;
}

}  // namespace gress::driver
