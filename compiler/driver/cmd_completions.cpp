// gressc completions: for bash, zsh and fish.
#include "compiler/driver/command.h"
#include "compiler/driver/completions.h"

namespace gress::driver {

namespace {

struct Arguments {
  std::string shell, output;
} arguments;

int run_completions(const Settings&) {
  print_to(arguments.output, arguments.shell == "bash"  ? bash_completions()
                             : arguments.shell == "zsh" ? zsh_completions()
                                                        : fish_completions());
  return toolchain::exit_ok;
}

}  // namespace

Command make_completions() {
  return {.name = "completions",
          .summary = "Write completions for a shell",
          .examples = {{"gressc completions bash > ~/.local/share/bash-completion/completions/gressc", "for bash"},
                       {"gressc completions zsh -o ~/.zfunc/_gressc", "for zsh, in a folder of $fpath"},
                       {"gressc completions fish -o ~/.config/fish/completions/gressc.fish", "for fish"}},
          .options = {{"SHELL", "", "", &arguments.shell, {"bash", "zsh", "fish"}, true, true},
                      {"-o,--output", "PATH", "file to write instead of standard output", &arguments.output}},
          .run = run_completions};
}

}  // namespace gress::driver
