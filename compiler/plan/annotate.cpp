// Notes for people: what was decided and why.
#include <algorithm>

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
  if (const auto& numbered = plan.flows[node.in[0]].numbered)
    node.notes.push_back(fmt::format("`{}` is a number to it: the table gives its texts numbers when it is read", stage.in.columns[numbered->column].name));
  if (w.kind == WindowKind::session || w.kind == WindowKind::count || w.kind == WindowKind::global) return;
  if (node.late != kNone)
    node.notes.push_back(fmt::format("late rows go to `{}`", plan.flows[node.late].name));
  else
    node.notes.emplace_back("late rows are dropped and counted");
}

void retained_notes(const StreamJoin& join, Node& node, const Plan& plan) {
  if (!plan.flows[node.out].upsert) {
    node.notes.emplace_back("facts stay facts: a row joins what came before it, and is never taken back");
    if (join.kind == JoinKind::semi) node.notes.emplace_back("left rows are kept until their first match");
  } else if (plan.flows[node.in[0]].upsert || plan.flows[node.in[1]].upsert) {
    node.notes.emplace_back("follows the updates and deletes of its inputs: rows of the result are taken back");
  } else {
    node.notes.emplace_back("revises: what a match changes is taken back");
  }
  node.notes.emplace_back(join.retain.duration == nullptr ? "rows of both sides are kept for ever, of them what is read"
                                                          : "rows of both sides are kept for `retain`, of them what is read");
}

void join_notes(const StreamJoin& join, Node& node, const Plan& plan) {
  if (join.bound == JoinBound::interval) {
    node.notes.emplace_back("a row is looked up by its key among those of the other side, then kept until that side's watermark has passed its bound");
    if (join.kind != JoinKind::inner && join.kind != JoinKind::semi) node.notes.emplace_back("a row without a match is given once, when its time is over");
  } else if (join.bound == JoinBound::window) {
    node.notes.emplace_back("rows of both sides are kept by window and key, and paired when the window closes");
  } else if (join.bound == JoinBound::retain) {
    return retained_notes(join, node, plan);
  } else {
    node.notes.emplace_back("a left row waits until the right watermark has passed `as_of`");
    node.notes.emplace_back(join.reach != nullptr ? "rows of the right side are kept by key, as long as they can be reached"
                                                  : "versions of the right side are kept by key: the last, and those that left rows may still ask for");
  }
  if (node.contest != Contest::none)
    node.notes.push_back(fmt::format("{} rows that cannot come in sight in the `top` that reads them are passed over", node.contest == Contest::left ? "left" : "right"));
  const auto late = [&](FlowId to, const char* side) {
    node.notes.push_back(to != kNone ? fmt::format("late rows of the {} side go to `{}`", side, plan.flows[to].name)
                                     : fmt::format("late rows of the {} side are dropped and counted", side));
  };
  late(node.late, "left");
  if (join.bound != JoinBound::as_of) late(node.late_right, "right");
}

/// Where a program for several workers exchanges rows.
void routing_notes(const Plan& plan, NodeId id, Node& node) {
  for (std::size_t k = 0; k != node.routing.size(); ++k) {
    const char* rows = node.routing.size() == 1 ? "rows" : k == 0 ? "left rows" : "right rows";
    const char* added = node.combining == Combining::always ? ", added up before" : node.combining == Combining::sampled ? ", added up before where keys repeat" : "";
    if (node.routing[k] == Routing::by_key) node.notes.push_back(fmt::format("{} go to the worker that owns their key{}", rows, added));
    if (node.routing[k] == Routing::to_one) node.notes.push_back(fmt::format("{} go to the first worker: {}{}", rows, node.in.size() == 2 ? "changes of one key of the result would come from several" : "there is no key", added));
  }
  if (plan.reordered(id)) node.notes.emplace_back("rows of several workers wait for each other, and come in the order that they had before");
}

void order_notes(Node& node, const Plan& plan) {
  if (node.kind == NodeKind::sink && plan.program->sinks[node.sink].ordered)
    node.notes.emplace_back("in the order of one worker: all that its rows come from is at the first");
  if (node.kind != NodeKind::source || !at_first(plan, node)) return;
  node.notes.push_back(node.ordered_for == kNone ? "read by the first worker: it is a changelog"
                                                 : fmt::format("read by the first worker, for the order of sink `{}`", plan.program->sinks[node.ordered_for].name));
}

void frame_notes(const Features& features, Node& node) {
  const auto is_span = [](const FramedCall& c) { return c.frame.span != nullptr; };
  const auto is_whole = [](const FramedCall& c) { return c.frame.span == nullptr && c.frame.rows == nullptr; };
  const std::size_t frames = features.calls.size();
  if (!std::all_of(features.calls.begin(), features.calls.end(), is_whole))
    node.notes.push_back(frames == 1 ? std::string("the rows of the frame are kept for each key")
                                     : fmt::format("the rows that {} frames need are kept once for each key", frames));
  if (features.retain.duration != nullptr) node.notes.emplace_back("a key is forgotten after `retain`");
  else if (std::all_of(features.calls.begin(), features.calls.end(), is_span)) node.notes.emplace_back("a key is forgotten when no frame counts its rows any more");
  else node.notes.emplace_back("state is kept for ever");
}

