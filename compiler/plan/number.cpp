// Windows by a text that hangs on the row of a lookup table alone: `join airports as a … |> key a.state |> window …`. The
// table numbers these texts when it is read; rows carry the number, states are found by it, and only results look up the
// text. Not where numbers would leave the process (checkpoints) or the table (several workers, each with its own).
#include <algorithm>

#include "compiler/plan/passes.h"
#include "compiler/plan/uses.h"
#include "dsl/check/walk.h"

namespace gress::plan {

using namespace dsl::checked;

namespace {

/// Which lookup join before step `k` of the chain gives the column of the step's input: the row of its table. Null: none.
const Step* row_of_table(const Plan& plan, const Node& chain, std::size_t k, Index column) {
  while (k-- != 0) {
    const Stage& stage = plan.stage(chain.steps[k]);
    if (const auto* join = stage.as<TableJoin>()) {
      if (column + 1 == stage.out.columns.size() && stage.out.columns.size() != stage.in.columns.size())
        return join->kind == JoinKind::inner ? &chain.steps[k] : nullptr;
    } else if (const auto* project = stage.as<Project>()) {
      const Expr& e = *project->outputs[column].value;
      if (e.kind != ExprKind::ref || e.scope != Scope::row) return nullptr;
      column = e.index;
    } else if (const auto* key = stage.as<Key>()) {
      if (std::any_of(key->computed.begin(), key->computed.end(), [&](const Output& o) { return o.name == stage.out.columns[column].name; })) return nullptr;
    } else if (stage.as<Filter>() == nullptr) {
      return nullptr;
    }
  }
  return nullptr;
}

/// What makes a column that reaches the end of a chain, and in which of its steps; null where it came in with the rows.
struct Made {
  ExprPtr text = nullptr;
  std::size_t step = 0;
};
Made made(const Plan& plan, const Node& chain, Index column) {
  for (std::size_t k = chain.steps.size(); k-- != 0;) {
    const Stage& stage = plan.stage(chain.steps[k]);
    const std::vector<Output>* outputs = nullptr;
    if (const auto* project = stage.as<Project>()) outputs = &project->outputs;
    if (const auto* key = stage.as<Key>()) outputs = &key->computed;
    if (outputs == nullptr) return {};
    for (const Output& o : *outputs)
      if (o.name == stage.out.columns[column].name) return {o.value, k};
    if (!outputs->empty()) return {};  // a key that only marks what is there reads nothing
  }
  return {};
}

/// The join whose table's rows decide the value.
const Step* decided_by(const Plan& plan, const Node& chain, const Made& made) {
  const Step* join = nullptr;
  bool one = is_pure(*plan.program, made.text);
  dsl::detail::walk(*made.text, [&](const Expr& e) {
    if (e.kind != ExprKind::ref || e.scope != Scope::row) return;
    const Step* found = row_of_table(plan, chain, made.step, e.index);
    one = one && found != nullptr && (join == nullptr || join == found);
    join = found;
  });
  return one ? join : nullptr;
}

/// The rows of an aggregate need the column for nothing but their key, and none of them is shown.
bool only_a_key(const Plan& plan, const Node& node, const Aggregate& a, Index column) {
  if (node.late != kNone || is_revised(*window_of(plan.stage(node.steps[0])))) return false;
  bool read = false;
  const auto look = [&](ExprPtr e) {
    if (e == nullptr) return;
    read = read || may_fail(*plan.program, e);
    dsl::detail::walk(*e, [&](const Expr& x) { read = read || (x.kind == ExprKind::ref && x.scope == Scope::row && x.index == column); });
  };
  for (const AggregateCall& call : a.calls) {
    look(call.where);
    for (ExprPtr arg : call.args) look(arg);
    read = read || add_may_fail(*plan.program, call);
  }
  return !read;
}

}  // namespace

void number(Plan& plan, const std::vector<std::uint32_t>& also) {
  if (parallelism(*plan.program) != nullptr || checkpoint_interval(*plan.program) != 0) return;
  for (Node& node : plan.nodes) {
    if (node.kind != NodeKind::window_aggregate) continue;
    Flow& flow = plan.flows[node.in[0]];
    const Node& chain = plan.nodes[flow.producer];
    if (flow.consumers.size() != 1 || flow.upsert || chain.kind != NodeKind::chain || is_observed(flow, also)) continue;
    const Stage& stage = plan.stage(node.steps[0]);
    const Aggregate& aggregate = *stage.as<Aggregate>();
    for (const Index column : aggregate.keys) {
      if (stage.in.columns[column].type->kind != dsl::Kind::string || !only_a_key(plan, node, aggregate, column)) continue;
      const Made text = made(plan, chain, column);
      const Step* join = text.text == nullptr || may_fail(*plan.program, text.text) ? nullptr : decided_by(plan, chain, text);
      if (join == nullptr) continue;
      flow.numbered = Numbered{column, *join, chain.steps[text.step], text.text};
      break;
    }
  }
}

}  // namespace gress::plan
