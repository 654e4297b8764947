// Memory of what one operator keeps, in pieces of any size: pieces that are given back are used again for pieces of their
// size class, and none goes back to the system before the end. Fresh pieces lie side by side in large blocks.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "runtime/core/large_memory.h"

namespace gress {

class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;
  ~Slab();

  /// Uninitialised, aligned to 16; at least a byte.
  void* take(std::size_t bytes) {
    const Class c = class_of(bytes);
    if (void* piece = free_[c.number]) {
      std::memcpy(&free_[c.number], piece, sizeof(void*));
      return piece;
    }
    if (c.bytes > left_) [[unlikely]] {
      if (c.bytes > kLargest / 8) return own_block(c.bytes);
      grow(c.bytes);
    }
    char* piece = next_;
    next_ += c.bytes;
    left_ -= c.bytes;
    // Fresh memory is written from its beginning to its end: what comes next is on its way before it is asked for.
    for (std::size_t at = 0; at < c.bytes && c.bytes <= kAhead; at += 64) __builtin_prefetch(next_ + kAhead + at, 1);
    return piece;
  }
  /// `bytes` as they were asked for.
  void give(void* piece, std::size_t bytes) {
    void*& first = free_[class_of(bytes).number];
    std::memcpy(piece, &first, sizeof(void*));
    first = piece;
  }

 private:
  struct Class {
    std::size_t number, bytes;
  };
  static constexpr std::size_t kUnit = 16, kExact = 64;  // up to kExact units a class for each number of units
  static constexpr std::size_t kAhead = 1024;
  static constexpr std::size_t kSmallest = std::size_t{64} << 10, kLargest = 4 * kHugePage;  // blocks

  /// Above that, eight classes for each power of two.
  static Class class_of(std::size_t bytes) {
    const std::size_t units = (bytes + kUnit - 1) / kUnit;
    if (units <= kExact) [[likely]] return {units, units * kUnit};
    const int shift = static_cast<int>(std::bit_width(units - 1)) - 4;
    const std::size_t eighths = (units - 1) >> shift;  // 8 to 15
    return {kExact + 1 + static_cast<std::size_t>(shift - 3) * 8 + (eighths - 8), ((eighths + 1) << shift) * kUnit};
  }
  /// Blocks grow with what is there, to huge pages; what is left of the last one is given up.
  void grow(std::size_t piece);
  void* own_block(std::size_t bytes);

  void* free_[kExact + 1 + 8 * 54] = {};  // the first of each class; each piece begins with the next one
  std::vector<void*> blocks_;
  std::size_t block_bytes_ = kSmallest;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace gress
