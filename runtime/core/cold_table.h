// KeyTable, whose entries need not all be in memory (docs/decisions/0024): those that no row has come to for long are put
// into the store and leave, and come back with the next row of their key. For programs that say `state_memory`.
//
// Entries only leave in find_all(), so the numbers that it gave are good until it is called again.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>

#include "runtime/core/block.h"
#include "runtime/core/cold_entries.h"
#include "runtime/core/key_table.h"

namespace gress {

/// `kNumbered`: entries are saved as KeyTable does, with their numbers.
template <class Key, class Value, bool kNumbered>
class ColdTable : public KeyTable<Key, Value> {
  using Table = KeyTable<Key, Value>;
  using Table::changes_, Table::entries_, Table::index_, Table::keys_, Table::free_, Table::used_;

 public:
  /// `prefix`: as save() will get it.
  template <class Prefix>
  void bind(std::unique_ptr<ColdEntries> cold, const Prefix& prefix) {
    cold_ = std::move(cold);
    StateOut out;
    out(prefix);
    prefix_ = out.view();
    set_most();
    entries_.reserve(most_);
    keys_.reserve(most_);
    changes_.reserve(most_);
  }

  template <class KeyOf, class Adds>
  void find_all(int begin, int end, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    make_room(static_cast<std::size_t>(end - begin));
    if (!any_cold_) return Table::find_all(begin, end, key_of, adds, numbers);
    Table::find_all(begin, end, key_of, [](int) { return false; }, numbers);
    bring(begin, end, key_of, adds, numbers);
  }
  void erase(std::uint32_t number) {
    if (changes_.stored(number)) {
      StateChanges gone;
      gone.erase(std::tuple<RawState, const Key&>({prefix_}, entries_[number].key));
      cold_->write(gone);
    }
    leave(number);
  }

  template <class In>
  static bool show_entry(In& key, In& value, ShownState& to) {
    if constexpr (kNumbered) return Table::show_entry(key, value, to);
    else return show_entry_of<Value>(key, value, to);
  }
  /// As KeyTable's, but what is said at once is bounded.
  template <class Prefix>
  void save(StateChanges& changes, const Prefix& prefix) {
    changes_.save(changes, prefix, [&](std::uint32_t n) {
      if (!entries_[n].live) return false;
      say(changes, n, cold_->memory() / 4);
      return true;
    });
  }
  template <class In>
  std::uint32_t load(In& key, In& value) {
    make_room(1);
    Key k = key.template get<Key>();
    const std::uint32_t number = Table::find_or_add(k);
    StateTraits<Key>::release(k);
    read(number, value);
    changes_.loaded(number, value);
    return number;
  }
  /// The entries that have not been loaded yet can stay where they are.
  bool leaves_rest() {
    any_cold_ = any_cold_ || this->size() + kBlock > most_ / 4 * 3;
    return any_cold_;
  }

 private:
  static constexpr std::size_t kFewest = 2 * kBlock;  // entries
  static constexpr std::size_t kSaid = std::size_t{4} << 20;
  static constexpr std::size_t kRows = 8192;    // between two looks at what entries own; fewer in the beginning
  static constexpr std::uint32_t kLooks = 128;  // entries that are looked at
  static constexpr bool kOwns = !StateTraits<Key>::is_plain || !std::is_trivially_destructible_v<Value>;

  /// As many entries as the memory is enough for: those with room for them, the largest index, and what each owns.
  void set_most() {
    const std::size_t each = sizeof(typename Table::Entry) + sizeof(Key) + 1 + sizeof(std::uint32_t) + owned_;
    most_ = kFewest;
    for (std::size_t slots = 4 * kFewest; slots * sizeof(std::uint32_t) < cold_->memory(); slots *= 2)
      most_ = std::max(most_, std::min(Table::limit_of(slots), (cold_->memory() - slots * sizeof(std::uint32_t)) / each));
  }
  /// What keys and values own beside their entries is about what they are as bytes, in pieces of malloc.
  void look_at_owned() {
    const std::uint32_t looks = std::min(kLooks, used_);
    const std::size_t enough = std::max(cold_->memory() / 64, kSaid);
    StateOut out;
    std::size_t seen = 0, bytes = 0;
    for (std::uint32_t i = 0; i != looks && bytes < enough; ++i) {
      const std::uint32_t n = static_cast<std::uint32_t>(std::uint64_t{used_} * i / looks);
      if (!entries_[n].live) continue;
      out.bytes().clear();
      out(entries_[n].key, entries_[n].value);
      bytes += out.view().size();
      ++seen;
    }
    if (seen == 0) return;
    owned_ = bytes / seen * 5 / 4;
    set_most();
  }

