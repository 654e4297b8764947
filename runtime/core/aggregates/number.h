// Numbers as f64, for aggregates whose results are f64.
#pragma once
#include <type_traits>

#include "runtime/core/decimal.h"

namespace gress::agg {

template <class T>
  requires std::is_arithmetic_v<T>
double as_double(T x) {
  return static_cast<double>(x);
}
inline double as_double(Decimal x) { return double_from_decimal(x); }

}  // namespace gress::agg
