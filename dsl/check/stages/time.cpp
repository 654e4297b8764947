// time e [delay d]: event time of what follows.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

void check_time(Chain& chain, const ast::Stage& stage, const ast::Time&) { chain.later(stage.keyword, "`time`"); }

}  // namespace gress::dsl::detail
