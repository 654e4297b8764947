// Joins of which a rolling `top` that keeps its keys for ever is the only reader: a row that cannot come in sight there,
// whatever it is joined with, need not be joined nor kept. That can be asked of a row alone where what orders the rows is
// read from its side, and the keys from its side or from what the join makes equal.
#include <algorithm>

#include "compiler/plan/passes.h"
#include "compiler/plan/uses.h"
#include "dsl/check/walk.h"

namespace gress::plan {

using namespace dsl::checked;

namespace {

/// Equal values are one key.
bool exact(const dsl::Type* type) {
  switch (type->kind) {
    case dsl::Kind::boolean:
    case dsl::Kind::i32:
    case dsl::Kind::i64:
    case dsl::Kind::string:
    case dsl::Kind::bytes:
    case dsl::Kind::timestamp:
    case dsl::Kind::duration:
    case dsl::Kind::uuid:
    case dsl::Kind::enumeration: return true;
    default: return false;
  }
}

bool orders_by(const Top& top, bool (*side)(Index column, std::size_t left_columns), std::size_t left_columns) {
  bool all = true;
  for (const OrderBy& by : top.by)
    dsl::detail::walk(*by.value, [&](const Expr& e) {
      if (e.kind == ExprKind::ref && e.scope == Scope::row) all = all && side(e.index, left_columns);
    });
  return all;
}

}  // namespace

int equal_part(const StreamJoin& join, Index column) {
  for (std::size_t i = 0; i != join.equalities.size(); ++i) {
    const Equality& e = join.equalities[i];
    if (e.left->kind == ExprKind::ref && e.left->scope == Scope::row && e.left->index == column && exact(e.left->type) &&
        e.right->type == e.left->type)
      return static_cast<int>(i);
  }
  return -1;
}

void contest(Plan& plan, const std::vector<std::uint32_t>& also) {
  const bool several = parallelism(*plan.program) != nullptr;
  for (Node& node : plan.nodes) {
    if (node.kind != NodeKind::interval_join) continue;
    const Flow& out = plan.flows[node.out];
    if (out.consumers.size() != 1 || plan.nodes[out.consumers[0]].kind != NodeKind::rolling_top || is_observed(out, also)) continue;
    const Node& reader = plan.nodes[out.consumers[0]];
    const Stage& stage = plan.stage(node.steps[0]);
    const StreamJoin& join = *stage.as<StreamJoin>();
    const Top* top = plan.stage(reader.steps[0]).as<Top>();
    // What fails for a pair is said of each.
    const auto fails = [&](ExprPtr e) { return e != nullptr && may_fail(*plan.program, e); };
    if (join.kind != JoinKind::inner || fails(join.rest) || top == nullptr || out.upsert || top->retain.duration != nullptr || top->by.empty()) continue;
    if (std::any_of(top->by.begin(), top->by.end(), [&](const OrderBy& by) { return fails(by.value); })) continue;
    if (several && std::any_of(reader.routing.begin(), reader.routing.end(), [](Routing r) { return r != Routing::stay; })) continue;
    const std::size_t left = stage.in.columns.size();
    const auto of_left = [](Index c, std::size_t n) { return c < n; };
    const auto of_right = [](Index c, std::size_t n) { return c >= n; };
    const bool equal = std::all_of(top->keys.begin(), top->keys.end(), [&](Index c) { return equal_part(join, c) >= 0; });
    const bool own = std::all_of(top->keys.begin(), top->keys.end(), [&](Index c) { return c < left; });
    if (own && orders_by(*top, of_left, left)) node.contest = Contest::left;
    else if (equal && orders_by(*top, of_right, left)) node.contest = Contest::right;
  }
}

}  // namespace gress::plan
