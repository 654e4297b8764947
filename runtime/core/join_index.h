// The keys of a join that keeps much: a slot a key with two numbers, of the left and the right side's rows. Open
// addressing (key_home.h), half full at most; a batch asks for its room first, then its slots stay where they are and may be fetched
// before they are needed. Growing pours the slots in the order in which they stand, which walks both tables forwards.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "runtime/core/key_home.h"
#include "runtime/core/large_memory.h"
#include "runtime/core/state_value.h"

namespace gress {

/// Key as in key_table.h (kDense is not looked at). A slot is free while both its numbers are 0.
template <class Key>
class JoinIndex {
 public:
  struct Slot {
    Key key;
    std::uint32_t left, right;
    bool used() const { return (left | right) != 0; }
  };

  /// What the other functions take as `hash`.
  static std::uint64_t hash(const Key& key) { return KeyHome<Key>::hash(key); }

  JoinIndex() { allocate(64); }
  JoinIndex(const JoinIndex&) = delete;
  JoinIndex& operator=(const JoinIndex&) = delete;
  ~JoinIndex() {
    if constexpr (!StateTraits<Key>::is_plain)
      for (std::size_t i = 0; i <= mask_; ++i)
        if (slots_[i].used()) StateTraits<Key>::release(slots_[i].key);
    std::free(slots_);
  }

  /// Room for so many new keys; slots may move.
  void reserve(std::size_t more) {
    while ((size_ + more) * 2 > mask_ + 1) grow();
  }
  /// Whether looking up is likely to miss the caches.
  bool large() const { return (mask_ + 1) * sizeof(Slot) > (std::size_t{512} << 10); }
  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }

  /// The key's slot, null if there is none.
  Slot* find(const Key& key, std::uint64_t hash) {
    for (std::size_t at = hash & mask_; slots_[at].used(); at = next(at))
      if (slots_[at].key == key) [[likely]] return &slots_[at];
    return nullptr;
  }
  /// The key's slot, a free one if there is none: it is taken by add(), after reserve().
  Slot& place(const Key& key, std::uint64_t hash) {
    std::size_t at = hash & mask_;
    while (slots_[at].used() && !(slots_[at].key == key)) at = next(at);
    return slots_[at];
  }
  /// Takes the free slot that place() gave; one of its numbers is to be set.
  void add(Slot& slot, const Key& key) {
    slot.key = StateTraits<Key>::retain(key);
    ++size_;
  }
  /// Frees the slot of a key whose numbers are both 0 now.
  void erase(Slot& slot) {
    StateTraits<Key>::release(slot.key);
    --size_;
    std::size_t hole = static_cast<std::size_t>(&slot - slots_);
    // Backward shift: later entries of the probe run move up, so no tombstones are left.
    for (std::size_t at = next(hole); slots_[at].used(); at = next(at)) {
      const std::size_t home = hash(slots_[at].key) & mask_;
      if (KeyHome<Key>::steps(home, at, mask_) >= KeyHome<Key>::steps(hole, at, mask_)) {
        slots_[hole] = slots_[at];
        slots_[at].left = slots_[at].right = 0;
        hole = at;
      }
    }
  }
  std::size_t size() const { return size_; }

 private:
  std::size_t next(std::size_t at) const { return KeyHome<Key>::next(at, mask_); }
  void allocate(std::size_t slots) {
    slots_ = static_cast<Slot*>(allocate_large(slots * sizeof(Slot)));
    for (std::size_t i = 0; i != slots; ++i) new (&slots_[i]) Slot{};
    mask_ = slots - 1;
  }
  [[gnu::noinline]] void grow() {
    Slot* const old = slots_;
    const std::size_t count = mask_ + 1;
    allocate(count * 2);
    for (std::size_t i = 0; i != count; ++i) {
      if (!old[i].used()) continue;
      std::size_t at = hash(old[i].key) & mask_;
      while (slots_[at].used()) at = next(at);
      slots_[at] = old[i];
    }
    std::free(old);
  }

  Slot* slots_ = nullptr;
  std::size_t mask_ = 0, size_ = 0;
};

}  // namespace gress
