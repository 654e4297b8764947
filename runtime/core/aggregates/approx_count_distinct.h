// approx_count_distinct(x): exact up to 256 values, then within 1.6 % (one standard deviation), in at most 4 kB a
// group.
#pragma once
#include <cstdint>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/hyperloglog.h"
#include "runtime/core/hash.h"

namespace gress::agg {

template <class T>
struct ApproxCountDistinct {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  // The hash that never changes: sketches are kept in checkpoints.
  void add(Eval& ev, const T& x) { sketch_.add(static_cast<std::uint64_t>(fn::hash(ev, x))); }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  void merge(Eval&, const ApproxCountDistinct& other) { sketch_.merge(other.sketch_); }
  std::int64_t result(Eval&) const { return static_cast<std::int64_t>(sketch_.estimate()); }
  void clear() { sketch_.clear(); }

  template <class Io>
  void archive(Io& io) { io(sketch_); }

 private:
  HyperLogLog sketch_;
};

}  // namespace gress::agg
