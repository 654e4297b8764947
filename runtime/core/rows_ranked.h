// Rows by rank for rolling `top`: the rows in sight, and for upsert inputs those behind them. What is in sight is always
// a prefix of all rows in order: the first n, or with ties all that are not behind the n-th.
#pragma once
#include <cstdint>

#include "runtime/core/emitter.h"
#include "runtime/core/place.h"
#include "runtime/core/same.h"
#include "runtime/core/sorted_list.h"

namespace gress {

template <class Order, class Row, bool Stamped>
struct RankedItem {
  Order order{};
  Row row{};
  Place place{};
  Stamp shown{};  // of the row in sight
  static constexpr auto members = std::tuple{&RankedItem::order, &RankedItem::row, &RankedItem::place, &RankedItem::shown};
};
template <class Order, class Row>
struct RankedItem<Order, Row, false> {
  Order order{};
  Row row{};
  Place place{};
  static constexpr auto members = std::tuple{&RankedItem::order, &RankedItem::row, &RankedItem::place};
};

/// kAll: rows out of sight are kept, since those in sight may be taken back. kLatest: later places go first.
template <class Row, class Order, bool kTies, bool kLatest, bool kAll, bool kStamps>
class RowsRanked {
 public:
  using Item = RankedItem<Order, Row, kStamps>;

  RowsRanked() = default;
  RowsRanked(RowsRanked&&) noexcept = default;
  RowsRanked& operator=(RowsRanked&&) noexcept = default;
  ~RowsRanked() { clear(); }

  /// One change of the rows in sight. Common rows are those in sight before or after that are neither the row taken
  /// away nor the one added; `before` and `after` count those in sight.
  struct Change {
    int was = -1, is = -1;      // places in sight of the row taken away, before, and of the one added, after; -1: none
    int before = 0, after = 0;
    bool removed = false;       // `gone` is held
    Item gone{};
    bool any() const { return was >= 0 || is >= 0 || before != after; }
    /// Whether rank k shows the same row before and after.
    bool same_at(int k) const {
      if (k == was || k == is) return false;
      return (was >= 0 && k > was) == (is >= 0 && k > is);
    }
    /// The first rank that may show another row.
    int first() const {
      const int last = before < after ? before : after;
      const int a = was >= 0 && was < last ? was : last;
      return is >= 0 && is < a ? is : a;
    }
  };

  /// Takes `removed` away and adds `added` (views; null for none). Rows that go out of sight stand in `leaving` until
  /// settle(), in order.
  Change change(const Item* removed, const Item* added, std::int64_t count, ItemBuffer<Item>& leaving) {
    Change c;
    const int sight = visible();
    if constexpr (kAll)
      if (removed != nullptr) take(*removed, c);
    if (added != nullptr) add(*added, c, count);
    c.before = sight - (c.was >= 0);
    trim(count, leaving);
    if constexpr (kAll) refill(count);
    c.after = visible() - (c.is >= 0);
    return c;
  }
  /// The change has been said: what is out of sight is put away. Rows that go lie in `dead` until nobody shows them.
  void settle(const Change& c, ItemBuffer<Item>& leaving, ItemBuffer<Item>& dead) {
    if constexpr (kAll) {
      while (!leaving.empty()) rest_.push_front(leaving.pop());
      if (c.removed) dead.push(c.gone);
    } else {
      leaving.move_tail(0, dead);
    }
  }

  int visible() const { return static_cast<int>(top_.size()); }
  bool any() const {
    if constexpr (kAll)
      if (!rest_.empty()) return true;
    return !top_.empty();
  }
  Item& operator[](int k) { return top_[static_cast<std::size_t>(k)]; }
  /// Common row j, in sight after the change.
  Item& common(const Change& c, int j) { return (*this)[c.is >= 0 && j >= c.is ? j + 1 : j]; }
  /// The row in sight at k before the change.
  const Item& row_before(const Change& c, int k, const ItemBuffer<Item>& leaving) {
    if (k == c.was) return c.gone;
    const int j = c.was >= 0 && k > c.was ? k - 1 : k;
    return j < c.after ? common(c, j) : leaving[static_cast<std::size_t>(j - c.after)];
  }

