// Order of `top … by`: absent last either way, NaN greatest.
#pragma once
#include "runtime/core/value.h"

namespace gress::fn {

template <class T>
int order_ascending(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (a != a || b != b) return static_cast<int>(a != a) - static_cast<int>(b != b);
  }
  return a < b ? -1 : b < a ? 1 : 0;
}
template <class T>
int order_descending(const T& a, const T& b) {
  return order_ascending(b, a);
}
template <class T>
int order_ascending(const Opt<T>& a, const Opt<T>& b) {
  if (!a.has || !b.has) return static_cast<int>(b.has) - static_cast<int>(a.has);
  return order_ascending(a.value, b.value);
}
template <class T>
int order_descending(const Opt<T>& a, const Opt<T>& b) {
  if (!a.has || !b.has) return static_cast<int>(b.has) - static_cast<int>(a.has);
  return order_ascending(b.value, a.value);
}

}  // namespace gress::fn
