// `join … within`: rows of two streams whose times lie near each other.
#include "compiler/codegen/join_rows.h"
#include "compiler/plan/uses.h"
#include "dsl/check/walk.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_interval_join(Unit& u, plan::NodeId id) {
  JoinRows rows(u, id);
  const StreamJoin& join = rows.join;
  const bool computed = dsl::detail::mentions(*join.high, Scope::row);
  rows.print_structs();
  u.specs.open("struct {}", rows.spec);
  rows.declare();
  u.specs.line("static constexpr bool kComputedHigh = {};", computed);
  if (computed) u.specs.line("static bool high(Pipeline& p, const Left& in, int i, std::int64_t& high);");
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
  u.members.line("IntervalJoin<{}> {}{{*this, {}, {}}};", rows.spec, rows.name, emit_option(u, join.low, "0"),
                 computed ? "0" : emit_option(u, join.high, "0"));
}

}  // namespace gress::codegen
