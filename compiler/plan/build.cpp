// Streams → nodes and flows: runs of stateless stages become chains, every other stage a node of its own.
#include <algorithm>
#include <set>

#include "compiler/plan/passes.h"
#include "dsl/check/expr_checker.h"

namespace gress::plan {

using namespace dsl::checked;

const std::vector<Index>* keys_of(const Stage& stage) {
  if (const auto* s = stage.as<Aggregate>()) return &s->keys;
  if (const auto* s = stage.as<Top>()) return &s->keys;
  if (const auto* s = stage.as<Latest>()) return &s->keys;
  if (const auto* s = stage.as<Scan>()) return &s->keys;
  if (const auto* s = stage.as<Features>()) return &s->keys;
  return nullptr;
}

const Window* window_of(const Stage& stage) {
  const std::optional<Window>* w = nullptr;
  if (const auto* s = stage.as<Aggregate>()) w = &s->window;
  if (const auto* s = stage.as<Top>()) w = &s->window;
  if (const auto* s = stage.as<Latest>()) w = &s->window;
  return w != nullptr && w->has_value() ? &**w : nullptr;
}

bool keeps_all(const Plan& plan, const Node& node) {
  if (node.kind != NodeKind::retained_join) return false;
  const Stage& stage = plan.stage(node.steps[0]);
  const StreamJoin& join = *stage.as<StreamJoin>();
  return stage.kind == StreamKind::append && join.kind == JoinKind::inner && join.retain.duration == nullptr;
}

bool is_revised(const Window& w) {
  if (w.emit != EmitKind::on_close) return true;
  if (w.late == nullptr) return false;
  const std::optional<Value> late = dsl::constant_value(w.late);
  const std::int64_t* micros = late ? std::get_if<std::int64_t>(&*late) : nullptr;
  return micros == nullptr || *micros != 0;
}

bool is_marker(const Stage& stage) {
  const Key* key = stage.as<Key>();
  return key != nullptr && key->computed.empty();
}

namespace {

NodeKind join_kind(JoinBound bound) {
  switch (bound) {
    case JoinBound::interval: return NodeKind::interval_join;
    case JoinBound::window: return NodeKind::window_join;
    case JoinBound::retain: return NodeKind::retained_join;
    case JoinBound::as_of: return NodeKind::as_of_join;
  }
  return NodeKind::interval_join;
}

}  // namespace

NodeKind node_kind(const Stage& stage) {
  if (stage.as<Distinct>() != nullptr) return NodeKind::distinct;
  if (stage.as<Scan>() != nullptr) return NodeKind::scan;
  if (stage.as<SetTime>() != nullptr) return NodeKind::retime;
  if (stage.as<InOrder>() != nullptr) return NodeKind::in_order;
  if (stage.as<Changes>() != nullptr) return NodeKind::changes;
  if (stage.as<Features>() != nullptr) return NodeKind::features;
  if (const auto* join = stage.as<StreamJoin>()) return join_kind(join->bound);
  const Window* w = window_of(stage);
  if (w == nullptr) {
    if (stage.as<Aggregate>() != nullptr) return NodeKind::rolling_aggregate;
    if (stage.as<Top>() != nullptr) return NodeKind::rolling_top;
    if (stage.as<Latest>() != nullptr) return NodeKind::rolling_latest;
    return NodeKind::chain;
  }
  if (w->kind == WindowKind::session) return NodeKind::session_aggregate;
  if (w->kind == WindowKind::count) return NodeKind::count_aggregate;
  if (w->kind == WindowKind::global) return w->retain != nullptr ? NodeKind::count_aggregate : NodeKind::global_aggregate;
  if (stage.as<Top>() != nullptr) return NodeKind::window_top;
  if (stage.as<Latest>() != nullptr) return NodeKind::window_latest;
  return NodeKind::window_aggregate;
}

namespace {

struct Builder {
  Plan plan;
  const Program& program;
  std::vector<bool> needed;            // by stream
  std::vector<FlowId> flow_of;         // by stream
  std::set<std::string> names;

  Builder(const Program& p) : program(p), needed(p.streams.size()), flow_of(p.streams.size(), kNone) {
    plan.program = &p;
  }

  std::string unique(std::string base) {
    std::replace(base.begin(), base.end(), '.', '_');  // a case of a union: `orders.placed`
    std::string n = base;
    for (int i = 2; !names.insert(n).second; ++i) n = base + "_" + std::to_string(i);
    return n;
  }

