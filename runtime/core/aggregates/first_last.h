// first(x), last(x): the argument of the earliest and the latest row by Place. Rows of equal order (several rows made
// of one record) count in the order in which they were added.
#pragma once
#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/place.h"
#include "runtime/core/state_value.h"
#include "runtime/core/time.h"

namespace gress::agg {

template <class T, bool Optional, bool Earliest>
struct Edge {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x, Place place) {
    if (better(place)) {
      value_.assign(x);
      place_ = place;
    }
  }
  void add(Eval& ev, const Opt<T>& x, Place place) {
    if (x.has) add(ev, x.value, place);
  }
  void merge(Eval& ev, const Edge& other) {
    if (other.has()) add(ev, other.value_.get(), other.place_);
  }
  Result<T, Optional> result(Eval&) const {
    if (!has()) return {};
    return value_.get();
  }
  void clear() { place_ = {kEndOfTime, kNoPosition}; }

  template <class Io>
  void archive(Io& io) { io(value_, place_); }

 private:
  bool has() const { return place_.position != kNoPosition; }
  bool better(Place place) const { return Earliest ? place < place_ : !has() || !(place < place_); }
  Held<T> value_;
  Place place_{kEndOfTime, kNoPosition};
};

template <class T, bool Optional = false>
using First = Edge<T, Optional, true>;
template <class T, bool Optional = false>
using Last = Edge<T, Optional, false>;

}  // namespace gress::agg
