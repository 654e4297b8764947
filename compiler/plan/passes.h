// The planner's passes; make_plan is their list.
#pragma once
#include "compiler/plan/plan.h"

namespace gress::plan {

Plan build(const dsl::checked::Program&, const std::vector<std::uint32_t>& also);
void fuse(Plan&, const std::vector<std::uint32_t>& also);
void prune(Plan&, const PlanOptions&);
void order(Plan&);
void contest(Plan&, const std::vector<std::uint32_t>& also);
void number(Plan&, const std::vector<std::uint32_t>& also);
void interleave(Plan&);
void gather(Plan&);
void distribute(Plan&);
void combine(Plan&);
void annotate(Plan&);

/// Whether one of the streams that are looked at from outside (`also`: taps, test blocks) flows here.
bool is_observed(const Flow&, const std::vector<std::uint32_t>& also);
/// Keys of a stage with state, as columns of its input row; null for stages without.
const std::vector<dsl::checked::Index>* keys_of(const dsl::checked::Stage&);
/// Kind of the operator node for a stage; chain for stateless ones.
NodeKind node_kind(const dsl::checked::Stage&);
/// Whether a `key` stage only marks columns that are there already.
bool is_marker(const dsl::checked::Stage&);
/// Whether the connector makes rows that have their times already.
bool brings_times(const dsl::checked::Source&);
/// Whether a chain gives a row for each one it gets: none stops passing, none becomes several, none fails.
bool one_to_one(const Plan&, const Node&);
/// A join of facts that keeps the rows of both sides for ever.
bool keeps_all(const Plan&, const Node&);
/// Which equality of the join gives the value of a left column exactly, -1 if none does.
int equal_part(const dsl::checked::StreamJoin&, dsl::checked::Index column);
/// Window of a stage that closes one.
const dsl::checked::Window* window_of(const dsl::checked::Stage&);
/// The window gives new versions of its rows (`late`, early `emit`).
bool is_revised(const dsl::checked::Window&);

}  // namespace gress::plan
