// A chain whose rows only feed another chain becomes one with it.
#include <algorithm>

#include "compiler/plan/passes.h"

namespace gress::plan {

void fuse(Plan& plan, const std::vector<std::uint32_t>& also) {
  std::vector<bool> gone(plan.nodes.size(), false);
  for (NodeId id = 0; id != plan.nodes.size(); ++id) {
    Node& second = plan.nodes[id];
    if (second.kind != NodeKind::chain) continue;
    Flow& between = plan.flows[second.in[0]];
    if (between.producer == kNone || between.consumers.size() != 1) continue;
    Node& first = plan.nodes[between.producer];
    if (first.kind != NodeKind::chain || is_observed(between, also)) continue;
    second.steps.insert(second.steps.begin(), first.steps.begin(), first.steps.end());
    second.in = first.in;
    gone[between.producer] = true;
    Flow& source = plan.flows[first.in[0]];
    std::replace(source.consumers.begin(), source.consumers.end(), between.producer, id);
    between.consumers.clear();
    between.producer = kNone;
  }
  // Renumber.
  std::vector<NodeId> now(plan.nodes.size(), kNone);
  std::vector<Node> kept;
  for (NodeId id = 0; id != plan.nodes.size(); ++id) {
    if (gone[id]) continue;
    now[id] = static_cast<NodeId>(kept.size());
    kept.push_back(std::move(plan.nodes[id]));
  }
  plan.nodes = std::move(kept);
  for (Flow& flow : plan.flows) {
    if (flow.producer != kNone) flow.producer = now[flow.producer];
    for (NodeId& consumer : flow.consumers) consumer = now[consumer];
  }
}

}  // namespace gress::plan
