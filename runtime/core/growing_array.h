// An array that only grows at its end. Elements that may be moved as bytes are, when there are many, in huge pages that
// move and are not copied, so that growing never needs room for two copies of them; others are in a vector.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/core/large_memory.h"

namespace gress {

/// Plain types, and those that say so: T::kMovesAsBytes.
template <class T>
constexpr bool moves_as_bytes() {
  if constexpr (requires { T::kMovesAsBytes; }) return T::kMovesAsBytes;
  return std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>;
}

template <class T, bool = moves_as_bytes<T>()>
class GrowingArray : public std::vector<T> {};

template <class T>
class GrowingArray<T, true> {
 public:
  GrowingArray() = default;
  GrowingArray(const GrowingArray&) = delete;
  GrowingArray& operator=(const GrowingArray&) = delete;
  ~GrowingArray() {
    if constexpr (!std::is_trivially_destructible_v<T>)
      for (std::size_t i = 0; i != size_; ++i) items_[i].~T();
    release();
  }

  T& operator[](std::size_t i) { return items_[i]; }
  const T& operator[](std::size_t i) const { return items_[i]; }
  T* data() { return items_; }
  const T* data() const { return items_; }
  std::size_t size() const { return size_; }
  void emplace_back() {
    if (size_ == capacity_) grow(size_ + 1);
    ::new (static_cast<void*>(items_ + size_)) T{};
    ++size_;
  }
  /// Never makes it smaller.
  void resize(std::size_t size) {
    if (size > capacity_) grow(size);
    for (; size_ < size; ++size_) ::new (static_cast<void*>(items_ + size_)) T{};
  }
  void swap(GrowingArray& o) noexcept {
    std::swap(items_, o.items_);
    std::swap(size_, o.size_);
    std::swap(capacity_, o.capacity_);
  }

 private:
  static_assert(alignof(T) <= alignof(std::max_align_t));

  [[gnu::noinline]] void grow(std::size_t size) {
    std::size_t capacity = capacity_ == 0 ? 16 : capacity_ * 2;
    if (capacity < size) capacity = size;
    const std::size_t bytes = bytes_of(capacity);
    void* items;
    if (bytes < kLarge) {
      items = std::realloc(static_cast<void*>(items_), bytes);
      if (items == nullptr) throw std::bad_alloc();
    } else if (bytes_of(capacity_) >= kLarge) {
      items = map_large(bytes, static_cast<void*>(items_), bytes_of(capacity_));
    } else {
      items = map_large(bytes);
      if (size_ != 0) std::memcpy(items, static_cast<void*>(items_), size_ * sizeof(T));
      release();
    }
    items_ = static_cast<T*>(items);
    capacity_ = capacity;
  }
  /// Whole huge pages, as soon as it is one.
  static constexpr std::size_t bytes_of(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    return bytes < kLarge ? bytes : (bytes + kHugePage - 1) / kHugePage * kHugePage;
  }
  void release() {
    if (bytes_of(capacity_) < kLarge) std::free(static_cast<void*>(items_));
    else unmap_large(static_cast<void*>(items_), bytes_of(capacity_));
  }

  static constexpr std::size_t kLarge = kHugePage;
  T* items_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace gress
