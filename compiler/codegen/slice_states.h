// What the states of a windowed stage allow where windows share slices (runtime/core/slice_states.h).
#pragma once
#include "compiler/codegen/unit.h"

namespace gress::codegen {

/// An enumerator of SliceStates, in the order of what they allow.
enum class SliceStates { exact, small, large, fallible };

SliceStates slice_states(const Unit&, const dsl::checked::Stage&);
const char* name(SliceStates);

}  // namespace gress::codegen
