// States of windowed `top` and `latest`: rows kept whole, as owned copies.
#pragma once
#include <utility>

#include "runtime/core/eval.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/place.h"
#include "runtime/core/state_value.h"

namespace gress {

/// The first `count` rows by Order (a generated struct of the `by` values; `static int compare(a, b)`), with all that
/// tie with the last of them if wanted. Order's text is owned too.
template <class Row, class Order>
class TopRows {
 public:
  void add(const Order& order, const Row& row, Place place, std::int64_t count, bool ties) {
    if (count <= 0) return;
    const bool full = static_cast<std::int64_t>(rows_.size()) >= count;
    if (full && !before(order, place, rows_[static_cast<std::size_t>(count) - 1], ties)) return;
    insert({Held<Order>(order), Held<Row>(row), place}, count, ties);
  }
  void merge(const TopRows& other, std::int64_t count, bool ties) {
    for (const Ranked& r : other.rows_) add(r.order.get(), r.row.get(), r.place, count, ties);
  }
  int size() const { return static_cast<int>(rows_.size()); }
  const Row& row(int k) const { return rows_[static_cast<std::size_t>(k)].row.get(); }
  /// 1 … N; with ties as SQL's rank.
  std::int64_t rank(int k, bool ties) const {
    while (ties && k > 0 &&
           Order::compare(rows_[static_cast<std::size_t>(k) - 1].order.get(), rows_[static_cast<std::size_t>(k)].order.get()) == 0)
      --k;
    return k + 1;
  }
  void clear() { rows_.clear(); }
  template <class Io>
  void archive(Io& io) { io(rows_); }

 private:
  struct Ranked {
    static constexpr bool kMovesAsBytes = true;
    Held<Order> order;
    Held<Row> row;
    Place place;
    template <class Io>
    void archive(Io& io) { io(order, row, place); }
  };
  static bool before(const Order& order, Place place, const Ranked& other, bool or_equal) {
    const int c = Order::compare(order, other.order.get());
    return c != 0 ? c < 0 : or_equal || place < other.place;
  }
  void insert(Ranked fresh, std::int64_t count, bool ties) {
    std::size_t at = rows_.size();
    while (at != 0 && before(fresh.order.get(), fresh.place, rows_[at - 1], false)) --at;
    rows_.insert(at, std::move(fresh));
    const std::size_t n = static_cast<std::size_t>(count);
    while (rows_.size() > n &&
           !(ties && Order::compare(rows_.back().order.get(), rows_[n - 1].order.get()) == 0))
      rows_.pop_back();
  }
  GrowingArray<Ranked> rows_;
};

/// The last row by event time, then partition and offset.
template <class Row>
class LatestRow {
 public:
  void add(const Row& row, Place place) {
    if (has_ && place < place_) return;
    StateTraits<Row>::assign(held_, row);
    place_ = place;
    has_ = true;
  }
  void merge(const LatestRow& other) {
    if (other.has_) add(other.held_, other.place_);
  }
  int size() const { return has_ ? 1 : 0; }
  const Row& row() const { return held_; }
  void clear() {
    StateTraits<Row>::release(held_);
    held_ = Row{};
    has_ = false;
  }
  template <class Io>
  void archive(Io& io) { io(held_, place_, has_); }
  LatestRow() = default;
  LatestRow(LatestRow&& o) noexcept : held_(o.held_), place_(o.place_), has_(o.has_) {
    o.held_ = Row{};
    o.has_ = false;
  }
  LatestRow& operator=(LatestRow&& o) noexcept {
    std::swap(held_, o.held_);
    std::swap(place_, o.place_);
    std::swap(has_, o.has_);
    return *this;
  }
  ~LatestRow() { StateTraits<Row>::release(held_); }

 private:
  Row held_{};
  Place place_;
  bool has_ = false;
};

}  // namespace gress
