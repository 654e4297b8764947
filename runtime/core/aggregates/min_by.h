// min_by(x, k), max_by(x, k): x of the row with the least or greatest k, in the order of runtime/core/order.h; of equal
// ones the earliest row's. A row whose x or k is absent is skipped, so the result is x of the best row that has both.
#pragma once
#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/order.h"
#include "runtime/core/place.h"
#include "runtime/core/state_value.h"
#include "runtime/core/time.h"

namespace gress::agg {

template <class T, class K, bool Optional, bool Least>
struct ExtremeBy {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x, const K& key, Place place) {
    if (!better(key, place)) return;
    value_.assign(x);
    key_.assign(key);
    place_ = place;
  }
  void add(Eval& ev, const Opt<T>& x, const K& key, Place place) {
    if (x.has) add(ev, x.value, key, place);
  }
  void add(Eval& ev, const T& x, const Opt<K>& key, Place place) {
    if (key.has) add(ev, x, key.value, place);
  }
  void add(Eval& ev, const Opt<T>& x, const Opt<K>& key, Place place) {
    if (x.has && key.has) add(ev, x.value, key.value, place);
  }
  void merge(Eval& ev, const ExtremeBy& other) {
    if (other.has()) add(ev, other.value_.get(), other.key_.get(), other.place_);
  }
  Result<T, Optional> result(Eval&) const {
    if (!has()) return {};
    return value_.get();
  }
  void clear() { place_ = {kEndOfTime, kNoPosition}; }

  template <class Io>
  void archive(Io& io) { io(value_, key_, place_); }

 private:
  bool has() const { return place_.position != kNoPosition; }
  bool better(const K& key, Place place) const {
    if (!has()) return true;
    const K& held = key_.get();
    if (Least ? fn::before(key, held) : fn::before(held, key)) return true;
    if (Least ? fn::before(held, key) : fn::before(key, held)) return false;
    return place < place_;
  }
  Held<T> value_;
  Held<K> key_;
  Place place_{kEndOfTime, kNoPosition};
};

template <class T, class K, bool Optional = false>
using MinBy = ExtremeBy<T, K, Optional, true>;
template <class T, class K, bool Optional = false>
using MaxBy = ExtremeBy<T, K, Optional, false>;

}  // namespace gress::agg
