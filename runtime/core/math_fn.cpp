#include "runtime/core/math_fn.h"

#include <fast_float/fast_float.h>

#include <charconv>
#include <string>

#include "runtime/core/wide_int.h"

namespace gress::fn {

namespace {

/// Rounds the shortest digits of x, as text.
template <class T>
T round_text(T x, std::int64_t digits) {
  if (!(x - x == 0) || x == 0) return x;
  char text[48];
  const char* end = std::to_chars(text, text + sizeof text, x < 0 ? -x : x, std::chars_format::scientific).ptr;
  // d[.ddd]e±XX → digits, and the power of ten of the first
  char figures[24];
  int count = 0, power = 0;
  const char* p = text;
  for (; *p != 'e'; ++p)
    if (*p != '.') figures[count++] = *p;
  const bool below = p[1] == '-';
  for (p += 2; p != end; ++p) power = power * 10 + (*p - '0');
  if (below) power = -power;

  if (digits >= 400) return x;
  const std::int64_t kept = power + 1 + digits;  // figures that stay
  if (kept >= count) return x;
  if (digits <= -400 || kept < 0) return x < 0 ? -T{0} : T{0};
  const bool up = figures[kept] >= '5';
  std::uint64_t value = 0;
  for (int i = 0; i != kept; ++i) value = value * 10 + static_cast<unsigned>(figures[i] - '0');
  value += up;
  char out[48];
  char* to = std::to_chars(out, out + 24, value).ptr;
  *to++ = 'e';
  to = std::to_chars(to, out + sizeof out, -digits).ptr;
  T result = 0;
  fast_float::from_chars(out, to, result);
  return x < 0 ? -result : result;
}

/// c / 10^drop, rounded down, up, or half away from zero by magnitude.
enum class Toward { below, above, nearest };
Decimal cut(Decimal d, int drop, Toward toward) {
  if (drop <= 0) return d;
  const bool minus = d.hi < 0;
  const wide::U128 c = wide::magnitude(d.coefficient());
  wide::U128 kept = 0, rest = c, unit = 0;
  if (drop <= 38) {
    unit = wide::kPowersOfTen[drop];
    kept = c / unit;
    rest = c % unit;
  }
  const bool away = toward == Toward::nearest ? unit != 0 && rest >= unit - rest
                    : toward == Toward::below ? minus && rest != 0
                                              : !minus && rest != 0;
  kept += away;
  const int scale = d.scale() - drop;
  return Decimal::make(minus ? -static_cast<wide::I128>(kept) : static_cast<wide::I128>(kept), scale < 0 ? 0 : scale);
}

}  // namespace

double power_of_ten(std::int64_t exponent) {
  static constexpr double kTens[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  return kTens[exponent];
}

double round_digits(double x, std::int64_t digits) { return round_text(x, digits); }
float round_digits(float x, std::int64_t digits) { return round_text(x, digits); }

Decimal floor(Eval&, Decimal x) { return cut(x, x.scale(), Toward::below); }
Decimal ceil(Eval&, Decimal x) { return cut(x, x.scale(), Toward::above); }

Decimal round(Eval& ev, Decimal x, std::int64_t digits) {
  if (digits >= x.scale()) return x;
  if (digits >= 0) return cut(x, x.scale() - static_cast<int>(digits), Toward::nearest);
  // To tens, hundreds …: cut there and fill up with zeros again.
  if (digits < -38) return Decimal{};
  const Decimal kept = cut(x, x.scale() - static_cast<int>(digits), Toward::nearest);
  const Decimal::Wide c = kept.coefficient();
  Decimal::Wide filled = 0;
  if (__builtin_mul_overflow(c, static_cast<Decimal::Wide>(wide::kPowersOfTen[-digits]), &filled) ||
      !Decimal::fits(filled)) {
    ev.fail("decimal overflow in round");
    return x;
  }
  return Decimal::make(filled, 0);
}

[[gnu::cold, gnu::noinline]] void abs_overflow(Eval& ev, std::int64_t x) {
  ev.fail("integer overflow in abs(" + std::to_string(x) + ')');
}
[[gnu::cold, gnu::noinline]] void clamp_crossed(Eval& ev) { ev.fail("clamp: the lower limit is above the upper one"); }

}  // namespace gress::fn
