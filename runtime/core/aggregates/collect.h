// collect(x): the arguments as they came; a merged accumulator's come after ours. The result is a view of the
// accumulator, good until it changes.
#pragma once
#include <cstddef>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/buffer.h"
#include "runtime/core/place.h"
#include "runtime/core/state_value.h"

namespace gress::agg {

template <class T>
struct Collect {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  Collect() = default;
  Collect(Collect&&) noexcept = default;
  Collect& operator=(Collect&&) noexcept = default;
  ~Collect() { release(); }

  void add(Eval&, const T& x) {
    if constexpr (StateTraits<T>::is_plain)
      items_.push(x);
    else
      items_.push(StateTraits<T>::retain(x));
  }
  void add(Eval& ev, const Opt<T>& x) {
    if (x.has) add(ev, x.value);
  }
  /// The order is that of arrival, not of places.
  template <class X>
  void add(Eval& ev, const X& x, Place) {
    add(ev, x);
  }
  void merge(Eval& ev, const Collect& other) {
    if constexpr (StateTraits<T>::is_plain)
      items_.append(other.items_.data(), other.items_.size());
    else
      for (std::size_t i = 0; i != other.items_.size(); ++i) add(ev, other.items_.data()[i]);
  }
  List<T> result(Eval&) const { return {items_.data(), items_.size()}; }
  void clear() {
    release();
    items_.clear();
  }

  template <class Io>
  void archive(Io& io) { io(items_); }

 private:
  void release() {
    if constexpr (!StateTraits<T>::is_plain)
      for (std::size_t i = 0; i != items_.size(); ++i) StateTraits<T>::release(items_.data()[i]);
  }
  Buffer<T> items_;
};

}  // namespace gress::agg
