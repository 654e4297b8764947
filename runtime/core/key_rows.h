// The rows that a join keeps of one key and side, in the order in which they came: first the times, side by side, then
// the rows, in one piece of memory. Rows whose time is over are passed over by their times, and go when the list is
// full, many at once: to look after each row would be a branch that nobody can predict.
#pragma once
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <type_traits>
#include <vector>

#include "runtime/core/large_memory.h"
#include "runtime/core/time.h"

namespace gress {

/// Pieces of 2^n or 3 * 2^n units of memory of one operator; those that are given back are used again, none goes back to the
/// system before the end.
class PiecePool {
 public:
  explicit PiecePool(std::size_t unit) : unit_((unit + 7) & ~std::size_t{7}) {}
  PiecePool(const PiecePool&) = delete;
  PiecePool& operator=(const PiecePool&) = delete;
  ~PiecePool() {
    for (void* chunk : chunks_) std::free(chunk);
  }

  void* take(std::uint32_t units) {
    std::vector<void*>& free = free_[size_class(units)];
    if (free.empty()) return carve(units * unit_);
    void* piece = free.back();
    free.pop_back();
    return piece;
  }
  void give(void* piece, std::uint32_t units) { free_[size_class(units)].push_back(piece); }
  /// Bytes taken.
  std::size_t memory() const { return memory_; }

 private:
  static constexpr std::size_t kChunk = 256 * 1024;
  static constexpr std::size_t kSmall = 16;  // chunks of that size, then whole huge pages

  static std::size_t size_class(std::uint32_t units) { return static_cast<std::size_t>(std::bit_width(units)) * 2 - std::has_single_bit(units); }

  void* carve(std::size_t bytes) {
    if (bytes > left_) {
      const std::size_t chunk = chunks_.size() < kSmall ? kChunk : kHugePage;
      if (bytes >= chunk / 4) {
        chunks_.push_back(allocate_large(bytes));
        memory_ += bytes;
        return chunks_.back();
      }
      memory_ += chunk;
      chunks_.push_back(allocate_large(chunk));
      next_ = static_cast<char*>(chunks_.back());
      left_ = chunk;
    }
    char* piece = next_;
    next_ += bytes;
    left_ -= bytes;
    return piece;
  }

  std::size_t unit_;
  std::vector<void*> free_[65];
  std::vector<void*> chunks_;
  char* next_ = nullptr;
  std::size_t left_ = 0, memory_ = 0;
};

/// Item: what is kept of a row. Ends: each row has an end of its own, besides its time.
template <class Item, bool Ends>
class KeyRows {
 public:
  static_assert(std::is_trivially_copyable_v<Item>);
  static constexpr std::size_t kUnit = (Ends ? 16 : 8) + sizeof(Item);
  static_assert(alignof(Item) <= 8);

  std::uint32_t count() const { return count_; }
  std::int64_t time(std::uint32_t i) const { return times()[i]; }
  std::int64_t end(std::uint32_t i) const { return ends()[i]; }
  Item& item(std::uint32_t i) { return items()[i]; }

  /// Index of the first row from `i` on with low <= time <= high (and its end not before `at`), count() if there is none.
  std::uint32_t next_match(std::uint32_t i, std::int64_t low, std::int64_t high, [[maybe_unused]] std::int64_t at) const {
    const std::int64_t* t = times();
    for (; i != count_; ++i) {
      if constexpr (Ends) {
        if ((t[i] <= high) & (ends()[i] >= at)) break;
      } else {
        if ((t[i] >= low) & (t[i] <= high)) break;
      }
    }
    return i;
  }
  /// Whether next_match() would find a row: without a branch a row.
  bool any_match(std::int64_t low, std::int64_t high, [[maybe_unused]] std::int64_t at) const {
    if (latest_ < (Ends ? at : low)) return false;  // all of them are over, as most often
    const std::int64_t* t = times();
    bool any = false;
    for (std::uint32_t i = 0; i != count_; ++i) {
      if constexpr (Ends) any |= (t[i] <= high) & (ends()[i] >= at);
      else any |= (t[i] >= low) & (t[i] <= high);
    }
    return any;
  }

