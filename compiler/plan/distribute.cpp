// Where rows change the worker (docs/decisions/0013-workers.md): of each flow, by which columns its rows are spread; of
// each input of an operator with state, whether its rows lie right as they come.
#include <algorithm>
#include <optional>

#include "compiler/plan/passes.h"
#include "dsl/check/expr_checker.h"

namespace gress::plan {

using namespace dsl::checked;

namespace {

using How = Spread::How;
using Columns = std::vector<std::uint32_t>;

/// The output column that is this input column as it was.
std::optional<std::uint32_t> passed(const Stage& stage, std::uint32_t column) {
  const auto reference = [&](const std::vector<Output>& outputs) -> std::optional<std::uint32_t> {
    for (std::size_t i = 0; i != outputs.size(); ++i)
      if (const ExprPtr e = outputs[i].value; e != nullptr && e->kind == ExprKind::ref && e->scope == Scope::row && e->index == column)
        return static_cast<std::uint32_t>(i);
    return std::nullopt;
  };
  if (const auto* s = stage.as<Project>()) return reference(s->outputs);
  if (const auto* s = stage.as<Features>()) return reference(s->outputs);
  if (stage.as<Scan>() != nullptr) return std::nullopt;
  const std::string& name = stage.in.columns[column].name;
  if (const auto* s = stage.as<Aggregate>(); s && std::find(s->keys.begin(), s->keys.end(), column) == s->keys.end()) return std::nullopt;
  if (const auto* s = stage.as<Flatten>(); s && s->column == column) return std::nullopt;
  if (const auto* s = stage.as<Key>())
    for (const Output& o : s->computed)
      if (o.name == name) return std::nullopt;
  if (const auto* s = stage.as<Top>(); s && s->rank == name) return std::nullopt;
  const int at = stage.out.find(name);
  if (at < 0 || stage.out.columns[static_cast<std::size_t>(at)].type != stage.in.columns[column].type) return std::nullopt;
  return static_cast<std::uint32_t>(at);
}

Spread behind(const Stage& stage, const Spread& spread) {
  if (spread.how != How::by_key) return spread;
  Spread after{How::by_key, {}};
  for (const std::uint32_t column : spread.columns) {
    const std::optional<std::uint32_t> at = passed(stage, column);
    if (!at) return {};
    after.columns.push_back(*at);
  }
  return after;
}

/// Rows of one key of the operator are at one worker.
bool lies_right(const Spread& spread, const Columns& keys) {
  if (spread.how == How::one) return true;
  return spread.how == How::by_key &&
         std::all_of(spread.columns.begin(), spread.columns.end(),
                     [&](std::uint32_t c) { return std::find(keys.begin(), keys.end(), c) != keys.end(); });
}

/// Columns of a side of equalities, where all are plain columns.
std::optional<Columns> plain(const std::vector<Equality>& equalities, bool left) {
  Columns columns;
  for (const Equality& e : equalities) {
    const ExprPtr side = left ? e.left : e.right;
    if (side->kind != ExprKind::ref || e.left->type != e.right->type) return std::nullopt;
    columns.push_back(side->index);
  }
  return columns;
}

/// Exchanged by its equalities, left sides in `by`, a join would give the changes of one key of its result at several
/// workers, and their order would be lost.
bool torn(const Stage& stage, const std::optional<Columns>& by) {
  if (stage.kind != StreamKind::upsert || stage.upsert_key.empty()) return false;
  const auto in_key = [&](std::uint32_t out) { return std::find(stage.upsert_key.begin(), stage.upsert_key.end(), out) != stage.upsert_key.end(); };
  return !by || !std::all_of(by->begin(), by->end(), [&](std::uint32_t column) {
    const std::optional<std::uint32_t> out = passed(stage, column);
    return out && in_key(*out);
  });
}

struct Distributor {
  Plan& plan;

  Spread& spread(FlowId id) { return plan.flows[id].spread; }
  /// How an input's rows lie, to an operator. What is at worker 0 for the order of other sinks may as well be anywhere.
  Spread lies(const Node& node, std::size_t input) {
    const Spread& in = spread(node.in[input]);
    return in.how != How::first ? in : node.ordered_for != kNone ? Spread{How::one, {}} : Spread{};
  }

  /// Behind an operator that has exchanged its input by key, or all to one.
  void keyed(Node& node, const Columns& keys) {
    const Spread in = lies(node, 0);
    const bool right = lies_right(in, keys);
    node.routing = {right ? Routing::stay : keys.empty() ? Routing::to_one : Routing::by_key};
    const Spread at = right ? in : keys.empty() ? Spread{How::one, {}} : Spread{How::by_key, keys};
    node.at = at;
    results(node, at);
  }

  /// `at`: how the rows lie that the operator works on.
  void results(Node& node, const Spread& at) {
    if (node.out != kNone) spread(node.out) = behind(plan.stage(node.steps[0]), at);
    if (node.late != kNone) spread(node.late) = at;
  }

  void distinct(Node& node, const Distinct& stage) {
    Columns columns;
    for (const ExprPtr e : stage.keys)
      if (e->kind == ExprKind::ref) columns.push_back(e->index);
    const Spread in = lies(node, 0);
    const bool right = lies_right(in, columns);
    node.routing = {right ? Routing::stay : Routing::by_key};
    if (right) node.at = in;
    results(node, right ? in : columns.size() == stage.keys.size() ? Spread{How::by_key, columns} : Spread{});
  }

