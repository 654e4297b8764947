// Sinks with `ordered: true` get their rows in the order of one worker: all that their rows come from is at the first
// worker, from the sources on (docs/decisions/0019-ordered-sinks.md).
#include <algorithm>

#include "compiler/plan/passes.h"

namespace gress::plan {

using namespace dsl::checked;

namespace {

struct Gatherer {
  Plan& plan;
  const Program& program = *plan.program;
  Index sink = dsl::checked::kNone;

  const Source* source_of(const Node& node) const { return node.kind == NodeKind::source ? &program.sources[node.source] : nullptr; }

  void node(Node& n) {
    if (n.ordered_for != kNone) return;
    n.ordered_for = sink;
    for (const FlowId in : n.in) flow(in);
    // Which source is read next hangs on the others of its group.
    if (const Source* source = source_of(n); source != nullptr && !source->align.empty())
      for (Node& other : plan.nodes)
        if (const Source* of = source_of(other); of != nullptr && of->align == source->align) node(other);
  }
  void flow(FlowId id) {
    Flow& f = plan.flows[id];
    if (f.producer != kNone) return node(plan.nodes[f.producer]);
    // Rows that have failed come from a source, or from any stage.
    f.spread = {Spread::How::one, {}};
    for (const std::uint32_t s : f.streams)
      for (Node& n : plan.nodes)
        if (const Source* source = source_of(n); program.errors == s || (n.kind == NodeKind::sink && program.sinks[n.sink].rejected == s) || (source != nullptr && (source->invalid == s || source->unknown_to == s))) node(n);
  }
};

}  // namespace

void gather(Plan& plan) {
  for (NodeId id = 0; id != plan.nodes.size(); ++id) {
    const Node& n = plan.nodes[id];
    if (n.kind == NodeKind::sink && plan.program->sinks[n.sink].ordered) Gatherer{.plan = plan, .sink = n.sink}.node(plan.nodes[id]);
  }
}

}  // namespace gress::plan
