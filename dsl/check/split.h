// `split X { a: c, b: d, rest: true }` is three streams: `X |> filter c`, `X |> filter not c and d`,
// `X |> filter not c and not d`. Internal to dsl/check.
#pragma once
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

/// The conditions of a split, checked once, over the row of its stream.
using SplitConditions = std::vector<checked::ExprPtr>;

/// E0219 unless `true` stands last, and only there. `from` is the stream.
void check_split(Context&, const ast::SplitDecl&, const std::string& from);
/// Adds the filter of a route to a chain that has nothing but its input; `stage` says where it stands.
void check_route(Chain&, const ast::SplitDecl&, std::size_t route, const ast::Stage& stage, SplitConditions&);

}  // namespace gress::dsl::detail
