// What a stateful stage reads of its inputs: columns and lanes, from what is read of its output.
#pragma once
#include <vector>

#include "compiler/plan/plan.h"

namespace gress::plan {

struct Reads {
  Uses uses;  // by column of the input
  Meta meta;
};

/// `inputs`: one an input of the stage, empty before.
void read(const dsl::checked::Program&, const dsl::checked::Stage&, const Flow& out, std::vector<Reads>& inputs);

}  // namespace gress::plan
