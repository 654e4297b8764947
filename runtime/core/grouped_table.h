// The hash table of keys of several parts, with key_table.h's interface as far as rolling `latest` needs it. While it is
// small, or no part helps, one index finds all keys. But where keys that come together share the values of a part (the bids
// of a bidder, the events of a session), a large table is split into a small index for each value of that part: what is
// at work then lies in the caches, however many keys there are. Which part that is, the latest keys tell.
//
// Entries have stable numbers; they lie in the order of arrival, in blocks that never move.
#pragma once
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/core/members.h"
#include "runtime/core/hash.h"
#include "runtime/core/hashed_numbers.h"
#include "runtime/core/key_table.h"
#include "runtime/core/state_value.h"

namespace gress {

/// Keys that GroupedTable is for: of several parts, and not so few that they are numbered.
template <class Key>
constexpr bool has_parts() {
  if constexpr (Key::kDense == 0 && requires { Key::members; }) return Key::members.size > 1;
  return false;
}

/// A value of the part that a table is split by, and the numbers of the keys that have it.
struct PartKey {
  std::uint64_t part = 0;
  static constexpr auto members = Members<&PartKey::part>{};
  friend bool operator==(const PartKey&, const PartKey&) = default;
  static constexpr std::uint32_t kDense = 0;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return fn::key_hash(part); }
};
struct PartGroup : HashedNumbers {
  void clear() { static_cast<HashedNumbers&>(*this) = HashedNumbers{}; }  // its memory has been given back
};
extern template class KeyTable<PartKey, PartGroup>;

/// How many different values these are; they are put in order.
std::size_t count_different(std::vector<std::uint64_t>& values);

template <class Key, class Value>
class GroupedTable {
 public:
  struct Entry {
    Key key;
    Value value;
  };
  static constexpr std::uint32_t kNone = HashedNumbers::kNone;

  GroupedTable() = default;
  GroupedTable(const GroupedTable&) = delete;
  GroupedTable& operator=(const GroupedTable&) = delete;
  ~GroupedTable() {
    if constexpr (!std::is_trivially_destructible_v<Entry> || !StateTraits<Key>::is_plain)
      for (std::uint32_t n = 0; n != used_; ++n) {
        StateTraits<Key>::release((*this)[n].key);
        (*this)[n].~Entry();
      }
  }

  /// Numbers of many keys at once, key_of(i) for i in [begin, end), those without an entry added where adds(i), else kNone.
  template <class KeyOf, class Adds>
  void find_all(int begin, int end, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    if (part_ == kFlat) find_flat(begin, end, key_of, adds, numbers);
    else find_grouped(begin, end, key_of, adds, numbers);
    changes_.mark_all(numbers + begin, end - begin);
  }
  template <class KeyOf, class Adds>
  void find_grouped(int begin, int end, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    for (int i = begin; i < end; ++i) {
      const Key key = key_of(i);
      const bool add = adds(i);
      const std::uint32_t group = add ? groups_.find_or_add({part(key)}) : groups_.find({part(key)});
      numbers[i] = group == kNone ? kNone : find(groups_[group].value, key, key.hash(), add);
    }
  }
  Entry& operator[](std::uint32_t number) { return blocks_[number / kBlockEntries][number % kBlockEntries]; }
  const Entry& operator[](std::uint32_t number) const { return blocks_[number / kBlockEntries][number % kBlockEntries]; }

  /// Live entries.
  std::size_t size() const { return used_ - free_.size(); }
  /// Numbers run below this; the entries of those that were erased are empty.
  std::uint32_t end() const { return used_; }

  void erase(std::uint32_t number) {
    Entry& e = (*this)[number];
    if (part_ == kFlat) {
      all_.erase(e.key.hash(), number);
    } else {
      const std::uint32_t group = groups_.find({part(e.key)});
      groups_[group].value.erase(e.key.hash(), number);
      if (groups_[group].value.size() == 0) {
        groups_[group].value.release(slab_);
        groups_.erase(group);
      }
    }
    changes_.erased(number, e.key);
    StateTraits<Key>::release(e.key);
    e.key = Key{};
    e.value.clear();
    free_.push_back(number);
  }

  /// As KeyTable's; entries that are loaded get new numbers.
  template <class Prefix>
  void save(StateChanges& changes, const Prefix& prefix) {
    changes_.save(changes, prefix, putting(changes, prefix));
  }
  template <class Prefix>
  std::uint32_t save_ahead(StateChanges& changes, const Prefix& prefix, std::uint32_t most) {
    return changes_.save_ahead(changes, prefix, most, putting(changes, prefix));
  }
  template <class In>
  std::uint32_t load(In& key, In& value) {
    Key k = key.template get<Key>();
    std::uint32_t number;
    find_all(0, 1, [&](int) -> const Key& { return k; }, [](int) { return true; }, &number);
    StateTraits<Key>::release(k);
    value((*this)[number].value);
    changes_.loaded(number, value);
    return number;
  }
  void loaded() {}
  template <class In>
  static bool show_entry(In& key, In& value, ShownState& to) { return show_entry_of<Value>(key, value, to); }

