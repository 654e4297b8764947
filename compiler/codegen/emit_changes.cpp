// `changes`: updates and deletes as rows.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_changes(Unit&, plan::NodeId) {}

}  // namespace gress::codegen
