// The table of keyed state for keys of one number: states stand in place, in pages of neighbouring keys, so that rows of
// neighbours find theirs near each other, without a key beside each. A page is found by the number's upper bits; which of
// its states are used says a byte each. Where numbers turn out to be scattered, most of each page being empty, every
// state becomes a page of its own, where it stands.
//
// The interface is that of KeyTable: numbers of entries are stable until they are erased, erased ones and the memory of
// cleared tables are reused. Entries are in the order of their numbers, which hangs on the order of rows alone.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "runtime/core/growing_array.h"
#include "runtime/core/key_table.h"
#include "runtime/core/zeroed_array.h"

namespace gress {

template <class Key, class Value>
class NumberTable {
  enum class Used : std::uint8_t { no, yes };  // not a character type, which might be anything's bytes
  using Number = std::remove_cvref_t<decltype(std::declval<Key&>().*only_member(Key::members))>;

 public:
  struct Entry {
    Key key;
    Value& value;
    bool live;
  };
  static constexpr std::uint32_t kNone = 0xffffffff;

  NumberTable() = default;
  NumberTable(NumberTable&& o) noexcept { swap(o); }
  NumberTable& operator=(NumberTable&& o) noexcept {
    swap(o);
    return *this;
  }

  /// Number of the key's entry; a new entry (its value cleared) when there is none.
  [[gnu::always_inline]] std::uint32_t find_or_add(const Key& key) {
    const std::uint64_t x = bits(key);
    std::uint32_t slot = slot_of(x >> shift_);
    if (slot == 0) [[unlikely]] slot = add(x);
    const std::uint32_t number = (slot - 1) << shift_ | static_cast<std::uint32_t>(x & ((1u << shift_) - 1));
    used_[number] = Used::yes;
    changes_.mark(number);
    return number;
  }
  /// As KeyTable's.
  void touch(std::uint32_t number) { changes_.mark(number); }
  /// Number of the key's entry or kNone.
  std::uint32_t find(const Key& key) const {
    const std::uint64_t x = bits(key);
    const std::uint32_t slot = slot_of(x >> shift_);
    if (slot == 0) return kNone;
    const std::uint32_t number = (slot - 1) << shift_ | static_cast<std::uint32_t>(x & ((1u << shift_) - 1));
    return used_[number] != Used::no ? number : kNone;
  }
  /// As KeyTable's.
  template <class KeyOf, class Adds>
  void find_all(int begin, int end, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    constexpr std::size_t kCached = std::size_t{1} << 16;  // places of an index that stays near
    constexpr int kAhead = 32, kMany = 64;
    int from = begin;
    while (end - from >= kMany) {
      const int found = find_in_pages(from, end, key_of, adds, numbers);
      if (found == from) break;
      from = found;
    }
    while (from < end) {
      int to = end;
      if (index_.size() > kCached) [[unlikely]] {
        if (to - from > kAhead) to = from + kAhead;
        look_ahead(from, to, key_of);
      }
      from = find_near(from, to, key_of, adds, numbers);
    }
    changes_.mark_all(numbers + begin, end - begin);
  }
  Entry operator[](std::uint32_t number) { return {key_of(number), values_[number], used_[number] != Used::no}; }

  const Value& value(std::uint32_t number) const { return values_[number]; }

  bool empty() const {
    for (std::uint32_t from = 0; from < end_; from += kGroup)
      if (used_from(from) != 0) return false;
    return true;
  }
  /// Live entries; counts them.
  std::size_t size() const {
    std::size_t n = 0;
    for (std::uint32_t from = 0; from < end_; from += kGroup) n += static_cast<std::size_t>(__builtin_popcountll(used_from(from)));
    return n;
  }
  /// Numbers run below this; entries that are not `live` are to be skipped.
  std::uint32_t end() const { return end_; }
  /// f(number) for each live entry; it may erase that entry.
  template <class F>
  [[gnu::always_inline]] void each(F f) const {
    for (std::uint32_t from = 0; from < end_; from += kGroup)
      for (std::uint64_t left = used_from(from); left != 0; left &= left - 1)
        f(from + static_cast<std::uint32_t>(__builtin_ctzll(left)));
  }

  void erase(std::uint32_t number) {
    changes_.erased(number, key_of(number));
    values_[number].clear();
    used_[number] = Used::no;
    const std::uint32_t slot = number >> shift_;
    for (std::uint32_t i = slot << shift_; i != (slot + 1) << shift_; ++i)
      if (used_[i] != Used::no) return;
    remove(slot);
  }

