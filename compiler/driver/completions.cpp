#include "compiler/driver/completions.h"

#include "compiler/driver/command.h"
#include "compiler/driver/reference.h"

namespace gress::driver {

namespace {

/// Text in single quotes of a POSIX shell.
std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + '\'';
}

/// fish knows `\'` and `\\` inside single quotes.
std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + '\'';
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

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<Option> options_of(const Command& command) {
  static Settings unused;
  std::vector<Option> options;
  for (const Option& option : command.options) {
    if (!option.operand && !option.hidden) options.push_back(option);
  }
  for (Option& option : common_options(unused)) options.push_back(std::move(option));
  options.push_back({"-h,--help", "", "help of the command", static_cast<bool*>(nullptr)});
  return options;
}

/// Words that may stand as the command's operand; none: files.
std::vector<std::string> operand_words(const Command& command) {
  for (const Option& option : command.options) {
    if (option.operand && !option.choices.empty()) return option.choices;
  }
  std::vector<std::string> words;
  if (command.name == "explain") {
    for (const dsl::CodeInfo& code : dsl::all_codes()) words.emplace_back(code.id);
  } else if (command.name == "describe") {
    for (const ReferenceEntry& entry : reference()) words.push_back(entry.name);
  }
  return words;
}

bool takes_files(const Command& command) {
  for (const Option& option : command.options) {
    if (option.operand && (option.names == "FILE" || command.name == "describe")) return true;
  }
  return false;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (!command.hidden) names.push_back(command.name);
  }
  return names;
}

}  // namespace

std::string bash_completions() {
  std::string out =
      "# bash completion for gressc; source it, or put it into /usr/share/bash-completion/completions.\n"
      "_gressc() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in -*) ;; *) command=${COMP_WORDS[i]}; break ;; esac\n"
      "  done\n"
      "  local words= files=\n"
      "  case $command in\n";
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    out += "    " + command.name + ")\n      case $previous in\n";
    std::string flags;
    for (const Option& option : options_of(command)) {
      const std::vector<std::string> names = names_of(option);
      flags += (flags.empty() ? "" : " ") + joined(names);
      if (option.value.empty()) continue;
      std::string pattern;
      for (const std::string& name : names) pattern += (pattern.empty() ? "" : "|") + name;
      out += "        " + pattern + ") COMPREPLY=($(compgen " +
             (option.choices.empty() ? std::string("-f") : "-W " + shell_quoted(joined(option.choices))) +
             " -- \"$word\")); return ;;\n";
    }
    out += "      esac\n      words=" + shell_quoted(flags + ' ' + joined(operand_words(command))) + '\n';
    if (takes_files(command)) out += "      files=1\n";
    out += "      ;;\n";
  }
  out += "    *) words=" + shell_quoted(joined(command_names()) + " help --help --version") + " ;;\n";
  out +=
      "  esac\n"
      "  [[ $word == -* ]] || words=\" $words\"\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "  if [[ -n $files && $word != -* ]]; then\n"
      "    local found\n"
      "    while IFS= read -r found; do\n"
      "      if [[ -d $found || $found == *.gress ]]; then COMPREPLY+=(\"$found\"); fi\n"
      "    done < <(compgen -f -- \"$word\")\n"
      "    compopt -o filenames 2>/dev/null\n"
      "  fi\n"
      "}\n"
      "complete -F _gressc gressc\n";
  return out;
}

std::string zsh_completions() {
  // In zsh's option specs brackets and colons have a meaning.
  const auto described = [](const std::string& text) {
    std::string out;
    for (char c : text)
      out += std::string("[]:\\").find(c) != std::string::npos ? std::string("\\") + c : std::string(1, c);
    return out;
  };
  std::string out =
      "#compdef gressc\n"
      "_gressc() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const Command& command : commands()) {
    if (!command.hidden) out += "    " + shell_quoted(command.name + ':' + described(command.summary)) + '\n';
  }
  out +=
      "  )\n"
      "  if (( CURRENT == 2 )); then _describe 'command' commands; return; fi\n"
      "  local command=$words[2]\n"
      "  words=(\"${(@)words[2,-1]}\"); (( CURRENT-- ))\n"
      "  case $command in\n";
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    out += "    " + command.name + ") _arguments -s";
    for (const Option& option : options_of(command)) {
      for (const std::string& name : names_of(option)) {
        std::string spec = name + '[' + described(option.help) + ']';
        if (!option.value.empty()) {
          spec += ':' + described(option.value) + ':' +
                  (option.choices.empty() ? "_files" : '(' + joined(option.choices) + ')');
        }
        out += " \\\n      " + shell_quoted(spec);
      }
    }
    const std::vector<std::string> operands = operand_words(command);
    if (takes_files(command))
      out += " \\\n      '*:program:_files -g \"*.gress(-.)\"'";
    else if (!operands.empty())
      out += " \\\n      " + shell_quoted("1:word:(" + joined(operands) + ')');
    out += " ;;\n";
  }
  return out + "  esac\n}\n_gressc \"$@\"\n";
}

std::string fish_completions() {
  std::string out = "# fish completion for gressc\ncomplete -c gressc -f\n";
  for (const Command& command : commands()) {
    if (command.hidden) continue;
    out +=
        "complete -c gressc -n __fish_use_subcommand -a " + command.name + " -d " + fish_quoted(command.summary) + '\n';
    const std::string here = "complete -c gressc -n '__fish_seen_subcommand_from " + command.name + "'";
    if (takes_files(command)) out += here + " -F\n";
    if (const std::vector<std::string> words = operand_words(command); !words.empty()) {
      out += here + " -a " + fish_quoted(joined(words)) + '\n';
    }
    for (const Option& option : options_of(command)) {
      out += here;
      for (const std::string& name : names_of(option)) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!option.value.empty()) {
        out += option.choices.empty() ? " -r -F" : " -x -a " + fish_quoted(joined(option.choices));
      }
      if (!option.help.empty()) out += " -d " + fish_quoted(option.help);
      out += '\n';
    }
  }
  return out;
}

}  // namespace gress::driver
