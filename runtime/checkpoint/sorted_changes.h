// What an operator has changed since the last checkpoint, in the order of the keys' bytes: of each key what was said last.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/core/large_memory.h"
#include "runtime/core/state_changes.h"

namespace gress::checkpoint {

class SortedChanges {
 public:
  /// `changes` has to stay as it is: what is given are views of it.
  explicit SortedChanges(const StateChanges& changes);

  /// Beginnings of keys of which all that was written before is gone.
  const std::vector<std::string_view>& erased() const { return erased_; }
  /// f(key, value) in order; a value without data is a key that is gone.
  template <class F>
  void each(F f) const {
    for (std::size_t i = 0; i != entries_.size(); ++i) {
      if (i % kPaced == 0) pace_memory();
      const StateChanges::Said said = StateChanges::said(entries_[i].at);
      f(said.key, said.kind == StateChanges::Kind::put ? said.value : std::string_view());
    }
  }

 private:
  struct Entry {
    std::uint64_t head;  // what follows the bytes that all keys begin with, as a number that orders as they do
    const char* at;      // where it was said
    std::string_view key() const { return StateChanges::said(at).key; }
  };
  static constexpr std::size_t kPaced = 64;  // entries, which lie anywhere
  void sort();
  void keep_last();
  void erase(const std::vector<const char*>& erased);

  std::vector<Entry> entries_;
  std::vector<std::string_view> erased_;
};

}  // namespace gress::checkpoint