  void need(std::uint32_t stream) {
    if (needed[stream]) return;
    needed[stream] = true;
    const Stream& s = program.streams[stream];
    for (Index input : s.inputs) need(input);
    for (Index input : s.joined) need(input);
    if (s.origin == StreamOrigin::late) need(s.late_stream);
    // A declared late stream of a needed stage exists beside it; whether somebody reads it is another matter.
  }

  void need_source(const Source& source) {
    if (source.stream != dsl::checked::kNone) return need(source.stream);
    // Any case makes a union run.
    for (const SourceCase& c : source.cases)
      if (needed[c.stream]) return;
    if (!source.cases.empty()) need(source.cases[0].stream);
  }

  FlowId add_flow(std::string flow_name, const Row& row, std::uint32_t stream) {
    const Stream& s = program.streams[stream];
    Flow flow;
    flow.name = unique(std::move(flow_name));
    flow.row = row;
    flow.uses.resize(row.columns.size());
    flow.has_time = s.has_time;
    plan.flows.push_back(std::move(flow));
    return static_cast<FlowId>(plan.flows.size() - 1);
  }

  NodeId add_node(Node node) {
    const NodeId id = static_cast<NodeId>(plan.nodes.size());
    for (FlowId in : node.in) plan.flows[in].consumers.push_back(id);
    if (node.out != kNone) plan.flows[node.out].producer = id;
    if (node.late != kNone) plan.flows[node.late].producer = id;
    if (node.late_right != kNone) plan.flows[node.late_right].producer = id;
    plan.nodes.push_back(std::move(node));
    return id;
  }

  void source(std::uint32_t stream) {
    const Stream& s = program.streams[stream];
    const FlowId flow = add_flow(s.name, s.row, stream);
    plan.flows[flow].source = s.source;
    plan.flows[flow].upsert = s.kind == StreamKind::upsert;
    if (s.union_case != dsl::checked::kNone) return union_case(stream, flow);
    Node node;
    node.kind = NodeKind::source;
    node.name = s.name;
    node.out = flow;
    node.stream = stream;
    node.source = s.source;
    add_node(std::move(node));
    finish(stream, flow);
  }

  /// The cases of a union that somebody reads are flows of one source.
  void union_case(std::uint32_t stream, FlowId flow) {
    const Stream& s = program.streams[stream];
    const Source& source = program.sources[s.source];
    const auto same = [&](const Node& n) { return n.kind == NodeKind::source && n.source == s.source; };
    auto at = std::find_if(plan.nodes.begin(), plan.nodes.end(), same);
    if (at == plan.nodes.end()) {
      Node node;
      node.kind = NodeKind::source;
      node.name = source.name;
      node.stream = stream;
      node.source = s.source;
      node.cases.assign(source.cases.size(), kNone);
      add_node(std::move(node));
      at = std::prev(plan.nodes.end());
    }
    at->cases[s.union_case] = flow;
    plan.flows[flow].producer = static_cast<NodeId>(at - plan.nodes.begin());
    finish(stream, flow);
  }

  /// Declared elsewhere, filled by others: late rows of an operator, invalid rows.
  void declared(std::uint32_t stream) {
    const Stream& s = program.streams[stream];
    if (flow_of[stream] == kNone) finish(stream, add_flow(s.name, s.row, stream));
  }

  FlowId route(std::uint32_t stream) {
    if (stream == kNone) return kNone;
    declared(stream);
    return flow_of[stream];
  }

