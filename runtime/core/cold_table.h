// KeyTable, whose entries need not all be in memory (docs/decisions/0024): those that no row has come to for long are put
// into the store and leave, and come back with the next row of their key. For programs that say `state_memory`.
//
// Entries only leave in find_all(), so the numbers that it gave are good until it is called again.
//
// Where keys run out (expiry.h) a second entry says of one on disk when it does: by time, order of arrival and key. It is put
// when the entry leaves, and stays when that comes back: then, and where the time of its entry is another, it says nothing.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/cold_entries.h"
#include "runtime/core/expiry.h"
#include "runtime/core/key_table.h"
#include "runtime/core/slab.h"

namespace gress {

/// A key says `kBeyondMemory`.
template <class Key>
inline constexpr bool is_beyond_memory = requires { Key::kBeyondMemory; };

/// Whether entries run out: a value says kRunsOut, and has is_started(), last_time(), and perhaps `born` (ran_out.h).
template <class Value>
constexpr bool runs_out() {
  if constexpr (requires { Value::kRunsOut; }) return Value::kRunsOut;
  else return false;
}

/// The rows of a value lie in a slab of its operator.
template <class Value>
concept InSlab = requires(Value& value, StateIn& in, Slab& slab) { value.load(in, slab), value.release(slab); };

/// What was said of an entry on disk, of which it stands in a program that has all in memory.
template <class Key>
void pass_over_due(StateIn& key) {
  key.get<InOrderOf>(), key.get<InOrderOf>();
  auto k = key.get<Key>();
  StateTraits<Key>::release(k);
}

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

  /// Before it is used, of values that run out.
  void runs_out_by(ColdExpiry& expiry) { expiry_ = &expiry; }
  /// Before it is used, of values in one.
  void lies_in(Slab& slab) { slab_ = &slab; }

  template <class KeyOf, class Adds>
  void find_all(int begin, int end, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    make_room(static_cast<std::size_t>(end - begin));
    if (!any_cold_) return Table::find_all(begin, end, key_of, adds, numbers);
    Table::find_all(begin, end, key_of, [](int) { return false; }, numbers);
    bring(begin, end, key_of, adds, numbers);
  }
  void erase(std::uint32_t number) {
    if (changes_.stored(number)) gone_.erase(std::tuple<RawState, const Key&>({prefix_}, entries_[number].key));
    leave(number);
  }
  /// The store hears of what has gone before it is asked again.
  void write_gone() {
    if (!gone_.empty()) cold_->write(gone_);
  }
  /// Entries on disk whose time the watermark `t` has passed, in order of time and arrival, kBlock at most: they come back, and
  /// f(number, time) erases each. False: no more are left.
  template <class F>
  bool bring_due(std::int64_t t, F f) {
    if constexpr (kExpires) {
      if (expiry_->on_disk() >= t) return false;
      write_gone();
      StateOut from;
      from.raw(cold_->section().data(), cold_->section().size());
      from(StatePart::due);
      const std::size_t beginning = from.view().size();
      from(InOrderOf{in_order(expiry_->on_disk())});
      cold_->keys(from.view().substr(0, beginning), from.view(), kBlock, due_);
      std::int64_t next = kEndOfTime;
      int n = 0;
      for (; n != static_cast<int>(due_.size()) && (next = read_due(n)) < t; ++n)
        gone_.erase(RawState{std::string_view(due_[static_cast<std::size_t>(n)]).substr(cold_->section().size())});
      const bool more = n == kBlock;
      expiry_->set_on_disk(more || n != static_cast<int>(due_.size()) ? next : kEndOfTime);
      give_due(n, f);
      release_due();
      if (!more) write_gone();
      return more;
    }
    return false;
  }
  /// After a restart: one more than the highest number of arrival of those on disk.
  std::uint64_t born_on_disk() const { return born_on_disk_; }

  template <class In>
  static bool show_entry(In& key, In& value, ShownState& to) {
    if constexpr (kNumbered) return Table::show_entry(key, value, to);
    else return show_entry_of<Value>(key, value, to);
  }
  /// As KeyTable's, but what is said at once is bounded.
  template <class Prefix>
  void save(StateChanges& changes, const Prefix& prefix) {
    changes.append(gone_);
    changes_.save(changes, prefix, [&](std::uint32_t n) {
      if (!entries_[n].live) return false;
      say(changes, n, cold_->memory() / 4);
      return true;
    });
  }
  /// kNone: it stays where it is.
  template <class In>
  std::uint32_t load(In& key, In& value) {
    Key k = key.template get<Key>();
    if (!value.moved && expires() && full()) {
      load_due(k, value);
      return Table::kNone;
    }
    make_room(1);
    const std::uint32_t number = Table::find_or_add(k);
    StateTraits<Key>::release(k);
    read(entries_[number].value, value);
    changes_.loaded(number, value);
    return number;
  }
  void loaded() {
    Table::loaded();
    write_gone();
  }
  /// The entries that have not been loaded yet can stay where they are, unseen.
  bool leaves_rest() { return !expires() && full(); }

