// What expressions read, and whether they may fail.
#pragma once
#include "compiler/plan/plan.h"

namespace gress::plan {

/// Adds to `row` (and `right`, the joined table's row, if given) what the expression reads of them; `use` is what is
/// read of the expression's own value.
void add_uses(const dsl::checked::Program&, dsl::checked::ExprPtr, const Use& use, Uses& row, Uses* right = nullptr);
/// The same for a value that is read whole.
void add_uses(const dsl::checked::Program&, dsl::checked::ExprPtr, Uses& row, Uses* right = nullptr);
/// The same; of a column that is a list, elements that are read by a written index are members of its use.
void add_element_uses(const dsl::checked::Program&, dsl::checked::ExprPtr, const Use& use, Uses& row);

/// Whether it gives the same value each time it is evaluated for a row: no clock is read, no C++ of users is called.
bool is_pure(const dsl::checked::Program&, dsl::checked::ExprPtr);
/// Whether evaluating it can make a row invalid.
bool may_fail(const dsl::checked::Program&, dsl::checked::ExprPtr);
/// Whether adding can fail although all arguments are there (sums that overflow, user aggregates).
bool add_may_fail(const dsl::checked::Program&, const dsl::checked::AggregateCall&);
/// Whether putting two states together can fail.
bool merge_may_fail(const dsl::checked::Program&, const dsl::checked::AggregateCall&);
/// Whether taking the result can fail (sums of integers are checked there).
bool result_may_fail(const dsl::checked::Program&, const dsl::checked::AggregateCall&);

}  // namespace gress::plan
