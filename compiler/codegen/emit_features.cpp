// `extend` with frames: aggregates over the rows of the key before each row.
#include <algorithm>

#include "compiler/codegen/accumulator.h"
#include "compiler/codegen/spec.h"
#include "compiler/plan/uses.h"
#include "dsl/catalog/aggregates.h"
#include "dsl/check/expr_checker.h"
#include "dsl/check/walk.h"

namespace gress::codegen {

using namespace dsl::checked;
using dsl::AggregateKind;

namespace {

/// How a frame is kept up.
enum class Upkeep {
  taken_back,  // rows leave without a trace
  merged,      // states of a few words, which may be made for every row
  recomputed,
};

Upkeep upkeep(const AggregateCall& call) {
  if (call.fn == nullptr) return Upkeep::merged;
  switch (call.fn->kind) {
    case AggregateKind::count:
    case AggregateKind::any:
    case AggregateKind::all:
    case AggregateKind::count_distinct:
    case AggregateKind::approx_count_distinct:
    case AggregateKind::quantile:
    case AggregateKind::approx_quantile: return Upkeep::taken_back;
    case AggregateKind::sum:
    case AggregateKind::avg: return call.args[0]->type->plain()->is_float() ? Upkeep::merged : Upkeep::taken_back;
    case AggregateKind::collect: return Upkeep::recomputed;
    default: return Upkeep::merged;
  }
}

bool is_whole(const Frame& frame) { return frame.span == nullptr && frame.rows == nullptr; }

class FeaturesPrinter {
 public:
  FeaturesPrinter(Unit& unit, plan::NodeId id)
      : u(unit), node(u.plan.nodes[id]), name(u.node_names[id]), spec(name + "_spec"), stage(u.plan.stage(node.steps[0])),
        features(*stage.as<Features>()) {
    row.row = columns_of(stage.in, "r");
  }

  void emit() {
    u.specs.line("// {} {}", comment(u.where(stage.range)), comment(u.sources.text(stage.range)));
    print_state_key(u, u.specs, node, name + "_key", key_parts(stage.in, features.keys), features.keys);
    read();
    for (std::size_t c = 0; c != features.calls.size(); ++c) call(c);
    declare();
    outputs();
    open_definition(u, "void", spec, "failed(Pipeline& p, const In& in, int i)");
    u.definitions.line("[[maybe_unused]] Eval& ev = p.ev;");
    u.definitions.line("p.{}", fail_statement(u, node.in[0], "in", "i", stage.range, false, u.program.streams[node.stream].name));
    u.definitions.close();
    print_outlets(u, node, spec, false);
    std::string sizes;
    for (const FramedCall& c : features.calls)
      sizes += (sizes.empty() ? "" : ", ") + emit_option(u, c.frame.span != nullptr ? c.frame.span : c.frame.rows, "0");
    u.members.line("gress::Features<{}> {}{{*this, {}, {{{}}}}};", spec, name, emit_option(u, features.retain.duration, "kEndOfTime"), sizes);
  }

 private:
  bool fails(ExprPtr e) const { return plan::may_fail(u.program, e); }

  /// What calls read of a row, computed when it comes. Arguments that cannot fail are shared; others are computed only
  /// where the call's `where:` holds.
  void read() {
    Printer& s = u.specs;
    Printer& p = u.definitions;
    s.open("struct {}_read", name);
    std::vector<std::string> members;
    std::vector<std::pair<ExprPtr, std::string>> shared;
    const auto member = [&](const std::string& type) {
      members.push_back(fmt::format("value_{}", members.size()));
      s.line("{} {}{{}};", type, members.back());
      return members.back();
    };
    open_definition(u, "void", spec, "read([[maybe_unused]] Pipeline& p, [[maybe_unused]] const In& in, [[maybe_unused]] int i, [[maybe_unused]] Read& to)");
    p.line("[[maybe_unused]] Eval& ev = p.ev;");
    p.line("[[maybe_unused]] const auto& r = in.rows[i];");
    const auto value = [&](ExprPtr e) {
      for (const auto& [other, at] : shared)
        if (dsl::same_expr(other, e)) return at;
      const std::string at = member(cpp_type(u, e->type));
      p.line("to.{} = {};", at, emit_expr(u, e, row));
      shared.emplace_back(e, at);
      return at;
    };
    args_.resize(features.calls.size());
    wheres_.resize(features.calls.size());
    for (std::size_t c = 0; c != features.calls.size(); ++c) {
      const AggregateCall& call = features.calls[c].call;
      if (call.where != nullptr) wheres_[c] = value(call.where);
      const bool guarded = call.where != nullptr && std::any_of(call.args.begin(), call.args.end(), [&](ExprPtr e) { return fails(e); });
      if (guarded) p.open("if (to.{})", wheres_[c]);
      for (ExprPtr arg : call.args) {
        if (!guarded) {
          args_[c].push_back(value(arg));
        } else {
          args_[c].push_back(member(cpp_type(u, arg->type)));
          p.line("to.{} = {};", args_[c].back(), emit_expr(u, arg, row));
        }
      }
      if (guarded) p.close();
    }
    p.close();
    s.raw(members_line(name + "_read", members));
    s.close(";");
  }

