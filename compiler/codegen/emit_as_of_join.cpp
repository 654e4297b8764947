// `join … as_of`: the version of the right row valid at a time.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_as_of_join(Unit&, plan::NodeId) {}

}  // namespace gress::codegen
