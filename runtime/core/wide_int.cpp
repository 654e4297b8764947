#include "runtime/core/wide_int.h"

namespace gress::wide {

// Schoolbook division by one or two limbs: D. E. Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D.
U128 divide(U256& x, U128 by) {
  const auto low = static_cast<std::uint64_t>(by), high = static_cast<std::uint64_t>(by >> 64);
  if (high == 0) {
    std::uint64_t rest = 0;
    for (int i = 3; i >= 0; --i) {
      const U128 part = static_cast<U128>(rest) << 64 | x.limb[i];
      x.limb[i] = static_cast<std::uint64_t>(part / low);
      rest = static_cast<std::uint64_t>(part % low);
    }
    return rest;
  }
  const int shift = std::countl_zero(high);
  const U128 divisor = by << shift;
  const auto v0 = static_cast<std::uint64_t>(divisor), v1 = static_cast<std::uint64_t>(divisor >> 64);
  std::uint64_t u[5];
  u[4] = shift == 0 ? 0 : x.limb[3] >> (64 - shift);
  for (int i = 3; i > 0; --i) u[i] = x.limb[i] << shift | (shift == 0 ? 0 : x.limb[i - 1] >> (64 - shift));
  u[0] = x.limb[0] << shift;
  x.limb[3] = 0;
  for (int j = 2; j >= 0; --j) {
    const U128 top = static_cast<U128>(u[j + 2]) << 64 | u[j + 1];
    U128 digit = top / v1, rest = top % v1;
    while (digit >> 64 != 0 || digit * v0 > (rest << 64 | u[j])) {
      --digit;
      rest += v1;
      if (rest >> 64 != 0) break;
    }
    // u[j .. j+2] -= digit * divisor
    const U128 first = digit * v0;
    const U128 second = digit * v1 + static_cast<std::uint64_t>(first >> 64);
    const U128 below = static_cast<U128>(u[j + 1]) << 64 | u[j];
    const U128 taken = static_cast<U128>(static_cast<std::uint64_t>(second)) << 64 | static_cast<std::uint64_t>(first);
    const std::uint64_t borrow = below < taken;
    U128 left = below - taken;
    std::uint64_t above = u[j + 2] - static_cast<std::uint64_t>(second >> 64) - borrow;
    if (above != 0) {  // one too many was taken
      --digit;
      left += divisor;
      above = 0;
    }
    u[j] = static_cast<std::uint64_t>(left);
    u[j + 1] = static_cast<std::uint64_t>(left >> 64);
    u[j + 2] = above;
    x.limb[j] = static_cast<std::uint64_t>(digit);
  }
  return (static_cast<U128>(u[1]) << 64 | u[0]) >> shift;
}

}  // namespace gress::wide
