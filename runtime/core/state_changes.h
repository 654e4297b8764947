// What one operator's state has become since the last checkpoint: entries by key, as bytes. The same entries, as the store
// holds them then, make the state again.
//
//   void save(StateChanges& c) { c.put(std::tie(StatePart::entries, key), state); … }
//   void load(StateIn& key, StateIn& value) { … }   // once for each entry, in the order of the keys' bytes
//   void loaded() { … }                             // then
//
// Entries of different kinds in one operator begin with a StatePart. Where the order of entries counts, their keys begin
// with an InOrderOf number.
//
// Each entry says whose it is, so that another number of workers can divide them: the owner's of its key, if there is one
// in it; else all workers get it.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/core/state_io.h"

namespace gress {

enum class StatePart : std::uint8_t {
  rest,     // what there is one of
  entries,  // of its table, or of its panes'
  more,     // of a second table
  slices,   // of windows that share them
  outer,    // of an operator around this one
  due,      // when entries on disk run out (cold_table.h)
};

/// A number in a key whose entries are to be loaded in its order.
struct InOrderOf {
  std::uint64_t number = 0;
  template <class Io>
  void archive(Io& io) {
    std::uint64_t big = __builtin_bswap64(number);
    io(big);
    number = __builtin_bswap64(big);
  }
};

/// Whether states by this key are saved in checkpoints.
template <class Key>
inline constexpr bool is_durable = requires { Key::kDurable; };

/// Whose an entry is, written before its value.
struct StateOwner {
  bool of_all = true;
  std::uint8_t group = 0;  // else: of keys; as the upper bits of the hash by which rows come to their worker
  static constexpr auto members = Members<&StateOwner::of_all, &StateOwner::group>{};
  static constexpr std::size_t kBytes = 2;  // as it is written

  /// Of the first worker: what has no key.
  static StateOwner first() { return {false, 0}; }
  template <class Key>
  static StateOwner of_key(const Key& key) {
    if constexpr (requires { key.route(); }) return {false, static_cast<std::uint8_t>(key.route() >> 56)};
    else return {false, static_cast<std::uint8_t>(key.hash() >> 56)};
  }
  /// Of an entry by the parts of its key.
  template <class... Parts>
  static StateOwner of(const std::tuple<Parts...>& parts) {
    StateOwner owner;
    std::apply([&](const auto&... part) { (owner.look(part), ...); }, parts);
    return owner;
  }
  template <class Key>
  static StateOwner of(const Key& key) {
    StateOwner owner;
    owner.look(key);
    return owner;
  }

 private:
  template <class Part>
  void look(const Part& part) {
    if constexpr (is_durable<Part>) *this = of_key(part);
  }
};

/// A time of which the highest of several workers holds.
struct HighestOf {
  std::int64_t& time;
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      const auto read = io.template get<std::int64_t>();
      if (!io.merges || read > time) time = read;
    } else {
      io(time);
    }
  }
};

class StateChanges {
 public:
  enum class Kind : std::uint8_t { put, erase, erase_all };

  template <class Key, class Value>
  void put(const Key& key, const Value& value) { put(StateOwner::of(key), key, value); }
  template <class Key, class Value>
  void put(StateOwner owner, const Key& key, const Value& value) {
    const std::size_t at = begin(Kind::put);
    out_(key);
    const std::size_t middle = out_.bytes().size();
    out_(owner);
    out_(value);
    end(at, middle);
  }
  template <class Key>
  void erase(const Key& key) { mark(Kind::erase, key); }
  /// All entries whose keys begin so.
  template <class Prefix>
  void erase_all(const Prefix& prefix) { mark(Kind::erase_all, prefix); }

  /// All that another has said, which forgets it.
  void append(StateChanges& other) {
    out_.raw(other.out_.view().data(), other.out_.view().size());
    other.clear();
  }

  bool empty() const { return out_.view().empty(); }
  std::size_t bytes() const { return out_.view().size(); }
  void clear() { out_.bytes().clear(); }

  /// What was said, where it stands.
  struct Said {
    Kind kind;
    std::string_view key, value;
  };
  static Said said(const char* at) {
    const Head head = read_head(at);
    return {head.kind, {at + kHead, head.key}, {at + kHead + head.key, head.value}};
  }
  /// f(kind, key, value) in the order in which they were said.
  template <class F>
  void each(F f) const {
    each_place([&](const char* at) {
      const Said s = said(at);
      f(s.kind, s.key, s.value);
    });
  }
  /// f(at), for said(at); what is said later stands behind.
  template <class F>
  void each_place(F f) const {
    const std::string_view all = out_.view();
    for (const char *at = all.data(), *const end = at + all.size(); at != end;) {
      const Head head = read_head(at);
      f(at);
      at += kHead + std::size_t{head.key} + head.value;
    }
  }

