// Which columns and lanes every flow needs, from its consumers; from the end of the plan to its sources.
#include <algorithm>

#include "compiler/plan/passes.h"
#include "compiler/plan/reads.h"
#include "compiler/plan/uses.h"

namespace gress::plan {

using namespace dsl::checked;

namespace {

const Use kWhole{true, false, {}};

void all(Uses& uses) {
  for (Use& u : uses) u.whole = true;
}

bool chain_may_fail(const Plan& plan, const Node& node) {
  const Program& program = *plan.program;
  for (Step step : node.steps) {
    const Stage& stage = plan.stage(step);
    if (const auto* s = stage.as<Filter>(); s && may_fail(program, s->condition)) return true;
    if (const auto* s = stage.as<Project>())
      for (const Output& o : s->outputs)
        if (may_fail(program, o.value)) return true;
    if (const auto* s = stage.as<Flatten>(); s && may_fail(program, s->list)) return true;
    if (const auto* s = stage.as<Key>())
      for (const Output& o : s->computed)
        if (may_fail(program, o.value)) return true;
    if (const auto* s = stage.as<TableJoin>()) {
      for (const Equality& e : s->equalities)
        if (may_fail(program, e.left)) return true;
      if (s->rest != nullptr && may_fail(program, s->rest)) return true;
    }
  }
  return false;
}

struct Pruner {
  Plan& plan;
  const Program& program;
  bool rows_given = false;

  /// The row before a chain's step from what is read of the row after it.
  Uses before(const Stage& stage, Uses after) {
    Uses uses(stage.in.columns.size());
    if (const auto* s = stage.as<Filter>()) {
      uses = std::move(after);
      add_element_uses(program, s->condition, kWhole, uses);
    } else if (const auto* s = stage.as<Project>()) {
      for (std::size_t i = 0; i != s->outputs.size(); ++i) {
        const ExprPtr value = s->outputs[i].value;
        if (after[i].any()) {
          add_element_uses(program, value, after[i], uses);
        } else if (may_fail(program, value)) {
          add_uses(program, value, uses);
        }
      }
    } else if (const auto* s = stage.as<Flatten>()) {
      for (std::size_t i = 0; i != uses.size(); ++i)
        if (i != s->column) uses[i] = after[i];
      add_uses(program, s->list, uses);
    } else if (const auto* s = stage.as<Key>()) {
      // Computed keys replace a column of their name or are added behind.
      for (std::size_t i = 0; i != uses.size(); ++i) {
        const bool replaced = std::any_of(s->computed.begin(), s->computed.end(), [&](const Output& o) {
          return o.name == stage.in.columns[i].name;
        });
        if (!replaced) uses[i].add(after[i]);
      }
      for (const Output& o : s->computed) {
        const Use& use = after[static_cast<std::size_t>(stage.out.find(o.name))];
        if (use.any()) add_element_uses(program, o.value, use, uses);
        else if (may_fail(program, o.value)) add_uses(program, o.value, uses);
      }
    } else if (const auto* s = stage.as<TableJoin>()) {
      Uses& right = plan.tables[s->table];
      for (std::size_t i = 0; i != uses.size(); ++i) uses[i] = after[i];
      if (stage.out.columns.size() > uses.size()) {
        const Use& joined = after.back();
        if (joined.whole) all(right);
        for (const auto& [member, use] : joined.members) right[member].add(use);
      }
      for (const Equality& e : s->equalities) {
        add_uses(program, e.left, uses);
        add_uses(program, e.right, uses, &right);
      }
      if (s->rest != nullptr) add_uses(program, s->rest, uses, &right);
    }
    return uses;
  }

  void chain(Node& node) {
    Uses uses = plan.flows[node.out].uses;
    node.after.resize(node.steps.size());
    for (std::size_t i = node.steps.size(); i-- != 0;) {
      node.after[i] = uses;
      uses = before(plan.stage(node.steps[i]), std::move(uses));
    }
    Flow& in = plan.flows[node.in[0]];
    for (std::size_t i = 0; i != uses.size(); ++i) {
      if (in.row.columns[i].type->kind == dsl::Kind::list) uses[i].whole = uses[i].any();
      in.uses[i].add(uses[i]);
    }
    Meta meta = plan.flows[node.out].meta;
    if (chain_may_fail(plan, node)) {
      if (in.source != kNone) meta.record = true;
      if (program.errors != dsl::checked::kNone) all(in.uses);
    }
    if (in.source == kNone) meta.record = false;
    if (meta.op && !in.upsert) meta.op = false;
    add(in.meta, meta);
  }

  static void add(Meta& to, const Meta& meta) {
    to.time = to.time || meta.time;
    to.watermark = to.watermark || meta.watermark;
    to.position = to.position || meta.position;
    to.record = to.record || meta.record;
    to.op = to.op || meta.op;
    to.pair = to.pair || meta.pair;
  }

