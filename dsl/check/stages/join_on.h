// The condition of a join, shared by joins with tables (join.cpp) and with streams (stream_join.cpp).
#pragma once
#include <string>
#include <vector>

#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

checked::JoinKind join_kind(ast::JoinKind);

/// What `on` says: equalities between the sides, by which rows are found, and further conditions. All are part of the
/// match, in outer joins too.
struct On {
  std::vector<checked::Equality> equalities{};
  checked::ExprPtr rest = nullptr;  // over row and right; null: none
};

/// Checks `on` with the left row and `alias` in sight, a record of type `right`. False when something was not understood.
bool check_on(Chain&, const ast::Expr& on, const std::string& alias, const Type* right, On& result);

/// E0417 when the row has a field of the name already; of a join that adds the other row also E0209 and the like.
bool check_alias(Chain&, const std::string& alias, Range, ast::JoinKind);

}  // namespace gress::dsl::detail
