// Expressions → C++ expressions: nested calls over `ev`, lazily where the language is lazy.
#pragma once
#include <string>
#include <vector>

#include "compiler/codegen/unit.h"

namespace gress::codegen {

/// C++ expressions for what references stand for, by scope and index. Each is an lvalue or cheap to repeat.
struct ExprEnv {
  std::vector<std::string> row, right, state, arg, group, agg, other;
};

/// C++ expression of type cpp_type(expr->type).
std::string emit_expr(Unit&, ExprPtr, const ExprEnv&);

/// The columns of a row as members of `row`: `r.delay`.
std::vector<std::string> columns_of(const dsl::checked::Row&, const std::string& row);

/// `std::int64_t` of a constant or param duration, size or count option; `missing` when there is none.
std::string emit_option(Unit&, ExprPtr, const std::string& missing);

/// The global fn::TimeFormat of a pattern.
std::string time_format(Unit&, const std::string& pattern);
/// The global Zone of a zone expression (a constant or a param).
std::string zone_global(Unit&, ExprPtr);

}  // namespace gress::codegen