  /// Erases the entry, whose value is as a cleared one, unless it is to stay. Its page goes with sweep(), so that nothing
  /// branches on what is seldom predictable.
  void keep_if(std::uint32_t number, bool stays) {
    if (is_durable<Key> && !stays) changes_.erased(number, key_of(number));
    if (shift_ != 0) used_[number] = static_cast<Used>(stays);
    else if (!stays) erase(number);
  }
  /// Frees pages of which nothing is used any more.
  void sweep() {
    if (shift_ == 0 || held_ == 0) return;
    constexpr std::uint32_t kPages = kGroup >> kPage;  // that are looked at together
    for (std::uint32_t from = 0; from < end_; from += kGroup) {
      const std::uint64_t set = used_from(from);
      for (std::uint32_t k = 0; k != kPages; ++k) {
        const std::uint32_t slot = (from >> kPage) + k;
        if ((set >> (k << kPage) & (~std::uint64_t{0} >> (kGroup - (1u << kPage)))) == 0 && slot << kPage < end_ && tags_[slot] != kFree) remove(slot);
      }
    }
  }

  /// Forgets all entries; memory, and that held by values, stays for reuse.
  void clear() {
    if (end_ == 0) return;
    changes_.clear();
    index_.clear();
    each([&](std::uint32_t number) { values_[number].clear(); });
    std::memset(static_cast<void*>(&used_[0]), 0, end_);
    shift_ = kPage;
    end_ = held_ = next_ = 0;
    free_.clear();
  }

  /// As KeyTable's; entries that are loaded stand in the order in which they are.
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
    return load(key, value, [&](Value& v) { value(v); });
  }
  template <class In, class Read>
  std::uint32_t load(In& key, In& value, Read read) {
    const std::uint32_t number = find_or_add(key.template get<Key>());
    read(values_[number]);
    changes_.loaded(number, value);
    return number;
  }
  void loaded() {}
  template <class In>
  static bool show_entry(In& key, In& value, ShownState& to) { return show_entry_of<Value>(key, value, to); }

  void swap(NumberTable& o) noexcept {
    std::swap(changes_, o.changes_);
    values_.swap(o.values_);
    used_.swap(o.used_);
    tags_.swap(o.tags_);
    index_.swap(o.index_);
    free_.swap(o.free_);
    std::swap(mask_, o.mask_);
    std::swap(line_shift_, o.line_shift_);
    std::swap(shift_, o.shift_);
    std::swap(end_, o.end_);
    std::swap(held_, o.held_);
    std::swap(next_, o.next_);
  }

 private:
  template <class Prefix>
  auto putting(StateChanges& changes, const Prefix& prefix) {
    return [&changes, &prefix, this](std::uint32_t n) {
      if (used_[n] == Used::no) return false;
      changes.put(std::tuple_cat(prefix, std::tuple{key_of(n)}), values_[n]);
      return true;
    };
  }

