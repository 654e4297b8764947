// count_distinct, quantile and collect where rows are taken back: all values are kept. They stand in for the approximate
// aggregates too, whose sketches forget what they would have to give back.
#pragma once
#include <tuple>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/number.h"
#include "runtime/core/aggregates/quantile.h"
#include "runtime/core/key_table.h"
#include "runtime/core/order.h"
#include "runtime/core/place.h"
#include "runtime/core/same.h"
#include "runtime/core/sorted_list.h"

namespace gress::agg::retracting {

template <class T>
struct CountDistinct {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) { ++values_[values_.find_or_add({x})].value.count; }
  void remove(Eval&, const T& x) {
    const std::uint32_t n = values_.find({x});
    if (n != decltype(values_)::kNone && --values_[n].value.count == 0) values_.erase(n);
  }
  std::int64_t result(Eval&) const { return static_cast<std::int64_t>(values_.size()); }
  void clear() { values_.clear(); }

  template <class Io>
  void archive(Io& io) { io(values_); }

 private:
  struct Key {
    T value{};
    static constexpr auto members = Members<&Key::value>{};
    static constexpr std::uint32_t kDense = 0;
    std::uint32_t dense() const { return 0; }
    std::uint64_t hash() const { return fn::key_hash(value); }
    friend bool operator==(const Key& a, const Key& b) { return fn::same(a.value, b.value); }
  };
  struct Rows {
    std::int64_t count = 0;
    static constexpr auto members = Members<&Rows::count>{};
    void clear() { count = 0; }
  };
  KeyTable<Key, Rows> values_;
};

/// T: a number; decimals are kept as f64.
template <class T, bool Optional = false>
struct Quantile {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) { values_.insert(as_double(x)); }
  void remove(Eval&, const T& x) {
    values_.erase(as_double(x), [](double, double) { return true; });
  }
  Result<double, Optional> result(Eval& ev, double q) const {
    if (!check_quantile(ev, q) || values_.empty()) return {};
    // As select_quantile: linear between the ranks around (n - 1) q.
    const double rank = q * static_cast<double>(values_.size() - 1);
    const auto low = static_cast<std::uint64_t>(rank);
    const double part = rank - static_cast<double>(low);
    if (part <= 0 || low + 1 == values_.size()) return values_.at(low);
    return between_ranks(values_.at(low), values_.at(low + 1), part);
  }
  void clear() { values_.clear(); }

  template <class Io>
  void archive(Io& io) { io(values_); }

 private:
  struct Order {
    static bool before(double a, double b) { return fn::before(a, b); }
  };
  SortedList<double, Order> values_;
};

/// The values as they came; a row that is replaced goes, and comes again at the end.
template <class T>
struct Collect {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  Collect() = default;
  Collect(Collect&&) noexcept = default;
  Collect& operator=(Collect&&) noexcept = default;
  ~Collect() { clear(); }

  void add(Eval&, const T& x, Place place) {
    values_.push(StateTraits<T>::retain(x));
    places_.push(place);
  }
  void remove(Eval&, const T& x, Place place) {
    for (std::uint32_t i = 0; i != values_.size(); ++i)
      if (!(places_[i] < place) && !(place < places_[i]) && fn::same(values_[i], x)) {
        T gone = values_.take(i);
        StateTraits<T>::release(gone);
        places_.take(i);
        return;
      }
  }
  List<T> result(Eval&) const { return {values_.begin(), values_.size()}; }
  void clear() {
    values_.release_all();
    places_.release_all();
  }

  template <class Io>
  void archive(Io& io) { io(values_, places_); }

 private:
  ItemBuffer<T> values_;
  ItemBuffer<Place> places_;
};

}  // namespace gress::agg::retracting
