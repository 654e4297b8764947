// The checked program as stable, readable text (`--emit=checked`): every stage with its expressions, conversions
// explicit, and the row that leaves it. The complete form for programs is checked_json.h.
#pragma once
#include <string>

#include "dsl/check/checked.h"

namespace gress::dsl {

std::string print_checked(const checked::Program&);

}  // namespace gress::dsl
