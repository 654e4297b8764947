// Rows by rank for rolling `top`: the rows in sight, and for upsert inputs those behind them. What is in sight is always
// a prefix of all rows in order: the first n, or with ties all that are not behind the n-th.
//
// What orders the rows of a key stands side by side; each row is one piece of memory, its long text behind it. So a row
// that does not come in sight costs a comparison and is never copied.
#pragma once
#include <cstdint>
#include <new>

#include "runtime/core/emitter.h"
#include "runtime/core/kept.h"
#include "runtime/core/place.h"
#include "runtime/core/same.h"
#include "runtime/core/slab_array.h"
#include "runtime/core/sorted_list.h"
#include "runtime/core/state_io.h"

namespace gress {

/// The beginning of a row's piece of memory.
template <class Row, bool kStamps>
struct RankedRow {
  Row row;
  Stamp shown;  // of the row in sight
};
template <class Row>
struct RankedRow<Row, false> {
  Row row;
};

template <class Order, class Kept>
struct RankedItem {
  [[no_unique_address]] Order order{};
  Place place{};
  Kept* kept = nullptr;
};
/// The rows that items show are in the slab of whoever has them.
template <class Order, class Kept>
struct StateTraits<RankedItem<Order, Kept>> : PlainState<RankedItem<Order, Kept>> {};

/// kAll: rows out of sight are kept, since those in sight may be taken back. kLatest: later places go first.
template <class Row, class Order, bool kTies, bool kLatest, bool kAll, bool kStamps>
class RowsRanked {
 public:
  using Kept = RankedRow<Row, kStamps>;
  using Item = RankedItem<Order, Kept>;

  /// A row that is not kept, or not yet.
  struct View {
    Item item;
    const Row* row = nullptr;
  };

  /// One change of the rows in sight. Common rows are those in sight before or after that are neither the row taken
  /// away nor the one added; `before` and `after` count those in sight.
  struct Change {
    int was = -1, is = -1;      // places in sight of the row taken away, before, and of the one added, after; -1: none
    int before = 0, after = 0;
    Item gone{};                // the row taken away, if any
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

  /// Takes `removed` away and adds `added` (null for none). Rows that go out of sight stand in `leaving` until
  /// settle(), in order.
  Change change(const View* removed, const View* added, std::int64_t count, ItemBuffer<Item>& leaving, Slab& slab) {
    Change c;
    const int sight = visible();
    if constexpr (kAll)
      if (removed != nullptr) take(*removed, c);
    if (added != nullptr) add(*added, c, count, slab);
    c.before = sight - (c.was >= 0);
    trim(count, leaving);
    if constexpr (kAll) refill(count, slab);
    c.after = visible() - (c.is >= 0);
    return c;
  }
  /// The change has been said: what is out of sight is put away. Rows that go lie in `dead` until nobody shows them.
  void settle(const Change& c, ItemBuffer<Item>& leaving, ItemBuffer<Item>& dead) {
    if constexpr (kAll) {
      while (!leaving.empty()) rest_.push_front(leaving.pop());
      if (c.gone.kept != nullptr) dead.push(c.gone);
    } else {
      leaving.move_tail(0, dead);
    }
  }
  static void give(const Item& item, Slab& slab) { slab.give(item.kept, bytes_of(item.kept->row, item.order)); }

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
  /// Whether a row of this order might come in sight, at a place that nobody knows yet.
  bool may_show(const Order& order, std::int64_t count) const {
    return static_cast<std::int64_t>(top_.size()) < count || (!top_.empty() && Order::compare(order, top_.back().order) <= 0);
  }
  void prefetch() const { top_.prefetch(); }

  static bool ties(const Item& a, const Item& b) { return Order::compare(a.order, b.order) == 0; }
  static bool before(const Item& a, const Item& b) {
    const int c = Order::compare(a.order, b.order);
    if (c != 0) return c < 0;
    return kLatest ? b.place < a.place : a.place < b.place;
  }
  static Stamp stamp(const Item& it) {
    if constexpr (kStamps) return it.kept->shown;
    return {};
  }
  static void set_stamp(const Item& it, const Stamp& stamp) {
    if constexpr (kStamps) it.kept->shown = stamp;
  }

  void save(StateOut& out) const {
    const auto item = [&](const Item& it) {
      out(it.order, it.place, it.kept->row);
      if constexpr (kStamps) out(it.kept->shown);
    };
    out.count(top_.size());
    for (std::uint32_t i = 0; i != top_.size(); ++i) item(top_[i]);
    if constexpr (kAll) {
      out.count(rest_.size());
      for (std::uint64_t i = 0; i != rest_.size(); ++i) item(rest_.at(i));
    }
  }
  void load(StateIn& in, Slab& slab) {
    const auto item = [&] {
      Row row{};
      View view;
      in(view.item.order, view.item.place, row);
      view.row = &row;
      Item kept = keep(view, slab);
      StateTraits<Order>::release(view.item.order);
      StateTraits<Row>::release(row);
      if constexpr (kStamps) in(kept.kept->shown);
      return kept;
    };
    for (std::uint64_t left = in.count(); left != 0; --left) top_.push(item(), slab);
    if constexpr (kAll)
      for (std::uint64_t left = in.count(); left != 0; --left) rest_.push_back(item());
  }

