// in_order [late_to N]: rows in the order of their times.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

void check_in_order(Chain& chain, const ast::Stage& stage, const ast::InOrder& node) {
  Context& c = chain.c;
  if (!chain.wants_no_window(stage, "`in_order`")) return;
  if (!chain.wants_append(stage, "`in_order`")) return;
  if (!chain.wants_time(stage, "`in_order`")) return;
  InOrder in_order;
  if (node.late_to && !node.late_to->names.empty()) {
    const auto& names = node.late_to->names;
    if (names.size() > 1) {
      c.report(Code::E0422, names[1].range, "`in_order` has one stream of late rows").under("a second one").help("name one stream: `late_to " + names[0].text + "`");
      return chain.give_up();
    }
    if (!chain.expanding.empty()) {
      c.report(Code::E0422, node.late_to->range, "`late_to` cannot stand in a stage definition")
          .under("each use would declare this stream again");
      return chain.give_up();
    }
    auto at = c.main().items.find(names[0].text);
    // Else a duplicate, reported when names were collected.
    if (at != c.main().items.end() && at->second.kind == ItemKind::route && at->second.range == names[0].range &&
        at->second.index != kNone) {
      in_order.late_to = at->second.index;
      Stream& late = c.program.streams[in_order.late_to];
      late.row = chain.row;
      late.late_stream = chain.stream;
      late.late_stage = static_cast<Index>(chain.stages.size());
      late.has_time = true;
    }
  }
  chain.push(stage, in_order, chain.row);
}

}  // namespace gress::dsl::detail
