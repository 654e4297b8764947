// variance(x), stddev(x): of the sample (n - 1), absent below two values, in one pass without cancellation.
// Sources: B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4
// (1962), for add; T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing
// sample variances" (1979), for merge. Decimals count as f64.
#pragma once
#include <cmath>
#include <cstdint>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/number.h"

namespace gress::agg {

/// Root = true: the standard deviation.
template <bool Root>
struct Spread {
  static constexpr bool invertible = true;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  template <class T>
  void add(Eval&, const T& number) {
    const double x = as_double(number);
    const double delta = x - mean_;
    ++count_;
    mean_ += delta / static_cast<double>(count_);
    squares_ += delta * (x - mean_);
  }
  template <class T>
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  template <class T>
  void remove(Eval&, const T& number) {
    const double x = as_double(number);
    if (--count_ <= 0) return clear();
    const double delta = x - mean_;
    mean_ -= delta / static_cast<double>(count_);
    squares_ = not_negative(squares_ - delta * (x - mean_));
  }
  template <class T>
  void remove(Eval& ev, const Opt<T>& x) {
    if (x.has) remove(ev, x.value);
  }
  void merge(Eval&, const Spread& other) {
    if (other.count_ == 0) return;
    if (count_ == 0) {
      *this = other;
      return;
    }
    const double ours = static_cast<double>(count_), theirs = static_cast<double>(other.count_);
    const double delta = other.mean_ - mean_;
    count_ += other.count_;
    mean_ += delta * (theirs / (ours + theirs));
    squares_ += other.squares_ + delta * delta * (ours * theirs / (ours + theirs));
  }
  void unmerge(Eval&, const Spread& other) {
    if (count_ <= other.count_) return clear();
    const double all = static_cast<double>(count_), theirs = static_cast<double>(other.count_);
    const double ours = all - theirs;
    const double mean = mean_ + (mean_ - other.mean_) * (theirs / ours);
    const double delta = other.mean_ - mean;
    count_ -= other.count_;
    mean_ = mean;
    squares_ = not_negative(squares_ - other.squares_ - delta * delta * (ours * theirs / all));
  }
  Opt<double> result(Eval&) const {
    if (count_ < 2) return {};
    const double variance = squares_ / static_cast<double>(count_ - 1);
    return Root ? std::sqrt(variance) : variance;
  }
  void clear() { *this = {}; }

  template <class Io>
  void archive(Io& io) { io(mean_, squares_, count_); }

 private:
  /// Rounding may leave a little below nothing after a removal; NaN stays.
  static double not_negative(double x) { return x < 0 ? 0 : x; }
  double mean_ = 0;
  double squares_ = 0;  // sum of (x - mean)^2
  std::int64_t count_ = 0;
};

using Variance = Spread<false>;
using Stddev = Spread<true>;

}  // namespace gress::agg