  /// Whether each value of a part has an index of its own.
  bool grouped() const { return part_ != kFlat; }

 private:
  template <class Prefix>
  auto putting(StateChanges& changes, const Prefix& prefix) {
    return [&changes, &prefix, this](std::uint32_t n) {
      changes.put(std::tuple_cat(prefix, std::tie((*this)[n].key)), (*this)[n].value);
      return true;
    };
  }

  static constexpr int kFlat = -1;
  static constexpr int kParts = Key::members.size;
  static constexpr std::uint32_t kBlockEntries = 1024;
  /// How many keys a look at the latest ones looks at, and the keys a value of a good part has among them.
  static constexpr std::uint32_t kSample = 4096, kFewest = 4, kMost = 256;
  static constexpr std::uint32_t kLastLook = 1 << 20;

  /// Numbers as they are, since near ones are used together; of all else a hash.
  template <class T>
  static std::uint64_t word(const T& part) {
    if constexpr (std::is_integral_v<T>) return static_cast<std::uint64_t>(part);
    else return fn::key_hash(part);
  }
  std::uint64_t part(const Key& key, int which) const {
    std::uint64_t value = 0;
    int k = 0;
    Key::members.apply([&](auto... m) { ((k++ == which ? void(value = word(key.*m)) : void()), ...); });
    return value;
  }
  std::uint64_t part(const Key& key) const { return part(key, part_); }

  std::uint32_t find(HashedNumbers& index, const Key& key, std::uint64_t hash, bool adds) {
    std::uint32_t number = index.find(hash, [&](std::uint32_t n) { return (*this)[n].key == key; });
    if (number == kNone && adds) {
      number = add(key);
      index.add(hash, number, slab_);
    }
    return number;
  }
  /// In one index larger than the caches the misses of many keys overlap.
  template <class KeyOf, class Adds>
  [[gnu::noinline]] void find_flat(int begin, int end, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    constexpr int kAhead = 32;
    for (int from = begin; from < end; from += kAhead) {
      const int to = end - from < kAhead ? end : from + kAhead;
      std::uint64_t hashes[kAhead];
      for (int i = from; i < to; ++i) all_.prefetch(hashes[i - from] = key_of(i).hash());
      for (int i = from; i < to; ++i)
        if (const std::uint32_t n = all_.guess(hashes[i - from]); n != kNone) __builtin_prefetch(&(*this)[n], 1);
      for (int i = from; i < to; ++i) numbers[i] = find(all_, key_of(i), hashes[i - from], adds(i));
    }
    if (all_.size() >= next_look_) [[unlikely]] look();
  }
  [[gnu::noinline]] std::uint32_t add(const Key& key) {
    std::uint32_t number;
    if (!free_.empty()) {
      number = free_.back();
      free_.pop_back();
    } else {
      number = used_++;
      if (number / kBlockEntries == blocks_.size()) blocks_.push_back(static_cast<Entry*>(slab_.take(kBlockEntries * sizeof(Entry))));
      new (&(*this)[number]) Entry{};
    }
    (*this)[number].key = StateTraits<Key>::retain(key);
    changes_.grow(used_);
    return number;
  }

  /// While there is one index.
  bool live(std::uint32_t number) const {
    return all_.find((*this)[number].key.hash(), [&](std::uint32_t n) { return n == number; }) == number;
  }
  /// Of the parts with which the latest keys make groups the one that makes the most.
  [[gnu::cold, gnu::noinline]] void look() {
    next_look_ = next_look_ >= kLastLook ? ~std::uint32_t{0} : next_look_ * 2;
    std::vector<std::uint64_t> values;
    std::size_t best = 0;
    int chosen = kFlat;
    for (int k = 0; k != kParts; ++k) {
      values.clear();
      for (std::uint32_t n = used_; n != 0 && values.size() != kSample; --n)
        if (live(n - 1)) values.push_back(part((*this)[n - 1].key, k));
      const std::size_t groups = count_different(values);
      if (groups * kFewest > kSample || groups * kMost < kSample || groups <= best) continue;
      best = groups;
      chosen = k;
    }
    if (chosen == kFlat) return;
    part_ = chosen;
    for (std::uint32_t n = 0; n != used_; ++n) {
      const Key& key = (*this)[n].key;
      if (live(n)) groups_[groups_.find_or_add({part(key)})].value.add(key.hash(), n, slab_);
    }
    all_.release(slab_);
  }

  [[no_unique_address]] TableChanges<is_durable<Key>> changes_;
  Slab slab_;
  std::vector<Entry*> blocks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t used_ = 0;
  std::uint32_t next_look_ = kSample * 4;  // keys; a smaller table is in the caches anyhow
  int part_ = kFlat;
  HashedNumbers all_;                // numbers of all entries while part_ == kFlat,
  KeyTable<PartKey, PartGroup> groups_;  // and otherwise of those with a value of the part
};

/// What a state of many keys is best kept in.
template <class Key, class Value, bool = has_parts<Key>()>
struct TableOf {
  using type = KeyTable<Key, Value>;
};
template <class Key, class Value>
struct TableOf<Key, Value, true> {
  using type = GroupedTable<Key, Value>;
};

}  // namespace gress
