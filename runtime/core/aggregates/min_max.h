// min(x), max(x) of any ordered type, in the order of runtime/core/order.h: NaN is the greatest float, so that min is
// NaN only of nothing else. Of -0 and 0 the result is 0, whichever came.
#pragma once
#include <limits>
#include <type_traits>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/order.h"
#include "runtime/core/state_value.h"

namespace gress::agg {

/// What every number is as good as or better than.
template <class T, bool Least>
constexpr T worst_key() {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_floating_point_v<T>) return Least ? Limits::quiet_NaN() : -Limits::infinity();
  else return Least ? Limits::max() : Limits::min();
}

/// Least = true: min, false: max.
template <class T, bool Optional, bool Least>
struct Extreme {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) {
    if (!has_ || better(x, value_.get())) {
      value_.assign(x);
      has_ = true;
    }
  }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void merge(Eval& ev, const Extreme& other) {
    if (other.has_) add(ev, other.value_.get());
  }
  Result<T, Optional> result(Eval&) const {
    if (!has_) return {};
    if constexpr (std::is_floating_point_v<T>) return value_.get() + T{0};
    return value_.get();
  }
  void clear() { has_ = false; }

  template <class Io>
  void archive(Io& io) { io(value_, has_); }

 private:
  static bool better(const T& a, const T& b) { return Least ? fn::before(a, b) : fn::before(b, a); }
  Held<T> value_;
  bool has_ = false;
};

/// Numbers that are never asked for the extreme of nothing start from the neutral one and need no flag.
template <class T, bool Least>
  requires std::is_arithmetic_v<T>
struct Extreme<T, false, Least> {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) { value_ = better(x, value_) ? x : value_; }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void merge(Eval& ev, const Extreme& other) { add(ev, other.value_); }
  T result(Eval&) const {
    if constexpr (std::is_floating_point_v<T>) return value_ + T{0};
    return value_;
  }
  void clear() { value_ = worst_key<T, Least>(); }

  template <class Io>
  void archive(Io& io) { io(value_); }

 private:
  static bool better(const T& a, const T& b) { return Least ? fn::before(a, b) : fn::before(b, a); }
  T value_ = worst_key<T, Least>();
};

template <class T, bool Optional = false>
using Min = Extreme<T, Optional, true>;
template <class T, bool Optional = false>
using Max = Extreme<T, Optional, false>;

}  // namespace gress::agg
