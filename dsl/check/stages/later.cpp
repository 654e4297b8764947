// What parses and is not built yet: told from what is wrong, so that nobody looks for a mistake of his own.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

bool check_later(Chain& chain, const ast::Stage& stage) {
  const StageInfo& info = stage_info(stage);
  if (!info.built) chain.later(stage.keyword, quote(info.word));
  return !info.built;
}

}  // namespace gress::dsl::detail
