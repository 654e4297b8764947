// What is used of C++ headers.
#pragma once
#include <string>
#include <vector>

#include "compiler/codegen/unit.h"

namespace gress::codegen {

/// The headers, and what bridges their types.
void include_headers(const Unit&, Printer&);
/// How values of their structs and enums come and go; behind the program's own types.
void emit_bridges(Unit&);
/// A call of a header's function; `args` are C++ expressions of the arguments that are given.
std::string foreign_call(Unit&, ExprPtr, const std::vector<std::string>& args);

/// The accumulator of an aggregate of a header.
void emit_foreign_aggregate(Unit&, const dsl::checked::UserAggregate&, const std::string& name);

}  // namespace gress::codegen
