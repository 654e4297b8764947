// `join … within`: rows of two streams whose times lie near each other.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_interval_join(Unit&, plan::NodeId) {}

}  // namespace gress::codegen
