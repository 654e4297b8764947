// `extend` with frames: aggregates over the rows of the key before each row.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_features(Unit&, plan::NodeId) {}

}  // namespace gress::codegen