 private:
  static constexpr std::size_t kHead = 9;
  struct Head {
    Kind kind;
    std::uint32_t key, value;
  };
  static Head read_head(const char* at) {
    Head head;
    std::memcpy(&head.kind, at, 1);
    std::memcpy(&head.key, at + 1, 4);
    std::memcpy(&head.value, at + 5, 4);
    return head;
  }
  std::size_t begin(Kind kind) {
    const std::size_t at = out_.bytes().size();
    const char head[kHead] = {static_cast<char>(kind)};
    out_.raw(head, kHead);
    return at;
  }
  void end(std::size_t at, std::size_t middle) {
    const std::size_t end = out_.bytes().size();
    const auto key = static_cast<std::uint32_t>(middle - at - kHead), value = static_cast<std::uint32_t>(end - middle);
    if (end - middle > 0xffffffff) throw std::length_error("the state of one key is larger than 4 GiB");
    char* const head = const_cast<char*>(out_.bytes().data()) + at;
    std::memcpy(head + 1, &key, 4);
    std::memcpy(head + 5, &value, 4);
  }
  template <class Key>
  void mark(Kind kind, const Key& key) {
    const std::size_t at = begin(kind);
    out_(key);
    end(at, out_.bytes().size());
  }

  StateOut out_;
};

/// The entries of one operator in a checkpoint.
class StateEntries {
 public:
  virtual ~StateEntries() = default;
  /// The next one, in the order of the keys' bytes; views are good until it is asked again.
  virtual bool next(std::string_view& key, std::string_view& value) = 0;
  /// The value of one that comes soon, if it is at hand; good as long as the last one that was asked for.
  virtual std::string_view later() const { return {}; }
  /// All of them, where they are many, in parts for a thread each. Not if some have been read.
  struct Parts {
    std::uint64_t most = 0;  // there are no more of them
    std::vector<std::unique_ptr<StateEntries>> each;
  };
  virtual Parts parts() { return {}; }
  /// How they are read, if they do not have their present form.
  virtual const StateEvolution* evolution() const { return nullptr; }

  /// f(owner, key, value); it may say false: no more.
  template <class F>
  void each(F f) {
    std::string_view key, value;
    while (next(key, value)) {
      StateIn k(key), v(value);
      v.evolution = evolution();
      const auto owner = v.get<StateOwner>();
      if (const std::string_view soon = later(); soon.size() >= StateOwner::kBytes) v.later = soon.substr(StateOwner::kBytes);
      if constexpr (std::is_void_v<decltype(f(owner, k, v))>) f(owner, k, v);
      else if (!f(owner, k, v)) return;
    }
  }
};

/// Bytes that are a part of a key already.
struct RawState {
  std::string_view bytes;
  void archive(StateOut& out) { out.raw(bytes.data(), bytes.size()); }
};

/// Which entries of a table have changed since the last checkpoint, and the keys of those that are gone. In programs
/// without checkpoints it is nothing, and its functions do nothing.
template <bool kDurable>
class TableChanges {
 public:
  template <class Prefix, class Put>
  std::uint32_t save_ahead(StateChanges&, const Prefix&, std::uint32_t, Put) { return 0; }
  void grow(std::size_t) {}
  void mark(std::uint32_t) {}
  void mark_all(const std::uint32_t*, int) {}
  template <class Key>
  void erased(std::uint32_t, const Key&) {}
  void loaded(std::uint32_t, const StateIn&) {}
  void fetch(std::uint32_t) const {}
  void clear() {}
};
template <>
class TableChanges<true> {
 public:
  void grow(std::size_t entries) {
    if (entries > marks_.size()) marks_.resize(entries);
  }
  void reserve(std::size_t entries) { marks_.reserve(entries); }
  void mark(std::uint32_t number) { marks_[number] |= kTouched; }
  void mark_all(const std::uint32_t* numbers, int n) {
    for (int i = 0; i != n; ++i)
      if (numbers[i] < marks_.size()) marks_[numbers[i]] |= kTouched;
  }
  /// The store need not hear of an entry that it never saw.
  template <class Key>
  void erased(std::uint32_t number, const Key& key) {
    if ((marks_[number] & kStored) != 0) {
      StateOut out;
      out(key);
      gone_.emplace_back(out.view());
    }
    marks_[number] = 0;
  }

  // ---- of tables that put entries aside (cold_table.h)
  /// Whether the store does not hold it as it is.
  bool changed(std::uint32_t number) const { return (marks_[number] & kChanged) != 0; }
  bool stored(std::uint32_t number) const { return (marks_[number] & kStored) != 0; }
  /// Whether a row has come to it since this was asked last.
  bool take_recent(std::uint32_t number) {
    const bool recent = (marks_[number] & kRecent) != 0;
    marks_[number] &= static_cast<std::uint8_t>(~kRecent);
    return recent;
  }
  /// It has left the table, and its number is free.
  void forget(std::uint32_t number) { marks_[number] = 0; }

