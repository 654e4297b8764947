// `aggregate`, `top` and `latest` without a window: a state a key, a new version with each row.
#include <algorithm>

#include "compiler/codegen/accumulator.h"
#include "compiler/codegen/spec.h"
#include "compiler/plan/uses.h"
#include "dsl/catalog/aggregates.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

class RollingPrinter {
 public:
  RollingPrinter(Unit& unit, plan::NodeId id)
      : u(unit), id_(id), node(u.plan.nodes[id]), name(u.node_names[id]), spec(name + "_spec"), stage(u.plan.stage(node.steps[0])),
        keys(*plan::keys_of(stage)), upserts(u.flow(node.in[0]).upsert), p(u.definitions) {
    env.row = columns_of(stage.in, "r");
  }

  void emit() {
    u.specs.line("// {} {}", comment(u.where(stage.range)), comment(u.sources.text(stage.range)));
    print_state_key(u, u.specs, node, name + "_key", key_parts(stage.in, keys), keys);
    if (const auto* a = stage.as<Aggregate>()) aggregate(*a);
    else if (const auto* t = stage.as<Top>()) top(t->by, t->count, t->with_ties, t->rank, t->retain);
    else if (const auto* l = stage.as<Latest>(); upserts) top({}, nullptr, false, "", l->retain);
    else latest(*l);
    print_outlets(u, node, spec, false);
  }

 private:
  bool fails(ExprPtr e) const { return e != nullptr && plan::may_fail(u.program, e); }

  void open_spec(const Retain& retain, bool old) {
    Printer& s = u.specs;
    s.open("struct {}", spec);
    s.line("using Pipeline = program::Pipeline;");
    s.line("using In = {};", u.block_type(node.in[0]));
    s.line("using Out = {};", u.block_type(node.out));
    s.line("using Key = {}_key;", name);
    s.line("static constexpr bool kOld = {};", old);
    s.line("static constexpr bool kRetain = {};", retain.duration != nullptr);
    s.line("static Key key([[maybe_unused]] const In::Row& r) {{ return {}; }}", key_value("Key", stage.in, keys, "r"));
  }
  void close_spec() {
    u.specs.line("static void out(Pipeline& p, Out& block);");
    u.specs.line("static void watermark(Pipeline& p, std::int64_t t);");
    u.specs.close(";");
    u.specs.blank();
  }
  void open_row(const std::string& result, const std::string& signature) {
    open_definition(u, result, spec, signature);
    p.line("[[maybe_unused]] Eval& ev = p.ev;");
    p.line("[[maybe_unused]] const auto& r = in.rows[i];");
  }

  // ---- aggregate

  struct Call {
    const AggregateCall* call;
    std::string accumulator, type, where, add, remove;
    bool may_fail = false;
    bool undone_by_copy = false;  // cannot take a row back: a copy of its state does
  };

  std::string guarded(const Call& c, const std::string& statement) const {
    return c.where.empty() ? statement : fmt::format("if ({}) {}", unwrapped(c.where), statement);
  }

  std::vector<Call> prepare(const Aggregate& a) {
    const std::vector<std::string> names = accumulator_names(a);
    std::vector<Call> calls;
    for (std::size_t c = 0; c != a.calls.size(); ++c) {
      const AggregateCall& call = a.calls[c];
      Call made{&call, "s." + names[c], upserts ? retracting_type(u, call) : accumulator_type(u, call), "", "", ""};
      if (call.where != nullptr) made.where = emit_expr(u, call.where, env);
      std::vector<std::string> args;
      for (ExprPtr arg : call.args) args.push_back(emit_expr(u, arg, env));
      const bool numbers = !upserts && numbers_text(u, call);
      if (numbers) {
        u.members.line("agg::TextNumbers {}_numbers_{};", name, names[c]);
        u.section(id_, fmt::format("{}_numbers_{}", name, names[c]), "." + names[c]);
      }
      made.add = upserts ? retracting_call(u, call, "add", made.accumulator, args)
                         : add_call(u, call, made.accumulator, args, fmt::format("p.{}_numbers_{}", name, names[c]));
      made.remove = retracting_call(u, call, "remove", made.accumulator, args);
      made.may_fail = plan::add_may_fail(u.program, call);
      made.undone_by_copy = call.fn == nullptr && !u.program.aggregates[call.user].has_retract;
      calls.push_back(std::move(made));
    }
    return calls;
  }

