// Operators. Integers are checked at their width, floats follow IEEE 754, decimals are in decimal.h; timestamps and
// durations are microseconds. A failure is noted in `ev`, whatever is returned then.
#pragma once
#include <cstdint>
#include <type_traits>

#include "runtime/core/decimal.h"
#include "runtime/core/eval.h"

namespace gress::fn {

template <class T>
concept CheckedInteger = std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t>;
template <class T>
concept Float = std::is_floating_point_v<T>;

// Failures, in words.
void integer_overflow(Eval&, std::int64_t a, char op, std::int64_t b);
void negation_overflow(Eval&, std::int64_t a);
void division_by_zero(Eval&);
void time_overflow(Eval&, std::int64_t a, char op, std::int64_t b);

template <CheckedInteger T>
T add(Eval& ev, T a, T b) {
  T out;
  if (__builtin_add_overflow(a, b, &out)) [[unlikely]]
    integer_overflow(ev, a, '+', b);
  return out;
}
template <CheckedInteger T>
T sub(Eval& ev, T a, T b) {
  T out;
  if (__builtin_sub_overflow(a, b, &out)) [[unlikely]]
    integer_overflow(ev, a, '-', b);
  return out;
}
template <CheckedInteger T>
T mul(Eval& ev, T a, T b) {
  T out;
  if (__builtin_mul_overflow(a, b, &out)) [[unlikely]]
    integer_overflow(ev, a, '*', b);
  return out;
}
/// Towards zero.
template <CheckedInteger T>
T div(Eval& ev, T a, T b) {
  if (b == 0) [[unlikely]] {
    division_by_zero(ev);
    return 0;
  }
  T out;
  if (b == -1) [[unlikely]] {
    if (__builtin_sub_overflow(T{0}, a, &out)) integer_overflow(ev, a, '/', b);
    return out;
  }
  return a / b;
}
/// With the sign of the left side.
template <CheckedInteger T>
T rem(Eval& ev, T a, T b) {
  if (b == 0) [[unlikely]] {
    division_by_zero(ev);
    return 0;
  }
  return b == -1 ? 0 : a % b;
}
template <CheckedInteger T>
T neg(Eval& ev, T a) {
  T out;
  if (__builtin_sub_overflow(T{0}, a, &out)) [[unlikely]]
    negation_overflow(ev, a);
  return out;
}

template <Float T>
T add(Eval&, T a, T b) {
  return a + b;
}
template <Float T>
T sub(Eval&, T a, T b) {
  return a - b;
}
template <Float T>
T mul(Eval&, T a, T b) {
  return a * b;
}
template <Float T>
T div(Eval&, T a, T b) {
  return a / b;
}
template <Float T>
T rem(Eval&, T a, T b) {
  if constexpr (sizeof(T) == 4) return __builtin_fmodf(a, b);
  return static_cast<T>(__builtin_fmod(a, b));
}
template <Float T>
T neg(Eval&, T a) {
  return -a;
}

/// timestamp + duration, duration + duration.
inline std::int64_t add_time(Eval& ev, std::int64_t a, std::int64_t b) {
  std::int64_t out;
  if (__builtin_add_overflow(a, b, &out)) [[unlikely]]
    time_overflow(ev, a, '+', b);
  return out;
}
/// timestamp - duration, timestamp - timestamp, duration - duration.
inline std::int64_t sub_time(Eval& ev, std::int64_t a, std::int64_t b) {
  std::int64_t out;
  if (__builtin_sub_overflow(a, b, &out)) [[unlikely]]
    time_overflow(ev, a, '-', b);
  return out;
}

std::int64_t scale_duration(Eval&, std::int64_t duration, double by);
std::int64_t scale_duration(Eval&, std::int64_t duration, Decimal by);
std::int64_t shrink_duration(Eval&, std::int64_t duration, double by);
std::int64_t shrink_duration(Eval&, std::int64_t duration, Decimal by);

/// duration * number or number * duration. Exact for integers, else to the nearest microsecond, half away from zero.
template <class A, class B>
std::int64_t mul_duration(Eval& ev, A a, B b) {
  if constexpr (std::is_integral_v<A> && std::is_integral_v<B>) {
    std::int64_t out;
    if (__builtin_mul_overflow(std::int64_t{a}, std::int64_t{b}, &out)) [[unlikely]]
      time_overflow(ev, a, '*', b);
    return out;
  } else if constexpr (std::is_integral_v<A>) {
    return scale_duration(ev, a, b);
  } else {
    return scale_duration(ev, b, a);
  }
}
/// duration / number. Towards zero for integers, else to the nearest microsecond, half away from zero.
template <class B>
std::int64_t div_duration(Eval& ev, std::int64_t a, B b) {
  if constexpr (std::is_integral_v<B>) {
    return div<std::int64_t>(ev, a, b);
  } else {
    return shrink_duration(ev, a, b);
  }
}
/// duration / duration.
inline double ratio(Eval& ev, std::int64_t a, std::int64_t b) {
  if (b == 0) [[unlikely]]
    division_by_zero(ev);
  return static_cast<double>(a) / static_cast<double>(b);
}

}  // namespace gress::fn
