// A hash table of numbers alone: what they number is elsewhere, and is looked at only where 32 bits of the hash agree.
// Open addressing, linear probing, at most half full. Where a number stands follows from those bits, so growing and erasing
// look at nothing else. A plain value in memory of a slab; whoever has it gives its memory back.
#pragma once
#include <cstdint>
#include <cstring>

#include "runtime/core/slab.h"

namespace gress {

class HashedNumbers {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  std::uint32_t size() const { return count_; }
  std::uint32_t capacity() const { return capacity_; }
  void prefetch(std::uint64_t hash) const {
    if (capacity_ != 0) __builtin_prefetch(&slots_[bits(hash) & (capacity_ - 1)]);
  }
  /// The first number with these bits of the hash, kNone if there is none: for fetching what it numbers early.
  std::uint32_t guess(std::uint64_t hash) const {
    return find(hash, [](std::uint32_t) { return true; });
  }
  /// The number for which same(number), of those with the hash.
  template <class Same>
  std::uint32_t find(std::uint64_t hash, Same same) const {
    if (capacity_ == 0) return kNone;
    const std::uint32_t tag = bits(hash), mask = capacity_ - 1;
    for (std::uint32_t at = tag & mask; slots_[at].number != 0; at = (at + 1) & mask)
      if (slots_[at].tag == tag && same(slots_[at].number - 1)) return slots_[at].number - 1;
    return kNone;
  }
  void add(std::uint64_t hash, std::uint32_t number, Slab& slab) {
    if (count_ * 2 >= capacity_) grow(slab);
    put({number + 1, bits(hash)});
    ++count_;
  }
  /// The number is there.
  void erase(std::uint64_t hash, std::uint32_t number) {
    const std::uint32_t mask = capacity_ - 1;
    std::uint32_t hole = bits(hash) & mask;
    while (slots_[hole].number != number + 1) hole = (hole + 1) & mask;
    // Later ones of the probe run move up, so no tombstones are left.
    for (std::uint32_t at = (hole + 1) & mask; slots_[at].number != 0; at = (at + 1) & mask)
      if (((at - slots_[at].tag) & mask) >= ((at - hole) & mask)) {
        slots_[hole] = slots_[at];
        hole = at;
      }
    slots_[hole].number = 0;
    --count_;
  }
  void release(Slab& slab) {
    if (capacity_ != 0) slab.give(slots_, capacity_ * sizeof(Slot));
    *this = HashedNumbers{};
  }

 private:
  struct Slot {
    std::uint32_t number, tag;  // number + 1; 0 is free
  };
  static std::uint32_t bits(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  void put(const Slot& slot) {
    std::uint32_t at = slot.tag & (capacity_ - 1);
    while (slots_[at].number != 0) at = (at + 1) & (capacity_ - 1);
    slots_[at] = slot;
  }
  void grow(Slab& slab);

  Slot* slots_ = nullptr;
  std::uint32_t count_ = 0, capacity_ = 0;
};

}  // namespace gress
