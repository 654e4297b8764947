// Exchanges: the inputs of operators whose rows have to come to the worker that has their state. With one worker a flow
// enters the operator directly.
#include <algorithm>

#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

/// What the owner of a row is computed from: the operator's key, at this input.
struct RoutedKey {
  std::vector<ExprPtr> parts;        // of joins and `distinct`, into `part_N`
  const std::vector<Index>* columns; // of all others
  bool right = false;                // the right row of a join
};

RoutedKey key_of(const Stage& stage, std::size_t input) {
  RoutedKey key{{}, plan::keys_of(stage)};
  if (const auto* s = stage.as<Distinct>()) key.parts = s->keys;
  if (const auto* s = stage.as<StreamJoin>()) {
    key.right = input == 1;
    for (const Equality& e : s->equalities) key.parts.push_back(key.right ? e.right : e.left);
  }
  return key;
}

void print_hash(Unit& u, const plan::Node& node, const std::string& name, std::size_t input, const std::string& spec) {
  const Stage& stage = u.plan.stage(node.steps[0]);
  const RoutedKey routed = key_of(stage, input);
  Printer& p = u.definitions;
  open_definition(u, "std::uint64_t", spec, "hash([[maybe_unused]] Pipeline& p, const In& in, int i)");
  p.line("[[maybe_unused]] const auto& r = in.rows[i];");
  if (routed.parts.empty()) {
    p.line("return {}.hash();", key_value(name + "_key", stage.in, *routed.columns, "r"));
    p.close();
    return;
  }
  p.line("[[maybe_unused]] Eval& ev = p.ev;");
  p.line("{}_key key;", name);
  ExprEnv env;
  (routed.right ? env.right : env.row) =
      columns_of(routed.right ? u.program.streams[stage.as<StreamJoin>()->right].row : stage.in, "r");
  const bool join = stage.as<StreamJoin>() != nullptr;
  for (std::size_t k = 0; k != routed.parts.size(); ++k) {
    const ExprPtr e = routed.parts[k];
    // A part that is absent joins nothing, wherever it goes.
    if (join && e->type->is_optional()) p.line("key.part_{} = ({}).value;", k, emit_expr(u, e, env));
    else p.line("key.part_{} = {};", k, emit_expr(u, e, env));
  }
  // A row whose key fails goes anywhere: the operator says so once more.
  p.line("ev.clear();");
  p.line("return key.hash();");
  p.close();
}

/// A session takes in a row that is behind its stamp if other partitions have not closed it by then.
bool has_sessions(const plan::Node& node, const Stage& stage) {
  const auto* join = stage.as<StreamJoin>();
  return node.kind == plan::NodeKind::session_aggregate || (join != nullptr && join->window && join->window->kind == WindowKind::session);
}

/// Rows of the flow come from a source over stateless stages.
bool comes_from_source(const Unit& u, plan::FlowId flow) {
  const plan::NodeId producer = u.flow(flow).producer;
  if (producer == plan::kNone) return false;  // of failures
  const plan::Node& node = u.plan.nodes[producer];
  return node.kind == plan::NodeKind::source || (node.kind == plan::NodeKind::chain && comes_from_source(u, node.in[0]));
}

}  // namespace

bool Unit::exchanged(plan::NodeId id, std::size_t input) const {
  const plan::Node& node = plan.nodes[id];
  return for_workers && !node.routing.empty() && node.routing[input] != plan::Routing::stay;
}

std::string Unit::input_name(plan::NodeId id, std::size_t input) const {
  return plan.nodes[id].in.size() == 1 ? node_names[id] : node_names[id] + (input == 0 ? "_left" : "_right");
}

void find_exchanges(Unit& u) {
  // Rows of failures come from anywhere, so that their exchanges are behind all others.
  std::vector<bool> of_failures(u.plan.flows.size());
  for (std::size_t id = 0; id != of_failures.size(); ++id) {
    const plan::Flow& flow = u.plan.flows[id];
    of_failures[id] = !flow.streams.empty() && u.program.streams[flow.streams[0]].origin == StreamOrigin::invalid;
  }
  for (const plan::Node& node : u.plan.nodes) {
    const bool reached = std::any_of(node.in.begin(), node.in.end(), [&](plan::FlowId in) { return of_failures[in]; });
    for (const plan::FlowId out : {node.out, node.late, node.late_right})
      if (reached && out != plan::kNone) of_failures[out] = true;
  }
  for (const bool behind : {false, true})
    for (plan::NodeId id = 0; id != u.plan.nodes.size(); ++id) {
      const plan::Node& node = u.plan.nodes[id];
      const bool reached = std::any_of(node.in.begin(), node.in.end(), [&](plan::FlowId in) { return of_failures[in]; });
      for (std::size_t k = 0; k != node.in.size(); ++k)
        if (reached == behind && u.exchanged(id, k)) u.exchanges.push_back({id, k, u.input_name(id, k) + "_exchange", behind});
    }
}

