// Shell completion, made from the commands' own descriptions.
#pragma once
#include <string>

namespace gress::driver {

std::string bash_completions();
std::string zsh_completions();
std::string fish_completions();

}  // namespace gress::driver
