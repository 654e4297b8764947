#include "runtime/core/growing_array.h"

namespace gress {

template class GrowingArray<std::uint32_t>;
template class GrowingArray<std::uint64_t>;

}  // namespace gress
