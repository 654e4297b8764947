// `join … within`: rows of two streams whose times lie near each other.
#include "compiler/codegen/join_rows.h"
#include "compiler/plan/passes.h"
#include "compiler/plan/uses.h"
#include "dsl/check/walk.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

const char* contest_name(plan::Contest contest) {
  switch (contest) {
    case plan::Contest::none: return "none";
    case plan::Contest::left: return "left";
    case plan::Contest::right: return "right";
  }
  return "";
}

/// Asks the `top` that reads the join.
void in_sight(Unit& u, const JoinRows& rows) {
  const bool left = rows.node.contest == plan::Contest::left;
  const plan::NodeId reader = u.flow(rows.node.out).consumers[0];
  const Top& top = *u.plan.stage(u.plan.nodes[reader].steps[0]).as<Top>();
  const std::string& name = u.node_names[reader];
  Printer& p = u.definitions;
  open_definition(u, "bool", rows.spec,
                  fmt::format("in_sight(Pipeline& p, [[maybe_unused]] const Key& key, [[maybe_unused]] const {}, std::uint32_t& entry)", left ? "LeftRow& l" : "RightRow& r"));
  p.line("[[maybe_unused]] Eval& ev = p.ev;");
  ExprEnv env;
  env.row = columns_of(rows.stage.in, "l");
  env.row.push_back("r");  // the right record
  p.open("if (entry == KeyTable<{}_key, int>::kNone)", name);
  p.line("{}_key group;", name);
  for (std::size_t k = 0; k != top.keys.size(); ++k) {
    const int part = plan::equal_part(rows.join, top.keys[k]);
    const std::string column = identifier(rows.stage.in.columns[top.keys[k]].name);
    p.line("group.{} = {};", key_parts(u.plan.stage(u.plan.nodes[reader].steps[0]).in, top.keys)[k].name, part < 0 ? "l." + column : fmt::format("key.part_{}", part));
  }
  p.line("entry = p.{}.find(group);", name);
  p.line("if (entry == KeyTable<{}_key, int>::kNone) return true;", name);
  p.close();
  p.line("{}_order order;", name);
  for (std::size_t i = 0; i != top.by.size(); ++i) p.line("order.by_{} = {};", i, emit_expr(u, top.by[i].value, env));
  p.line("return p.{}.may_show(entry, order);", name);
  p.close();
}

}  // namespace

void emit_interval_join(Unit& u, plan::NodeId id) {
  JoinRows rows(u, id);
  const StreamJoin& join = rows.join;
  const bool computed = dsl::detail::mentions(*join.high, Scope::row);
  rows.print_structs();
  u.specs.open("struct {}", rows.spec);
  rows.declare();
  u.specs.line("static constexpr bool kComputedHigh = {};", computed);
  if (computed) u.specs.line("static bool high(Pipeline& p, const Left& in, int i, std::int64_t& high);");
  u.specs.line("static constexpr Contest kContest = Contest::{};", contest_name(rows.node.contest));
  if (rows.node.contest == plan::Contest::left) u.specs.line("static bool in_sight(Pipeline& p, const Key& key, const LeftRow& l, std::uint32_t& entry);");
  if (rows.node.contest == plan::Contest::right) u.specs.line("static bool in_sight(Pipeline& p, const Key& key, const RightRow& r, std::uint32_t& entry);");
  u.specs.close(";");
  u.specs.blank();
  rows.define();
  if (computed) {
    Printer& p = u.definitions;
    open_definition(u, "bool", rows.spec, "high([[maybe_unused]] Pipeline& p, const Left& in, int i, std::int64_t& high)");
    p.line("[[maybe_unused]] Eval& ev = p.ev;");
    p.line("[[maybe_unused]] const auto& r = in.rows[i];");
    ExprEnv env;
    env.row = columns_of(rows.stage.in, "r");
    p.line("high = {};", emit_expr(u, join.high, env));
    if (plan::may_fail(u.program, join.high)) rows.check_failed(JoinRows::Side::left, "return false;");
    p.line("return true;");
    p.close();
  }
  if (rows.node.contest != plan::Contest::none) in_sight(u, rows);
  u.members.line("IntervalJoin<{}> {}{{*this, {}, {}}};", rows.spec, rows.name, emit_option(u, join.low, "0"),
                 computed ? "0" : emit_option(u, join.high, "0"));
}

}  // namespace gress::codegen
