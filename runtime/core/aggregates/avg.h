// avg(x): of integers, durations and floats as f64, of decimals as decimal. Integers are summed exactly, in 128 bits,
// and rounded only then.
#pragma once
#include <cstdint>
#include <type_traits>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/sum.h"
#include "runtime/core/aggregates/wide_sum.h"

namespace gress::agg {

template <class T, bool Optional = false>
struct Avg;

template <class T, bool Optional>
  requires std::is_integral_v<T>
struct Avg<T, Optional> {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) {
    sum_.add(x);
    ++count_;
  }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void remove(Eval&, const T& x) {
    sum_.subtract(x);
    --count_;
  }
  void remove(Eval& ev, const Opt<T>& x) {
    if (x.has) remove(ev, x.value);
  }
  void merge(Eval&, const Avg& other) {
    sum_.add(other.sum_);
    count_ += other.count_;
  }
  void unmerge(Eval&, const Avg& other) {
    sum_.subtract(other.sum_);
    count_ -= other.count_;
  }
  Result<double, Optional> result(Eval&) const {
    const bool has = count_ != 0;
    return make_result<Optional>(has ? sum_.as_double() / static_cast<double>(count_) : 0.0, has);
  }
  void clear() {
    sum_ = {};
    count_ = 0;
  }

  template <class Io>
  void archive(Io& io) { io(sum_, count_); }

 private:
  WideSum sum_;
  std::int64_t count_ = 0;
};

template <class T, bool Optional>
  requires std::is_floating_point_v<T>
struct Avg<T, Optional> {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) {
    sum_ += x;
    ++count_;
  }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void remove(Eval&, const T& x) { sum_ = --count_ == 0 ? 0 : sum_ - x; }
  void remove(Eval& ev, const Opt<T>& x) {
    if (x.has) remove(ev, x.value);
  }
  void merge(Eval&, const Avg& other) {
    sum_ += other.sum_;
    count_ += other.count_;
  }
  void unmerge(Eval&, const Avg& other) {
    count_ -= other.count_;
    sum_ = count_ == 0 ? 0 : sum_ - other.sum_;
  }
  Result<double, Optional> result(Eval&) const {
    const bool has = count_ != 0;
    return make_result<Optional>(has ? sum_ / static_cast<double>(count_) : 0.0, has);
  }
  void clear() {
    sum_ = 0;
    count_ = 0;
  }

  template <class Io>
  void archive(Io& io) { io(sum_, count_); }

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
};

/// To 28 significant digits, half to even.
template <bool Optional>
struct Avg<Decimal, Optional> {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = true;

  void add(Eval& ev, const Decimal& x) {
    sum_.add(ev, x);
    if (!ev.failed) [[likely]]
      ++count_;
  }
  void add(Eval& ev, const Opt<Decimal>& x) {
    if (x.has) add(ev, x.value);
  }
  void remove(Eval& ev, const Decimal& x) {
    sum_.remove(ev, x);
    if (!ev.failed) [[likely]]
      --count_;
  }
  void remove(Eval& ev, const Opt<Decimal>& x) {
    if (x.has) remove(ev, x.value);
  }
  void merge(Eval& ev, const Avg& other) {
    sum_.merge(ev, other.sum_);
    if (!ev.failed) [[likely]]
      count_ += other.count_;
  }
  void unmerge(Eval& ev, const Avg& other) {
    sum_.unmerge(ev, other.sum_);
    if (!ev.failed) [[likely]]
      count_ -= other.count_;
  }
  Result<Decimal, Optional> result(Eval& ev) const {
    if (count_ == 0) return {};
    return fn::div(ev, sum_.result(ev), decimal_literal(count_, 0));
  }
  void clear() {
    sum_.clear();
    count_ = 0;
  }

  template <class Io>
  void archive(Io& io) { io(sum_, count_); }

 private:
  Sum<Decimal> sum_;
  std::int64_t count_ = 0;
};

}  // namespace gress::agg
