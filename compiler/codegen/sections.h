// What a program says of the state that its checkpoints hold.
#pragma once
#include <string>
#include <vector>

#include "compiler/codegen/emit.h"
#include "compiler/codegen/unit.h"

namespace gress::codegen {

/// `{id: i64, paid: {amount: i64}?}`: a row's columns, as far as they are used.
std::string row_form(const dsl::checked::Row&, const plan::Uses&);
/// JSON, as runtime/checkpoint/evolution.h reads it.
std::string state_json(Unit&);
std::vector<SectionPlace> section_places(const Unit&);

}  // namespace gress::codegen
