#include "runtime/core/aggregates/count_distinct_text.h"

namespace gress::agg {

template class KeySet<Text>;

}  // namespace gress::agg
