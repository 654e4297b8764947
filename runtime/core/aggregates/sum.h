// sum(x) of integers, durations, floats and decimals. Integers are summed in 128 bits and checked
// when the result is taken; floats are added in the order in which they come, in f64 (for f32 too).
#pragma once
#include <cstdint>
#include <type_traits>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/wide_sum.h"
#include "runtime/core/decimal.h"

namespace gress::agg {

template <class T>
struct Sum;

template <class T>
  requires std::is_integral_v<T>
struct Sum<T> {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) { sum_.add(x); }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void remove(Eval&, const T& x) { sum_.subtract(x); }
  void remove(Eval& ev, const Opt<T>& x) {
    if (x.has) remove(ev, x.value);
  }
  void merge(Eval&, const Sum& other) { sum_.add(other.sum_); }
  void unmerge(Eval&, const Sum& other) { sum_.subtract(other.sum_); }
  std::int64_t result(Eval& ev) const {
    if (!sum_.fits_64()) [[unlikely]]
      ev.fail("integer overflow in sum");
    return sum_.low();
  }
  void clear() { sum_ = {}; }

  template <class Io>
  void archive(Io& io) { io(sum_); }

 private:
  WideSum sum_;
};

template <class T>
  requires std::is_floating_point_v<T>
struct Sum<T> {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) { sum_ += x; }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void remove(Eval&, const T& x) { sum_ -= x; }
  void remove(Eval& ev, const Opt<T>& x) {
    if (x.has) remove(ev, x.value);
  }
  void merge(Eval&, const Sum& other) { sum_ += other.sum_; }
  void unmerge(Eval&, const Sum& other) { sum_ -= other.sum_; }
  double result(Eval&) const { return sum_; }
  void clear() { sum_ = 0; }

  template <class Io>
  void archive(Io& io) { io(sum_); }

 private:
  double sum_ = 0;
};

/// Exact; a sum that does not fit fails the row that would make it so.
template <>
struct Sum<Decimal> {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = true;

  void add(Eval& ev, const Decimal& x) { set(ev, fn::add(ev, sum_, x)); }
  void add(Eval& ev, const Opt<Decimal>& x) {
    if (x.has) add(ev, x.value);
  }
  void remove(Eval& ev, const Decimal& x) { set(ev, fn::sub(ev, sum_, x)); }
  void remove(Eval& ev, const Opt<Decimal>& x) {
    if (x.has) remove(ev, x.value);
  }
  void merge(Eval& ev, const Sum& other) { add(ev, other.sum_); }
  void unmerge(Eval& ev, const Sum& other) { remove(ev, other.sum_); }
  Decimal result(Eval&) const { return sum_; }
  void clear() { sum_ = {}; }

  template <class Io>
  void archive(Io& io) { io(sum_); }

 private:
  void set(const Eval& ev, Decimal sum) {
    if (!ev.failed) [[likely]]
      sum_ = sum;
  }
  Decimal sum_;
};

}  // namespace gress::agg