  void make_room(std::size_t rows) {
    if constexpr (kOwns) {
      looked_ += rows;
      if (looked_ >= next_look_) [[unlikely]] {
        looked_ = 0;
        next_look_ = std::min(next_look_ * 2, kRows);
        look_at_owned();
      }
    }
    if (this->size() + rows > most_) [[unlikely]] put_aside(rows);
  }
  /// A part of the entries leaves: of those that the hand comes to, the ones that no row has come to since it came last.
  [[gnu::noinline]] void put_aside(std::size_t rows) {
    any_cold_ = true;
    const std::size_t stay = most_ - std::max(most_ / 8, rows);
    StateChanges changes;
    while (this->size() > stay) {
      if (hand_ >= used_) hand_ = 0;
      const std::uint32_t n = hand_++;
      if (!entries_[n].live || changes_.take_recent(n)) continue;
      if (changes_.changed(n)) say(changes, n, kSaid);
      leave(n);
    }
    cold_->write(changes);  // waits also for what a checkpoint writes of those that left unchanged
  }
  /// `most`: bytes that are said at once.
  void say(StateChanges& changes, std::uint32_t n, std::size_t most) {
    const std::tuple<RawState, const Key&> key({prefix_}, entries_[n].key);
    if constexpr (kNumbered) changes.put(key, std::tuple<const std::uint32_t&, Value&>(n, entries_[n].value));
    else changes.put(key, entries_[n].value);
    if (changes.bytes() > most) cold_->write(changes);
  }
  void leave(std::uint32_t n) {
    changes_.forget(n);
    Table::remove(n);
    if constexpr (!std::is_trivially_destructible_v<Value>) entries_[n].value = Value{};  // clear() keeps memory
  }

  /// The entries of rows that have none in memory.
  template <class KeyOf, class Adds>
  void bring(int begin, int end, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    int missing[kBlock], n = 0;
    std::size_t ends[kBlock];
    StateOut& out = wanted_;
    out.bytes().clear();
    for (int i = begin; i != end; ++i) {
      if (numbers[i] != Table::kNone) continue;
      out.raw(cold_->section().data(), cold_->section().size());
      out.raw(prefix_.data(), prefix_.size());
      out(key_of(i));
      missing[n] = i;
      ends[n++] = out.view().size();
    }
    if (n == 0) return;
    std::string_view keys[kBlock], values[kBlock];
    for (int m = 0; m != n; ++m) {
      const std::size_t from = m == 0 ? 0 : ends[m - 1];
      keys[m] = out.view().substr(from, ends[m] - from);
    }
    cold_->read(keys, n, values);
    for (int m = 0; m != n; ++m) {
      const int i = missing[m];
      const Key key = key_of(i);
      std::uint32_t number = Table::find(key);  // an earlier row may have brought it
      if (number == Table::kNone && (values[m].data() != nullptr || adds(i))) {
        number = Table::find_or_add(key);
        if (values[m].data() != nullptr) take(number, values[m]);
      }
      if (number != Table::kNone) changes_.mark(number);
      numbers[i] = number;
    }
  }
  void take(std::uint32_t number, std::string_view bytes) {
    try {
      StateIn in(bytes);
      in.get<StateOwner>();
      read(number, in);
      in.end();
      changes_.loaded(number, in);
    } catch (const StateDamaged&) {
      cold_->damaged();
    }
  }
  template <class In>
  void read(std::uint32_t number, In& in) {
    if constexpr (kNumbered) in.template get<std::uint32_t>();  // which is another entry's by now
    in(entries_[number].value);
  }

  std::unique_ptr<ColdEntries> cold_;
  std::string prefix_;
  StateOut wanted_;
  std::size_t most_ = kFewest;  // entries in memory
  std::size_t owned_ = 0;       // bytes an entry, beside itself
  std::size_t looked_ = 0;      // rows since then
  std::size_t next_look_ = 2 * kBlock;
  std::uint32_t hand_ = 0;
  bool any_cold_ = false;
};

/// A key says `kBeyondMemory`.
template <class Key>
inline constexpr bool is_beyond_memory = requires { Key::kBeyondMemory; };

/// What an operator's beyond_memory() gives: its table, and what its entries' keys begin with in the state.
template <class Table, class Prefix>
struct BeyondMemory {
  Table& table;
  Prefix prefix;
};

/// `InMemory`, or the table that goes beyond it.
template <class Key, class Value, class InMemory = KeyTable<Key, Value>>
using BoundedTable = std::conditional_t<is_beyond_memory<Key>, ColdTable<Key, Value, std::is_same_v<InMemory, KeyTable<Key, Value>>>, InMemory>;

}  // namespace gress