  /// Forgets all rows.
  void release(Slab& slab) {
    while (!top_.empty()) give(top_.pop(), slab);
    top_.release(slab);
    if constexpr (kAll)
      while (!rest_.empty()) give(rest_.pop_front(), slab);
  }

 private:
  struct ByRank {
    static bool before(const Item& a, const Item& b) { return RowsRanked::before(a, b); }
  };
  static bool goes_before(const Item& fresh, const Item& item) { return kLatest ? !before(item, fresh) : before(fresh, item); }

  static std::size_t bytes_of(const Row& row, const Order& order) {
    return sizeof(Kept) + fn::bytes_beside(row) + fn::bytes_beside(order);
  }
  /// The row, and what its order has of long text, in one piece.
  static Item keep(const View& view, Slab& slab) {
    static_assert(std::is_trivially_copyable_v<Kept> && alignof(Kept) <= 16);
    char* piece = static_cast<char*>(slab.take(bytes_of(*view.row, view.item.order)));
    fn::MemoryBeside beside{piece + sizeof(Kept)};
    Item item = view.item;
    item.kept = new (piece) Kept;
    item.kept->row = fn::copy_into(beside, *view.row);
    item.order = fn::copy_into(beside, view.item.order);
    return item;
  }

  /// How many rows in sight stay ahead of a fresh one. Where it comes in can seldom be foreseen, so that a few are all asked.
  std::uint32_t ahead_of(const Item& item) const {
    constexpr std::uint32_t kFew = 16;
    std::uint32_t from = 0, left = top_.size();
    while (left > kFew) {
      const std::uint32_t half = left / 2;
      const bool ahead = !goes_before(item, top_[from + half]);
      from = ahead ? from + half + 1 : from;
      left = ahead ? left - half - 1 : half;
    }
    std::uint32_t ahead = from;
    for (std::uint32_t i = from; i != from + left; ++i) ahead += static_cast<std::uint32_t>(!goes_before(item, top_[i]));
    return ahead;
  }

  void take(const View& removed, Change& c) {
    const auto same_row = [&](const Item& item, const Item&) { return fn::same(item.kept->row, *removed.row); };
    std::uint32_t low = 0, high = top_.size();
    while (low < high) {
      const std::uint32_t mid = (low + high) / 2;
      if (before(top_[mid], removed.item)) low = mid + 1; else high = mid;
    }
    for (; low != top_.size() && !before(removed.item, top_[low]); ++low)
      if (same_row(top_[low], removed.item)) {
        c.was = static_cast<int>(low);
        c.gone = top_.take(low);
        return;
      }
    rest_.take(removed.item, c.gone, same_row);
  }

  void add(const View& added, Change& c, std::int64_t count, Slab& slab) {
    const Item& item = added.item;
    const auto full = static_cast<std::int64_t>(top_.size()) >= count;
    bool in_sight = top_.empty() ? count > 0 : goes_before(item, top_.back()) || (kTies && ties(item, top_.back()));
    if (!in_sight && !full && !top_.empty()) {
      // Room behind the last one, unless a row out of sight comes first.
      in_sight = true;
    }
    if constexpr (kAll)
      if (in_sight && !rest_.empty() && (top_.empty() || !goes_before(item, top_.back())) && !goes_before(item, rest_.front()) &&
          !(kTies && full))
        in_sight = false;
    if (!in_sight) {
      if constexpr (kAll) rest_.insert(keep(added, slab));
      return;
    }
    const std::uint32_t at = ahead_of(item);
    top_.insert(at, keep(added, slab), slab, static_cast<std::uint64_t>(count) + 1);
    c.is = static_cast<int>(at);
  }

  void trim(std::int64_t count, ItemBuffer<Item>& leaving) {
    if (static_cast<std::int64_t>(top_.size()) <= count) return;
    std::uint32_t end = static_cast<std::uint32_t>(count);
    if constexpr (kTies)
      while (end != top_.size() && ties(top_[end - 1], top_[end])) ++end;
    top_.move_tail(end, leaving);
  }

  void refill(std::int64_t count, Slab& slab) {
    while (!rest_.empty()) {
      const bool room = static_cast<std::int64_t>(top_.size()) < count;
      if (!room && !(kTies && count > 0 && ties(top_[static_cast<std::size_t>(count) - 1], rest_.front()))) return;
      top_.push(rest_.pop_front(), slab);
    }
  }

  SlabArray<Item> top_;  // in sight
  struct Nothing {};
  [[no_unique_address]] std::conditional_t<kAll, SortedList<Item, ByRank, kLatest>, Nothing> rest_;
};

}  // namespace gress
