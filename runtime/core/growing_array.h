// An array that grows at its end, in huge pages when it is large. Elements that may be moved as bytes are in pages that move and
// are not copied, so that growing never needs room for two copies of them. Made for templates that are compiled with every
// program: a small part of std::vector.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace gress {

/// Plain types, and those that say so: T::kMovesAsBytes.
template <class T>
constexpr bool moves_as_bytes() {
  if constexpr (requires { T::kMovesAsBytes; }) return T::kMovesAsBytes;
  return std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>;
}

constexpr std::size_t grown_capacity(std::size_t capacity, std::size_t wanted) {
  const std::size_t grown = capacity == 0 ? 16 : capacity * 2;
  return grown < wanted ? wanted : grown;
}
/// Memory for `wanted` elements or more of `each` bytes, which sets `capacity`, with the first `used` of `items` moved there.
/// As soon as it is a huge page, whole huge pages.
void* grow_array(void* items, std::size_t used, std::size_t wanted, std::size_t each, std::size_t& capacity);
/// So many bytes, to be freed by std::free.
void* allocate_array(std::size_t bytes);
/// Of so many bytes.
void release_array(void* items, std::size_t bytes);

template <class T>
class GrowingArray {
 public:
  GrowingArray() = default;
  /// With so many elements.
  explicit GrowingArray(std::size_t size) { resize(size); }
  GrowingArray(GrowingArray&& o) noexcept { swap(o); }
  GrowingArray& operator=(GrowingArray&& o) noexcept {
    swap(o);
    return *this;
  }
  ~GrowingArray() {
    clear();
    release();
  }

  T& operator[](std::size_t i) { return items_[i]; }
  const T& operator[](std::size_t i) const { return items_[i]; }
  T& back() { return items_[size_ - 1]; }
  const T& back() const { return items_[size_ - 1]; }
  T* data() { return items_; }
  const T* data() const { return items_; }
  T* begin() { return items_; }
  const T* begin() const { return items_; }
  T* end() { return items_ + size_; }
  const T* end() const { return items_ + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  void emplace_back() {
    if (size_ == capacity_) grow(size_ + 1);
    ::new (static_cast<void*>(items_ + size_)) T{};
    ++size_;
  }
  /// Not one of its own elements.
  void push_back(T item) {
    if (size_ == capacity_) grow(size_ + 1);
    ::new (static_cast<void*>(items_ + size_)) T(std::move(item));
    ++size_;
  }
  /// Before element `at`; not one of its own elements.
  void insert(std::size_t at, T item) {
    static_assert(moves_as_bytes<T>());
    reserve(size_ + 1);
    std::memmove(static_cast<void*>(items_ + at + 1), static_cast<const void*>(items_ + at), (size_ - at) * sizeof(T));
    ::new (static_cast<void*>(items_ + at)) T(std::move(item));
    ++size_;
  }
  void pop_back() { items_[--size_].~T(); }
  /// Room for so many.
  void reserve(std::size_t size) {
    if (size > capacity_) grow(size);
  }
  /// Never makes it smaller.
  void resize(std::size_t size) {
    if (size > capacity_) grow(size);
    for (; size_ < size; ++size_) ::new (static_cast<void*>(items_ + size_)) T{};
  }
  /// Those that have been made in its room, at data(), with what was there before.
  void made(std::size_t size) { size_ = size; }
  /// So many elements, all `value`.
  void assign(std::size_t size, T value) {
    clear();
    if (size > capacity_) grow(size);
    for (; size_ < size; ++size_) ::new (static_cast<void*>(items_ + size_)) T(value);
  }
  /// Keeps the memory.
  void clear() {
    if constexpr (!std::is_trivially_destructible_v<T>)
      for (std::size_t i = 0; i != size_; ++i) items_[i].~T();
    size_ = 0;
  }
  void swap(GrowingArray& o) noexcept {
    std::swap(items_, o.items_);
    std::swap(size_, o.size_);
    std::swap(capacity_, o.capacity_);
  }

 private:
  static_assert(alignof(T) <= alignof(std::max_align_t));
  void grow(std::size_t size);
  void release() {
    if constexpr (moves_as_bytes<T>()) release_array(static_cast<void*>(items_), capacity_ * sizeof(T));
    else std::free(static_cast<void*>(items_));
  }

  T* items_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

template <class T>
[[gnu::noinline]] void GrowingArray<T>::grow(std::size_t size) {
  if constexpr (moves_as_bytes<T>()) {
    items_ = static_cast<T*>(grow_array(static_cast<void*>(items_), size_, size, sizeof(T), capacity_));
  } else {
    const std::size_t capacity = grown_capacity(capacity_, size);
    T* items = static_cast<T*>(allocate_array(capacity * sizeof(T)));
    for (std::size_t i = 0; i != size_; ++i) {
      ::new (static_cast<void*>(items + i)) T(std::move(items_[i]));
      items_[i].~T();
    }
    std::free(static_cast<void*>(items_));
    items_ = items;
    capacity_ = capacity;
  }
}

extern template class GrowingArray<std::uint32_t>;
extern template class GrowingArray<std::uint64_t>;

}  // namespace gress
