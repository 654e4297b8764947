// Whether two values are the same one: equality that holds for NaN too, member by member, so that the old row of an
// update is found again among the rows that are kept.
#pragma once
#include <tuple>
#include <type_traits>

#include "runtime/core/value.h"

namespace gress::fn {

template <class T>
bool same(const T& a, const T& b);
template <class T>
bool same(const Opt<T>& a, const Opt<T>& b) {
  return a.has == b.has && (!a.has || same(a.value, b.value));
}
template <class T>
bool same(const List<T>& a, const List<T>& b) {
  if (a.count != b.count) return false;
  for (std::size_t i = 0; i != a.count; ++i)
    if (!same(a.items[i], b.items[i])) return false;
  return true;
}
template <class K, class V>
bool same(const Map<K, V>& a, const Map<K, V>& b) {
  if (a.count != b.count) return false;
  for (std::size_t i = 0; i != a.count; ++i)
    if (!same(a.items[i].key, b.items[i].key) || !same(a.items[i].value, b.items[i].value)) return false;
  return true;
}
template <class T>
bool same(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>)
    return a == b || (a != a && b != b);
  else if constexpr (requires { T::members; })
    return T::members.apply([&](auto... m) { return (same(a.*m, b.*m) && ...); });
  else
    return a == b;
}

}  // namespace gress::fn
