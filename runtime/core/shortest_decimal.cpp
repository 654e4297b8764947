#include "runtime/core/shortest_decimal.h"

#include <array>
#include <bit>
#include <limits>
#include <type_traits>

#include "runtime/core/wide_int.h"

namespace gress::fn {

namespace {

using wide::U128;

// floor(log10(2^e)), floor(log10(3/4 * 2^e)) and floor(log2(10^e)), for all e that a double needs.
constexpr int floor_log10_pow2(int e) { return (e * 1262611) >> 22; }
constexpr int floor_log10_three_quarters_pow2(int e) { return (e * 1262611 - 524031) >> 22; }
constexpr int floor_log2_pow10(int e) { return (e * 1741647) >> 19; }

constexpr int kLeast = -292, kMost = 324;  // powers of ten

/// The first 128 bits of 10^e, rounded up; the first one is set.
constexpr auto kPowers = [] {
  /// 256 bits, of which those behind the first 128 take the errors of up to 324 steps.
  struct Wide {
    U128 high, low;
    constexpr U128 rounded_up() const { return high + (low != 0); }
    constexpr Wide times_ten() const {  // 5/4 of it, or 5/8 where that has a bit too many
      const Wide quarter{high >> 2, high << 126 | low >> 2};
      Wide sum{high + quarter.high, low + quarter.low};
      sum.high += sum.low < low;
      if (sum.high >> 127 != 0) return sum;
      return {U128{1} << 127 | sum.high >> 1, sum.high << 127 | sum.low >> 1};
    }
    constexpr Wide tenth() const {  // 4/5 of it, or 8/5 where that has a bit too few
      constexpr U128 kFifth = ~U128{0} / 5;
      const U128 left = high % 5;
      const Wide fifth{high / 5, left * kFifth + low / 5 + (left + low % 5) / 5};
      const int shift = fifth.high >> 125 != 0 ? 2 : 3;
      return {fifth.high << shift | fifth.low >> (128 - shift), fifth.low << shift};
    }
  };
  std::array<U128, kMost - kLeast + 1> powers{};
  constexpr Wide kOne{U128{1} << 127, 0};
  Wide up = kOne, down = kOne;
  for (int e = 0; e <= kMost; ++e, up = up.times_ten()) powers[e - kLeast] = up.rounded_up();
  for (int e = -1; e >= kLeast; --e) powers[e - kLeast] = (down = down.tenth()).rounded_up();
  return powers;
}();

/// The product's bits from 2^128 on; the last one is set as well when those below are more than an error of rounding.
std::uint64_t round_to_odd(U128 power, std::uint64_t c) {
  const U128 low = static_cast<U128>(static_cast<std::uint64_t>(power)) * c;
  const U128 high = static_cast<U128>(static_cast<std::uint64_t>(power >> 64)) * c + (low >> 64);
  return static_cast<std::uint64_t>(high >> 64) | (static_cast<std::uint64_t>(high) > 1);
}

/// x = c * 2^q, of which the neighbour below is half as far as the one above where `closer`.
ShortestDecimal shortest(std::uint64_t c, int q, bool closer) {
  const bool odd = (c & 1) != 0;
  // x and the ends of what rounds to it, times four and divided by 10^k.
  const int k = closer ? floor_log10_three_quarters_pow2(q) : floor_log10_pow2(q);
  const int shift = q + floor_log2_pow10(-k) + 1;
  const U128 power = kPowers[static_cast<std::size_t>(-k - kLeast)];
  const std::uint64_t lower = round_to_odd(power, (4 * c - 2 + closer) << shift) + odd;
  const std::uint64_t middle = round_to_odd(power, (4 * c) << shift);
  const std::uint64_t upper = round_to_odd(power, (4 * c + 2) << shift) - odd;

  const std::uint64_t s = middle / 4;
  if (s >= 10) {
    const std::uint64_t tens = s / 10;
    const bool below = lower <= 40 * tens, above = 40 * tens + 40 <= upper;
    if (below != above) return {tens + above, k + 1};
  }
  const bool below = lower <= 4 * s, above = 4 * s + 4 <= upper;
  if (below != above) return {s + above, k};
  const std::uint64_t half = 4 * s + 2;
  return {s + (middle > half || (middle == half && (s & 1) != 0)), k};
}

template <class Float, class Bits>
ShortestDecimal shortest_of(Float x) {
  static_assert(std::numeric_limits<Float>::is_iec559 && sizeof(Float) == sizeof(Bits));
  constexpr int kMantissa = std::numeric_limits<Float>::digits - 1;
  constexpr int kLeastExponent = std::numeric_limits<Float>::min_exponent - 1 - kMantissa;  // of numbers that are not normal too
  const Bits bits = std::bit_cast<Bits>(x), mantissa = bits & ((Bits{1} << kMantissa) - 1);
  const int exponent = static_cast<int>(bits >> kMantissa);
  if (exponent == 0) return shortest(mantissa, kLeastExponent, false);
  return shortest(mantissa | Bits{1} << kMantissa, exponent - 1 + kLeastExponent, mantissa == 0 && exponent > 1);
}

}  // namespace

ShortestDecimal shortest_decimal(double x) { return shortest_of<double, std::uint64_t>(x); }
ShortestDecimal shortest_decimal(float x) { return shortest_of<float, std::uint32_t>(x); }

}  // namespace gress::fn
