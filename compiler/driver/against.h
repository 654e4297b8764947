// gressc check --against: whether the program can go on from a checkpoint that another version of it took.
#pragma once
#include <string>
#include <vector>

#include "compiler/driver/session.h"

namespace gress::driver {

/// Of a program that has been checked. What does not fit is reported at its stages; false if there is such.
/// `params`: what the program will be given, `name=value`.
bool check_against(Session&, const std::string& checkpoint, const std::vector<std::string>& dropped, const std::vector<std::string>& params);

}  // namespace gress::driver