  void aggregate(const Aggregate& a) {
    std::vector<Call> calls = prepare(a);
    bool result_fails = std::any_of(a.outputs.begin(), a.outputs.end(), [&](const Output& o) { return fails(o.value); });
    bool adds_fail = false, rows_fail = false;
    for (const Call& c : calls) {
      result_fails = result_fails || plan::result_may_fail(u.program, *c.call);
      adds_fail = adds_fail || c.may_fail;
      rows_fail = rows_fail || fails(c.call->where) || std::any_of(c.call->args.begin(), c.call->args.end(), [&](ExprPtr e) { return fails(e); });
    }
    u.specs.open("struct {}_state", name);
    for (const Call& c : calls) u.specs.line("{} {};", c.type, c.accumulator.substr(2));
    u.specs.open("void clear()");
    std::vector<std::string> kept;
    for (const Call& c : calls) kept.push_back(c.accumulator.substr(2));
    for (const std::string& k : kept) u.specs.line("{}.clear();", k);
    u.specs.close();
    print_archive(u, u.specs, kept, true);
    u.specs.close(";");

    // Where a version may fail to come, what it replaces is deleted: its old row is needed then.
    open_spec(a.retain, u.flow(node.out).old_rows || result_fails || adds_fail);
    Printer& s = u.specs;
    s.line("using State = {}_state;", name);
    if (rows_fail) s.line("static bool sound(Pipeline& p, const In& in, int i);");
    s.line("static bool add(Pipeline& p, State& s, const In& in, int i);");
    if (upserts) s.line("static void remove(Pipeline& p, State& s, const In& in, int i);");
    s.line("static bool result(Pipeline& p, Eval& ev, const Key& key, const State& s, Out::Row& o);");
    close_spec();

    if (rows_fail) sound(calls);
    add(calls);
    if (upserts) remove(calls, adds_fail);
    result(a, calls, result_fails);
    u.members.line("RollingAggregate<{}> {}{{*this, {}}};", spec, name, emit_option(u, a.retain.duration, "kEndOfTime"));
  }

  /// Rows that fail in what is aggregated count in nothing.
  void sound(const std::vector<Call>& calls) {
    open_row("bool", "sound(Pipeline& p, const In& in, int i)");
    for (const Call& c : calls) {
      const bool args_fail = std::any_of(c.call->args.begin(), c.call->args.end(), [&](ExprPtr e) { return fails(e); });
      if (!args_fail && !fails(c.call->where)) continue;
      if (!args_fail) p.line("static_cast<void>({});", c.where);
      if (args_fail && !c.where.empty()) p.open("if ({})", unwrapped(c.where));
      for (ExprPtr arg : c.call->args)
        if (fails(arg)) p.line("static_cast<void>({});", emit_expr(u, arg, env));
      if (args_fail && !c.where.empty()) p.close();
    }
    check_row_failed(u, node, stage.range, "return false;");
    p.line("return true;");
    p.close();
  }

  /// What may fail comes first, so that little has to be undone.
  void add(const std::vector<Call>& calls) {
    open_row("bool", "add([[maybe_unused]] Pipeline& p, [[maybe_unused]] State& s, [[maybe_unused]] const In& in, [[maybe_unused]] int i)");
    std::vector<const Call*> failing;
    for (const Call& c : calls)
      if (c.may_fail && !c.undone_by_copy) failing.push_back(&c);
    for (const Call& c : calls)
      if (c.may_fail && c.undone_by_copy) failing.push_back(&c);
    for (std::size_t k = 0; k != failing.size(); ++k) {
      const Call& c = *failing[k];
      if (c.undone_by_copy && k + 1 != failing.size()) p.line("auto before_{} = {}.held.clone();", k, c.accumulator);
      u.say_line(p, c.call->range);
      p.raw(guarded(c, c.add));
      p.line_reset();
      p.open("if (ev.failed) [[unlikely]]");
      if (k != 0) {
        p.open("");
        p.line("[[maybe_unused]] Eval undo;");
        p.line("[[maybe_unused]] Eval& ev = undo;");
        for (std::size_t j = 0; j != k; ++j)
          p.raw(failing[j]->undone_by_copy ? fmt::format("{}.held = std::move(before_{});", failing[j]->accumulator, j)
                                           : guarded(*failing[j], failing[j]->remove));
        p.close();
      }
      p.line("p.{}", fail_statement(u, node.in[0], "in", "i", stage.range, false, u.program.streams[node.stream].name));
      p.line("return false;");
      p.close();
    }
    for (const Call& c : calls) {
      if (c.may_fail) continue;
      u.say_line(p, c.call->range);
      if (!c.where.empty() && c.call->fn != nullptr && c.call->fn->kind == dsl::AggregateKind::count) p.line("{}.add_if({});", c.accumulator, unwrapped(c.where));
      else p.raw(guarded(c, c.add));
    }
    p.line_reset();
    p.line("return true;");
    p.close();
  }