  void chain(std::uint32_t stream) {
    const Stream& s = program.streams[stream];
    FlowId flow = s.inputs.size() == 1 && !s.merge ? flow_of[s.inputs[0]] : merged(stream);
    bool attached = plan.flows[flow].source != kNone;
    std::uint32_t attached_to = plan.flows[flow].source;
    bool upsert = plan.flows[flow].upsert;
    bool time = plan.flows[flow].has_time;
    std::vector<Step> run;
    const auto flush = [&] {
      bool work = false;
      for (Step step : run) work = work || !is_marker(program.streams[step.stream].stages[step.stage]);
      if (!work) return run.clear();
      const Stage& last = program.streams[stream].stages[run.back().stage];
      Node node;
      node.kind = NodeKind::chain;
      node.name = unique(s.name + "_chain");
      node.in = {flow};
      node.stream = stream;
      node.steps = std::move(run);
      const FlowId out = add_flow(s.name, last.out, stream);
      plan.flows[out].upsert = upsert;
      plan.flows[out].has_time = time;
      plan.flows[out].source = attached ? attached_to : kNone;
      node.out = out;
      add_node(std::move(node));
      flow = out;
      run.clear();
    };
    for (std::uint32_t i = 0; i != s.stages.size(); ++i) {
      const Stage& stage = s.stages[i];
      if (node_kind(stage) == NodeKind::chain) {
        if (stage.as<TableJoin>() != nullptr) attached = false;
        run.push_back({stream, i});
        continue;
      }
      flush();
      // Rows that get another time stay records of their source: they go through at once.
      if (stage.as<SetTime>() == nullptr) attached = false;
      upsert = stage.kind == StreamKind::upsert;
      time = stage.has_time;
      Node node;
      node.kind = node_kind(stage);
      node.name = unique(s.name + "_" + stage.word);
      node.in = {flow};
      const StreamJoin* join = stage.as<StreamJoin>();
      if (join != nullptr) node.in.push_back(flow_of[join->right]);
      node.stream = stream;
      node.steps = {{stream, i}};
      const FlowId out = add_flow(s.name, stage.out, stream);
      plan.flows[out].upsert = upsert;
      plan.flows[out].has_time = time;
      if (attached) plan.flows[out].source = attached_to;
      node.out = out;
      const Window* w = window_of(stage);
      const InOrder* ordered = stage.as<InOrder>();
      node.late = route(w != nullptr ? w->late_to : join != nullptr ? join->late_left : ordered != nullptr ? ordered->late_to : kNone);
      if (join != nullptr) node.late_right = route(join->late_right);
      add_node(std::move(node));
      flow = out;
    }
    flush();
    finish(stream, flow);
  }

  FlowId merged(std::uint32_t stream) {
    const Stream& s = program.streams[stream];
    const FlowId out = add_flow(s.name + "_merged", program.streams[s.inputs[0]].row, stream);
    Node node;
    node.kind = NodeKind::merge;
    node.name = unique(s.name + "_merge");
    for (Index input : s.inputs) node.in.push_back(flow_of[input]);
    node.stream = stream;
    node.out = out;
    bool time = true;
    for (Index input : s.inputs) time = time && plan.flows[flow_of[input]].has_time;
    plan.flows[out].has_time = time;
    add_node(std::move(node));
    return out;
  }

  void finish(std::uint32_t stream, FlowId flow) {
    flow_of[stream] = flow;
    plan.flows[flow].streams.push_back(stream);
    // Before those that read its late rows.
    for (std::uint32_t i = 0; i != program.sinks.size(); ++i)
      if (program.sinks[i].stream == stream && program.sinks[i].window) sink(i);
  }

  void sink(std::uint32_t i) {
    const Sink& sink = program.sinks[i];
    Node node;
    node.kind = NodeKind::sink;
    node.name = unique(sink.name + "_sink");
    node.in = {flow_of[sink.stream]};
    if (sink.window) node.late = route(sink.window->late_to);
    node.stream = sink.stream;
    node.sink = i;
    add_node(std::move(node));
  }

  void sinks() {
    for (std::uint32_t i = 0; i != program.sinks.size(); ++i)
      if (!program.sinks[i].window) sink(i);
  }
};

}  // namespace

Plan build(const Program& program, const std::vector<std::uint32_t>& also) {
  Builder b(program);
  for (const Sink& sink : program.sinks) b.need(sink.stream);
  for (std::uint32_t stream : also) b.need(stream);
  // Every source of a program with sinks or tests runs only if something reads it; invalid routes need their sources.
  for (std::uint32_t i = 0; i != program.streams.size(); ++i)
    if (b.needed[i] && program.streams[i].origin == StreamOrigin::invalid)
      for (const Source& source : program.sources)
        if (source.invalid == i || source.unknown_to == i) b.need_source(source);
  for (std::uint32_t i = 0; i != program.streams.size(); ++i) {
    if (!b.needed[i]) continue;
    switch (program.streams[i].origin) {
      case StreamOrigin::source: b.source(i); break;
      case StreamOrigin::chain: b.chain(i); break;
      case StreamOrigin::late:
      case StreamOrigin::invalid: b.declared(i); break;
    }
  }
  b.sinks();
  return std::move(b.plan);
}

}  // namespace gress::plan
