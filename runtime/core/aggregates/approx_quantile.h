// approx_quantile(x, q): within 1 % of rank, in at most 14 kB a group (kll.h). Exact up to 400 values. NaN is the
// greatest value.
#pragma once
#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/kll.h"
#include "runtime/core/aggregates/number.h"
#include "runtime/core/aggregates/quantile.h"

namespace gress::agg {

/// T: a number; it counts as f64.
template <class T, bool Optional = false>
struct ApproxQuantile {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x) { sketch_.add(as_double(x)); }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void merge(Eval&, const ApproxQuantile& other) { sketch_.merge(other.sketch_); }
  Result<double, Optional> result(Eval& ev, double q) const {
    if (!check_quantile(ev, q) || sketch_.rows() == 0) return {};
    return sketch_.quantile(q);
  }
  void clear() { sketch_.clear(); }

  template <class Io>
  void archive(Io& io) { io(sketch_); }

 private:
  KllSketch sketch_;
};

}  // namespace gress::agg
