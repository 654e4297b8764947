// `join … window`: rows of one key in one window.
#include <algorithm>

#include "compiler/codegen/join_rows.h"
#include "compiler/codegen/window_form.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_window_join(Unit& u, plan::NodeId id) {
  JoinRows rows(u, id);
  rows.print_structs();
  u.specs.open("struct {}", rows.spec);
  rows.declare();
  const auto& equalities = rows.join.equalities;
  const bool absent = std::any_of(equalities.begin(), equalities.end(), [](const Equality& e) { return e.left->type->is_optional() || e.right->type->is_optional(); });
  u.specs.line("static constexpr bool kAbsentKeys = {};", absent);
  u.specs.close(";");
  const WindowForm windows{u, *rows.join.window};
  u.specs.line("template <class S>");
  u.specs.line("using {}_windows = {};", rows.name, windows.operator_type("S"));
  u.specs.blank();
  rows.define();
  u.members.line("WindowJoin<{}, {}_windows> {}{{*this, {}}};", rows.spec, rows.name, rows.name, windows.form());
  u.open.push_back(fmt::format("{}_counters.open.set(static_cast<std::int64_t>({}.open_windows()));", rows.name, rows.name));
}

}  // namespace gress::codegen
