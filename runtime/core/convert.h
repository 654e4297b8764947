// Conversions between types. Text is read strictly and whole: no spaces, nothing left over. Whatever is not a value of
// the wanted type, or does not fit in it, fails.
#pragma once
#include <cstdint>
#include <type_traits>

#include "runtime/core/decimal.h"
#include "runtime/core/eval.h"
#include "runtime/core/value.h"

namespace gress::fn {

void does_not_fit(Eval&, std::int64_t, const char* type);
void does_not_fit(Eval&, double, const char* type);
void does_not_fit(Eval&, Decimal, const char* type);

template <class T>
concept Integer = std::is_integral_v<T> && !std::is_same_v<T, bool>;

// ---------------------------------------------------------------- to integers: floats and decimals towards zero
template <Integer T>
std::int64_t to_i64(Eval&, T x) {
  return x;
}
template <Integer T>
std::int32_t to_i32(Eval& ev, T x) {
  const auto out = static_cast<std::int32_t>(x);
  if (out != x) [[unlikely]]
    does_not_fit(ev, x, "i32");
  return out;
}
inline std::int64_t to_i64(Eval& ev, double x) {
  if (!(x >= -0x1p63 && x < 0x1p63)) [[unlikely]] {
    does_not_fit(ev, x, "i64");
    return 0;
  }
  return static_cast<std::int64_t>(x);
}
inline std::int32_t to_i32(Eval& ev, double x) {
  if (!(x > -2147483649.0 && x < 2147483648.0)) [[unlikely]] {
    does_not_fit(ev, x, "i32");
    return 0;
  }
  return static_cast<std::int32_t>(x);
}
inline std::int64_t to_i64(Eval& ev, float x) { return to_i64(ev, static_cast<double>(x)); }
inline std::int32_t to_i32(Eval& ev, float x) { return to_i32(ev, static_cast<double>(x)); }
std::int64_t to_i64(Eval&, Decimal);
std::int32_t to_i32(Eval&, Decimal);
std::int64_t to_i64(Eval&, const Text&);
std::int32_t to_i32(Eval&, const Text&);

// ---------------------------------------------------------------- to floats: to the nearest
template <Integer T>
double to_f64(Eval&, T x) {
  return static_cast<double>(x);
}
template <Integer T>
float to_f32(Eval&, T x) {
  return static_cast<float>(x);
}
inline double to_f64(Eval&, double x) { return x; }
inline double to_f64(Eval&, float x) { return x; }
inline float to_f32(Eval&, float x) { return x; }
inline float to_f32(Eval& ev, double x) {
  const auto out = static_cast<float>(x);
  if (out - out != 0 && x - x == 0) [[unlikely]]
    does_not_fit(ev, x, "f32");
  return out;
}
inline double to_f64(Eval&, Decimal x) { return double_from_decimal(x); }
inline float to_f32(Eval&, Decimal x) { return float_from_decimal(x); }
double to_f64(Eval&, const Text&);
float to_f32(Eval&, const Text&);

// ---------------------------------------------------------------- to decimal: a float gives the digits it is printed
// with
template <Integer T>
Decimal to_decimal(Eval&, T x) {
  return decimal_literal(x, 0);
}
inline Decimal to_decimal(Eval&, Decimal x) { return x; }
Decimal to_decimal(Eval&, double);
Decimal to_decimal(Eval&, float);
Decimal to_decimal(Eval&, const Text&);

// ---------------------------------------------------------------- to text: as JSON and CSV print it
Text to_text(Eval&, bool);
Text to_text(Eval&, std::int32_t);
Text to_text(Eval&, std::int64_t);
Text to_text(Eval&, float);
Text to_text(Eval&, double);
Text to_text(Eval&, Decimal);
Text to_text(Eval&, Uuid);
/// Base64.
Text to_text(Eval&, const Bytes&);
inline Text to_text(Eval&, const Text& x) { return x; }
/// RFC 3339, UTC.
Text to_text_timestamp(Eval&, std::int64_t);
/// ISO 8601: PT1H30M.
Text to_text_duration(Eval&, std::int64_t);

// ---------------------------------------------------------------- from text to the rest
/// "true" or "false".
bool to_bool(Eval&, const Text&);
/// RFC 3339 with a zone; digits beyond microseconds are cut.
std::int64_t to_timestamp(Eval&, const Text&);
/// Milliseconds since the epoch.
std::int64_t to_timestamp_i64(Eval&, std::int64_t);
/// "PT1H30M" or "1h30m".
std::int64_t to_duration(Eval&, const Text&);
Uuid to_uuid(Eval&, const Text&);
/// From base64.
Bytes to_bytes(Eval&, const Text&);

/// The texts one after another, for `"{a}{b}"` too: one allocation, one copy.
Text concat_parts(Eval&, const Text* const* parts, std::size_t count);
inline Text concat(Eval&) { return {}; }
inline Text concat(Eval&, const Text& one) { return one; }
template <class... More>
Text concat(Eval& ev, const Text& a, const Text& b, const More&... more) {
  const Text* const parts[] = {&a, &b, &more...};
  return concat_parts(ev, parts, 2 + sizeof...(more));
}

}  // namespace gress::fn
