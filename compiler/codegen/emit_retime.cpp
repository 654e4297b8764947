// `time`: another event time, with watermarks a partition.
#include "compiler/codegen/spec.h"

namespace gress::codegen {

using namespace dsl::checked;

void emit_retime(Unit&, plan::NodeId) {}

}  // namespace gress::codegen
