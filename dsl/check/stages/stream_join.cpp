// join S as n on a == n.b within 5m | window W | retain d | as_of t: the join of two streams.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

void check_stream_join(Chain& chain, const ast::Stage& stage, const ast::Join& join) {
  Context& c = chain.c;
  resolve_stream(c, join.right, "a table or stream to join");
  if (!chain.broken && !chain.wants_no_key(stage, "a join")) return;
  std::string form;
  if (join.within_low) form = "`within`";
  else if (join.window) form = "`window`";
  else if (join.retain) form = "`retain`";
  else if (join.as_of) form = "`as_of`";
  if (form.empty()) {
    c.report(Code::E0408, stage.range, "a join of two streams without a bound keeps both for ever")
        .under("which rows belong together in time?")
        .help("add `within 5m`, `window tumbling(5m)`, `as_of time` or `retain 1d` (or `retain forever`, said aloud)");
    return chain.give_up();
  }
  chain.later(stage.range, "a join of two streams by " + form);
}

}  // namespace gress::dsl::detail
