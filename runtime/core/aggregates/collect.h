// collect(x): the arguments as they came. Of a merged accumulator they come after ours, or, of CollectMerged, between them by
// the positions of their rows. The result is a view of the accumulator, good until it changes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

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

/// For windows that are put together from slices or sessions: rows of one partition stand in the order of their positions,
/// which is that in which they came. Eight bytes more a value.
template <class T>
struct CollectMerged {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  CollectMerged() = default;
  CollectMerged(CollectMerged&&) noexcept = default;
  CollectMerged& operator=(CollectMerged&&) noexcept = default;
  ~CollectMerged() { release(); }

  void add(Eval&, const T& x, Place place) {
    items_.push(kept(x));
    positions_.push(place.position);
  }
  void add(Eval& ev, const Opt<T>& x, Place place) {
    if (x.has) add(ev, x.value, place);
  }
  void merge(Eval&, const CollectMerged& other) {
    const std::size_t mine = items_.size(), theirs = other.items_.size();
    if (theirs == 0) return;
    if (mine == 0 || positions_.data()[mine - 1] <= other.positions_.data()[0]) {
      for (std::size_t i = 0; i != theirs; ++i) take(other, i);
      return;
    }
    CollectMerged both;
    for (std::size_t a = 0, b = 0; a != mine || b != theirs;) {
      if (b == theirs || (a != mine && positions_.data()[a] <= other.positions_.data()[b])) {
        both.items_.push(items_.data()[a]);  // which it owns from now on
        both.positions_.push(positions_.data()[a++]);
      } else {
        both.take(other, b++);
      }
    }
    std::swap(items_, both.items_);
    std::swap(positions_, both.positions_);
    both.items_.clear();
  }
  List<T> result(Eval&) const { return {items_.data(), items_.size()}; }
  void clear() {
    release();
    items_.clear();
    positions_.clear();
  }

  template <class Io>
  void archive(Io& io) { io(items_, positions_); }

 private:
  static T kept(const T& x) {
    if constexpr (StateTraits<T>::is_plain) return x;
    else return StateTraits<T>::retain(x);
  }
  void take(const CollectMerged& other, std::size_t i) {
    items_.push(kept(other.items_.data()[i]));
    positions_.push(other.positions_.data()[i]);
  }
  void release() {
    if constexpr (!StateTraits<T>::is_plain)
      for (std::size_t i = 0; i != items_.size(); ++i) StateTraits<T>::release(items_.data()[i]);
  }
  Buffer<T> items_;
  Buffer<std::uint64_t> positions_;
};

}  // namespace gress::agg
