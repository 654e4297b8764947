#include "runtime/core/aggregates/quantile.h"

#include <algorithm>
#include <cmath>

#include "runtime/core/order.h"

namespace gress::agg {
namespace {

template <class T>
double select(T* values, std::size_t n, double q) {
  const double rank = q * static_cast<double>(n - 1);
  std::size_t low = static_cast<std::size_t>(rank);
  if (low > n - 1) low = n - 1;
  const double part = rank - static_cast<double>(low);
  const auto before = [](const T& x, const T& y) { return fn::before(x, y); };
  std::nth_element(values, values + low, values + n, before);
  const double a = static_cast<double>(values[low]);
  if (part <= 0 || low + 1 == n) return a;
  // nth_element left the greater values behind it; the least of them is the next.
  const double b = static_cast<double>(*std::min_element(values + low + 1, values + n, before));
  return between_ranks(a, b, part);
}

}  // namespace

double between_ranks(double a, double b, double part) {
  if (a == b) return a;  // infinities too
  return part < 0.5 ? a + (b - a) * part : b - (b - a) * (1 - part);
}

double select_quantile(double* values, std::size_t n, double q) { return select(values, n, q); }
double select_quantile(float* values, std::size_t n, double q) { return select(values, n, q); }
double select_quantile(std::int32_t* values, std::size_t n, double q) { return select(values, n, q); }
double select_quantile(std::int64_t* values, std::size_t n, double q) { return select(values, n, q); }

bool check_quantile(Eval& ev, double q) {
  if (q >= 0 && q <= 1) [[likely]]
    return true;
  ev.fail("quantile " + std::to_string(q) + " is not between 0 and 1");
  return false;
}

}  // namespace gress::agg
