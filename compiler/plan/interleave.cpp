// Sources of a union: whether rows of two cases reach one operator. Then they go on in the order of the records, so that
// nothing hangs on where a block ends; else each case's rows go on block by block. Joins that give their rows when the
// watermark says so do not mind which side came first.
#include <set>

#include "compiler/plan/passes.h"

namespace gress::plan {

namespace {

bool waits(NodeKind kind) { return kind == NodeKind::window_join || kind == NodeKind::as_of_join; }

void reach(const Plan& plan, FlowId flow, std::set<NodeId>& nodes) {
  if (flow == kNone) return;
  for (const NodeId id : plan.flows[flow].consumers) {
    if (waits(plan.nodes[id].kind) || !nodes.insert(id).second) continue;
    reach(plan, plan.nodes[id].out, nodes);
    reach(plan, plan.nodes[id].late, nodes);
    reach(plan, plan.nodes[id].late_right, nodes);
  }
}

}  // namespace

void interleave(Plan& plan) {
  for (Node& node : plan.nodes) {
    std::set<NodeId> before;
    for (const FlowId flow : node.cases) {
      std::set<NodeId> nodes;
      reach(plan, flow, nodes);
      for (const NodeId id : nodes) node.interleaved = node.interleaved || before.contains(id);
      before.merge(nodes);
    }
  }
}

}  // namespace gress::plan
