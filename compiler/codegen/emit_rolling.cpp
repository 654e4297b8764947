// `aggregate`, `top` and `latest` without a window: a state a key, a new version with each row.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_rolling(Unit&, plan::NodeId) {}

}  // namespace gress::codegen