  void remove(const std::vector<Call>& calls, bool adds_fail) {
    open_row("void", "remove([[maybe_unused]] Pipeline& p, [[maybe_unused]] State& s, [[maybe_unused]] const In& in, [[maybe_unused]] int i)");
    for (const Call& c : calls) {
      u.say_line(p, c.call->range);
      p.raw(guarded(c, c.remove));
    }
    p.line_reset();
    if (adds_fail) p.line("ev.clear();");
    p.close();
  }

  void result(const Aggregate& a, const std::vector<Call>& calls, bool result_fails) {
    open_definition(u, "bool", spec,
                    "result([[maybe_unused]] Pipeline& p, [[maybe_unused]] Eval& ev, [[maybe_unused]] const Key& key, "
                    "[[maybe_unused]] const State& s, [[maybe_unused]] Out::Row& o)");
    const plan::Flow& out = u.flow(node.out);
    ExprEnv group;
    for (const KeyPart& part : key_parts(stage.in, keys)) group.group.push_back("key." + part.name);
    for (const Call& c : calls) group.agg.push_back(result_call(u, *c.call, c.accumulator));
    std::vector<std::string> values = group.group;
    for (const Output& o : a.outputs) {
      const bool used = out.uses[values.size()].any();
      values.push_back(used ? emit_expr(u, o.value, group) : "");
      if (!used && fails(o.value)) p.line("static_cast<void>({});", emit_expr(u, o.value, group));
    }
    assign_columns(u, node.out, values);
    if (result_fails) check_result_failed(u, node, stage.in, keys, stage.range, "return false;");
    p.line("return true;");
    p.close();
  }

  // ---- top, latest

  void show(const std::string& rank) {
    open_definition(u, "void", spec, "show(Pipeline&, [[maybe_unused]] const In::Row& r, [[maybe_unused]] std::int64_t rank, [[maybe_unused]] Out::Row& o)");
    std::vector<std::string> values;
    for (const Column& c : stage.out.columns) values.push_back(!rank.empty() && c.name == rank ? "rank" : "r." + identifier(c.name));
    assign_columns(u, node.out, values);
    p.close();
  }

  void latest(const Latest& l) {
    open_spec(l.retain, u.flow(node.out).old_rows);
    u.specs.line("static void show(Pipeline&, const In::Row& r, std::int64_t rank, Out::Row& o);");
    close_spec();
    show("");
    u.members.line("RollingLatest<{}> {}{{*this, {}}};", spec, name, emit_option(u, l.retain.duration, "kEndOfTime"));
  }

  /// `count` is null for the latest of upserts, which is the first by place.
  void top(const std::vector<OrderBy>& by, ExprPtr count, bool ties, const std::string& rank, const Retain& retain) {
    print_order_struct(u, u.specs, name + "_order", by);
    open_spec(retain, u.flow(node.out).old_rows);
    Printer& s = u.specs;
    s.line("using Order = {}_order;", name);
    s.line("static constexpr bool kTies = {};", ties);
    s.line("static constexpr bool kRank = {};", !rank.empty());
    s.line("static constexpr bool kLatest = {};", count == nullptr);
    s.line("static bool order(Pipeline& p, const In& in, int i, Order& order);");
    s.line("static void show(Pipeline&, const In::Row& r, std::int64_t rank, Out::Row& o);");
    close_spec();
    open_row("bool", "order([[maybe_unused]] Pipeline& p, const In& in, int i, [[maybe_unused]] Order& order)");
    bool failing = false;
    for (std::size_t i = 0; i != by.size(); ++i) {
      p.line("order.by_{} = {};", i, emit_expr(u, by[i].value, env));
      failing = failing || fails(by[i].value);
    }
    if (failing) check_row_failed(u, node, stage.range, "return false;");
    p.line("return true;");
    p.close();
    show(rank);
    u.members.line("RollingTop<{}> {}{{*this, {}, {}}};", spec, name, count == nullptr ? "1" : emit_option(u, count, "0"),
                   emit_option(u, retain.duration, "kEndOfTime"));
  }

  Unit& u;
  const plan::NodeId id_;
  const plan::Node& node;
  const std::string& name;
  const std::string spec;
  const Stage& stage;
  const std::vector<Index>& keys;
  const bool upserts;
  Printer& p;
  ExprEnv env;
};

}  // namespace

void emit_rolling(Unit& u, plan::NodeId id) { RollingPrinter(u, id).emit(); }

}  // namespace gress::codegen