void emit_exchanges(Unit& u, plan::NodeId id) {
  const plan::Node& node = u.plan.nodes[id];
  for (std::size_t level = 0; level != u.exchanges.size(); ++level) {
    if (u.exchanges[level].node != id) continue;
    const std::size_t k = u.exchanges[level].input;
    const std::string input = u.input_name(id, k), exchange = u.exchanges[level].name, spec = exchange + "_spec";
    const bool by_key = node.routing[k] == plan::Routing::by_key;
    Printer& s = u.specs;
    const bool combines = node.combining != plan::Combining::no;
    if (combines) s.line("struct {}_spec; struct {}_state;", u.node_names[id], u.node_names[id]);
    s.open("struct {}", spec);
    s.line("using Pipeline = program::Pipeline;");
    s.line("using In = {};", u.block_type(node.in[k]));
    s.line("static constexpr int kLevel = {};", comes_from_source(u, node.in[k]) ? 0 : level);
    if (by_key) s.line("static std::uint64_t hash(Pipeline& p, const In& in, int i);");
    s.line("static void process(Pipeline& p, const In& in);");
    s.line("static void watermark(Pipeline& p, std::int64_t t);");
    const auto from_here = [&](const plan::Reordering& r) { return r.from == id; };
    const bool merges = u.plan.reordered(id) != nullptr, feeds = std::ranges::any_of(u.plan.reorderings, from_here);
    if (merges || feeds) s.line("static constexpr bool {} = true;", merges ? "kMerges" : "kNumbers");
    if (feeds) s.line("static void reach(Pipeline& p, Turn turn);");
    if (has_sessions(node, u.plan.stage(node.steps[0]))) s.line("static constexpr bool kInTurn = true;");
    if (combines) {
      s.line("using Aggregate = {}_spec;", u.node_names[id]);
      s.line("static constexpr bool kAlways = {};", node.combining == plan::Combining::always);
      s.line("static constexpr bool kRoutesLate = {};", node.late != plan::kNone);
      s.line("static bool place(Pipeline& p, std::int64_t time, std::int64_t own, PanePlace& place);");
      s.line("static void merge(Pipeline& p, const In& in, const Partials<{}_state>& partials);", u.node_names[id]);
    }
    s.close(";");
    s.blank();
    if (by_key) print_hash(u, node, u.node_names[id], k, spec);
    open_definition(u, "void", spec, "process(Pipeline& p, const In& in)");
    u.definitions.line("p.enter_{}(in);", input);
    u.definitions.close();
    open_definition(u, "void", spec, "watermark(Pipeline& p, std::int64_t t)");
    u.definitions.line("p.advance_{}(t);", input);
    u.definitions.close();
    if (feeds) {
      open_definition(u, "void", spec, "reach(Pipeline& p, Turn turn)");
      for (const plan::Reordering& r : u.plan.reorderings)
        if (r.from == id) u.definitions.line("p.{}_exchange.reach(turn);", u.input_name(r.at, 0));
      u.definitions.close();
    }
    if (combines) {
      open_definition(u, "bool", spec, "place(Pipeline& p, std::int64_t time, std::int64_t own, PanePlace& place)");
      u.definitions.line("return p.{}.place_of(time, own, place);", u.node_names[id]);
      u.definitions.close();
      open_definition(u, "void", spec, fmt::format("merge(Pipeline& p, const In& in, const Partials<{}_state>& partials)", u.node_names[id]));
      u.definitions.line("p.merge_{}(in, partials);", input);
      u.definitions.close();
    }
    u.members.line("Exchange<{}> {}{{*this, shared.{}, {}_counters}};", spec, exchange, exchange, u.node_names[id]);
    u.section(id, exchange, exchange.substr(u.node_names[id].size()));
  }
}

void print_shared(const Unit& u, Printer& p) {
  if (u.exchanges.empty()) return;
  p.raw("/// What lies between the workers.");
  p.open("struct Shared");
  std::string all;
  for (const Unit::ExchangeAt& x : u.exchanges) {
    p.line("Exchange<{}_spec>::Rings {};", x.name, x.name);
    all += fmt::format("{}{}(workers)", all.empty() ? "" : ", ", x.name);
  }
  for (plan::NodeId id = 0; id != u.plan.nodes.size(); ++id)
    if (u.in_pieces(id)) p.line("engine::Pieces {}_pieces;", u.node_names[id]);
  p.line("explicit Shared(int workers) : {} {{}}", all);
  p.close(";");
  p.blank();
}

void print_receive(const Unit& u, Printer& p) {
  if (u.exchanges.empty()) return;
  p.raw("/// Takes what other workers have sent, of exchanges from `level` on; false when there was nothing.");
  p.open("bool receive(int level)");
  p.line("bool any = false;");
  for (std::size_t i = 0; i != u.exchanges.size(); ++i) p.line("if (level <= {}) any |= {}.receive();", i, u.exchanges[i].name);
  p.line("return any;");
  p.close();
  p.blank();
}

}  // namespace gress::codegen
