// Checked expressions as readable text, conversions included: `widen<f64>(delay) / 2.0`.
#pragma once
#include <string>
#include <vector>

#include "dsl/check/checked.h"

namespace gress::dsl {

/// The names behind the indices of an expression's references; what is null or empty prints as `scope#index`.
struct ExprNames {
  const checked::Row* row = nullptr;
  const checked::Row* right = nullptr;
  std::vector<std::string> state;
  std::vector<std::string> args;
  std::vector<std::string> group;
  const std::vector<checked::AggregateCall>* calls = nullptr;  // printed in place of Scope::agg references
};

std::string print_expr(const checked::Program&, const checked::Expr&, const ExprNames&);
/// `count_distinct(x, where: y)`.
std::string print_call(const checked::Program&, const checked::AggregateCall&, const ExprNames&);
/// `1d 2h30m` as a literal would be written: `26h30m`, `250ms`, `0s`.
std::string print_duration(std::int64_t micros);
/// `@2026-01-01T00:00:00Z`.
std::string print_timestamp(std::int64_t micros);
/// `"text"` with the language's escapes.
std::string print_text(std::string_view text);

}  // namespace gress::dsl
