// `in_order`: rows held until the watermark has passed them.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_in_order(Unit&, plan::NodeId) {}

}  // namespace gress::codegen
