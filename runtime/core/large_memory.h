// Memory of what grows large: in whole huge pages as soon as it is one, since the first touch of millions of small ones
// costs more than the work done in them.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
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

/// Memory that grows by moving pages, copying nothing: huge pages of zeros, to be given back by unmap_large().
inline void* map_large(std::size_t bytes, void* from = nullptr, std::size_t from_bytes = 0) {
  // A stretch of addresses that is a huge page longer holds an aligned one; pages move whole only between such.
  void* const reserved = mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) throw std::bad_alloc();
  const auto begin = reinterpret_cast<std::uintptr_t>(reserved), at = (begin + kHugePage - 1) & ~(kHugePage - 1);
  if (at != begin) munmap(reserved, at - begin);
  if (at + bytes != begin + bytes + kHugePage) munmap(reinterpret_cast<void*>(at + bytes), begin + kHugePage - at);
  void* memory = reinterpret_cast<void*>(at);
  if (from != nullptr) {
    memory = mremap(from, from_bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, memory);
    if (memory == MAP_FAILED) throw std::bad_alloc();
  }
  madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}
inline void unmap_large(void* memory, std::size_t bytes) { munmap(memory, bytes); }

}  // namespace gress
