#include "runtime/core/shortest_decimal.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <limits>
#include <random>
#include <string>
#include <type_traits>

namespace gress::fn {
namespace {

/// As the standard library writes it: shortest, and the nearest of those. "123e-2".
template <class Float>
std::string expected(Float x) {
  char text[64];
  const std::string_view all(text, std::to_chars(text, text + sizeof text, x, std::chars_format::scientific).ptr);
  const std::size_t e = all.find('e');
  std::string digits(all.substr(0, e));
  int exponent = 0;
  const std::string_view power = all.substr(e + (all[e + 1] == '+' ? 2 : 1));
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (digits.size() > 1) {
    exponent -= static_cast<int>(digits.size() - 2);
    digits.erase(1, 1);
  }
  return digits + "e" + std::to_string(exponent);
}

template <class Float>
std::string written(Float x) {
  ShortestDecimal d = shortest_decimal(x);
  for (; d.digits % 10 == 0; d.digits /= 10) ++d.exponent;
  return std::to_string(d.digits) + "e" + std::to_string(d.exponent);
}

/// Of each binary exponent: the ends, what is next to them, and numbers between.
template <class Float, class Bits>
void expect_all_exponents(int between) {
  constexpr int kMantissa = std::numeric_limits<Float>::digits - 1;
  constexpr Bits kAll = (Bits{1} << kMantissa) - 1;
  const Bits exponents = std::bit_cast<Bits>(std::numeric_limits<Float>::infinity()) >> kMantissa;
  std::mt19937_64 r(7);
  int wrong = 0;
  const auto look = [&](Bits exponent, Bits mantissa) {
    const Float x = std::bit_cast<Float>(static_cast<Bits>(exponent << kMantissa | (mantissa & kAll)));
    if (x == 0 || written(x) == expected(x)) return;
    if (++wrong < 10) ADD_FAILURE() << written(x) << " is to be " << expected(x);
  };
  for (Bits exponent = 0; exponent != exponents; ++exponent) {
    for (const Bits m : {Bits{0}, Bits{1}, Bits{2}, Bits{3}, Bits(kAll - 1), kAll, Bits(kAll / 2), Bits(kAll / 2 + 1)}) look(exponent, m);
    for (int i = 0; i != between; ++i) look(exponent, static_cast<Bits>(r()));
    for (int bit = 0; bit != kMantissa; ++bit) look(exponent, Bits{1} << bit);
  }
  EXPECT_EQ(wrong, 0);
}

TEST(ShortestDecimal, doubles) { expect_all_exponents<double, std::uint64_t>(200); }
TEST(ShortestDecimal, floats) { expect_all_exponents<float, std::uint32_t>(1000); }

TEST(ShortestDecimal, sums_of_short_numbers) {
  std::mt19937_64 r(8);
  double sum = 0;
  for (int i = 0; i != 300'000; ++i) {
    sum += static_cast<double>(r() % 100'000'000) / 1e5;
    ASSERT_EQ(written(sum), expected(sum));
  }
}

TEST(ShortestDecimal, numbers_of_few_digits) {
  for (int digits = 1; digits != 3000; ++digits)
    for (int exponent = -30; exponent != 30; ++exponent) {
      const double x = std::stod(std::to_string(digits) + "e" + std::to_string(exponent));
      ASSERT_EQ(written(x), expected(x));
    }
}

}  // namespace
}  // namespace gress::fn
