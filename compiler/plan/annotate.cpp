// Notes for people: what was decided and why.
#include <fmt/format.h>

#include "compiler/plan/passes.h"
#include "dsl/catalog/aggregates.h"

namespace gress::plan {

using namespace dsl::checked;

namespace {

std::string columns_note(const Flow& flow) {
  std::size_t used = 0;
  for (const Use& use : flow.uses) used += use.any();
  return fmt::format("{} of {} columns read", used, flow.row.columns.size());
}

void window_notes(const Stage& stage, Node& node, const Plan& plan) {
  const Window& w = *window_of(stage);
  if (is_revised(w)) {
    node.notes.emplace_back("gives new versions of its rows");
  } else if (w.kind == WindowKind::sliding || w.kind == WindowKind::cumulative) {
    node.notes.emplace_back("each row is added once, to a slice shared by overlapping windows");
  }
  if (w.kind == WindowKind::session || w.kind == WindowKind::count || w.kind == WindowKind::global) return;
  if (node.late != kNone)
    node.notes.push_back(fmt::format("late rows go to `{}`", plan.flows[node.late].name));
  else
    node.notes.emplace_back("late rows are dropped and counted");
}

}  // namespace

void annotate(Plan& plan) {
  for (Node& node : plan.nodes) {
    if (node.kind == NodeKind::source) node.notes.push_back(columns_note(plan.flows[node.out]));
    if (node.kind == NodeKind::chain && node.steps.size() > 1)
      node.notes.push_back(fmt::format("{} stages in one loop", node.steps.size()));
    for (const Step step : node.steps) {
      const Stage& stage = plan.stage(step);
      if (window_of(stage) != nullptr) window_notes(stage, node, plan);
      if (const auto* join = stage.as<TableJoin>())
        node.notes.push_back(join->equalities.empty() ? "every row of the table is tried: the join has no equality"
                                                      : "the table is looked up by hash, read whole before the first row");
      if (const auto* scan = stage.as<Scan>())
        node.notes.emplace_back(scan->retain_forever ? "state is kept for ever" : "state is forgotten after `retain`");
    }
  }
}

}  // namespace gress::plan
