// Functions of lists and maps. Elements by index and values by key are `element` in expr.h.
#pragma once
#include <type_traits>

#include "runtime/core/arith.h"
#include "runtime/core/eval.h"
#include "runtime/core/expr.h"
#include "runtime/core/order.h"
#include "runtime/core/value.h"

namespace gress::fn {

void negative_slice(Eval&, const char* function, std::int64_t start, std::int64_t count);

template <class T>
std::int64_t length(Eval&, const List<T>& list) {
  return static_cast<std::int64_t>(list.count);
}
template <class K, class V>
std::int64_t length(Eval&, const Map<K, V>& map) {
  return static_cast<std::int64_t>(map.count);
}

template <class T>
bool contains(Eval& ev, const List<T>& list, const std::type_identity_t<T>& x) {
  return holds(ev, list, x);
}

template <class T>
auto first(Eval& ev, const List<T>& list) {
  return element(ev, list, 0);
}
template <class T>
auto last(Eval& ev, const List<T>& list) {
  return element(ev, list, static_cast<std::int64_t>(list.count) - 1);
}

/// 0 of an empty list; integers are checked at their width.
template <class T>
T sum(Eval& ev, const List<T>& list) {
  T total{};
  for (const T& x : list) total = add(ev, total, x);
  return total;
}
/// The first of equals; floats as the two-argument forms have them.
template <class T>
Opt<T> min(Eval&, const List<T>& list) {
  if (list.count == 0) return {};
  const T* best = list.items;
  for (const T& x : list)
    if (before(x, *best)) best = &x;
  return *best;
}
template <class T>
Opt<T> max(Eval&, const List<T>& list) {
  if (list.count == 0) return {};
  const T* best = list.items;
  for (const T& x : list)
    if (before(*best, x)) best = &x;
  return *best;
}

/// `count` elements from `start` (from 0), as many as there are; negative values are row errors. The same elements, not
/// a copy.
template <class T>
List<T> slice(Eval& ev, const List<T>& list, std::int64_t start, std::int64_t count) {
  if ((start | count) < 0) [[unlikely]] {
    negative_slice(ev, "slice", start, count);
    return {};
  }
  const auto size = static_cast<std::int64_t>(list.count);
  if (start >= size) return {};
  return {list.items + start, static_cast<std::size_t>(count < size - start ? count : size - start)};
}

}  // namespace gress::fn
