// changes: an upsert stream as facts.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

void check_changes(Chain& chain, const ast::Stage& stage, const ast::Changes&) { chain.later(stage.keyword, "`changes`"); }

}  // namespace gress::dsl::detail
