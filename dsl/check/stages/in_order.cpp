// in_order [late_to N]: rows in the order of their times.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

void check_in_order(Chain& chain, const ast::Stage& stage, const ast::InOrder&) { chain.later(stage.keyword, "`in_order`"); }

}  // namespace gress::dsl::detail
