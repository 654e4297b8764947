#include "runtime/core/growing_array.h"

#include "runtime/core/large_memory.h"

namespace gress {

namespace {

constexpr std::size_t kLarge = kHugePage;

constexpr std::size_t rounded(std::size_t bytes) {
  return bytes < kLarge ? bytes : (bytes + kHugePage - 1) / kHugePage * kHugePage;
}

}  // namespace

void* grow_array(void* items, std::size_t used, std::size_t wanted, std::size_t each, std::size_t& capacity) {
  const std::size_t held = rounded(capacity * each), more = grown_capacity(capacity, wanted), bytes = rounded(more * each);
  void* grown = nullptr;
  if (bytes < kLarge) {
    grown = std::realloc(items, bytes);
    if (grown == nullptr) throw std::bad_alloc();
  } else if (held >= kLarge) {
    grown = map_large(bytes, items, held);
  } else {
    grown = map_large(bytes);
    if (used != 0) std::memcpy(grown, items, used * each);
    std::free(items);
  }
  capacity = more;  // not before the memory is there
  return grown;
}

void* allocate_array(std::size_t bytes) {
  if (bytes >= kLarge) return allocate_large(bytes);
  void* const items = std::malloc(bytes);
  if (items == nullptr) throw std::bad_alloc();
  return items;
}

void release_array(void* items, std::size_t bytes) {
  if (rounded(bytes) >= kLarge) unmap_large(items, rounded(bytes));
  else std::free(items);
}

template class GrowingArray<std::uint32_t>;
template class GrowingArray<std::uint64_t>;

}  // namespace gress
