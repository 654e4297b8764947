// Memory of what grows large: in whole huge pages as soon as it is one, since the first touch of millions of small ones
// costs more than the work done in them.
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace gress {

inline constexpr std::size_t kPage = std::size_t{4} << 10, kHugePage = std::size_t{2} << 20;

/// Where map_large() has it from in programs whose state goes beyond memory (runtime/paging), from its start on; else null.
struct LargeSource {
  void* (*map)(std::size_t bytes, void* from, std::size_t from_bytes);
  void (*unmap)(void* memory, std::size_t bytes);
  void (*pace)();
};
inline constinit const LargeSource* large_source = nullptr;
/// To be called between blocks of rows, and wherever much memory is gone through at random.
inline void pace_memory() {
  if (large_source != nullptr) large_source->pace();
}
/// Why std::bad_alloc was thrown, where that is known.
inline constinit const char* no_memory = nullptr;

/// Uninitialised, aligned to 64 at least; to be freed by std::free.
inline void* allocate_large(std::size_t bytes) {
  const std::size_t unit = bytes >= kHugePage ? kHugePage : 64;
  void* memory = std::aligned_alloc(unit, (bytes + unit - 1) / unit * unit);
  if (memory == nullptr) throw std::bad_alloc();
  if (unit == kHugePage && large_source == nullptr) madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

/// Memory that grows by moving pages, copying nothing: huge pages of zeros, to be given back by unmap_large().
inline void* map_large(std::size_t bytes, void* from = nullptr, std::size_t from_bytes = 0) {
  if (large_source != nullptr) return large_source->map(bytes, from, from_bytes);
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
inline void unmap_large(void* memory, std::size_t bytes) {
  if (large_source != nullptr) large_source->unmap(memory, bytes);
  else munmap(memory, bytes);
}

}  // namespace gress
