// The shortest decimal number that reads back as a given double or float, and of those the nearest to it; of two as near the
// even one. Source: Raffaello Giulietti, "The Schubfach way to render doubles" (2021).
#pragma once
#include <cstdint>

namespace gress::fn {

/// digits * 10^exponent; the last digit may be 0.
struct ShortestDecimal {
  std::uint64_t digits;
  int exponent;
};

/// x is finite and greater than 0.
ShortestDecimal shortest_decimal(double x);
ShortestDecimal shortest_decimal(float x);

}  // namespace gress::fn