 private:
  static constexpr std::size_t kFewest = 2 * kBlock;  // entries
  static constexpr std::size_t kRows = 8192;    // between two looks at what entries own; fewer in the beginning
  static constexpr std::uint32_t kLooks = 128;  // entries that are looked at
  static constexpr bool kOwns = !StateTraits<Key>::is_plain || !std::is_trivially_destructible_v<Value> || InSlab<Value>;
  static constexpr bool kExpires = runs_out<Value>();
  static constexpr std::size_t kTimer = kExpires ? 40 : 0;  // bytes an entry, of its timers

  /// Bytes that are said at once: the more, the better for the store, which sorts them.
  std::size_t most_said() const { return std::clamp(cold_->memory() / 8, std::size_t{1} << 20, std::size_t{32} << 20); }
  bool expires() const { return kExpires && !expiry_->forever(); }
  bool full() {
    any_cold_ = any_cold_ || this->size() + kBlock > most_ / 4 * 3;
    return any_cold_;
  }

  /// As many entries as the memory is enough for: those with room for them, the largest index, and what each owns.
  void set_most() {
    const std::size_t each = sizeof(typename Table::Entry) + sizeof(Key) + 1 + sizeof(std::uint32_t) + kTimer + owned_;
    most_ = kFewest;
    for (std::size_t slots = 4 * kFewest; slots * sizeof(std::uint32_t) < cold_->memory(); slots *= 2)
      most_ = std::max(most_, std::min(Table::limit_of(slots), (cold_->memory() - slots * sizeof(std::uint32_t)) / each));
#ifdef GRESS_COLD_ENTRIES  // for tests: few fit
    most_ = std::max<std::size_t>(kFewest, GRESS_COLD_ENTRIES);
#endif
  }
  /// What keys and values own beside their entries is about what they are as bytes, in pieces of malloc.
  void look_at_owned() {
    const std::uint32_t looks = std::min(kLooks, used_);
    const std::size_t enough = std::max(cold_->memory() / 64, std::size_t{4} << 20);
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
    changes.append(gone_);
    const std::size_t most = most_said();
    while (this->size() > stay) {
      if (hand_ >= used_) hand_ = 0;
      const std::uint32_t n = hand_++;
      if (!entries_[n].live || changes_.take_recent(n)) continue;
      if (changes_.changed(n)) say(changes, n, most);
      say_due(changes, entries_[n].key, entries_[n].value);
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
  /// Before an entry leaves; and of one that stays on disk, that did not leave but was there.
  void say_due(StateChanges& changes, const Key& key, const Value& value) {
    if constexpr (kExpires) {
      if (!expires() || !value.is_started()) return;
      const std::int64_t at = add_saturated(value.last_time(), expiry_->retain());
      changes.put(std::tuple<StatePart, InOrderOf, InOrderOf, const Key&>(StatePart::due, {in_order(at)}, {born(value)}, key), std::tuple<>());
      if (at < expiry_->on_disk()) expiry_->set_on_disk(at);
    }
  }
  template <class In>
  void load_due(Key& key, In& in) {
    Value value{};
    read(value, in);
    say_due(gone_, key, value);
    born_on_disk_ = std::max(born_on_disk_, born(value) + 1);
    release(value);
    StateTraits<Key>::release(key);
    if (gone_.bytes() > most_said()) write_gone();
  }
  static std::uint64_t in_order(std::int64_t at) { return static_cast<std::uint64_t>(at) ^ std::uint64_t{1} << 63; }
  static std::uint64_t born(const Value& value) {
    if constexpr (requires { value.born.value; }) return value.born.value;
    else return 0;
  }
  /// The time of due_[n], whose key is then due_keys_[n].
  std::int64_t read_due(int n) {
    try {
      StateIn in(std::string_view(due_[static_cast<std::size_t>(n)]).substr(cold_->section().size()));
      in.get<StatePart>();
      const auto at = static_cast<std::int64_t>(in.get<InOrderOf>().number ^ std::uint64_t{1} << 63);
      in.get<InOrderOf>();
      due_keys_.push_back(in.get<Key>());
      due_at_.push_back(at);
      return at;
    } catch (const StateDamaged&) {
      cold_->damaged();
    }
  }
  void release_due() {
    for (Key& key : due_keys_) StateTraits<Key>::release(key);
    due_keys_.clear();
    due_at_.clear();
  }
  /// Those of the first `n` that are on disk, and run out at the time that was said.
  template <class F>
  void give_due(int n, F f) {
    if (n == 0) return;
    wanted_.bytes().clear();
    std::size_t ends[kBlock];
    for (int i = 0; i != n; ++i) ends[i] = want(due_keys_[static_cast<std::size_t>(i)]);
    std::string_view values[kBlock];
    read_wanted(ends, n, values);
    for (int i = 0; i != n; ++i) {
      const Key& key = due_keys_[static_cast<std::size_t>(i)];
      const std::int64_t at = due_at_[static_cast<std::size_t>(i)];
      if (values[i].data() == nullptr || Table::find(key) != Table::kNone) continue;
      const std::uint32_t number = Table::find_or_add(key);
      take(number, values[i], false);
      const Value& value = entries_[number].value;
      if (value.is_started() && add_saturated(value.last_time(), expiry_->retain()) == at) f(number, at);
      else leave(number);
    }
  }
  void release(Value& value) {
    if constexpr (InSlab<Value>) value.release(*slab_);
  }
  void leave(std::uint32_t n) {
    changes_.forget(n);
    Table::remove(n);
    release(entries_[n].value);
    if constexpr (!std::is_trivially_destructible_v<Value>) entries_[n].value = Value{};  // clear() keeps memory
  }

  /// The entries of rows that have none in memory.
  template <class KeyOf, class Adds>
  void bring(int begin, int end, KeyOf key_of, Adds adds, std::uint32_t* numbers) {
    int missing[kBlock], n = 0;
    std::size_t ends[kBlock];
    wanted_.bytes().clear();
    for (int i = begin; i != end; ++i) {
      if (numbers[i] != Table::kNone) continue;
      missing[n] = i;
      ends[n++] = want(key_of(i));
    }
    if (n == 0) return;
    std::string_view values[kBlock];
    read_wanted(ends, n, values);
    for (int m = 0; m != n; ++m) {
      const int i = missing[m];
      const Key key = key_of(i);
      std::uint32_t number = Table::find(key);  // an earlier row may have brought it
      if (number == Table::kNone && (values[m].data() != nullptr || adds(i))) {
        number = Table::find_or_add(key);
        if (values[m].data() != nullptr) take(number, values[m], true);
      }
      if (number != Table::kNone) changes_.mark(number);
      numbers[i] = number;
    }
  }
  /// Of a key's value on disk; where it ends in what is wanted.
  std::size_t want(const Key& key) {
    wanted_.raw(cold_->section().data(), cold_->section().size());
    wanted_.raw(prefix_.data(), prefix_.size());
    wanted_(key);
    return wanted_.view().size();
  }
  void read_wanted(const std::size_t* ends, int n, std::string_view* values) {
    write_gone();
    std::string_view keys[kBlock];
    for (int m = 0; m != n; ++m) {
      const std::size_t from = m == 0 ? 0 : ends[m - 1];
      keys[m] = wanted_.view().substr(from, ends[m] - from);
    }
    cold_->read(keys, n, values);
  }
  void take(std::uint32_t number, std::string_view bytes, [[maybe_unused]] bool stays) {
    try {
      StateIn in(bytes);
      in.get<StateOwner>();
      read(entries_[number].value, in);
      in.end();
      changes_.loaded(number, in);
    } catch (const StateDamaged&) {
      cold_->damaged();
    }
    if constexpr (kExpires)
      if (stays && entries_[number].value.is_started()) expiry_->start(number, entries_[number].value.last_time());
  }
  template <class In>
  void read(Value& value, In& in) {
    if constexpr (kNumbered) in.template get<std::uint32_t>();  // which is another entry's by now
    if constexpr (InSlab<Value>) value.load(in, *slab_);
    else in(value);
  }

  std::unique_ptr<ColdEntries> cold_;
  ColdExpiry* expiry_ = nullptr;
  Slab* slab_ = nullptr;
  std::string prefix_;
  StateChanges gone_;               // of which the store has not heard
  std::vector<std::string> due_;    // as they stand on disk, at hand
  std::vector<Key> due_keys_;
  std::vector<std::int64_t> due_at_;
  std::uint64_t born_on_disk_ = 0;
  StateOut wanted_;
  std::size_t most_ = kFewest;  // entries in memory
  std::size_t owned_ = 0;       // bytes an entry, beside itself
  std::size_t looked_ = 0;      // rows since then
  std::size_t next_look_ = 2 * kBlock;
  std::uint32_t hand_ = 0;
  bool any_cold_ = false;
};

/// What an operator's beyond_memory() gives: its table, and what its entries' keys begin with in the state.
template <class Table, class Prefix>
struct BeyondMemory {
  Table& table;
  Prefix prefix;
};

template <class Key>
using BoundedExpiry = std::conditional_t<is_beyond_memory<Key>, ColdExpiry, Expiry>;

/// `InMemory`, or the table that goes beyond it.
template <class Key, class Value, class InMemory = KeyTable<Key, Value>>
using BoundedTable = std::conditional_t<is_beyond_memory<Key>, ColdTable<Key, Value, std::is_same_v<InMemory, KeyTable<Key, Value>>>, InMemory>;

}  // namespace gress
