// extend { n: count(over: 10m), usual: avg(x, before: 30) } retain 30d: aggregates over the rows of the key before each.
#include "dsl/check/stages/chain.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

/// The first argument `over:` or `before:` in the stage, null without one.
const ast::Entry* frame_of(const ast::Extend& extend) {
  const ast::Entry* found = nullptr;
  for (const auto& entry : extend.entries)
    if (entry.value)
      walk(*entry.value, [&](const ast::Expr& e) {
        if (const auto* call = e.as<ast::Call>())
          for (const auto& arg : call->args)
            if (!found && arg.name && (arg.name->text == "over" || arg.name->text == "before")) found = &arg;
      });
  return found;
}

void check_features(Chain& chain, const ast::Stage&, const ast::Extend& node) {
  if (const auto* f = frame_of(node)) chain.later(f->range, "`extend` with `" + f->name->text + ":`");
  else chain.later(node.retain->range, "`extend` with `retain`");
}

}  // namespace gress::dsl::detail
