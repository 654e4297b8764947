// A growing array of plain values that an accumulator owns: three words, nothing until the first value, memory kept
// when cleared.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace gress::agg {

/// Whether a cleared accumulator keeps `capacity` values' room after having used `used`: a group that was huge once
/// does not hold its memory for ever.
inline bool worth_keeping(std::size_t capacity, std::size_t used) { return capacity <= 1024 || used >= capacity / 32; }

template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 16);

 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept
      : items_(std::exchange(other.items_, nullptr)),
        count_(std::exchange(other.count_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(items_, other.items_);
    std::swap(count_, other.count_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~Buffer() { std::free(static_cast<void*>(items_)); }

  T* data() const { return items_; }
  std::size_t size() const { return count_; }
  std::size_t capacity() const { return capacity_; }

  void push(const T& value) {
    const T copy = value;  // may stand in this very buffer
    if (count_ == capacity_) [[unlikely]]
      grow(count_ + 1);
    items_[count_++] = copy;
  }
  void append(const T* values, std::size_t count) {
    if (count == 0) return;
    if (count > capacity_ - count_) [[unlikely]]
      grow(count_ + count);
    std::memcpy(static_cast<void*>(items_ + count_), values, count * sizeof(T));
    count_ += count;
  }
  void clear() {
    if (!worth_keeping(capacity_, count_)) release();
    count_ = 0;
  }
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      for (std::uint64_t left = io.count(); left != 0; --left) push(io.template get<T>());
    } else {
      io.count(count_);
      for (std::size_t i = 0; i != count_; ++i) io(items_[i]);
    }
  }

 private:
  [[gnu::noinline]] void grow(std::size_t need) {
    std::size_t capacity = capacity_ == 0 ? (sizeof(T) <= 16 ? 64 / sizeof(T) : 4) : capacity_ * 2;
    if (capacity < need) capacity = need;
    void* items =
        capacity > SIZE_MAX / sizeof(T) ? nullptr : std::realloc(static_cast<void*>(items_), capacity * sizeof(T));
    if (items == nullptr) throw std::bad_alloc();
    items_ = static_cast<T*>(items);
    capacity_ = capacity;
  }
  void release() {
    std::free(static_cast<void*>(items_));
    items_ = nullptr;
    capacity_ = 0;
  }
  T* items_ = nullptr;
  std::size_t count_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace gress::agg