  /// Entries of a page: about 1 kB of values, 8 to 64.
  static constexpr std::uint32_t kPage = sizeof(Value) <= 16 ? 6 : sizeof(Value) <= 32 ? 5 : sizeof(Value) <= 64 ? 4 : 3;
  static constexpr std::uint32_t kGroup = 64;  // entries that are looked at together
  /// Numbers are scattered if fewer than one entry in kScattered is used; first judged at so many entries.
  static constexpr std::uint32_t kScattered = 4, kJudged = 4096;
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};  // tag of a page that is not used
  using Lines = Probing<true>;
  static constexpr std::uint64_t kNeighbours = Lines::kNeighbours;

  static std::uint64_t bits(const Key& key) { return static_cast<std::uint64_t>(key.*only_member(Key::members)); }
  Key key_of(std::uint32_t number) const {
    Key key;
    key.*only_member(Key::members) = static_cast<Number>(tags_[number >> shift_] << shift_ | (number & ((1u << shift_) - 1)));
    return key;
  }
  /// Where a tag belongs in an index of mask + 1 places: a line by the golden ratio, which sets the lines of tags that
  /// follow one another apart, and the tag's place in the line.
  static std::size_t place(std::uint64_t tag, std::size_t mask, std::uint32_t line_shift) {
    return ((tag / kNeighbours * 0x9e3779b97f4a7c15) >> line_shift << 4 ^ tag % kNeighbours) & mask;
  }
  /// 1 + the slot of a tag; 0: it has none.
  [[gnu::always_inline]] std::uint32_t slot_of(std::uint64_t tag) const {
    std::size_t at = home(tag);
    std::uint32_t slot;
    while ((slot = index_[at]) != 0 && tags_[slot - 1] != tag) [[unlikely]] at = next(at);
    return slot;
  }
  std::size_t home(std::uint64_t tag) const { return place(tag, mask_, line_shift_); }
  std::size_t next(std::size_t at) const { return Lines::next(at, mask_); }
  std::size_t probes(std::size_t from, std::size_t to) const { return Lines::steps(from, to, mask_); }

  /// Numbers of [from, to) where all of them are in a few pages, whose slots are looked up once, up to one whose page is not
  /// there and is added, with it. The row behind; `from` if the pages are many.
  template <class KeyOf, class Adds>
  int find_in_pages(int from, int to, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    constexpr std::uint64_t kFew = 16;
    std::uint64_t lowest = ~std::uint64_t{0}, highest = 0;
    for (int i = from; i < to; ++i) {
      const std::uint64_t x = bits(key_of(i));
      lowest = x < lowest ? x : lowest;
      highest = x > highest ? x : highest;
    }
    const std::uint32_t shift = shift_;
    const std::uint64_t first = lowest >> shift, pages = (highest >> shift) - first + 1;
    if (pages == 0 || pages > kFew) return from;
    std::uint32_t first_of[kFew];  // entry of each page, kNone: it is not there
    for (std::uint64_t k = 0; k != pages; ++k) {
      const std::uint32_t slot = slot_of(first + k);
      first_of[k] = slot == 0 ? kNone : (slot - 1) << shift;
    }
    Used* const used = used_.data();
    for (int i = from; i < to; ++i) {
      const std::uint64_t x = bits(key_of(i));
      const std::uint32_t page = first_of[(x >> shift) - first];
      if (!adds(i)) [[unlikely]] {
        numbers[i] = find(key_of(i));
        continue;
      }
      if (page == kNone) [[unlikely]] {
        numbers[i] = find_or_add(key_of(i));
        return i + 1;
      }
      const std::uint32_t number = page | static_cast<std::uint32_t>(x & ((1u << shift) - 1));
      used[number] = Used::yes;
      numbers[i] = number;
    }
    return to;
  }
  /// Numbers of [from, to); returns `to`.
  template <class KeyOf, class Adds>
  int find_near(int from, int to, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    while (from < to) {
      // What the loop reads is held apart from the table, since it writes to both.
      const std::uint32_t* const index = index_.data();
      const std::uint64_t* const tags = tags_.data();
      Used* const used = used_.data();
      const std::size_t mask = mask_;
      const std::uint32_t line_shift = line_shift_;
      const std::uint32_t shift = shift_;
      for (; from < to; ++from) {
        const std::uint64_t x = bits(key_of(from)), tag = x >> shift;
        const std::uint32_t slot = index[place(tag, mask, line_shift)];
        if (slot == 0 || tags[slot - 1] != tag || !adds(from)) [[unlikely]] break;
        const std::uint32_t number = (slot - 1) << shift | static_cast<std::uint32_t>(x & ((1u << shift) - 1));
        used[number] = Used::yes;
        numbers[from] = number;
      }
      if (from < to) {
        numbers[from] = adds(from) ? find_or_add(key_of(from)) : find(key_of(from));
        ++from;
      }
    }
    return to;
  }
  template <class KeyOf>
  [[gnu::noinline]] void look_ahead(int from, int to, KeyOf key_of) const {
    for (int i = from; i < to; ++i) __builtin_prefetch(&index_[home(bits(key_of(i)) >> shift_)]);
    for (int i = from; i < to; ++i) {
      const std::uint64_t x = bits(key_of(i));
      const std::uint32_t slot = index_[home(x >> shift_)];
      if (slot == 0) continue;
      __builtin_prefetch(&tags_[slot - 1]);
      __builtin_prefetch(&values_[(slot - 1) << shift_ | (x & ((1u << shift_) - 1))]);
    }
  }
  /// A bit for each of kGroup entries.
  std::uint64_t used_from(std::uint32_t from) const {
    std::uint64_t set = 0;
    for (std::uint32_t k = 0; k != kGroup / 8; ++k) {
      std::uint64_t bytes;
      std::memcpy(&bytes, &used_[from + k * 8], 8);
      set |= (bytes * 0x0102040810204080 >> 56) << (k * 8);
    }
    return set;
  }

  /// A slot for the key's tag, which has none; 1 is added to what is returned.
  [[gnu::noinline]] std::uint32_t add(std::uint64_t x) {
    if (shift_ != 0 && free_.empty() && end_ >= kJudged && std::has_single_bit(end_) && size() * kScattered < end_) scatter();
    const std::size_t limit = index_.size() <= (1u << 17) ? index_.size() / 4 : index_.size() / 2;
    if (held_ + 1 > limit) reindex(index_.size() == 1 ? 64 : index_.size() * 2);
    const std::uint32_t slot = free_slot();
    tags_[slot] = x >> shift_;
    enter(slot);
    ++held_;
    return slot + 1;
  }
  /// Erased ones first; then, among scattered entries, what pages left unused.
  std::uint32_t free_slot() {
    if (!free_.empty()) {
      const std::uint32_t slot = free_.back();
      free_.pop_back();
      return slot;
    }
    if (shift_ != 0) {
      grow();
      return (end_ >> shift_) - 1;
    }
    while (next_ != end_ && used_[next_] != Used::no) ++next_;
    if (next_ == end_) grow();
    return next_++;
  }
  void grow() {
    end_ += 1u << kPage;
    if (values_.size() < end_) {
      values_.resize(end_);
      used_.resize((end_ + kGroup - 1) / kGroup * kGroup);
    }
    changes_.grow(end_);
    if (tags_.size() < end_ >> shift_) tags_.resize(end_ >> shift_);
  }
  void enter(std::uint32_t slot) {
    std::size_t at = home(tags_[slot]);
    while (index_[at] != 0) at = next(at);
    index_[at] = slot + 1;
  }
  void clear_index(std::size_t size) {
    index_.reset(size);
    mask_ = size - 1;
    line_shift_ = 64 - static_cast<std::uint32_t>(std::countr_zero(size / kNeighbours));
  }
  void reindex(std::size_t size) {
    GrowingArray<std::uint32_t> slots;
    slots.reserve(held_);
    for (std::size_t at = 0; at != index_.size(); ++at)
      if (index_[at] != 0) slots.push_back(index_[at] - 1);
    clear_index(size);
    for (const std::uint32_t slot : slots) enter(slot);
  }
  /// Makes each entry a page of its own; all of them stay where they are.
  void scatter() {
    if (tags_.size() < end_) tags_.resize(end_);
    for (std::uint32_t number = end_; number-- != 0;) tags_[number] = tags_[number >> shift_] << shift_ | (number & ((1u << shift_) - 1));
    shift_ = 0;
    held_ = next_ = 0;
    std::size_t size = index_.size();
    const std::size_t live = this->size();
    while (size / 4 < live + 1) size *= 2;
    clear_index(size);
    each([&](std::uint32_t number) {
      enter(number);
      ++held_;
    });
  }
  void remove(std::uint32_t slot) {
    std::size_t hole = home(tags_[slot]);
    while (index_[hole] != slot + 1) hole = next(hole);
    // Backward shift: later slots of the probe run move up, so no tombstones are left.
    for (std::size_t at = next(hole); index_[at] != 0; at = next(at)) {
      if (probes(home(tags_[index_[at] - 1]), at) >= probes(hole, at)) {
        index_[hole] = index_[at];
        hole = at;
      }
    }
    index_[hole] = 0;
    --held_;
    if (shift_ != 0) tags_[slot] = kFree;
    if (shift_ != 0 || slot < next_) free_.push_back(slot);
  }

  std::uint32_t shift_ = kPage;  // numbers of a page are `slot << shift_ | lower bits`; 0: scattered
  std::uint32_t end_ = 0;
  std::uint32_t held_ = 0;  // slots in the index
  std::uint32_t next_ = 0;  // scattered: entries before it that are not used are in free_
  std::size_t mask_ = 0;
  std::uint32_t line_shift_ = 63;  // leaves as many bits as there are lines
  /// Slot + 1; 0 is free. Never without a place, so that looking up needs no question whether there is one.
  ZeroedArray index_{1};
  GrowingArray<std::uint64_t> tags_;  // of slots: their keys without the lower bits
  GrowingArray<Used> used_;           // of entries, in whole groups
  GrowingArray<Value> values_;        // of entries; cleared where not used
  GrowingArray<std::uint32_t> free_;   // slots
  [[no_unique_address]] TableChanges<is_durable<Key>> changes_;
};

/// The table for keys as they are.
template <class Key, class Value>
using StateTable = std::conditional_t<is_number_key<Key>(), NumberTable<Key, Value>, KeyTable<Key, Value>>;

/// For states that are found by key only. Those that go in the order of entries, and large ones, which a page would keep room
/// for beside the used ones, stand one by one.
template <class Key, class Value, bool kGo>
using RollingTable = std::conditional_t<kGo || (sizeof(Value) > 32), KeyTable<Key, Value>, StateTable<Key, Value>>;

}  // namespace gress
