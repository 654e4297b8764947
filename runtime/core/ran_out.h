// The order in which keys whose time ran out are told: by that time, and at one time in the order in which they came; so it
// does not depend on where they stand in their table, and not on blocks or restarts.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "runtime/core/expiry.h"
#include "runtime/core/maybe.h"

namespace gress {

/// Which came before which.
template <bool kCounts = true>
using Born = Maybe<std::uint64_t, kCounts>;

/// What goes without a word: entries whose time `t` has passed are erased. Values have `is_started`.
template <class Table, class Expires>
void forget_run_out(Expires& expiry, std::int64_t t, Table& table) {
  expiry.pass(
      t,
      [&](std::uint32_t n) {
        return n < table.end() && table[n].live && table[n].value.is_started() ? table[n].value.last_time() : kEndOfTime;
      },
      [&](std::uint32_t n, std::int64_t) { table.erase(n); });
  if constexpr (requires { table.write_gone(); })
    while (table.bring_due(t, [&](std::uint32_t n, std::int64_t) { table.erase(n); })) {}
}

/// Values of the table have `started` (a row has come, its timer stands), `born` (a Born, saved; it counts unless entries go
/// without a word) and last_time().
class RanOut {
 public:
  /// The entry's first row came, or the first after it ran out or was empty.
  template <class Value>
  void came(Value& value) {
    if constexpr (requires { value.born.value; }) value.born.value = born_++;
  }
  /// After a restart, each entry once: its timer, and those that come later are behind it.
  template <class Expires, class Table>
  void loaded(Expires& expiry, const Table& table, std::uint32_t entry) {
    const auto& value = table[entry].value;
    if (!value.started) return;
    born_ = std::max(born_, born(value) + 1);
    expiry.start(entry, value.last_time());
  }
  /// After a restart, when all have been loaded.
  template <class Expires, class Table>
  void all_loaded(Expires& expiry, Table& table) {
    for (std::uint32_t n = 0; n != table.end(); ++n) loaded(expiry, table, n);
    if constexpr (requires { table.born_on_disk(); }) born_ = std::max(born_, table.born_on_disk());
  }
  /// As Expiry::pass for entries of `table`, which are not `started` any more when they are dropped; those on disk too.
  template <class Expires, class Table, class Drop>
  void pass(Expires& expiry, std::int64_t t, Table& table, Drop drop) {
    keys_.clear();
    expiry.pass(
        t,
        [&](std::uint32_t n) { return n < table.end() && table[n].value.started ? table[n].value.last_time() : kEndOfTime; },
        [&](std::uint32_t n, std::int64_t at) {
          table[n].value.started = false;
          keys_.push_back({at, born(table[n].value), n});
        });
    std::sort(keys_.begin(), keys_.end());
    auto key = keys_.begin();
    if constexpr (requires { table.write_gone(); }) {
      const auto came_back = [&](std::uint32_t n, std::int64_t at) {
        table[n].value.started = false;
        const Key back{at, born(table[n].value), n};
        for (; key != keys_.end() && *key < back; ++key) drop(key->entry, key->at);
        drop(n, at);
      };
      while (table.bring_due(t, came_back)) {}
    }
    for (; key != keys_.end(); ++key) drop(key->entry, key->at);
  }
  /// All entries that are `started`, in the order in which they came.
  template <class Table, class F>
  void each(const Table& table, F f) {
    keys_.clear();
    table.each([&](std::uint32_t n) {
      if (table[n].value.started) keys_.push_back({0, born(table[n].value), n});
    });
    std::sort(keys_.begin(), keys_.end());
    for (const Key& key : keys_) f(key.entry);
  }

 private:
  template <class Value>
  static std::uint64_t born(const Value& value) {
    if constexpr (requires { value.born.value; }) return value.born.value;
    else return 0;
  }
  struct Key {
    std::int64_t at;
    std::uint64_t born;
    std::uint32_t entry;  // of several workers, whose entries are one's now, some came at once
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  std::vector<Key> keys_;
  std::uint64_t born_ = 0;
};

}  // namespace gress
