// `join … as_of`: the version of the right row valid at a time.
#include "compiler/codegen/join_rows.h"
#include "compiler/plan/uses.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_as_of_join(Unit& u, plan::NodeId id) {
  JoinRows rows(u, id);
  const StreamJoin& join = rows.join;
  rows.print_structs();
  u.specs.open("struct {}", rows.spec);
  rows.declare();
  u.specs.line("static constexpr bool kReach = {};", join.reach != nullptr);
  u.specs.line("static bool at(Pipeline& p, const Left& in, int i, std::int64_t& at);");
  u.specs.close(";");
  u.specs.blank();
  rows.define();
  Printer& p = u.definitions;
  open_definition(u, "bool", rows.spec, "at([[maybe_unused]] Pipeline& p, const Left& in, int i, std::int64_t& at)");
  p.line("[[maybe_unused]] Eval& ev = p.ev;");
  p.line("[[maybe_unused]] const auto& r = in.rows[i];");
  ExprEnv env;
  env.row = columns_of(rows.stage.in, "r");
  p.line("at = {};", emit_expr(u, join.as_of, env));
  if (plan::may_fail(u.program, join.as_of)) rows.check_failed(JoinRows::Side::left, "return false;");
  p.line("return true;");
  p.close();
  u.members.line("AsOfJoin<{}> {}{{*this, {}}};", rows.spec, rows.name, emit_option(u, join.reach, "kEndOfTime"));
}

}  // namespace gress::codegen
