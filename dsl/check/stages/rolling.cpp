// aggregate, top and latest without a window: a state a key that is revised with each row, and kept by `retain`.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

/// True when `retain` says how long the state is kept.
bool bounded(Chain& chain, const ast::Stage& stage, const char* word, const std::optional<ast::Retain>& retain) {
  if (retain) return true;
  auto& d = chain.c.report(Code::E0408, stage.range, quote(word) + " without a window keeps its state for ever");
  d.under("keeps state for ever");
  if (chain.key) d.at(chain.key->range, "a state for each of these keys");
  d.help("put `|> window tumbling(1h)` before it, or end with `retain 30d` or `retain forever`");
  chain.give_up();
  return false;
}

}  // namespace

void check_rolling_aggregate(Chain& chain, const ast::Stage& stage, const ast::Aggregate& node) {
  if (bounded(chain, stage, "aggregate", node.retain)) chain.later(stage.range, "`aggregate` without a window");
}
void check_rolling_top(Chain& chain, const ast::Stage& stage, const ast::Top& node) {
  if (bounded(chain, stage, "top", node.retain)) chain.later(stage.range, "`top` without a window");
}
void check_rolling_latest(Chain& chain, const ast::Stage& stage, const ast::Latest& node) {
  if (bounded(chain, stage, "latest", node.retain)) chain.later(stage.range, "`latest` without a window");
}

}  // namespace gress::dsl::detail
