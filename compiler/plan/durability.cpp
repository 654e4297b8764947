// What the pipeline's options say of checkpoints.
#include <algorithm>
#include <set>

#include "compiler/plan/passes.h"
#include "compiler/plan/plan.h"
#include "dsl/catalog/connectors.h"
#include "dsl/check/expr_checker.h"
#include "dsl/check/many_keys.h"

namespace gress::plan {
namespace {

template <class T>
T constant_option(const dsl::checked::Program& program, std::string_view name) {
  for (const dsl::checked::OptionValue& o : program.options)
    if (o.name == name && o.value != nullptr)
      if (const auto v = dsl::constant_value(o.value))
        if (const auto* value = std::get_if<T>(&*v)) return *value;
  return {};
}

/// A source that rows of the node come from and that cannot be read a second time; null if there is none. `seen`: nodes
/// that need not be asked again.
const dsl::checked::Source* unrepeatable(const Plan& plan, NodeId id, std::set<NodeId>& seen) {
  if (!seen.insert(id).second) return nullptr;
  const Node& node = plan.nodes[id];
  if (node.source != kNone) {
    const dsl::checked::Source& source = plan.program->sources[node.source];
    return source.info->repeats ? nullptr : &source;
  }
  for (const FlowId in : node.in)
    if (const NodeId producer = plan.flows[in].producer; producer != kNone)
      if (const auto* source = unrepeatable(plan, producer, seen)) return source;
  return nullptr;
}

}  // namespace

bool in_transactions(const dsl::checked::Program& program, const dsl::checked::Sink& sink) {
  return sink.info->transactions && !sink.duplicates && exactly_once(program) != nullptr;
}

Delivery delivery(const Plan& plan, NodeId id) {
  const dsl::checked::Sink& sink = plan.program->sinks[plan.nodes[id].sink];
  const auto& connector = *sink.info;
  if (checkpoint_interval(*plan.program) == 0) return {"none", "no checkpoints are taken, so a start begins anew"};
  std::set<NodeId> seen;
  if (const auto* source = unrepeatable(plan, id, seen))
    return {"none", "the source `" + source->name + "` cannot be read a second time, so a crash loses rows"};
  if (in_transactions(*plan.program, sink)) return {"exactly_once", "written in transactions that commit with the checkpoints"};
  if (connector.takes_back) return {"exactly_once", "a restart takes back what was written since its checkpoint"};
  const std::string again = "a restart writes rows again that came since its checkpoint";
  if (sink.duplicates) return {"at_least_once", again + ", as `duplicates: allowed` says"};
  return {"at_least_once", again + (connector.transactions ? "; `delivery: exactly_once` writes them in transactions" : "")};
}

std::int64_t checkpoint_interval(const dsl::checked::Program& program) { return constant_option<std::int64_t>(program, "checkpoint"); }
std::int64_t state_memory(const dsl::checked::Program& program) { return constant_option<std::int64_t>(program, "state_memory"); }
bool goes_beyond_memory(const Plan& plan, const Node& node) {
  if (state_memory(*plan.program) == 0) return false;
  if (node.source != kNone) {
    const dsl::checked::Source& source = plan.program->sources[node.source];
    return source.changes != dsl::checked::ChangesKind::none && dsl::checked::many_keys(plan.flows[node.out].row, source.key);
  }
  if (node.steps.empty()) return false;
  const dsl::checked::Stage& stage = plan.stage(node.steps[0]);
  switch (node.kind) {
    case NodeKind::distinct:
      return std::ranges::any_of(stage.as<dsl::checked::Distinct>()->keys, [](auto* key) { return dsl::checked::many_values(*key->type); });
    case NodeKind::rolling_aggregate:
    case NodeKind::rolling_latest:
    case NodeKind::rolling_top:
    case NodeKind::scan:
    case NodeKind::features: return dsl::checked::many_keys(stage.in, *keys_of(stage));
    default: return false;
  }
}
bool goes_by_pages(const Plan& plan, const Node& node) {
  if (state_memory(*plan.program) == 0 || goes_beyond_memory(plan, node)) return false;
  switch (node.kind) {
    case NodeKind::source:
    case NodeKind::chain:
    case NodeKind::merge:
    case NodeKind::retime:
    case NodeKind::changes:
    case NodeKind::sink: return false;
    default: return true;
  }
}
std::string checkpoint_dir(const dsl::checked::Program& program) { return constant_option<std::string>(program, "checkpoint_dir"); }

}  // namespace gress::plan
