// Rows that are kept for ever, in the order in which they came, each in one piece (packed_row.h) behind its head: first
// touch of fresh memory is what keeping costs, so that what counts is how little of it a row takes.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

#include "runtime/core/large_memory.h"
#include "runtime/core/packed_row.h"

namespace gress {

/// Head: trivially copyable. A row has a number and never moves; 32 GB of them are the most.
template <class Head, class Row>
class PackedLog {
 public:
  PackedLog() { shared_.far.arena.grow_large(); }
  PackedLog(const PackedLog&) = delete;
  PackedLog& operator=(const PackedLog&) = delete;
  ~PackedLog() {
    for (void* slab : slabs_) std::free(slab);
  }

  Head& operator[](std::uint32_t number) { return *reinterpret_cast<Head*>(at(number)); }
  /// What it views stays.
  Row row(std::uint32_t number) const { return Packed::read(shared_, at(number) + sizeof(Head)); }

  /// Of rows that come, before they are added: each row of the block, then all.
  void foresee(int i, const Row& row) { Packed::foresee(shared_, i, row); }
  void fetch(int count) const { Packed::fetch(shared_, count); }

  /// Number of a kept copy of the row, the i-th that was foreseen.
  std::uint32_t add(const Head& head, const Row& row, int i) {
    if (static_cast<std::size_t>(end_ - next_) < sizeof(Head) + Packed::kMost + Packed::kPadding + kUnit) [[unlikely]] begin();
    char* const from = next_;
    new (from) Head(head);
    const char* const end = Packed::write(shared_, i, row, from + sizeof(Head));
    next_ = from + (static_cast<std::size_t>(end - from) + kUnit - 1) / kUnit * kUnit;
    ++size_;
    return static_cast<std::uint32_t>((slabs_.size() - 1) << kShift | static_cast<std::size_t>(from - slabs_.back()) / kUnit);
  }
  void recycle() {}
  std::size_t size() const { return size_; }

 private:
  using Packed = PackedRow<Row>;
  static constexpr std::size_t kUnit = 8;  // rows begin at multiples of it
  static constexpr std::size_t kSlab = kHugePage, kFirstSlabs = std::size_t{128} << 10;
  static constexpr int kShift = 18;  // of a slab's number
  static_assert(kSlab / kUnit == std::size_t{1} << kShift && alignof(Head) <= kUnit);
  static_assert(sizeof(Head) + Packed::kMost + Packed::kPadding + kUnit <= kSlab);

  char* at(std::uint32_t number) const { return slabs_[number >> kShift] + (number & ((1u << kShift) - 1)) * kUnit; }
  /// Small slabs at first.
  [[gnu::noinline]] void begin() {
    if (slabs_.size() >> (32 - kShift) != 0) throw std::bad_alloc();
    constexpr std::size_t least = sizeof(Head) + Packed::kMost + Packed::kPadding + kUnit;
    const std::size_t bytes = slabs_.size() < 16 && least <= kFirstSlabs ? kFirstSlabs : kSlab;
    slabs_.push_back(static_cast<char*>(allocate_large(bytes)));
    next_ = slabs_.back();
    end_ = next_ + bytes;
  }

  std::vector<char*> slabs_;
  char* next_ = nullptr;
  char* end_ = nullptr;
  std::size_t size_ = 0;
  typename Packed::Shared shared_;
};

}  // namespace gress
