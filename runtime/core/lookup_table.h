// A table read whole before the first row, found by the values of a join's equalities; rows of equal keys are chained
// in the order of the file.
#pragma once
#include <cstdint>

#include "runtime/core/growing_array.h"

namespace gress {

/// No row of a table.
inline constexpr std::uint32_t kNoMatch = 0xffffffff;

/// Key as in key_table.h (kDense 0); rows stay where they are.
template <class Key, class Row>
class LookupTable {
 public:
  static constexpr std::uint32_t kNone = kNoMatch;

  /// Builds the index over all rows; key_of(row, key) gives false for rows whose key is absent (they match nothing).
  template <class KeyOf>
  void build(const GrowingArray<Row>& rows, KeyOf key_of) {
    rows_ = &rows;
    std::size_t size = 64;
    while (size < rows.size() * (size < (1u << 16) ? 8 : 2)) size *= 2;
    slots_.assign(size, kNone);
    keys_.assign(rows.size(), Key{});
    next_.assign(rows.size(), kNone);
    several_ = false;
    mask_ = size - 1;
    for (std::uint32_t r = static_cast<std::uint32_t>(rows.size()); r-- != 0;) {
      if (!key_of(rows[r], keys_[r])) continue;
      std::size_t at = keys_[r].hash() & mask_;
      while (slots_[at] != kNone && !(keys_[slots_[at]] == keys_[r])) at = (at + 1) & mask_;
      next_[r] = slots_[at];
      several_ |= next_[r] != kNone;
      slots_[at] = r;
    }
  }
  /// First row of a key, kNone without one.
  std::uint32_t find(const Key& key) const {
    for (std::size_t at = key.hash() & mask_; slots_[at] != kNone; at = (at + 1) & mask_)
      if (keys_[slots_[at]] == key) [[likely]] return slots_[at];
    return kNone;
  }
  /// find() of many keys, key_of(i) for i in [0, count): first where the first probe of each leads, then whether there.
  template <class KeyOf>
  void find_all(int count, std::uint32_t* rows, KeyOf key_of) const {
    for (int i = 0; i < count; ++i) rows[i] = slots_[key_of(i).hash() & mask_];
    for (int i = 0; i < count; ++i) {
      if (rows[i] == kNone) continue;
      const Key key = key_of(i);
      if (!(keys_[rows[i]] == key)) [[unlikely]] rows[i] = find(key);
    }
  }
  /// The row behind `row` with the same key; where all keys differ, no memory is looked at.
  std::uint32_t next(std::uint32_t row) const { return several_ ? next_[row] : kNone; }
  const Row& row(std::uint32_t number) const { return (*rows_)[number]; }

 private:
  const GrowingArray<Row>* rows_ = nullptr;
  /// The first row of each key, by hash: few bytes, so that the table of a small file stays in the nearest cache.
  GrowingArray<std::uint32_t> slots_;
  /// By row, as is next_: key and row of a slot are read at once.
  GrowingArray<Key> keys_;
  GrowingArray<std::uint32_t> next_;
  std::size_t mask_ = 0;
  /// Some rows have equal keys.
  bool several_ = false;
};

}  // namespace gress
