// An array that only grows at its end. Elements that may be moved as bytes are in memory from realloc, which for large
// blocks moves pages and copies nothing, so that growing never needs room for two copies of them; others are in a vector.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

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
    std::free(static_cast<void*>(items_));
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
    void* items = std::realloc(static_cast<void*>(items_), capacity * sizeof(T));
    if (items == nullptr) throw std::bad_alloc();
    items_ = static_cast<T*>(items);
    capacity_ = capacity;
  }
  T* items_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace gress