  static bool ties(const Item& a, const Item& b) { return Order::compare(a.order, b.order) == 0; }
  static bool before(const Item& a, const Item& b) {
    const int c = Order::compare(a.order, b.order);
    if (c != 0) return c < 0;
    return kLatest ? b.place < a.place : a.place < b.place;
  }
  static Stamp stamp(const Item& it) {
    if constexpr (kStamps) return it.shown;
    return {};
  }
  static void set_stamp(Item& it, const Stamp& stamp) {
    if constexpr (kStamps) it.shown = stamp;
  }

  void clear() {
    top_.release_all();
    top_.free_memory();
    if constexpr (kAll) rest_.clear();
  }

 private:
  struct ByRank {
    static bool before(const Item& a, const Item& b) { return RowsRanked::before(a, b); }
  };
  static bool same_row(const Item& a, const Item& b) { return fn::same(a.row, b.row); }
  static bool goes_before(const Item& fresh, const Item& item) { return kLatest ? !before(item, fresh) : before(fresh, item); }

  void take(const Item& removed, Change& c) {
    std::uint32_t low = 0, high = top_.size();
    while (low < high) {
      const std::uint32_t mid = (low + high) / 2;
      if (before(top_[mid], removed)) low = mid + 1; else high = mid;
    }
    for (; low != top_.size() && !before(removed, top_[low]); ++low)
      if (same_row(top_[low], removed)) {
        c.was = static_cast<int>(low);
        c.gone = top_.take(low);
        c.removed = true;
        return;
      }
    c.removed = rest_.take(removed, c.gone, same_row);
  }

  void add(const Item& added, Change& c, std::int64_t count) {
    const auto full = static_cast<std::int64_t>(top_.size()) >= count;
    bool in_sight = top_.empty() ? count > 0 : goes_before(added, top_.back()) || (kTies && ties(added, top_.back()));
    if (!in_sight && !full && !top_.empty()) {
      // Room behind the last one, unless a row out of sight comes first.
      in_sight = true;
    }
    if constexpr (kAll)
      if (in_sight && !rest_.empty() && (top_.empty() || !goes_before(added, top_.back())) && !goes_before(added, rest_.front()) &&
          !(kTies && full))
        in_sight = false;
    if (!in_sight) {
      if constexpr (kAll) rest_.insert(StateTraits<Item>::retain(added));
      return;
    }
    std::uint32_t at = top_.size();
    while (at != 0 && goes_before(added, top_[at - 1])) --at;
    top_.insert(at, StateTraits<Item>::retain(added), static_cast<std::uint64_t>(count) + 1);
    c.is = static_cast<int>(at);
  }

  void trim(std::int64_t count, ItemBuffer<Item>& leaving) {
    if (static_cast<std::int64_t>(top_.size()) <= count) return;
    std::uint32_t end = static_cast<std::uint32_t>(count);
    if constexpr (kTies)
      while (end != top_.size() && ties(top_[end - 1], top_[end])) ++end;
    top_.move_tail(end, leaving);
  }

  void refill(std::int64_t count) {
    while (!rest_.empty()) {
      const bool room = static_cast<std::int64_t>(top_.size()) < count;
      if (!room && !(kTies && count > 0 && ties(top_[static_cast<std::size_t>(count) - 1], rest_.front()))) return;
      top_.push(rest_.pop_front());
    }
  }

  ItemBuffer<Item> top_;  // in sight
  struct Nothing {};
  [[no_unique_address]] std::conditional_t<kAll, SortedList<Item, ByRank, kLatest>, Nothing> rest_;
};

}  // namespace gress