  /// Both sides lie by the same values in the same order, or both at one worker; else both are exchanged.
  void join(Node& node, const StreamJoin& stage) {
    const Spread left = lies(node, 0), right = lies(node, 1);
    const std::optional<Columns> by[2] = {plain(stage.equalities, true), plain(stage.equalities, false)};
    const bool both_one = (left.how == How::one && right.how == How::one) || torn(plan.stage(node.steps[0]), by[0]);
    const auto stays = [&](const Spread& s, const std::optional<Columns>& columns) {
      return s.how == How::by_key && columns && s.columns == *columns;
    };
    const auto gathered = [](const Spread& s) { return s.how == How::one ? Routing::stay : Routing::to_one; };
    if (both_one) node.routing = {gathered(left), gathered(right)};
    else node.routing = {stays(left, by[0]) ? Routing::stay : Routing::by_key, stays(right, by[1]) ? Routing::stay : Routing::by_key};
    if (both_one) node.at = {How::one, {}};
    // Rows of which a part of the key is absent are anywhere. Pairs have all parts.
    const auto at = [&](std::size_t side, bool pairs) {
      const Row& row = plan.flows[node.in[side]].row;
      const bool known = by[side] && (pairs || std::none_of(by[side]->begin(), by[side]->end(), [&](std::uint32_t c) {
        return row.columns[c].type->is_optional();
      }));
      return both_one ? Spread{How::one, {}} : known ? Spread{How::by_key, *by[side]} : Spread{};
    };
    const bool pairs = stage.kind == JoinKind::inner || stage.kind == JoinKind::semi;
    // Rows of the right side alone stand where their key is, not where the absent left one would.
    spread(node.out) = stage.kind == JoinKind::full && !both_one ? Spread{} : behind(plan.stage(node.steps[0]), at(0, pairs));
    if (node.late != kNone) spread(node.late) = at(0, false);
    if (node.late_right != kNone) spread(node.late_right) = at(1, false);
  }

  void source(Node& node) {
    // A changelog's rows change what others of their key have said, in whatever partition these were.
    const bool one = plan.program->sources[node.source].changes != ChangesKind::none;
    const Spread at{one ? How::one : node.ordered_for != kNone ? How::first : How::anywhere, {}};
    node.at = at;
    if (node.out != kNone) spread(node.out) = at;
    for (const FlowId id : node.cases)
      if (id != kNone) spread(id) = at;
  }

  void merge(Node& node) {
    const Spread& first = spread(node.in[0]);
    const bool alike = std::all_of(node.in.begin(), node.in.end(), [&](FlowId id) {
      return spread(id).how == first.how && spread(id).columns == first.columns;
    });
    if (alike) spread(node.out) = first;
    else if (node.ordered_for != kNone) spread(node.out) = {How::one, {}};
  }

  void operator_node(Node& node) {
    const Stage& stage = plan.stage(node.steps[0]);
    const Spread in = spread(node.in[0]);
    switch (node.kind) {
      case NodeKind::retime:  // watermarks are kept by partition, at the worker that reads it
        node.routing = {Routing::stay};
        return results(node, in);
      case NodeKind::changes:  // by the key of the upsert stream; an update's two rows stand side by side
        node.routing = {Routing::stay};
        return results(node, in);
      case NodeKind::in_order: return keyed(node, {});
      default: break;
    }
    if (const auto* s = stage.as<Distinct>()) return distinct(node, *s);
    if (const auto* s = stage.as<StreamJoin>()) return join(node, *s);
    keyed(node, *keys_of(stage));
  }

  /// All ways from the flow come through stateless stages to exchanges.
  bool stateless(FlowId id) {
    const Flow& flow = plan.flows[id];
    return std::all_of(flow.consumers.begin(), flow.consumers.end(), [&](NodeId consumer) {
      const Node& node = plan.nodes[consumer];
      if (node.kind == NodeKind::chain) return stateless(node.out);
      if (node.kind == NodeKind::merge || node.kind == NodeKind::sink) return false;
      for (std::size_t i = 0; i != node.in.size(); ++i)
        if (node.in[i] == id && node.routing[i] == Routing::stay) return false;
      return true;
    });
  }

  std::vector<FlowId> flows_of(const Node& source) {
    std::vector<FlowId> out;
    for (const FlowId id : source.cases)
      if (id != kNone) out.push_back(id);
    if (source.out != kNone) out.push_back(source.out);
    return out;
  }

  void run() {
    for (Node& node : plan.nodes) {
      switch (node.kind) {
        case NodeKind::source: source(node); break;
        case NodeKind::merge: merge(node); break;
        case NodeKind::sink:
          if (node.late != kNone) spread(node.late) = spread(node.in[0]);
          break;
        case NodeKind::chain: {
          Spread at = spread(node.in[0]);
          for (const Step step : node.steps) at = behind(plan.stage(step), at);
          spread(node.out) = std::move(at);
          break;
        }
        default: operator_node(node);
      }
    }
    for (Node& node : plan.nodes) {
      if (node.kind != NodeKind::source) continue;
      const Source& source = plan.program->sources[node.source];
      const auto* connector = source.info;
      node.in_pieces = connector != nullptr && !connector->messages && !at_first(plan, node) &&
                       (source.format == Format::json || source.format == Format::csv || source.format == Format::text);
      for (const FlowId id : flows_of(node)) node.in_pieces = node.in_pieces && stateless(id);
    }
  }
};

}  // namespace

const OptionValue* parallelism(const Program& program) {
  const auto said = std::ranges::find(program.options, "parallelism", &OptionValue::name);
  if (said == program.options.end()) return nullptr;
  const std::optional<Value> value = said->value != nullptr ? dsl::constant_value(said->value) : std::nullopt;
  const auto* n = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  return n != nullptr && *n == 1 ? nullptr : &*said;
}

bool at_first(const Plan& plan, const Node& source) {
  return source.ordered_for != kNone || plan.program->sources[source.source].changes != ChangesKind::none;
}

void distribute(Plan& plan) { Distributor{plan}.run(); }

}  // namespace gress::plan
