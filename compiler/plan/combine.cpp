// Which aggregates are added up by key and pane before their rows change the worker
// (docs/decisions/0020-two-phase-aggregation.md): those for which it is the same, to the last bit, how their rows are
// grouped before they meet, and whose states are small.
#include <algorithm>
#include <cstdint>

#include "compiler/plan/passes.h"
#include "compiler/plan/uses.h"
#include "dsl/catalog/aggregates.h"

namespace gress::plan {

using namespace dsl::checked;
using dsl::AggregateKind;

namespace {

/// Rows that fail are told where they are.
bool may_fail_at_all(const Program& program, const AggregateCall& call) {
  const auto fails = [&](ExprPtr e) { return e != nullptr && may_fail(program, e); };
  return fails(call.where) || std::any_of(call.args.begin(), call.args.end(), fails) || add_may_fail(program, call);
}

bool adds_up(const Program& program, const AggregateCall& call) {
  if (call.fn == nullptr || may_fail_at_all(program, call)) return false;
  switch (call.fn->kind) {
    case AggregateKind::sum:
    case AggregateKind::avg: return !call.args[0]->type->plain()->is_float();  // each addition rounds
    case AggregateKind::count:
    case AggregateKind::any:
    case AggregateKind::all:
    case AggregateKind::min:
    case AggregateKind::max:
    case AggregateKind::first:
    case AggregateKind::last:
    case AggregateKind::min_by:
    case AggregateKind::max_by: return true;
    case AggregateKind::stddev:
    case AggregateKind::variance:
    case AggregateKind::count_distinct:
    case AggregateKind::approx_count_distinct:
    case AggregateKind::quantile:
    case AggregateKind::approx_quantile:
    case AggregateKind::collect: return false;
  }
  return false;
}

/// Values of a type of few; 0: of many.
std::uint64_t values_of(const dsl::Type* type) {
  switch (type->kind) {
    case dsl::Kind::boolean: return 2;
    case dsl::Kind::enumeration: return type->variants.size();
    case dsl::Kind::optional: {
      const std::uint64_t n = values_of(type->elem);
      return n == 0 ? 0 : n + 1;
    }
    default: return 0;
  }
}

/// There are so few keys that many rows come to each between two workers' slots.
bool few_keys(const Row& row, const std::vector<Index>& keys) {
  constexpr std::uint64_t kFew = 32;
  std::uint64_t all = 1;
  for (const Index k : keys) {
    const std::uint64_t n = values_of(row.columns[k].type);
    if (n == 0 || (all *= n) > kFew) return false;
  }
  return true;
}

}  // namespace

void combine(Plan& plan) {
  if (parallelism(*plan.program) == nullptr) return;
  for (Node& node : plan.nodes) {
    if (node.kind != NodeKind::window_aggregate && node.kind != NodeKind::global_aggregate) continue;
    const Stage& stage = plan.stage(node.steps[0]);
    const auto* a = stage.as<Aggregate>();
    if (a == nullptr || node.routing[0] == Routing::stay || plan.flows[node.in[0]].upsert) continue;
    if (is_revised(*a->window) || a->window->processing_time) continue;
    const auto adds = [&](const AggregateCall& call) { return adds_up(*plan.program, call); };
    if (!std::all_of(a->calls.begin(), a->calls.end(), adds)) continue;
    node.combining = few_keys(stage.in, a->keys) ? Combining::always : Combining::sampled;
  }
}

}  // namespace gress::plan
