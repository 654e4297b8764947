// The hash table of all keyed state: dense entries with stable numbers plus an index of entry numbers, so that closing
// walks what was used, in order of arrival, and a batch of rows first finds all its entries and then works on them.
// Open addressing (key_home.h), at most a quarter full while small (a second probe is a mispredict), half full when
// large; erased entries are reused; clear() keeps all memory. Long text in keys is owned by the table.
//
// Keys: `struct Key { …; bool operator==; std::uint64_t hash() const; static constexpr std::uint32_t kDense;
// std::uint32_t dense() const; }`. kDense > 0: keys are numbers below kDense (enums, bools, optionals of them) and no
// hashing is done.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "runtime/core/growing_array.h"
#include "runtime/core/key_home.h"
#include "runtime/core/state_changes.h"
#include "runtime/core/state_show.h"
#include "runtime/core/state_value.h"
#include "runtime/core/zeroed_array.h"

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
  [[gnu::always_inline]] std::uint32_t find_or_add(const Key& key) {
    if constexpr (Key::kDense != 0) {
      std::uint32_t& slot = index_[key.dense()];
      if (slot == 0) [[unlikely]] slot = add(key) + 1;
      changes_.mark(slot - 1);
      return slot - 1;
    } else {
      std::size_t at = home(key);
      while (index_[at] != 0) {
        if (keys_[index_[at] - 1] == key) [[likely]] {
          changes_.mark(index_[at] - 1);
          return index_[at] - 1;
        }
        at = next(at);
      }
      return insert_at(at, key);
    }
  }
  /// Number of the key's entry or kNone.
  std::uint32_t find(const Key& key) const {
    if constexpr (Key::kDense != 0) {
      return index_[key.dense()] - 1;
    } else {
      std::size_t at = home(key);
      while (index_[at] != 0) {
        if (keys_[index_[at] - 1] == key) return index_[at] - 1;
        at = next(at);
      }
      return unindexed_ ? find_indexed(key) : kNone;
    }
  }
  /// What find_or_add() and find_all() give counts as changed; what is found otherwise and changed has to be said.
  void touch(std::uint32_t number) { changes_.mark(number); }
  /// Numbers of many keys at once, key_of(i) for i in [begin, end), those without an entry added where adds(i), else
  /// kNone. In a table larger than the caches the misses of all of them overlap.
  template <class KeyOf, class Adds>
  void find_all(int begin, int end, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    constexpr int kAhead = 32;
    constexpr std::size_t kCached = std::size_t{1} << 14;  // slots of an index that stays near
    for (int from = begin; from < end; from += kAhead) {
      const int to = end - from < kAhead ? end : from + kAhead;
      [[maybe_unused]] std::size_t at[kAhead];
      if constexpr (Key::kDense == 0) {
        for (int i = from; i < to; ++i) at[i - from] = home(key_of(i));
        if (index_.size() > kCached) [[unlikely]] {
          for (int i = from; i < to; ++i) __builtin_prefetch(&index_[at[i - from]]);
          for (int i = from; i < to; ++i)
            if (const std::uint32_t n = index_[at[i - from]]; n != 0) {
              __builtin_prefetch(&keys_[n - 1]);
              // The two ends of what is touched first; the hardware brings the lines between.
              __builtin_prefetch(&entries_[n - 1]);
              __builtin_prefetch(reinterpret_cast<const char*>(&entries_[n - 1] + 1) - 1);
            }
        }
      }
      if constexpr (Key::kDense == 0) {
        // What the first probe meets, of all of them; then whether it is the key. Numbers stay when keys are added.
        for (int i = from; i < to; ++i) numbers[i] = index_[at[i - from]] - 1;
        for (int i = from; i < to; ++i) {
          const Key key = key_of(i);
          if (numbers[i] != kNone && keys_[numbers[i]] == key) [[likely]] continue;
          numbers[i] = adds(i) ? find_or_add(key) : find(key);
        }
      } else {
        for (int i = from; i < to; ++i) numbers[i] = adds(i) ? find_or_add(key_of(i)) : find(key_of(i));
      }
    }
    changes_.mark_all(numbers + begin, end - begin);
  }
  /// The entries by number, where they stand until one is added.
  Entry* entries() { return &entries_[0]; }
  Entry& operator[](std::uint32_t number) { return entries_[number]; }
  const Entry& operator[](std::uint32_t number) const { return entries_[number]; }
  const Value& value(std::uint32_t number) const { return entries_[number].value; }

  /// Live entries.
  std::size_t size() const { return used_ - free_.size(); }
  /// Numbers run below this; entries that are not `live` are to be skipped.
  std::uint32_t end() const { return used_; }
  /// f(number) for each live entry; it may erase that entry.
  template <class F>
  void each(F f) const {
    for (std::uint32_t number = 0; number != used_; ++number)
      if (entries_[number].live) f(number);
  }

  void erase(std::uint32_t number) {
    changes_.erased(number, entries_[number].key);
    remove(number);
  }

  /// Says the entries that have changed, by `prefix` (a tuple) and their keys, and those that are gone.
  template <class Prefix>
  void save(StateChanges& changes, const Prefix& prefix) {
    save(changes, prefix, [](Value& v) -> Value& { return v; });
  }
  /// saved(value): what can be written of a value that cannot be written by itself.
  template <class Prefix, class Saved>
  void save(StateChanges& changes, const Prefix& prefix, Saved saved) {
    changes_.save(changes, prefix, putting(changes, prefix, saved));
  }
  /// As TableChanges'. Not of tables that put entries aside, which have to know what the store holds.
  template <class Prefix>
  std::uint32_t save_ahead(StateChanges& changes, const Prefix& prefix, std::uint32_t most) {
    return changes_.save_ahead(changes, prefix, most, putting(changes, prefix, [](Value& v) -> Value& { return v; }));
  }
  /// An entry that was saved; `key` stands behind the prefix. It gets the number that it had, if that is free, so that
  /// what goes by the order of entries goes on as it was. Its number; loaded() has to follow.
  template <class In>
  std::uint32_t load(In& key, In& value) {
    return load(key, value, [&](Value& v) { value(v); });
  }
  /// read(value): of an entry that cannot be read by itself.
  template <class In, class Read>
  std::uint32_t load(In& key, In& value, Read read) {
    Key k = key.template get<Key>();
    const auto was = value.template get<std::uint32_t>();
    std::uint32_t number;
    if (value.moved) {
      number = find_or_add(k);
      StateTraits<Key>::release(k);
    } else {
      fetch(value.later, entries_.size());
      number = put_back(k, was);
    }
    read(entries_[number].value);
    changes_.loaded(number, value);
    return number;
  }
  // ---- entries of a store as they are, read into an empty table by several threads at once
  /// Room for those with numbers below `end`.
  void begin_apart(std::size_t end)
    requires(is_durable<Key> && Key::kDense == 0)
  {
    entries_.reserve(end);
    keys_.reserve(end);
    changes_.grow(end);
    room_ = end;
  }
  /// As load(). False: it cannot have its number, and is to be loaded behind end_apart().
  template <class In>
  bool load_apart(In& key, In& value)
    requires(is_durable<Key> && Key::kDense == 0)
  {
    const auto number = value.template get<std::uint32_t>();
    fetch(value.later, room_);
    if (!changes_.take(number)) return false;
    Entry& e = *make(number);
    e.key = key.template get<Key>();
    keys_.data()[number] = e.key;
    e.live = true;
    value(e.value);
    return true;
  }
  /// Also behind a failure.
  void end_apart()
    requires(is_durable<Key> && Key::kDense == 0)
  {
    used_ = static_cast<std::uint32_t>(changes_.end_taking());
    for (std::uint32_t n = 0; n != used_; ++n)
      if (!changes_.taken(n)) make(n);
    entries_.made(used_);
    keys_.made(used_);
    unindexed_ = used_ != 0;
  }
  template <class In>
  static bool show_entry(In& key, In& value, ShownState& to) {
    value.template get<std::uint32_t>();
    return show_entry_of<Value>(key, value, to);
  }
  /// The table as a part of a state, whole.
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      for (std::uint64_t left = io.count(); left != 0; --left) load(io, io);
      loaded();
    } else {
      io.count(size());
      each([&](std::uint32_t n) { io(entries_[n].key, n, entries_[n].value); });
    }
  }
  void loaded() {
    free_.clear();
    for (std::uint32_t n = used_; n-- != 0;)
      if (!entries_[n].live) free_.push_back(n);
    if (unindexed_) grow(size());
  }

  /// Forgets all entries; memory, and that held by values, stays for reuse.
  void clear() {
    if (used_ == 0) return;
    changes_.clear();
    index_.clear();
    release_keys();
    for (std::uint32_t i = 0; i != used_; ++i) {
      entries_[i].value.clear();
      entries_[i].live = false;
    }
    used_ = 0;
    unindexed_ = false;
    free_.clear();
  }

  /// Counts go with the entries, so that owned keys are released once.
  void swap(KeyTable& o) noexcept {
    entries_.swap(o.entries_);
    keys_.swap(o.keys_);
    index_.swap(o.index_);
    free_.swap(o.free_);
    std::swap(changes_, o.changes_);
    std::swap(mask_, o.mask_);
    std::swap(used_, o.used_);
    std::swap(unindexed_, o.unindexed_);
  }

 protected:  // ColdTable goes on from here
  template <class Prefix, class Saved>
  auto putting(StateChanges& changes, const Prefix& prefix, Saved saved) {
    return [&changes, &prefix, saved, this](std::uint32_t n) {
      if (!entries_[n].live) return false;
      using Said = std::tuple<const std::uint32_t&, decltype(saved(entries_[n].value))>;
      changes.put(std::tuple_cat(prefix, std::tie(entries_[n].key)), Said(n, saved(entries_[n].value)));
      return true;
    };
  }

  using Home = KeyHome<Key>;

  std::size_t home(const Key& key) const { return Home::hash(key) & mask_; }
  std::size_t next(std::size_t at) const { return Home::next(at, mask_); }
  std::size_t probes(std::size_t from, std::size_t to) const { return Home::steps(from, to, mask_); }

  /// Of what changed nothing is said.
  void remove(std::uint32_t number) {
    Entry& e = entries_[number];
    if constexpr (Key::kDense != 0) {
      index_[e.key.dense()] = 0;
    } else {
      std::size_t hole = home(e.key);
      while (index_[hole] != number + 1) hole = next(hole);
      // Backward shift: later entries of the probe run move up, so no tombstones are left.
      for (std::size_t at = next(hole); index_[at] != 0; at = next(at)) {
        if (probes(home(keys_[index_[at] - 1]), at) >= probes(hole, at)) {
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

  /// What an entry will be read into, by the beginning of what load() will get as its value.
  [[gnu::always_inline]] void fetch(std::string_view value, std::size_t end) const {
    std::uint32_t number;
    if (value.size() < sizeof number) return;
    std::memcpy(&number, value.data(), sizeof number);
    if (number >= end) return;  // or it is an entry of another kind
    changes_.fetch(number);
    __builtin_prefetch(&keys_[number], 1);
    __builtin_prefetch(&entries_[number], 1);
    __builtin_prefetch(reinterpret_cast<const char*>(&entries_[number] + 1) - 1, 1);
  }
  /// In the room behind the elements.
  Entry* make(std::uint32_t number) {
    ::new (static_cast<void*>(keys_.data() + number)) Key{};
    return ::new (static_cast<void*>(entries_.data() + number)) Entry{};
  }
  /// A key that is not there, whose memory the table takes over, at this number, if it is free. It comes into the index with
  /// all others, in the order of their numbers: these come in no order, and each would wait for memory in the index too.
  std::uint32_t put_back(const Key& key, std::uint32_t number) {
    if (number < used_ && entries_[number].live) number = used_;
    if (number >= used_) {
      used_ = number + 1;
      entries_.resize(used_);
      keys_.resize(used_);
      changes_.grow(used_);
    }
    if constexpr (Key::kDense != 0) index_[key.dense()] = number + 1;
    else unindexed_ = true;
    Entry& e = entries_[number];
    e.key = keys_[number] = key;
    e.live = true;
    return number;
  }
  [[gnu::noinline]] std::uint32_t add(const Key& key) {
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
      changes_.grow(used_);
    }
    Entry& e = entries_[number];
    e.key = keys_[number] = StateTraits<Key>::retain(key);
    e.live = true;
    return number;
  }
  [[gnu::noinline]] std::uint32_t insert_at(std::size_t at, const Key& key) {
    if (unindexed_) {
      grow(used_);
      return find_or_add(key);
    }
    if (size() + 1 > limit_of(index_.size())) {
      grow(size() + 1);
      at = home(key);
      while (index_[at] != 0) at = next(at);
    }
    const std::uint32_t number = add(key);
    index_[at] = number + 1;
    changes_.mark(number);
    return number;
  }
  /// How many entries an index of so many slots has at most.
  static constexpr std::size_t limit_of(std::size_t slots) { return slots <= (1u << 21) ? slots / 4 : slots / 2; }
  /// An index of all entries, with room for so many.
  void grow(std::size_t entries) {
    std::size_t size = index_.size() == 1 ? 64 : index_.size();
    while (limit_of(size) < entries) size *= 2;
    index_.reset(size);
    mask_ = size - 1;
    constexpr std::uint32_t kAhead = 32;  // whose misses overlap
    std::size_t at[kAhead];
    for (std::uint32_t from = 0; from < used_; from += kAhead) {
      const std::uint32_t n = used_ - from < kAhead ? used_ - from : kAhead;
      for (std::uint32_t i = 0; i != n; ++i) {
        if (!entries_[from + i].live) continue;
        at[i] = home(keys_[from + i]);
        __builtin_prefetch(&index_[at[i]], 1);
      }
      for (std::uint32_t i = 0; i != n; ++i) {
        if (!entries_[from + i].live) continue;
        while (index_[at[i]] != 0) at[i] = next(at[i]);
        index_[at[i]] = from + i + 1;
      }
    }
    unindexed_ = false;
  }
  /// As find(), of a table that is being read.
  [[gnu::noinline]] std::uint32_t find_indexed(const Key& key) const {
    const_cast<KeyTable*>(this)->grow(used_);  // what the table holds stays as it is
    return find(key);
  }
  void release_keys() {
    if constexpr (!StateTraits<Key>::is_plain)
      for (std::uint32_t i = 0; i != used_; ++i)
        if (entries_[i].live) StateTraits<Key>::release(entries_[i].key);
  }

  std::size_t mask_ = 0;
  /// Entry number + 1; 0 is free. Never without a slot, so that looking up needs no question whether there is one.
  ZeroedArray index_{Key::kDense != 0 ? Key::kDense : 1};
  GrowingArray<Key> keys_;  // of the entries once more, side by side: what probing compares stays in L1
  GrowingArray<Entry> entries_;
  GrowingArray<std::uint32_t> free_;
  [[no_unique_address]] TableChanges<is_durable<Key>> changes_;
  std::size_t room_ = 0;  // of those that are read apart
  std::uint32_t used_ = 0;
  bool unindexed_ = false;  // some entries, which have been read
};

}  // namespace gress