  void stateful(Node& node) {
    const Stage& stage = plan.stage(node.steps[0]);
    std::vector<Reads> inputs;
    for (FlowId id : node.in) inputs.push_back({Uses(plan.flows[id].row.columns.size()), {}});
    read(*plan.program, stage, plan.flows[node.out], inputs);
    late_rows(node.late, inputs.front());
    if (node.late_right != kNone) late_rows(node.late_right, inputs.back());
    for (std::size_t k = 0; k != node.in.size(); ++k) {
      Flow& in = plan.flows[node.in[k]];
      if (program.errors != dsl::checked::kNone) all(in.uses);
      for (std::size_t c = 0; c != in.uses.size(); ++c) in.uses[c].add(inputs[k].uses[c]);
      Meta meta = inputs[k].meta;
      // Numbers of rows are a worker's own, and rows that are saved may go to another.
      const bool divisible = parallelism(program) != nullptr && checkpoint_interval(program) != 0;
      // Rows that only get another time are still records of their source.
      const SetTime* time = stage.as<SetTime>();
      meta.record = time != nullptr && (plan.flows[node.out].meta.record || may_fail(program, time->time));
      if (!in.has_time) meta.time = meta.watermark = false;
      meta.pair = !divisible && keeps_all(plan, node) && node.routing[k] == Routing::stay && in.producer != kNone && keeps_all(plan, plan.nodes[in.producer]);
      add(in.meta, meta);
    }
  }

  /// Sinks that replace rows by key need no old row of an update; everything else that reads upserts does.
  void old_rows(const Node& node) {
    for (FlowId id : node.in) {
      Flow& in = plan.flows[id];
      if (!in.upsert) continue;
      if (node.kind == NodeKind::sink) {
        const Sink& sink = program.sinks[node.sink];
        const std::vector<Index>& key = program.streams[sink.stream].key;
        // What is replaced lies where it was written.
        const bool stays = std::ranges::all_of(where_columns(program, sink), [&](Index c) { return std::ranges::find(key, c) != key.end(); });
        const bool by_key = (!key.empty() && stays) || sink.ignore_deletes;
        in.old_rows = in.old_rows || !by_key;
      } else {
        in.old_rows = in.old_rows || node.kind != NodeKind::chain || plan.flows[node.out].old_rows || !one_to_one(plan, node);
      }
    }
  }

  void late_rows(FlowId route, Reads& in) {
    if (route == kNone) return;
    const Flow& late = plan.flows[route];
    for (std::size_t i = 0; i != in.uses.size(); ++i) in.uses[i].add(late.uses[i]);
    add(in.meta, late.meta);
  }

  void run() {
    plan.tables.resize(program.tables.size());
    for (std::size_t t = 0; t != program.tables.size(); ++t) {
      plan.tables[t].resize(program.tables[t].type->fields.size());
      for (Index k : program.tables[t].key) plan.tables[t][k].whole = true;
    }
    for (std::size_t i = plan.nodes.size(); i-- != 0;) {
      Node& node = plan.nodes[i];
      switch (node.kind) {
        case NodeKind::source: {
          const Source& source = program.sources[node.source];
          if (source.time != nullptr) add_uses(program, source.time, plan.flows[node.out].uses);
          if (source.foreign != nullptr)  // its structs are taken as they are
            for (Use& use : plan.flows[node.out].uses) use.whole = use.any();
          for (Index k : source.key) plan.flows[node.out].uses[k].whole = true;
          for (std::size_t c = 0; c != node.cases.size() && (rows_given || !brings_times(source)); ++c)
            if (node.cases[c] != kNone && source.cases[c].time != nullptr)
              add_uses(program, source.cases[c].time, plan.flows[node.cases[c]].uses);
          break;
        }
        case NodeKind::chain:
          chain(node);
          break;
        case NodeKind::merge:
          for (FlowId id : node.in) {
            Flow& in = plan.flows[id];
            const Flow& out = plan.flows[node.out];
            for (std::size_t c = 0; c != in.uses.size(); ++c) in.uses[c].add(out.uses[c]);
            Meta meta = out.meta;
            meta.record = false;
            add(in.meta, meta);
          }
          break;
        case NodeKind::sink: {
          Flow& in = plan.flows[node.in[0]];
          all(in.uses);  // `discard` too: its rows are made and counted, only not written
          if (in.upsert) in.meta.op = true;
          if (program.sinks[node.sink].window) in.meta.time = in.meta.watermark = true;
          if (node.late != kNone) add(in.meta, plan.flows[node.late].meta);
          break;
        }
        default:
          stateful(node);
          break;
      }
      old_rows(node);
    }
  }
};

}  // namespace

bool brings_times(const Source& source) { return !source.cases.empty() && source.format == Format::none; }

bool one_to_one(const Plan& plan, const Node& node) {
  for (Step step : node.steps) {
    const Stage& stage = plan.stage(step);
    if (stage.as<Project>() == nullptr && stage.as<Key>() == nullptr) return false;
  }
  return !chain_may_fail(plan, node);
}

void prune(Plan& plan, const PlanOptions& options) {
  for (Flow& flow : plan.flows)
    if (is_observed(flow, options.also)) {
      all(flow.uses);
      flow.meta.time = flow.meta.watermark = flow.has_time;
      flow.meta.op = flow.old_rows = flow.upsert;
    }
  Pruner{plan, *plan.program, options.rows_given}.run();
  // An upsert flow says of every row what it is, whoever reads it.
  for (Flow& flow : plan.flows) flow.meta.op = flow.upsert;
}

}  // namespace gress::plan