  void clear() {
    cleared_ = cleared_ || any_stored_;
    marks_.clear();
    gone_.clear();
    ahead_ = ahead_at_ = 0;
  }

  /// `prefix`: a tuple. put(number) for each entry that has changed, those that are not live left out by it.
  template <class Prefix, class Put>
  void save(StateChanges& changes, const Prefix& prefix, Put put) {
    say_gone(changes, prefix);
    std::size_t said = 0;
    for (std::size_t n = 0; (n = next_changed(n, marks_.size())) != marks_.size(); ++n) {
      marks_[n] = put(static_cast<std::uint32_t>(n)) ? kStored | (marks_[n] & kRecent) : 0;
      any_stored_ = true;
      ++said;
    }
    if (resting_ != 0) --resting_;
    else if (ahead_ != 0) resting_ = rests_ = 2 * said > std::min(ahead_, marks_.size()) ? std::min(2 * rests_ + 1, kLongestRest) : 0;
    ahead_ = ahead_at_ = 0;
  }
  /// The same some time before a checkpoint, a few at a time, for what is changed now and may not be until then: a checkpoint has
  /// to say only what has changed since. Says up to `most`, looks at so many more; how many it said. Where most of it was in
  /// vain, it rests for some checkpoints.
  template <class Prefix, class Put>
  std::uint32_t save_ahead(StateChanges& changes, const Prefix& prefix, std::uint32_t most, Put put) {
    if (resting_ != 0 || ahead_ > marks_.size() + marks_.size() / 4) return 0;
    say_gone(changes, prefix);  // a key that is gone may have come again
    std::uint32_t said = 0;
    const std::size_t end = std::min(marks_.size(), ahead_at_ + kLooks);
    while (said != most && (ahead_at_ = next_changed(ahead_at_, end)) != end) {
      marks_[ahead_at_] = put(static_cast<std::uint32_t>(ahead_at_)) ? kStored | (marks_[ahead_at_] & kRecent) : 0;
      any_stored_ = true;
      ++ahead_at_;
      ++said;
    }
    if (ahead_at_ >= marks_.size()) ahead_at_ = 0;
    ahead_ += said;
    return said;
  }
  /// The entry was read from a store, and stands there as it is.
  void loaded(std::uint32_t number, const StateIn& from) {
    marks_[number] = from.moved ? kChanged : kStored;
    any_stored_ = any_stored_ || !from.moved;
  }

  // ---- of entries that several threads read from a store (KeyTable::load_apart)
  /// False: there is no room for this number, or another entry has it.
  bool take(std::uint32_t number) {
    return number < marks_.size() && std::atomic_ref(marks_[number]).exchange(kStored, std::memory_order_relaxed) == 0;
  }
  void fetch(std::uint32_t number) const { __builtin_prefetch(marks_.data() + number, 1); }
  bool taken(std::size_t number) const { return marks_[number] != 0; }
  /// Behind the last one that was taken, where it ends now.
  std::size_t end_taking() {
    while (!marks_.empty() && marks_.back() == 0) marks_.pop_back();
    any_stored_ = any_stored_ || !marks_.empty();
    return marks_.size();
  }

 private:
  template <class Prefix>
  void say_gone(StateChanges& changes, const Prefix& prefix) {
    if (cleared_) changes.erase_all(prefix);
    cleared_ = false;
    for (const std::string& key : gone_) changes.erase(std::tuple_cat(prefix, std::tuple{RawState{key}}));
    gone_.clear();
  }

  static constexpr std::uint8_t kChanged = 1, kStored = 2, kRecent = 4, kTouched = kChanged | kRecent;
  static constexpr std::size_t kLooks = std::size_t{1} << 15;
  static constexpr int kLongestRest = 31;

  /// From `n` on; `end` if there is none.
  std::size_t next_changed(std::size_t n, std::size_t end) const {
    static_assert(kChanged == 1);
    for (; n != end; ++n) {
      for (std::uint64_t eight; n + 8 <= end; n += 8) {
        std::memcpy(&eight, &marks_[n], 8);
        if ((eight & 0x0101010101010101) != 0) break;
      }
      if (n == end || (marks_[n] & kChanged) != 0) return n;
    }
    return end;
  }

  std::vector<std::uint8_t> marks_;
  std::vector<std::string> gone_;  // keys as bytes
  bool any_stored_ = false;
  bool cleared_ = false;  // what was stored is all gone
  std::size_t ahead_ = 0, ahead_at_ = 0;  // entries said since the last checkpoint, and where to go on
  int resting_ = 0, rests_ = 0;           // checkpoints for which nothing is said ahead: still, and when that began
};

}  // namespace gress
