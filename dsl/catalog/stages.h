// Every stage a chain may have, as data: one entry an alternative of ast::Stage, in the variant's order. Adding a stage
// is one entry here and one `check_stage` in dsl/check/stages/.
#pragma once
#include <span>
#include <string_view>

#include "dsl/syntax/ast.h"

namespace gress::dsl {

struct StageInfo {
  std::string_view word;    // keyword, "" for a stage definition used by its name
  std::string_view syntax;
  std::string_view doc;     // one line
  bool stateless = false;   // may stand between `key` or `window` and the stage that uses it
  bool keyed = false;       // takes the keys of a `key` before it
  bool built = true;        // false: refused as later work
};

std::span<const StageInfo> stages();
/// The entry of a stage as it was parsed.
const StageInfo& stage_info(const ast::Stage&);
/// Null when there is no stage of that name.
const StageInfo* find_stage(std::string_view word);

}  // namespace gress::dsl
