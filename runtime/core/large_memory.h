// Memory of what grows large: in whole huge pages as soon as it is one, since the first touch of millions of small ones
// costs more than the work done in them.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace gress {

inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Uninitialised, aligned to 64 at least; to be freed by std::free.
inline void* allocate_large(std::size_t bytes) {
  const std::size_t unit = bytes >= kHugePage ? kHugePage : 64;
  void* memory = std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
  if (memory == nullptr) throw std::bad_alloc();
  if (unit == kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

}  // namespace gress
