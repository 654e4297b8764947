// An array of zeros, for the indices of tables: huge pages when it is large, which come as zeros and are touched only where
// something is written.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "runtime/core/large_memory.h"

namespace gress {

class ZeroedArray {
 public:
  explicit ZeroedArray(std::size_t size) { reset(size); }
  ZeroedArray(const ZeroedArray&) = delete;
  ZeroedArray& operator=(const ZeroedArray&) = delete;
  ~ZeroedArray() { release(); }

  std::uint32_t& operator[](std::size_t i) { return items_[i]; }
  const std::uint32_t& operator[](std::size_t i) const { return items_[i]; }
  const std::uint32_t* data() const { return items_; }
  std::size_t size() const { return size_; }

  /// Zeros, so many.
  void reset(std::size_t size) {
    release();
    size_ = 0;
    items_ = static_cast<std::uint32_t*>(large(size) ? map_large(bytes(size)) : std::calloc(size, sizeof(std::uint32_t)));
    if (items_ == nullptr) throw std::bad_alloc();
    size_ = size;
  }
  void clear() { std::memset(items_, 0, size_ * sizeof(std::uint32_t)); }
  void swap(ZeroedArray& o) noexcept {
    std::swap(items_, o.items_);
    std::swap(size_, o.size_);
  }

 private:
  static bool large(std::size_t size) { return size * sizeof(std::uint32_t) >= kHugePage; }
  static std::size_t bytes(std::size_t size) { return (size * sizeof(std::uint32_t) + kHugePage - 1) / kHugePage * kHugePage; }
  void release() {
    if (large(size_)) unmap_large(items_, bytes(size_));
    else std::free(items_);
    items_ = nullptr;
  }

  std::uint32_t* items_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace gress
