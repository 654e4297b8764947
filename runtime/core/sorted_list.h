// Held values in order, for states from which rows are taken back: adding, finding and taking away anywhere among a
// million costs about a microsecond, and a few values one small piece of memory. Chunks of up to 64 items, none empty,
// side by side in order; chunks are found by binary search over their first items.
//
// Item: trivially copyable in its held form, with StateTraits. Order: static bool before(const Item&, const Item&), a
// strict weak order. Equal items stand in the order in which they were added (kNewestFirst: the other way round).
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "runtime/core/state_value.h"

namespace gress {

/// A growing array of held items that knows nothing of their order; whoever has it releases them.
template <class Item>
class ItemBuffer {
  static_assert(std::is_trivially_copyable_v<Item> && alignof(Item) <= 16);

 public:
  ItemBuffer() = default;
  ItemBuffer(ItemBuffer&& o) noexcept { swap(o); }
  ItemBuffer& operator=(ItemBuffer&& o) noexcept {
    swap(o);
    return *this;
  }
  ~ItemBuffer() { std::free(static_cast<void*>(items_)); }
  void swap(ItemBuffer& o) noexcept {
    std::swap(items_, o.items_);
    std::swap(count_, o.count_);
    std::swap(capacity_, o.capacity_);
  }

  std::uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  Item* begin() { return items_; }
  Item* end() { return items_ + count_; }
  const Item* begin() const { return items_; }
  const Item* end() const { return items_ + count_; }
  Item& operator[](std::size_t i) { return items_[i]; }
  const Item& operator[](std::size_t i) const { return items_[i]; }
  Item& back() { return items_[count_ - 1]; }
  const Item& back() const { return items_[count_ - 1]; }

  /// `most`: more items are not expected, so that memory does not grow beyond them.
  void insert(std::uint32_t at, const Item& held, std::uint64_t most = ~std::uint64_t{0}) {
    if (count_ == capacity_) [[unlikely]] grow(most);
    std::memmove(static_cast<void*>(items_ + at + 1), items_ + at, (count_ - at) * sizeof(Item));
    items_[at] = held;
    ++count_;
  }
  void push(const Item& held) { insert(count_, held); }
  Item take(std::uint32_t at) {
    const Item held = items_[at];
    --count_;
    std::memmove(static_cast<void*>(items_ + at), items_ + at + 1, (count_ - at) * sizeof(Item));
    return held;
  }
  Item pop() { return items_[--count_]; }
  /// The items from `at` on go to the end of `to`.
  void move_tail(std::uint32_t at, ItemBuffer& to) {
    for (std::uint32_t i = at; i != count_; ++i) to.push(items_[i]);
    count_ = at;
  }
  void release_all() {
    if constexpr (!StateTraits<Item>::is_plain)
      for (Item& item : *this) StateTraits<Item>::release(item);
    count_ = 0;
  }
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      for (std::uint64_t left = io.count(); left != 0; --left) push(io.template get<Item>());
    } else {
      io.count(count_);
      for (const Item& item : *this) io(item);
    }
  }
  void free_memory() {
    std::free(static_cast<void*>(items_));
    items_ = nullptr;
    count_ = capacity_ = 0;
  }

 private:
  [[gnu::noinline]] void grow(std::uint64_t most) {
    std::uint32_t capacity = capacity_ < 2 ? capacity_ + 1 : capacity_ * 2;
    if (capacity > most && most > capacity_) capacity = static_cast<std::uint32_t>(most);
    void* items = std::realloc(static_cast<void*>(items_), capacity * sizeof(Item));
    if (items == nullptr) throw std::bad_alloc();
    items_ = static_cast<Item*>(items);
    capacity_ = capacity;
  }
  Item* items_ = nullptr;
  std::uint32_t count_ = 0, capacity_ = 0;
};

