// Where rows come from several workers that had one order before, and what is made of them hangs on it: there they are put
// in order again (docs/decisions/0028-order-over-exchanges.md).
#include <algorithm>

#include "compiler/plan/passes.h"
#include "dsl/catalog/aggregates.h"

namespace gress::plan {

using namespace dsl::checked;
using dsl::AggregateKind;

namespace {

struct Orderer {
  Plan& plan;
  bool flattened = false;  // of the rows that a stage is asked about, several may have one place

  /// A row for a row, if any, at once: those that it passes on, or its late ones.
  bool by_row(const Node& node, FlowId out) {
    if (node.in.size() == 1 && out == node.late) return node.kind != NodeKind::sink;
    return node.kind == NodeKind::distinct || node.kind == NodeKind::scan || node.kind == NodeKind::features ||
           node.kind == NodeKind::retime;
  }
  bool exchanged(const Node& node) { return !node.routing.empty() && node.routing[0] != Routing::stay; }

  /// The rows come in one order for each worker that sends them, which hangs on their sources alone.
  bool settled(FlowId id) {
    if (plan.flows[id].producer == kNone) return false;
    const Node& node = plan.nodes[plan.flows[id].producer];
    if (node.kind == NodeKind::source) return true;
    if (node.kind == NodeKind::chain) {
      for (const Step step : node.steps) flattened = flattened || plan.stage(step).as<Flatten>() != nullptr;
      return settled(node.in[0]);
    }
    if (node.kind == NodeKind::merge) return std::ranges::all_of(node.in, [&](FlowId in) { return settled(in); });
    return node.in.size() == 1 && (by_row(node, id) || node.at.how == Spread::How::one) && settled(node.in[0]);
  }

  /// The operator at whose exchange the rows had an order that has been lost since; kNone: there is none.
  NodeId numbered(FlowId id) {
    flattened = false;
    while (plan.flows[id].producer != kNone) {
      const NodeId at = plan.flows[id].producer;
      const Node& node = plan.nodes[at];
      if (node.kind == NodeKind::chain || (by_row(node, id) && !exchanged(node))) id = node.in[0];
      else return by_row(node, id) && node.routing[0] == Routing::by_key && settled(node.in[0]) ? at : kNone;
    }
    return kNone;
  }

  /// The result is another when rows come in another order; rows of one place are told apart by that alone.
  bool hangs_on_order(const AggregateCall& call) {
    if (call.fn == nullptr) return true;
    switch (call.fn->kind) {
      case AggregateKind::sum:
      case AggregateKind::avg: return call.args[0]->type->plain()->is_float();
      case AggregateKind::first:
      case AggregateKind::last:
      case AggregateKind::min_by:
      case AggregateKind::max_by: return flattened;
      case AggregateKind::stddev:
      case AggregateKind::variance:
      case AggregateKind::approx_quantile:
      case AggregateKind::collect: return true;
      case AggregateKind::count:
      case AggregateKind::any:
      case AggregateKind::all:
      case AggregateKind::min:
      case AggregateKind::max:
      case AggregateKind::count_distinct:
      case AggregateKind::approx_count_distinct:
      case AggregateKind::quantile: return false;
    }
    return true;
  }
  bool hangs_on_order(const Node& node) {
    const Stage& stage = plan.stage(node.steps[0]);
    switch (node.kind) {
      case NodeKind::window_aggregate:
      case NodeKind::global_aggregate:
      case NodeKind::window_top:
      case NodeKind::window_latest: {
        const Window& window = *window_of(stage);
        if (is_revised(window) || window.processing_time || node.late != kNone) return true;
        const auto* a = stage.as<Aggregate>();
        const auto hangs = [&](const AggregateCall& call) { return hangs_on_order(call); };
        return a == nullptr ? flattened : std::ranges::any_of(a->calls, hangs);
      }
      case NodeKind::in_order: return flattened;
      case NodeKind::distinct:
      case NodeKind::scan:
      case NodeKind::features:
      case NodeKind::session_aggregate:
      case NodeKind::count_aggregate:
      case NodeKind::rolling_aggregate:
      case NodeKind::rolling_top:
      case NodeKind::rolling_latest: return true;
      default: return false;  // of joins, the order of each side says little
    }
  }

  std::vector<FlowId> over(NodeId from, NodeId at) {
    std::vector<FlowId> flows;
    for (NodeId node = at;; node = plan.flows[flows.back()].producer) {
      flows.push_back(plan.nodes[node].in[0]);
      if (node == from) return flows;
    }
  }

  void run() {
    for (NodeId id = 0; id != plan.nodes.size(); ++id) {
      Node& node = plan.nodes[id];
      if (node.in.size() != 1 || !exchanged(node)) continue;
      const NodeId from = numbered(node.in[0]);
      if (from == kNone || !hangs_on_order(node)) continue;
      plan.reorderings.push_back({from, id, over(from, id)});
      node.combining = Combining::no;  // rows that are added up have no order
    }
  }
};

}  // namespace

const Reordering* Plan::reordered(NodeId at) const {
  const auto found = std::ranges::find(reorderings, at, &Reordering::at);
  return found == reorderings.end() ? nullptr : &*found;
}

void order(Plan& plan) {
  if (parallelism(*plan.program) != nullptr) Orderer{plan}.run();
}

}  // namespace gress::plan
