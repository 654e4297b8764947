// Help texts, made from the commands' own descriptions; they begin with examples.
#pragma once
#include <string>

#include "compiler/driver/command.h"

namespace gress::driver {

std::string general_help();
std::string help_of(const Command&);
std::string version_text();

}  // namespace gress::driver
