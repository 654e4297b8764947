// quantile(x, q): exact, over all values of the group, which it keeps; linear between the two nearest ranks, as numpy's
// default (R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", 1996, definition 7). NaN is the greatest
// value.
#pragma once
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/buffer.h"
#include "runtime/core/aggregates/number.h"

namespace gress::agg {

/// Quantile q, in [0, 1], of n > 0 values; puts them into another order. In time linear in n.
double select_quantile(double* values, std::size_t n, double q);
double select_quantile(float* values, std::size_t n, double q);
double select_quantile(std::int32_t* values, std::size_t n, double q);
double select_quantile(std::int64_t* values, std::size_t n, double q);

/// The value `part` of the way between two neighbouring ones.
double between_ranks(double a, double b, double part);

/// q in [0, 1], or a failure is noted.
bool check_quantile(Eval& ev, double q);

/// T: a number; decimals are kept as f64.
template <class T, bool Optional = false>
struct Quantile {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) {
    if constexpr (std::is_same_v<T, Decimal>)
      values_.push(as_double(x));
    else
      values_.push(x);
  }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void merge(Eval&, const Quantile& other) { values_.append(other.values_.data(), other.values_.size()); }
  Result<double, Optional> result(Eval& ev, double q) const {
    if (!check_quantile(ev, q) || values_.size() == 0) return {};
    return select_quantile(values_.data(), values_.size(), q);
  }
  void clear() { values_.clear(); }

  template <class Io>
  void archive(Io& io) { io(values_); }

 private:
  Buffer<std::conditional_t<std::is_same_v<T, Decimal>, double, T>> values_;  // in any order
};

}  // namespace gress::agg