template <class Item, class Order, bool kNewestFirst = false>
class SortedList {
 public:
  SortedList() = default;
  SortedList(SortedList&& o) noexcept { swap(o); }
  SortedList& operator=(SortedList&& o) noexcept {
    swap(o);
    return *this;
  }
  ~SortedList() { clear(); }

  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Item& front() const { return chunks_[0][0]; }
  const Item& back() const { return chunks_.back().back(); }

  /// The item becomes the list's: a held one.
  void insert(const Item& held) {
    if (empty()) return push_front(held);
    const std::uint32_t c = chunk_of(held);
    ItemBuffer<Item>* chunk = &chunks_.at(c);
    chunk->insert(place_in(*chunk, held), held);
    ++size_;
    if (chunk->size() > kMost) split(c);
  }
  /// Behind all others, in their order.
  void push_back(const Item& held) {
    if (chunks_.size() == 0 || chunks_.back().size() == kMost) chunks_.push(Chunk());
    chunks_.at(chunks_.size() - 1).push(held);
    ++size_;
  }
  void push_front(const Item& held) {
    if (empty()) chunks_.push(Chunk());
    chunks_.at(0).insert(0, held);
    ++size_;
    if (chunks_.at(0).size() > kMost) split(0);
  }
  /// Takes away an item that equals `probe` in order and for which same(item, probe), of several the one that came
  /// first; false if there is none.
  template <class Same>
  bool take(const Item& probe, Item& taken, Same same) {
    Spot found{chunks_.size(), 0};
    for (Spot spot = first_not_before(probe); spot.chunk != chunks_.size(); spot = next(spot)) {
      const Item& item = chunks_[spot.chunk][spot.item];
      if (Order::before(probe, item)) break;
      if (!same(item, probe)) continue;
      found = spot;
      if constexpr (!kNewestFirst) break;
    }
    if (found.chunk == chunks_.size()) return false;
    taken = chunks_.at(found.chunk).take(found.item);
    shrunk(found.chunk);
    return true;
  }
  template <class Same>
  bool erase(const Item& probe, Same same) {
    Item taken;
    if (!take(probe, taken, same)) return false;
    StateTraits<Item>::release(taken);
    return true;
  }
  Item pop_front() {
    const Item held = chunks_.at(0).take(0);
    shrunk(0);
    return held;
  }
  /// The k-th item from 0.
  const Item& at(std::uint64_t k) const {
    std::uint32_t c = 0;
    while (k >= chunks_[c].size()) k -= chunks_[c++].size();
    return chunks_[c][static_cast<std::size_t>(k)];
  }
  /// The item that equals in order, null if there is none.
  Item* find(const Item& probe) {
    const Spot spot = first_not_before(probe);
    if (spot.chunk == chunks_.size()) return nullptr;
    Item& item = chunks_.at(spot.chunk)[spot.item];
    return Order::before(probe, item) ? nullptr : &item;
  }
  void clear() {
    for (std::uint32_t c = 0; c != chunks_.size(); ++c) {
      chunks_.at(c).release_all();
      chunks_.at(c).free_memory();
    }
    chunks_.clear();
    size_ = 0;
  }
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      for (std::uint64_t left = io.count(); left != 0; --left) push_back(io.template get<Item>());
    } else {
      io.count(size_);
      for (std::uint32_t c = 0; c != chunks_.size(); ++c)
        for (const Item& item : chunks_[c]) io(item);
    }
  }
  void swap(SortedList& o) noexcept {
    chunks_.swap(o.chunks_);
    std::swap(size_, o.size_);
  }

 private:
  static constexpr std::uint32_t kMost = 64;
  using Chunk = ItemBuffer<Item>;

  /// Chunks lie in one array, moved as bytes.
  class Chunks {
   public:
    ~Chunks() { std::free(static_cast<void*>(chunks_)); }
    std::uint32_t size() const { return count_; }
    const Chunk& operator[](std::uint32_t c) const { return chunks_[c]; }
    Chunk& at(std::uint32_t c) { return chunks_[c]; }
    const Chunk& back() const { return chunks_[count_ - 1]; }
    void push(Chunk&& chunk) { insert(count_, std::move(chunk)); }
    void insert(std::uint32_t at, Chunk&& chunk) {
      if (count_ == capacity_) {
        capacity_ = capacity_ == 0 ? 1 : capacity_ * 2;
        void* chunks = std::realloc(static_cast<void*>(chunks_), capacity_ * sizeof(Chunk));
        if (chunks == nullptr) throw std::bad_alloc();
        chunks_ = static_cast<Chunk*>(chunks);
      }
      std::memmove(static_cast<void*>(chunks_ + at + 1), static_cast<void*>(chunks_ + at), (count_ - at) * sizeof(Chunk));
      new (chunks_ + at) Chunk(std::move(chunk));
      ++count_;
    }
    /// The chunk must be empty.
    void remove(std::uint32_t at) {
      chunks_[at].free_memory();
      --count_;
      std::memmove(static_cast<void*>(chunks_ + at), static_cast<void*>(chunks_ + at + 1), (count_ - at) * sizeof(Chunk));
    }
    void clear() { count_ = 0; }
    void swap(Chunks& o) noexcept {
      std::swap(chunks_, o.chunks_);
      std::swap(count_, o.count_);
      std::swap(capacity_, o.capacity_);
    }

   private:
    Chunk* chunks_ = nullptr;
    std::uint32_t count_ = 0, capacity_ = 0;
  };
  struct Spot {
    std::uint32_t chunk, item;
  };

  /// Whether a new item stands before one that is there.
  static bool goes_before(const Item& fresh, const Item& item) {
    return kNewestFirst ? !Order::before(item, fresh) : Order::before(fresh, item);
  }
  /// The last chunk with a first item that the new one does not go before; else the first chunk.
  std::uint32_t chunk_of(const Item& fresh) const {
    std::uint32_t low = 0, high = chunks_.size();
    while (low < high) {
      const std::uint32_t mid = (low + high) / 2;
      if (goes_before(fresh, chunks_[mid][0])) high = mid; else low = mid + 1;
    }
    return low == 0 ? 0 : low - 1;
  }
  static std::uint32_t place_in(const Chunk& chunk, const Item& fresh) {
    std::uint32_t low = 0, high = chunk.size();
    while (low < high) {
      const std::uint32_t mid = (low + high) / 2;
      if (goes_before(fresh, chunk[mid])) high = mid; else low = mid + 1;
    }
    return low;
  }
  Spot first_not_before(const Item& probe) const {
    std::uint32_t low = 0, high = chunks_.size();
    while (low < high) {
      const std::uint32_t mid = (low + high) / 2;
      if (Order::before(chunks_[mid].back(), probe)) low = mid + 1; else high = mid;
    }
    if (low == chunks_.size()) return {low, 0};
    const Chunk& chunk = chunks_[low];
    std::uint32_t first = 0, last = chunk.size();
    while (first < last) {
      const std::uint32_t mid = (first + last) / 2;
      if (Order::before(chunk[mid], probe)) first = mid + 1; else last = mid;
    }
    return {low, first};
  }
  Spot next(Spot spot) const {
    if (++spot.item == chunks_[spot.chunk].size()) return {spot.chunk + 1, 0};
    return spot;
  }
  void split(std::uint32_t c) {
    Chunk half;
    chunks_.at(c).move_tail(kMost / 2, half);
    chunks_.insert(c + 1, std::move(half));
  }
  /// One item of the chunk has gone: small neighbours become one.
  void shrunk(std::uint32_t c) {
    --size_;
    if (chunks_[c].empty()) return chunks_.remove(c);
    if (c + 1 < chunks_.size() && chunks_[c].size() + chunks_[c + 1].size() <= kMost / 2) {
      chunks_.at(c + 1).move_tail(0, chunks_.at(c));
      chunks_.remove(c + 1);
    }
  }

  Chunks chunks_;
  std::uint64_t size_ = 0;
};

}  // namespace gress
