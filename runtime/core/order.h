// The order of values where a total one is needed: NaN after all other floats, absent after all present.
#pragma once
#include <type_traits>

#include "runtime/core/value.h"

namespace gress::fn {

template <class T>
bool before(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    return a < b || (b != b && a == a);
  } else {
    return a < b;
  }
}

template <class T>
bool less_absent_last(const T& a, const T& b) {
  return before(a, b);
}
template <class T>
bool less_absent_last(const Opt<T>& a, const Opt<T>& b) {
  return a.has && (!b.has || before(a.value, b.value));
}

}  // namespace gress::fn
