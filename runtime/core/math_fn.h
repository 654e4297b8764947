// Mathematical functions. Floats follow IEEE 754: sqrt(-1.0) is NaN, ln(0.0) is -Infinity, neither is a failure.
#pragma once
#include <cstdint>

#include "runtime/core/arith.h"
#include "runtime/core/decimal.h"
#include "runtime/core/eval.h"
#include "runtime/core/order.h"

namespace gress::fn {

void abs_overflow(Eval&, std::int64_t);
void clamp_crossed(Eval&);
/// The careful half of round(x, digits): by the shortest digits of x.
double round_digits(double x, std::int64_t digits);
float round_digits(float x, std::int64_t digits);
double power_of_ten(std::int64_t exponent);

template <CheckedInteger T>
T abs(Eval& ev, T x) {
  T negated;
  if (__builtin_sub_overflow(T{0}, x, &negated)) [[unlikely]]
    abs_overflow(ev, x);
  return x < 0 ? negated : x;
}
inline double abs(Eval&, double x) { return __builtin_fabs(x); }
inline float abs(Eval&, float x) { return __builtin_fabsf(x); }
inline Decimal abs(Eval& ev, Decimal x) { return x.hi < 0 ? neg(ev, x) : x; }

/// The first of equals; NaN only if all are.
template <class T>
T min(Eval&, const T& a, const T& b) {
  return before(b, a) ? b : a;
}
template <class T, class... More>
T min(Eval& ev, const T& a, const T& b, const T& c, const More&... more) {
  return min(ev, min(ev, a, b), c, more...);
}
/// The first of equals; NaN if any is.
template <class T>
T max(Eval&, const T& a, const T& b) {
  return before(a, b) ? b : a;
}
template <class T, class... More>
T max(Eval& ev, const T& a, const T& b, const T& c, const More&... more) {
  return max(ev, max(ev, a, b), c, more...);
}

/// A row error when low is above high.
template <class T>
T clamp(Eval& ev, const T& x, const T& low, const T& high) {
  if (before(high, low)) [[unlikely]]
    clamp_crossed(ev);
  return before(x, low) ? low : before(high, x) ? high : x;
}

inline double floor(Eval&, double x) { return __builtin_floor(x); }
inline float floor(Eval&, float x) { return __builtin_floorf(x); }
inline double ceil(Eval&, double x) { return __builtin_ceil(x); }
inline float ceil(Eval&, float x) { return __builtin_ceilf(x); }
Decimal floor(Eval&, Decimal);
Decimal ceil(Eval&, Decimal);

/// Half away from zero.
inline double round(Eval&, double x) { return __builtin_round(x); }
inline float round(Eval&, float x) { return __builtin_roundf(x); }
/// With so many digits behind the point; a negative number rounds to tens, hundreds and so on. Half counts by the
/// digits that x is printed with: round(1.005, 2) is 1.01, though the float is a little less.
inline double round(Eval&, double x, std::int64_t digits) {
  if (digits >= 0 && digits <= 22) [[likely]] {
    const double unit = power_of_ten(digits), scaled = x * unit, whole = __builtin_round(scaled);
    // Far enough from a half that the product's own rounding cannot matter, and small enough for the quotient to be
    // the double nearest to those digits.
    const double off = __builtin_fabs(__builtin_fabs(scaled - whole) - 0.5), size = __builtin_fabs(scaled);
    if (size < 0x1p52 && off > size * 0x1p-51) [[likely]]
      return whole / unit;
  }
  return round_digits(x, digits);
}
inline float round(Eval&, float x, std::int64_t digits) { return round_digits(x, digits); }
Decimal round(Eval&, Decimal, std::int64_t digits = 0);

inline double sqrt(Eval&, double x) { return __builtin_sqrt(x); }
inline double ln(Eval&, double x) { return __builtin_log(x); }
inline double log2(Eval&, double x) { return __builtin_log2(x); }
inline double log10(Eval&, double x) { return __builtin_log10(x); }
inline double exp(Eval&, double x) { return __builtin_exp(x); }
inline double pow(Eval&, double x, double y) { return __builtin_pow(x, y); }
inline double sin(Eval&, double x) { return __builtin_sin(x); }
inline double cos(Eval&, double x) { return __builtin_cos(x); }
inline double tan(Eval&, double x) { return __builtin_tan(x); }
inline double asin(Eval&, double x) { return __builtin_asin(x); }
inline double acos(Eval&, double x) { return __builtin_acos(x); }
inline double atan2(Eval&, double y, double x) { return __builtin_atan2(y, x); }
inline double radians(Eval&, double degrees) { return degrees * (3.14159265358979323846 / 180); }

}  // namespace gress::fn
