// `join … retain`: rows of two streams, each kept for a time.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_retained_join(Unit&, plan::NodeId) {}

}  // namespace gress::codegen
