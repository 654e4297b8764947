// sum and avg of floats, variance and stddev where rows are taken back: sums of about 128 bits, so that what was added
// and taken back leaves nothing behind; NaN and infinities are counted beside. (Of integers and decimals the sums are
// exact anyway.) Source: T. J. Dekker, "A floating-point technique for extending the available precision" (1971).
#pragma once
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/number.h"

namespace gress::agg::retracting {

/// An unevaluated sum of two long doubles.
struct Pair {
  long double high = 0, low = 0;

  void add(long double x) {
    const long double sum = high + x, part = sum - high;
    low += (high - (sum - part)) + (x - part);
    high = sum + low;
    low -= high - sum;
  }
  static Pair product(long double a, long double b) {
    const long double p = a * b;
    const long double ah = head(a), al = a - ah, bh = head(b), bl = b - bh;
    return {p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
  }

  template <class Io>
  void archive(Io& io) { io(high, low); }

 private:
  static long double head(long double x) {
    constexpr long double kSplit = static_cast<long double>(std::uint64_t{1} << ((LDBL_MANT_DIG + 1) / 2)) + 1;
    const long double t = kSplit * x;
    return t - (t - x);
  }
};

struct Sum {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval&, double x) { change(x, 1); }
  void remove(Eval&, double x) { change(x, -1); }
  double result(Eval&) const {
    if (nan_ != 0 || (plus_ != 0 && minus_ != 0)) return std::numeric_limits<double>::quiet_NaN();
    if (plus_ != 0) return std::numeric_limits<double>::infinity();
    if (minus_ != 0) return -std::numeric_limits<double>::infinity();
    return static_cast<double>(sum_.high + sum_.low);
  }
  void clear() { *this = {}; }

  template <class Io>
  void archive(Io& io) { io(sum_, nan_, plus_, minus_); }

 private:
  void change(double x, int sign) {
    if (x - x == 0) [[likely]] sum_.add(sign * static_cast<long double>(x));
    else if (x != x) nan_ += sign;
    else (x > 0 ? plus_ : minus_) += sign;
  }
  Pair sum_;
  std::int64_t nan_ = 0, plus_ = 0, minus_ = 0;
};

template <bool Optional>
struct Avg {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  void add(Eval& ev, double x) {
    sum_.add(ev, x);
    ++count_;
  }
  void remove(Eval& ev, double x) {
    sum_.remove(ev, x);
    --count_;
  }
  Result<double, Optional> result(Eval& ev) const {
    return make_result<Optional>(count_ != 0 ? sum_.result(ev) / static_cast<double>(count_) : 0.0, count_ != 0);
  }
  void clear() { *this = {}; }

  template <class Io>
  void archive(Io& io) { io(sum_, count_); }

 private:
  Sum sum_;
  std::int64_t count_ = 0;
};

/// Sums of distances from the first value, and of their squares. Root = true: the standard deviation.
template <bool Root>
struct Spread {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = true;
  static constexpr bool add_can_fail = false;

  template <class T>
  void add(Eval&, const T& x) { change(as_double(x), 1); }
  template <class T>
  void remove(Eval&, const T& x) { change(as_double(x), -1); }
  Opt<double> result(Eval&) const {
    if (count_ < 2) return {};
    if (odd_ != 0) return std::numeric_limits<double>::quiet_NaN();
    const auto n = static_cast<long double>(count_);
    const long double mean = sum_.high / n;
    const Pair back = Pair::product(mean, n);
    const long double rest = (sum_.low + ((sum_.high - back.high) - back.low)) / n;
    const Pair square = Pair::product(sum_.high, mean);
    const long double about = (squares_.high - square.high) + (squares_.low - square.low - sum_.high * rest - sum_.low * mean);
    const long double variance = about < 0 ? 0 : about / (n - 1);
    return static_cast<double>(Root ? std::sqrt(variance) : variance);
  }
  void clear() { *this = {}; }

  template <class Io>
  void archive(Io& io) { io(first_, sum_, squares_, count_, odd_); }

 private:
  void change(double x, int sign) {
    if (count_ == 0) *this = {};
    count_ += sign;
    if (x - x != 0) [[unlikely]] {
      odd_ += sign;
      return;
    }
    if (count_ - odd_ == 1 && sign == 1) {
      first_ = x;
      sum_ = squares_ = {};
    }
    const long double d = static_cast<long double>(x) - static_cast<long double>(first_);
    const Pair square = Pair::product(d, d);
    sum_.add(sign * d);
    squares_.add(sign * square.high);
    squares_.add(sign * square.low);
  }
  double first_ = 0;
  Pair sum_, squares_;
  std::int64_t count_ = 0, odd_ = 0;  // odd: NaN and infinities among the rows
};
using Variance = Spread<false>;
using Stddev = Spread<true>;

}  // namespace gress::agg::retracting