  bool full() const { return count_ == capacity_; }
  /// There is room.
  void add(std::int64_t time, [[maybe_unused]] std::int64_t end, const Item& item) {
    times()[count_] = time;
    if constexpr (Ends) ends()[count_] = end;
    items()[count_] = item;
    ++count_;
    if (const std::int64_t last = Ends ? end : time; last > latest_) latest_ = last;
  }
  /// What looking through the list touches first.
  void prefetch() const { __builtin_prefetch(data_); }
  /// What the next row writes.
  void prefetch_end() const {
    __builtin_prefetch(times() + count_);
    __builtin_prefetch(items() + count_);
  }
  /// Room for half as many more, or a third.
  void grow(PiecePool& pool) {
    KeyRows next;
    if (capacity_ < 8) next.capacity_ = capacity_ == 0 ? 1 : 8;  // many keys have one row
    else next.capacity_ = capacity_ + (std::has_single_bit(capacity_) ? capacity_ / 2 : capacity_ / 3);
    next.data_ = static_cast<char*>(pool.take(next.capacity_));
    next.count_ = count_;
    next.latest_ = latest_;
    if (count_ != 0) {
      std::memcpy(next.times(), times(), count_ * sizeof(std::int64_t));
      if constexpr (Ends) std::memcpy(next.ends(), ends(), count_ * sizeof(std::int64_t));
      std::memcpy(static_cast<void*>(next.items()), items(), count_ * sizeof(Item));
    }
    release(pool);
    *this = next;
  }
  /// Drops the rows of which over(time, end) is true, gone(item) being told, unless it is null; how many those were.
  template <class Over, class Gone>
  std::uint32_t drop(Over over, Gone gone) {
    if (std::is_null_pointer_v<Gone> && over(latest_, latest_)) {  // all of them, and their memory need not be looked at
      const std::uint32_t all = count_;
      count_ = 0;
      return all;
    }
    return drop_if([&](std::uint32_t i) {
      if constexpr (Ends) return over(times()[i], ends()[i]);
      else return over(times()[i], std::int64_t{0});
    }, gone);
  }
  /// The same of which over(item) is true.
  template <class Over, class Gone>
  std::uint32_t drop_items(Over over, Gone gone) {
    return drop_if([&](std::uint32_t i) { return over(items()[i]); }, gone);
  }
  /// The last row takes its place.
  void erase(std::uint32_t i) {
    --count_;
    times()[i] = times()[count_];
    if constexpr (Ends) ends()[i] = ends()[count_];
    items()[i] = items()[count_];
  }
  /// Gives its memory back.
  void release(PiecePool& pool) {
    if (capacity_ != 0) pool.give(data_, capacity_);
    *this = KeyRows{};
  }

 private:
  template <class Over, class Gone>
  std::uint32_t drop_if(Over over, [[maybe_unused]] Gone gone) {
    std::uint32_t kept = 0;
    for (std::uint32_t i = 0; i != count_; ++i) {
      if (over(i)) {
        if constexpr (!std::is_null_pointer_v<Gone>) gone(items()[i]);
        continue;
      }
      if (kept != i) {
        times()[kept] = times()[i];
        if constexpr (Ends) ends()[kept] = ends()[i];
        items()[kept] = items()[i];
      }
      ++kept;
    }
    const std::uint32_t dropped = count_ - kept;
    count_ = kept;
    return dropped;
  }
  std::int64_t* times() const { return reinterpret_cast<std::int64_t*>(data_); }
  std::int64_t* ends() const { return times() + capacity_; }
  Item* items() const { return reinterpret_cast<Item*>(data_ + std::size_t{capacity_} * (Ends ? 16 : 8)); }

  char* data_ = nullptr;
  std::uint32_t count_ = 0, capacity_ = 0;
  std::int64_t latest_ = kStartOfTime;  // time (or end) that none of the rows is behind
};

}  // namespace gress
