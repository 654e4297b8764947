// Unsigned arithmetic of 128 and 256 bits for decimals.
#pragma once
#include <bit>
#include <cstdint>

namespace gress::wide {

__extension__ using U128 = unsigned __int128;
__extension__ using I128 = __int128;

inline constexpr auto kPowersOfTen = [] {
  struct {
    U128 of[39];
    constexpr U128 operator[](int i) const { return of[i]; }
  } powers{};
  U128 p = 1;
  for (int i = 0; i != 39; ++i, p *= 10) powers.of[i] = p;
  return powers;
}();

inline int bit_count(U128 x) {
  const auto high = static_cast<std::uint64_t>(x >> 64);
  return high != 0 ? 128 - std::countl_zero(high) : 64 - std::countl_zero(static_cast<std::uint64_t>(x));
}
inline int trailing_zero_bits(U128 x) {
  const auto low = static_cast<std::uint64_t>(x);
  return low != 0 ? std::countr_zero(low) : 64 + std::countr_zero(static_cast<std::uint64_t>(x >> 64));
}
/// Decimal digits of x, 1 for 0.
inline int digit_count(U128 x) {
  const int guess = (bit_count(x | 1) * 1233) >> 12;  // log10(2), never too large by more than one
  return guess + (x >= kPowersOfTen[guess] || x == 0);
}
inline U128 magnitude(I128 x) { return x < 0 ? U128{0} - static_cast<U128>(x) : static_cast<U128>(x); }

struct U256 {
  std::uint64_t limb[4] = {};  // least significant first

  U128 low() const { return static_cast<U128>(limb[1]) << 64 | limb[0]; }
  bool fits_128() const { return (limb[2] | limb[3]) == 0; }
};

inline U256 multiply(U128 a, U128 b) {
  const auto a0 = static_cast<std::uint64_t>(a), a1 = static_cast<std::uint64_t>(a >> 64);
  const auto b0 = static_cast<std::uint64_t>(b), b1 = static_cast<std::uint64_t>(b >> 64);
  const U128 low = static_cast<U128>(a0) * b0, cross = static_cast<U128>(a1) * b0 + (low >> 64);
  const U128 other = static_cast<U128>(a0) * b1 + static_cast<std::uint64_t>(cross);
  const U128 high = static_cast<U128>(a1) * b1 + (cross >> 64) + (other >> 64);
  return {{static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(other), static_cast<std::uint64_t>(high),
           static_cast<std::uint64_t>(high >> 64)}};
}

/// Divides `x` in place by `by` (not 0), returns the remainder.
U128 divide(U256& x, U128 by);

}  // namespace gress::wide
