// The hash table of all keyed state: dense entries with stable numbers plus an index of entry numbers, so that closing
// walks what was used, in order of arrival, and a batch of rows first finds all its entries and then works on them.
// Open addressing, linear probing, at most a quarter full while small (a second probe is a mispredict), half full when
// large; erased entries are reused; clear() keeps all memory. Long text in keys is owned by the table.
//
// Keys: `struct Key { …; bool operator==; std::uint64_t hash() const; static constexpr std::uint32_t kDense;
// std::uint32_t dense() const; }`. kDense > 0: keys are numbers below kDense (enums, bools, optionals of them) and no
// hashing is done.
#pragma once
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "runtime/core/state_value.h"

namespace gress {

template <class Key, class Value>
class KeyTable {
 public:
  struct Entry {
    Key key;
    Value value;
    bool live = false;
  };
  static constexpr std::uint32_t kNone = 0xffffffff;

  KeyTable() = default;
  KeyTable(KeyTable&& o) noexcept { swap(o); }
  KeyTable& operator=(KeyTable&& o) noexcept {
    swap(o);
    return *this;
  }
  ~KeyTable() { release_keys(); }

  /// Number of the key's entry; a new entry (its value cleared) when there is none.
  std::uint32_t find_or_add(const Key& key) {
    if (index_.empty()) [[unlikely]] grow();
    if constexpr (Key::kDense != 0) {
      std::uint32_t& slot = index_[key.dense()];
      if (slot == 0) [[unlikely]] slot = add(key) + 1;
      return slot - 1;
    } else {
      std::size_t at = key.hash() & mask_;
      while (index_[at] != 0) {
        if (keys_[index_[at] - 1] == key) [[likely]] return index_[at] - 1;
        at = (at + 1) & mask_;
      }
      return insert_at(at, key);
    }
  }
  /// Number of the key's entry or kNone.
  std::uint32_t find(const Key& key) const {
    if (index_.empty()) return kNone;
    if constexpr (Key::kDense != 0) {
      return index_[key.dense()] - 1;
    } else {
      std::size_t at = key.hash() & mask_;
      while (index_[at] != 0) {
        if (keys_[index_[at] - 1] == key) return index_[at] - 1;
        at = (at + 1) & mask_;
      }
      return kNone;
    }
  }
  Entry& operator[](std::uint32_t number) { return entries_[number]; }
  const Entry& operator[](std::uint32_t number) const { return entries_[number]; }

  /// Live entries.
  std::size_t size() const { return used_ - free_.size(); }
  /// Numbers run below this; entries that are not `live` are to be skipped.
  std::uint32_t end() const { return used_; }

  void erase(std::uint32_t number) {
    Entry& e = entries_[number];
    if constexpr (Key::kDense != 0) {
      index_[e.key.dense()] = 0;
    } else {
      std::size_t hole = e.key.hash() & mask_;
      while (index_[hole] != number + 1) hole = (hole + 1) & mask_;
      // Backward shift: later entries of the probe run move up, so no tombstones are left.
      for (std::size_t at = (hole + 1) & mask_; index_[at] != 0; at = (at + 1) & mask_) {
        const std::size_t home = keys_[index_[at] - 1].hash() & mask_;
        if (((at - home) & mask_) >= ((at - hole) & mask_)) {
          index_[hole] = index_[at];
          hole = at;
        }
      }
      index_[hole] = 0;
    }
    StateTraits<Key>::release(e.key);
    e.key = Key{};
    e.value.clear();
    e.live = false;
    free_.push_back(number);
  }

  /// Forgets all entries; memory, and that held by values, stays for reuse.
  void clear() {
    if (used_ == 0) return;
    std::memset(index_.data(), 0, index_.size() * sizeof(std::uint32_t));
    release_keys();
    for (std::uint32_t i = 0; i != used_; ++i) {
      entries_[i].value.clear();
      entries_[i].live = false;
    }
    used_ = 0;
    free_.clear();
  }

  /// Counts go with the entries, so that owned keys are released once.
  void swap(KeyTable& o) noexcept {
    entries_.swap(o.entries_);
    keys_.swap(o.keys_);
    index_.swap(o.index_);
    free_.swap(o.free_);
    std::swap(mask_, o.mask_);
    std::swap(used_, o.used_);
  }

 private:
  std::uint32_t add(const Key& key) {
    std::uint32_t number;
    if (!free_.empty()) {
      number = free_.back();
      free_.pop_back();
    } else {
      number = used_++;
      if (number == entries_.size()) {
        entries_.emplace_back();
        keys_.emplace_back();
      }
    }
    Entry& e = entries_[number];
    e.key = keys_[number] = StateTraits<Key>::retain(key);
    e.live = true;
    return number;
  }
  [[gnu::noinline]] std::uint32_t insert_at(std::size_t at, const Key& key) {
    const std::size_t limit = index_.size() <= (1u << 17) ? index_.size() / 4 : index_.size() / 2;
    if (size() + 1 > limit) {
      grow();
      at = key.hash() & mask_;
      while (index_[at] != 0) at = (at + 1) & mask_;
    }
    const std::uint32_t number = add(key);
    index_[at] = number + 1;
    return number;
  }
  [[gnu::noinline]] void grow() {
    if constexpr (Key::kDense != 0) {
      index_.assign(Key::kDense, 0);
    } else {
      const std::size_t size = index_.empty() ? 64 : index_.size() * 2;
      index_.assign(size, 0);
      mask_ = size - 1;
      for (std::uint32_t i = 0; i != used_; ++i) {
        if (!entries_[i].live) continue;
        std::size_t at = entries_[i].key.hash() & mask_;
        while (index_[at] != 0) at = (at + 1) & mask_;
        index_[at] = i + 1;
      }
    }
  }
  void release_keys() {
    if constexpr (!StateTraits<Key>::is_plain)
      for (std::uint32_t i = 0; i != used_; ++i)
        if (entries_[i].live) StateTraits<Key>::release(entries_[i].key);
  }

  std::vector<Entry> entries_;
  std::vector<Key> keys_;             // of the entries once more, side by side: what probing compares stays in L1
  std::vector<std::uint32_t> index_;  // entry number + 1; 0 is free
  std::vector<std::uint32_t> free_;
  std::size_t mask_ = 0;
  std::uint32_t used_ = 0;
};

}  // namespace gress
