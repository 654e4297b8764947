// A growing array in memory of a slab, for states of many small arrays. It is a plain value, moved as bytes; whoever has it
// gives its memory back.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "runtime/core/slab.h"

namespace gress {

template <class Item>
class SlabArray {
  static_assert(std::is_trivially_copyable_v<Item> && alignof(Item) <= 16);

 public:
  std::uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  Item& operator[](std::size_t i) { return items_[i]; }
  const Item& operator[](std::size_t i) const { return items_[i]; }
  Item& back() { return items_[count_ - 1]; }
  const Item& back() const { return items_[count_ - 1]; }
  const Item* begin() const { return items_; }
  const Item* end() const { return items_ + count_; }
  void prefetch() const {
    __builtin_prefetch(items_);
    __builtin_prefetch(items_ + count_);
  }

  /// `most`: more items are not expected, so that memory does not grow beyond them.
  void insert(std::uint32_t at, const Item& item, Slab& slab, std::uint64_t most = ~std::uint64_t{0}) {
    if (count_ == capacity_) [[unlikely]] grow(slab, most);
    for (std::uint32_t i = count_; i != at; --i) items_[i] = items_[i - 1];
    items_[at] = item;
    ++count_;
  }
  void push(const Item& item, Slab& slab) { insert(count_, item, slab); }
  /// Room for so many.
  void reserve(std::uint32_t size, Slab& slab) {
    if (size > capacity_) move(size, slab);
  }
  Item take(std::uint32_t at) {
    const Item item = items_[at];
    --count_;
    for (std::uint32_t i = at; i != count_; ++i) items_[i] = items_[i + 1];
    return item;
  }
  Item pop() { return items_[--count_]; }
  /// The items from `at` on go to the end of `to`.
  template <class Buffer>
  void move_tail(std::uint32_t at, Buffer& to) {
    for (std::uint32_t i = at; i != count_; ++i) to.push(items_[i]);
    count_ = at;
  }
  void release(Slab& slab) {
    if (capacity_ != 0) slab.give(items_, capacity_ * sizeof(Item));
    *this = SlabArray{};
  }

 private:
  [[gnu::noinline]] void grow(Slab& slab, std::uint64_t most) {
    std::uint32_t capacity = capacity_ < 2 ? capacity_ + 1 : capacity_ * 2;
    if (capacity > most && most > capacity_) capacity = static_cast<std::uint32_t>(most);
    move(capacity, slab);
  }
  void move(std::uint32_t capacity, Slab& slab) {
    Item* items = static_cast<Item*>(slab.take(capacity * sizeof(Item)));
    if (capacity_ != 0) {
      std::memcpy(static_cast<void*>(items), items_, count_ * sizeof(Item));
      slab.give(items_, capacity_ * sizeof(Item));
    }
    items_ = items;
    capacity_ = capacity;
  }
  Item* items_ = nullptr;
  std::uint32_t count_ = 0, capacity_ = 0;
};

}  // namespace gress
