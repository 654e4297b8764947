// Decimal: exact decimal numbers in 128 bits. A value is coefficient * 10^-scale with a coefficient of 121 bits (two's
// complement: 36 digits always fit) and a scale of 0 to 127; both lie in one 128-bit number, coefficient * 128 + scale,
// so that adding two decimals of one scale is one checked 128-bit addition. `+ - *` and `%` are exact or fail, `/`
// rounds to 28 significant digits, half to even. One value has many scales (1.5, 1.50): comparing, hashing and printing
// look at the value only.
#pragma once
#include <compare>
#include <cstdint>
#include <string_view>

#include "runtime/core/eval.h"

namespace gress {

struct Decimal {
  __extension__ using Wide = __int128;
  static constexpr int kMaxScale = 127;
  /// Digits of a quotient.
  static constexpr int kQuotientDigits = 28;

  std::uint64_t lo = 0;
  std::int64_t hi = 0;

  constexpr Wide bits() const { return static_cast<Wide>(hi) << 64 | lo; }
  constexpr Wide coefficient() const { return bits() >> 7; }
  constexpr int scale() const { return static_cast<int>(lo & 127); }

  static constexpr Decimal from_bits(Wide bits) {
    Decimal d;
    d.lo = static_cast<std::uint64_t>(bits);
    d.hi = static_cast<std::int64_t>(bits >> 64);
    return d;
  }
  static constexpr bool fits(Wide coefficient) { return coefficient >> 120 == coefficient >> 127; }
  /// `coefficient` must fit, 0 <= scale <= kMaxScale.
  static constexpr Decimal make(Wide coefficient, int scale) { return from_bits(coefficient * 128 + scale); }
  /// The coefficient as the two halves of a 128-bit number.
  static constexpr Decimal from_halves(std::int64_t high, std::uint64_t low, int scale) {
    return make(static_cast<Wide>(high) << 64 | low, scale);
  }

  /// Decimals of different scales.
  static int compare_unaligned(Decimal a, Decimal b);

  friend bool operator==(Decimal a, Decimal b) {
    if (((a.lo ^ b.lo) & 127) == 0) [[likely]]
      return a.lo == b.lo && a.hi == b.hi;
    return compare_unaligned(a, b) == 0;
  }
  friend std::strong_ordering operator<=>(Decimal a, Decimal b) {
    if (((a.lo ^ b.lo) & 127) == 0) [[likely]]
      return a.bits() <=> b.bits();
    return compare_unaligned(a, b) <=> 0;
  }
};
static_assert(sizeof(Decimal) == 16 && alignof(Decimal) == 8);

/// A literal of the program: coefficient * 10^-scale.
constexpr Decimal decimal_literal(std::int64_t coefficient, int scale) { return Decimal::make(coefficient, scale); }

/// The same value with the smallest scale: equal values are then equal bit by bit.
Decimal canonical(Decimal);

enum class DecimalText : std::uint8_t { good, not_a_number, does_not_fit };
/// `[+-] digits [. digits] [e [+-] digits]`, the whole text; exact, never by way of a float.
DecimalText decimal_from_text(std::string_view text, Decimal& out);
/// The shortest decimal that reads back as the same float. False for NaN, infinities and what does not fit.
bool decimal_from_double(double, Decimal& out);
bool decimal_from_float(float, Decimal& out);
/// Rounded once, half to even.
double double_from_decimal(Decimal);
float float_from_decimal(Decimal);

/// Room that write_decimal needs.
inline constexpr std::size_t kDecimalRoom = 176;
/// All digits, no exponent, no needless zeros; returns the end.
char* write_decimal(char* to, Decimal);

namespace fn {

// What the inline paths below leave over.
Decimal add_slow(Eval&, Decimal, Decimal);
Decimal sub_slow(Eval&, Decimal, Decimal);
Decimal mul_slow(Eval&, Decimal, Decimal);

inline Decimal add(Eval& ev, Decimal a, Decimal b) {
  Decimal::Wide sum;
  if (((a.lo ^ b.lo) & 127) == 0 && !__builtin_add_overflow(a.bits(), b.bits() & ~Decimal::Wide{127}, &sum)) [[likely]]
    return Decimal::from_bits(sum);
  return add_slow(ev, a, b);
}
inline Decimal sub(Eval& ev, Decimal a, Decimal b) {
  Decimal::Wide difference;
  if (((a.lo ^ b.lo) & 127) == 0 && !__builtin_sub_overflow(a.bits(), b.bits() & ~Decimal::Wide{127}, &difference))
      [[likely]]
    return Decimal::from_bits(difference);
  return sub_slow(ev, a, b);
}
inline Decimal mul(Eval& ev, Decimal a, Decimal b) {
  const Decimal::Wide x = a.coefficient(), y = b.coefficient();
  const auto p = static_cast<std::int64_t>(x), q = static_cast<std::int64_t>(y);
  const int scale = a.scale() + b.scale();
  if (p == x && q == y && scale <= Decimal::kMaxScale) [[likely]] {
    const Decimal::Wide product = static_cast<Decimal::Wide>(p) * q;
    if (Decimal::fits(product)) [[likely]]
      return Decimal::make(product, scale);
  }
  return mul_slow(ev, a, b);
}
/// To 28 significant digits, half to even (fewer where more than 127 would stand behind the point).
Decimal div(Eval&, Decimal, Decimal);
/// Exact, with the sign of the left side.
Decimal rem(Eval&, Decimal, Decimal);
Decimal neg(Eval&, Decimal);

}  // namespace fn
}  // namespace gress
