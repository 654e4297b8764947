// Time zones that a program names, by constant or param.
#pragma once
#include "runtime/core/text.h"
#include "runtime/core/zone.h"

namespace gress::engine {

/// Throws Failure (usage) for a name that the machine's time-zone database does not know.
const fn::Zone& load_zone(const Text& name);

}  // namespace gress::engine