  void call(std::size_t c) {
    Printer& s = u.specs;
    const auto& [call, frame] = features.calls[c];
    s.open("struct {}_call_{}", name, c);
    s.line("// {}", comment(u.sources.text(call.range)));
    s.line("using Accumulator = {};", accumulator(call, frame));
    s.line("static constexpr gress::Over kOver = gress::Over::{};", frame.span != nullptr ? "span" : frame.rows != nullptr ? "rows" : "all");
    s.line("static constexpr bool kBefore = {}, kCheapMerge = {};", frame.before, upkeep(call) == Upkeep::merged);
    method(c, "add");
    if (upkeep(call) == Upkeep::taken_back && !(is_whole(frame) && forgets(call))) method(c, "remove");
    s.close(";");
  }
  /// Over all rows no row leaves, and sketches stay small.
  static bool forgets(const AggregateCall& call) {
    return call.fn->kind == AggregateKind::approx_count_distinct || call.fn->kind == AggregateKind::quantile || call.fn->kind == AggregateKind::approx_quantile;
  }
  std::string accumulator(const AggregateCall& call, const Frame& frame) {
    const bool taken_back = upkeep(call) == Upkeep::taken_back && !(is_whole(frame) && forgets(call));
    return taken_back ? retracting_type(u, call) : accumulator_type(u, call);
  }
  void method(std::size_t c, const char* verb) {
    std::vector<std::string> values;
    for (const std::string& a : args_[c]) values.push_back("in.read." + a);
    const std::string where = wheres_[c].empty() ? "" : fmt::format("if (in.read.{}) ", wheres_[c]);
    u.specs.line("static void {}(Eval& ev, Accumulator& a, [[maybe_unused]] const gress::Arrived<{}_read>& in) {{", verb, name);
    u.specs.line("  [[maybe_unused]] constexpr int i = 0;");
    u.specs.line("  {}{}", where, retracting_call(u, features.calls[c].call, verb, "a", values));
    u.specs.line("}}");
  }

  void declare() {
    Printer& s = u.specs;
    std::string calls, values;
    bool failing = std::any_of(features.outputs.begin(), features.outputs.end(), [&](const Output& o) { return fails(o.value); });
    for (std::size_t c = 0; c != features.calls.size(); ++c) {
      const char* comma = c == 0 ? "" : ", ";
      calls += fmt::format("{}{}_call_{}", comma, name, c);
      values += fmt::format("{}const {}_call_{}::Accumulator*", comma, name, c);
      const AggregateCall& call = features.calls[c].call;
      failing = failing || plan::add_may_fail(u.program, call) || plan::result_may_fail(u.program, call) || call.fn == nullptr;
    }
    s.open("struct {}", spec);
    s.line("using Pipeline = program::Pipeline;");
    s.line("using In = {};", u.block_type(node.in[0]));
    s.line("using Out = {};", u.block_type(node.out));
    s.line("using Key = {}_key;", name);
    s.line("using Read = {}_read;", name);
    s.line("using Calls = std::tuple<{}>;", calls);
    s.line("using Values = std::tuple<{}>;", values);
    s.line("static constexpr bool kMayFail = {};", failing);
    s.line("static Key key([[maybe_unused]] const In::Row& r) {{ return {}; }}", key_value("Key", stage.in, features.keys, "r"));
    s.line("static void read(Pipeline& p, const In& in, int i, Read& to);");
    s.line("static void outputs(Pipeline& p, const In& in, int i, const Values& values, Out::Row& o);");
    s.line("static void failed(Pipeline& p, const In& in, int i);");
    s.line("static void out(Pipeline& p, Out& block);");
    s.line("static void watermark(Pipeline& p, std::int64_t t);");
    s.close(";");
    s.blank();
  }

  void outputs() {
    Printer& p = u.definitions;
    const plan::Flow& out = u.flow(node.out);
    open_definition(u, "void", spec, "outputs([[maybe_unused]] Pipeline& p, const In& in, int i, [[maybe_unused]] const Values& values, [[maybe_unused]] Out::Row& o)");
    p.line("[[maybe_unused]] Eval& ev = p.ev;");
    p.line("[[maybe_unused]] const auto& r = in.rows[i];");
    ExprEnv env = row;
    for (std::size_t c = 0; c != features.calls.size(); ++c)
      env.agg.push_back(result_call(u, features.calls[c].call, fmt::format("(*std::get<{}>(values))", c)));
    std::vector<std::string> columns;
    for (std::size_t i = 0; i != features.outputs.size(); ++i) {
      const ExprPtr value = features.outputs[i].value;
      const bool used = out.uses[i].any();
      columns.push_back(used ? emit_expr(u, value, env) : "");
      // What shows text of a state that changes with the next row is copied for the block.
      if (used && !is_flat(value->type) && dsl::detail::mentions(*value, Scope::agg)) columns.back() = fmt::format("fn::kept(ev, {})", columns.back());
      if (!used && fails(value)) p.line("static_cast<void>({});", emit_expr(u, value, env));
    }
    assign_columns(u, node.out, columns);
    p.close();
  }

  Unit& u;
  const plan::Node& node;
  const std::string& name;
  const std::string spec;
  const Stage& stage;
  const Features& features;
  ExprEnv row;
  std::vector<std::vector<std::string>> args_;  // by call: members of what is read
  std::vector<std::string> wheres_;
};

}  // namespace

void emit_features(Unit& u, plan::NodeId id) { FeaturesPrinter(u, id).emit(); }

}  // namespace gress::codegen
