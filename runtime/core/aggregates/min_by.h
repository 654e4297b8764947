// min_by(x, k), max_by(x, k): x of the row with the least or greatest k, in the order of runtime/core/order.h; of equal
// ones the row's that came first, by position (docs/decisions/0003). A row whose x or k is absent is skipped, so the result
// is x of the best row that has both.
#pragma once
#include <cstdint>
#include <type_traits>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/aggregates/min_max.h"
#include "runtime/core/order.h"
#include "runtime/core/place.h"
#include "runtime/core/state_value.h"

namespace gress::agg {

template <class T, class K, bool Optional, bool Least>
struct ExtremeBy {
  static constexpr bool invertible = false;
  static constexpr bool exact_inverse = false;
  static constexpr bool add_can_fail = false;

  void add(Eval&, const T& x, const K& key, std::uint64_t position) {
    if (!better(key, position)) return;
    value_.assign(x);
    key_.assign(key);
    position_ = position;
  }
  void add(Eval& ev, const Opt<T>& x, const K& key, std::uint64_t position) {
    if (x.has) add(ev, x.value, key, position);
  }
  void add(Eval& ev, const T& x, const Opt<K>& key, std::uint64_t position) {
    if (key.has) add(ev, x, key.value, position);
  }
  void add(Eval& ev, const Opt<T>& x, const Opt<K>& key, std::uint64_t position) {
    if (x.has && key.has) add(ev, x.value, key.value, position);
  }
  void merge(Eval& ev, const ExtremeBy& other) {
    if (other.has()) add(ev, other.value_.get(), other.key_.get(), other.position_);
  }
  Result<T, Optional> result(Eval&) const {
    if (!has()) return {};
    return value_.get();
  }
  void clear() {
    position_ = kNoPosition;
    if constexpr (kFromWorst) key_.assign(worst_key<K, Least>());
  }

  template <class Io>
  void archive(Io& io) { io(value_, key_, position_); }

 private:
  /// Of no row there is the worst key at no position, which every row is better than: one question a row.
  static constexpr bool kFromWorst = std::is_arithmetic_v<K>;
  bool has() const { return position_ != kNoPosition; }
  bool better(const K& key, std::uint64_t position) const {
    const K& held = key_.get();
    if constexpr (kFromWorst) {
      const bool before = Least ? fn::before(key, held) : fn::before(held, key), behind = Least ? fn::before(held, key) : fn::before(key, held);
      return before | (!behind & (position < position_));
    } else {
      if (!has()) return true;
      if (Least ? fn::before(key, held) : fn::before(held, key)) return true;
      if (Least ? fn::before(held, key) : fn::before(key, held)) return false;
      return position < position_;
    }
  }
  static Held<K> no_key() {
    if constexpr (kFromWorst) return Held<K>(worst_key<K, Least>());
    else return {};
  }
  Held<T> value_;
  Held<K> key_ = no_key();
  std::uint64_t position_ = kNoPosition;
};

template <class T, class K, bool Optional = false>
using MinBy = ExtremeBy<T, K, Optional, true>;
template <class T, class K, bool Optional = false>
using MaxBy = ExtremeBy<T, K, Optional, false>;

}  // namespace gress::agg
