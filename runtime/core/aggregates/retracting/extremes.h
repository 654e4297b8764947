// min, max, first, last, min_by, max_by where rows are taken back: all values in order, so that the next one is there
// when the first goes.
#pragma once
#include <tuple>
#include <type_traits>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/order.h"
#include "runtime/core/place.h"
#include "runtime/core/same.h"
#include "runtime/core/sorted_list.h"

namespace gress::agg::retracting {

/// Least = true: min, false: max. Each value once, with the number of its rows.
template <class T, bool Optional, bool Least>
struct Extreme {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) {
    if (Item* known = values_.find({x, 0})) ++known->rows;
    else values_.insert(StateTraits<Item>::retain({x, 1}));
  }
  void remove(Eval&, const T& x) {
    Item* known = values_.find({x, 0});
    if (known == nullptr || --known->rows != 0) return;
    values_.erase({x, 0}, [](const Item&, const Item&) { return true; });
  }
  Result<T, Optional> result(Eval&) const {
    if (values_.empty()) return {};
    const T& x = values_.front().value;
    if constexpr (std::is_floating_point_v<T>) return x + T{0};
    return x;
  }
  void clear() { values_.clear(); }

  template <class Io>
  void archive(Io& io) { io(values_); }

 private:
  struct Item {
    T value{};
    std::int64_t rows = 0;
    static constexpr auto members = Members<&Item::value, &Item::rows>{};
  };
  struct Order {
    static bool before(const Item& a, const Item& b) { return Least ? fn::before(a.value, b.value) : fn::before(b.value, a.value); }
  };
  SortedList<Item, Order> values_;
};
template <class T, bool Optional = false>
using Min = Extreme<T, Optional, true>;
template <class T, bool Optional = false>
using Max = Extreme<T, Optional, false>;

/// By place; of equal ones the one that was added first (first) or last (last).
template <class T, bool Optional, bool Earliest>
struct Edge {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x, Place place) { rows_.insert(StateTraits<Item>::retain({x, place})); }
  void remove(Eval&, const T& x, Place place) {
    rows_.erase({x, place}, [](const Item& a, const Item& b) { return fn::same(a.value, b.value); });
  }
  Result<T, Optional> result(Eval&) const {
    if (rows_.empty()) return {};
    return rows_.front().value;
  }
  void clear() { rows_.clear(); }

  template <class Io>
  void archive(Io& io) { io(rows_); }

 private:
  struct Item {
    T value{};
    Place place{};
    static constexpr auto members = Members<&Item::value, &Item::place>{};
  };
  struct Order {
    static bool before(const Item& a, const Item& b) { return Earliest ? a.place < b.place : b.place < a.place; }
  };
  SortedList<Item, Order, !Earliest> rows_;
};
template <class T, bool Optional = false>
using First = Edge<T, Optional, true>;
template <class T, bool Optional = false>
using Last = Edge<T, Optional, false>;

/// By key, then position.
template <class T, class K, bool Optional, bool Least>
struct ExtremeBy {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x, const K& key, std::uint64_t position) { rows_.insert(StateTraits<Item>::retain({x, key, position})); }
  void remove(Eval&, const T& x, const K& key, std::uint64_t position) {
    rows_.erase({x, key, position}, [](const Item& a, const Item& b) { return fn::same(a.value, b.value); });
  }
  Result<T, Optional> result(Eval&) const {
    if (rows_.empty()) return {};
    return rows_.front().value;
  }
  void clear() { rows_.clear(); }

  template <class Io>
  void archive(Io& io) { io(rows_); }

 private:
  struct Item {
    T value{};
    K key{};
    std::uint64_t position = 0;
    static constexpr auto members = Members<&Item::value, &Item::key, &Item::position>{};
  };
  struct Order {
    static bool before(const Item& a, const Item& b) {
      if (Least ? fn::before(a.key, b.key) : fn::before(b.key, a.key)) return true;
      if (Least ? fn::before(b.key, a.key) : fn::before(a.key, b.key)) return false;
      return a.position < b.position;
    }
  };
  SortedList<Item, Order> rows_;
};
template <class T, class K, bool Optional = false>
using MinBy = ExtremeBy<T, K, Optional, true>;
template <class T, class K, bool Optional = false>
using MaxBy = ExtremeBy<T, K, Optional, false>;

}  // namespace gress::agg::retracting
