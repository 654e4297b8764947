// `join … retain`: rows of two streams, each kept for a time. Facts that stay facts have an operator of their own.
#include "compiler/codegen/join_rows.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_retained_join(Unit& u, plan::NodeId id) {
  JoinRows rows(u, id);
  const Retain& retain = rows.join.retain;
  const bool facts = rows.stage.kind == StreamKind::append;
  rows.print_structs();
  u.specs.open("struct {}", rows.spec);
  rows.declare();
  u.specs.line("static constexpr bool kForever = {};", retain.duration == nullptr);
  for (const JoinRows::Side side : {JoinRows::Side::left, JoinRows::Side::right}) rows.declare_row_of(side);
  u.specs.close(";");
  u.specs.blank();
  rows.define();
  for (const JoinRows::Side side : {JoinRows::Side::left, JoinRows::Side::right}) rows.define_row_of(side);
  u.members.line("{}<{}> {}{{*this, {}}};", facts ? "AppendJoin" : "RetainedJoin", rows.spec, rows.name,
                 emit_option(u, retain.duration, "kEndOfTime"));
}

}  // namespace gress::codegen