/// Aggregates from whose state alone a row cannot be taken back.
bool keeps_values(const AggregateCall& call) {
  if (call.fn == nullptr) return false;
  switch (call.fn->kind) {
    case dsl::AggregateKind::count:
    case dsl::AggregateKind::sum:
    case dsl::AggregateKind::avg:
    case dsl::AggregateKind::any:
    case dsl::AggregateKind::all:
    case dsl::AggregateKind::stddev:
    case dsl::AggregateKind::variance: return false;
    default: return true;
  }
}

void rolling_notes(const Stage& stage, Node& node, const Plan& plan) {
  const bool upserts = plan.flows[node.in[0]].upsert, old_rows = plan.flows[node.out].old_rows;
  const Retain* retain = nullptr;
  if (const auto* aggregate = stage.as<Aggregate>()) {
    retain = &aggregate->retain;
    if (upserts) node.notes.emplace_back("takes the old row of an update back");
    for (const AggregateCall& call : aggregate->calls)
      if (upserts && keeps_values(call)) node.notes.push_back(fmt::format("`{}` keeps all its values, since rows are taken back", call.fn->name));
  } else if (const auto* top = stage.as<Top>()) {
    retain = &top->retain;
    node.notes.emplace_back(upserts ? "keeps all rows: those behind may come up" : "keeps only the rows that rank");
  } else if (const auto* latest = stage.as<Latest>()) {
    retain = &latest->retain;
    if (upserts) node.notes.emplace_back("keeps all rows: the one before may come back");
    else if (!old_rows && retain->forever) node.notes.emplace_back("keeps the place of the last row, not the row");
  }
  node.notes.emplace_back(retain->forever ? "state is kept for ever" : "keys are deleted and forgotten after `retain`");
  if (!old_rows) node.notes.emplace_back("updates go without the old row: all that reads them replaces rows by key");
}

void memory_notes(Node& node, const Plan& plan) {
  if (goes_beyond_memory(plan, node))
    node.notes.push_back(fmt::format("its entries share {} MB with the others, and those that no row has come to for long are kept on disk", state_memory(*plan.program) >> 20));
  if (goes_by_pages(plan, node))
    node.notes.push_back(fmt::format("its state shares {} MB with the others, and pages of it that were not used for long are kept on disk", state_memory(*plan.program) >> 20));
}

void source_notes(const Source& source, Node& node) {
  if (source.changes != ChangesKind::none)
    node.notes.emplace_back(source.retain.forever ? "keeps the last row of each key, for ever" : "keeps the last row of each key, for `retain`");
  if (source.idle == IdleKind::never) return;
  node.notes.emplace_back(source.idle == IdleKind::advance ? "when all partitions are silent the watermark follows the clock"
                                                           : "a silent partition stops holding the watermark back");
}

}  // namespace

void annotate(Plan& plan) {
  const bool several = parallelism(*plan.program) != nullptr;
  for (Node& node : plan.nodes) {
    if (several) routing_notes(plan, static_cast<NodeId>(&node - plan.nodes.data()), node);
    if (several) order_notes(node, plan);
    if (several && node.in_pieces) node.notes.emplace_back("one plain file is read by all workers, in pieces");
    if (node.kind == NodeKind::source) source_notes(plan.program->sources[node.source], node);
    if (node.kind == NodeKind::source && node.out != kNone) node.notes.push_back(columns_note(plan.flows[node.out]));
    for (std::size_t c = 0; c != node.cases.size(); ++c) {
      const std::string& name = plan.program->sources[node.source].cases[c].name;
      if (node.cases[c] == kNone) node.notes.push_back(fmt::format("`{}` only moves the watermark", name));
      else node.notes.push_back(fmt::format("`{}`: {}", name, columns_note(plan.flows[node.cases[c]])));
    }
    if (node.interleaved) node.notes.emplace_back("rows go on in the order of the records: cases meet in an operator");
    if (node.kind == NodeKind::sink && plan.program->sinks[node.sink].window)
      node.notes.push_back("files get their names when their windows close; late rows " +
                           (node.late != kNone ? "go to `" + plan.flows[node.late].name + "`" : std::string("are dropped and counted")));
    if (node.kind == NodeKind::chain && node.steps.size() > 1)
      node.notes.push_back(fmt::format("{} stages in one loop", node.steps.size()));
    memory_notes(node, plan);
    for (const Step step : node.steps) {
      const Stage& stage = plan.stage(step);
      if (window_of(stage) != nullptr) window_notes(stage, node, plan);
      if (node.kind == NodeKind::rolling_aggregate || node.kind == NodeKind::rolling_top || node.kind == NodeKind::rolling_latest)
        rolling_notes(stage, node, plan);
      if (const auto* join = stage.as<StreamJoin>()) join_notes(*join, node, plan);
      if (const auto* join = stage.as<TableJoin>())
        node.notes.push_back(join->equalities.empty() ? "every row of the table is tried: the join has no equality"
                                                      : "the table is looked up by hash, read whole before the first row");
      if (const auto* features = stage.as<Features>()) frame_notes(*features, node);
      if (stage.as<SetTime>() != nullptr)
        node.notes.push_back(fmt::format("a watermark for each partition of `{}`", plan.program->sources[plan.flows[node.in[0]].source].name));
      if (stage.as<InOrder>() != nullptr) {
        node.notes.emplace_back("rows wait until the watermark has passed them");
        node.notes.push_back(node.late != kNone ? fmt::format("late rows go to `{}`", plan.flows[node.late].name) : "late rows are dropped and counted");
      }
      if (const auto* scan = stage.as<Scan>())
        node.notes.emplace_back(scan->retain_forever ? "state is kept for ever" : "state is forgotten after `retain`");
    }
  }
}

}  // namespace gress::plan
