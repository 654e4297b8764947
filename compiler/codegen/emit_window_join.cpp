// `join … window`: rows of two streams of the same key and window.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_window_join(Unit&, plan::NodeId) {}

}  // namespace gress::codegen
