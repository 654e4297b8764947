#include "compiler/plan/plan.h"

#include <algorithm>

#include "compiler/plan/passes.h"

namespace gress::plan {

const char* name(NodeKind kind) {
  switch (kind) {
#define GRESS_NODE(id, text, doc) \
  case NodeKind::id: return text;
#include "compiler/plan/nodes.def"
#undef GRESS_NODE
  }
  return "";
}

bool is_observed(const Flow& flow, const std::vector<std::uint32_t>& also) {
  return std::ranges::any_of(flow.streams, [&](std::uint32_t s) { return std::ranges::find(also, s) != also.end(); });
}

std::string title(const Plan& plan, const Node& node) {
  std::string words;
  for (const Step step : node.steps) words += (words.empty() ? "" : ", ") + plan.stage(step).word;
  return plan.program->streams[node.stream].name + ": " + words;
}

// The passes, in order, each with the reason why it stands there.
Plan make_plan(const dsl::checked::Program& program, const PlanOptions& options) {
  Plan plan = build(program, options.also);  // nodes and flows of every stream that something reads
  fuse(plan, options.also);                  // chains that only feed a chain become one; before columns, which then cross them
  gather(plan);                              // what ordered sinks hold at the first worker; before it is decided what leaves it
  distribute(plan);                          // where rows change the worker; after fusing, so that edges are the final ones
  combine(plan);                             // what is added up before it changes the worker; once that is known
  prune(plan, options);                      // which columns and lanes each flow needs; from the sinks backwards
  order(plan);                               // where rows that come from several workers are put in order; adds a lane
  contest(plan, options.also);               // rows that a join need not keep; when it is settled who reads it, and where
  number(plan, options.also);                // keys that tables number; when it is settled who reads them
  interleave(plan);                          // unions whose cases meet; after all nodes and their flows are settled
  annotate(plan);                            // notes for people; last, when everything is decided
  return plan;
}

}  // namespace gress::plan
