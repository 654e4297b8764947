#include "runtime/core/slab.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/core/large_memory.h"

namespace gress {

Slab::~Slab() {
  for (void* block : blocks_) std::free(block);
}

void Slab::grow(std::size_t piece) {
  if (!blocks_.empty()) block_bytes_ = std::min(block_bytes_ * 2, kLargest);
  while (block_bytes_ / 8 < piece) block_bytes_ *= 2;
  next_ = static_cast<char*>(own_block(block_bytes_));
  left_ = block_bytes_;
}

void* Slab::own_block(std::size_t bytes) { return blocks_.emplace_back(allocate_large(bytes)); }

}  // namespace gress
