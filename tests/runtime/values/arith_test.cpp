#include "runtime/core/arith.h"

#include <cmath>
#include <limits>

#include "runtime/core/convert.h"
#include "runtime/core/math_fn.h"
#include "tests/runtime/values/table.h"

namespace gress {
namespace {

using namespace test;
using fn::add, fn::sub, fn::mul, fn::div, fn::rem, fn::neg;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max(), kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int32_t kMax32 = std::numeric_limits<std::int32_t>::max(),
                       kMin32 = std::numeric_limits<std::int32_t>::min();
using I64 = std::int64_t;
using I32 = std::int32_t;

TEST(Arith, integers) {
  Eval ev;
  EXPECT_EQ(add(ev, I64{2}, I64{3}), 5);
  EXPECT_EQ(div(ev, I64{-7}, I64{2}), -3);
  EXPECT_EQ(rem(ev, I64{-7}, I64{2}), -1);
  EXPECT_EQ(rem(ev, I64{7}, I64{-2}), 1);
  EXPECT_EQ(rem(ev, kMin, I64{-1}), 0);
  EXPECT_EQ(div(ev, I64{9}, I64{-1}), -9);
  EXPECT_EQ(neg(ev, I32{5}), -5);
  EXPECT_EQ(failure(ev), "");
}

TEST(Arith, overflow_is_named) {
  Eval ev;
  add(ev, kMax, I64{1});
  EXPECT_EQ(failure(ev), "integer overflow in 9223372036854775807 + 1");
  sub(ev, kMin, I64{1});
  EXPECT_EQ(failure(ev), "integer overflow in -9223372036854775808 - 1");
  mul(ev, kMax, I64{-2});
  EXPECT_EQ(failure(ev), "integer overflow in 9223372036854775807 * (-2)");
  div(ev, kMin, I64{-1});
  EXPECT_EQ(failure(ev), "integer overflow in -9223372036854775808 / (-1)");
  neg(ev, kMin);
  EXPECT_EQ(failure(ev), "integer overflow in -(-9223372036854775808)");
  add(ev, kMax32, I32{1});
  EXPECT_EQ(failure(ev), "integer overflow in 2147483647 + 1");
  mul(ev, I32{65536}, I32{65536});
  EXPECT_EQ(failure(ev), "integer overflow in 65536 * 65536");
  div(ev, kMin32, I32{-1});
  EXPECT_EQ(failure(ev), "integer overflow in -2147483648 / (-1)");
  div(ev, I64{1}, I64{0});
  EXPECT_EQ(failure(ev), "division by zero");
  rem(ev, I32{1}, I32{0});
  EXPECT_EQ(failure(ev), "division by zero");
  fn::abs(ev, kMin);
  EXPECT_EQ(failure(ev), "integer overflow in abs(-9223372036854775808)");
  // The first failure counts.
  add(ev, kMax, I64{1});
  div(ev, I64{1}, I64{0});
  EXPECT_EQ(failure(ev), "integer overflow in 9223372036854775807 + 1");
}

TEST(Arith, floats_are_ieee) {
  Eval ev;
  EXPECT_EQ(div(ev, 1.0, 0.0), HUGE_VAL);
  EXPECT_TRUE(std::isnan(div(ev, 0.0, 0.0)));
  EXPECT_TRUE(std::isnan(rem(ev, 5.0, 0.0)));
  EXPECT_EQ(rem(ev, -7.5, 2.0), -1.5);
  EXPECT_EQ(rem(ev, -7.5f, 2.0f), -1.5f);
  EXPECT_EQ(mul(ev, 1e308, 10.0), HUGE_VAL);
  EXPECT_EQ(failure(ev), "");
}

TEST(Arith, time) {
  Eval ev;
  constexpr I64 kMinute = 60000000;
  EXPECT_EQ(fn::add_time(ev, 5, 7), 12);
  EXPECT_EQ(fn::mul_duration(ev, kMinute, I64{3}), 3 * kMinute);
  EXPECT_EQ(fn::mul_duration(ev, I32{3}, kMinute), 3 * kMinute);
  EXPECT_EQ(fn::mul_duration(ev, kMinute, 1.5), 90000000);
  EXPECT_EQ(fn::mul_duration(ev, 0.5, I64{3}), 2);
  EXPECT_EQ(fn::mul_duration(ev, -0.5, I64{3}), -2);
  EXPECT_EQ(fn::mul_duration(ev, I64{3}, decimal_literal(5, 1)), 2);
  EXPECT_EQ(fn::mul_duration(ev, decimal_literal(-5, 1), I64{3}), -2);
  EXPECT_EQ(fn::div_duration(ev, I64{7}, I64{2}), 3);
  EXPECT_EQ(fn::div_duration(ev, I64{7}, 2.0), 4);
  EXPECT_EQ(fn::div_duration(ev, I64{7}, decimal_literal(20, 1)), 4);
  EXPECT_EQ(fn::ratio(ev, 90 * kMinute, 60 * kMinute), 1.5);
  EXPECT_EQ(failure(ev), "");
  fn::add_time(ev, kMax, 1);
  EXPECT_EQ(failure(ev), "time overflow in 9223372036854775807 + 1 microseconds");
  fn::mul_duration(ev, kMax, 2.0);
  EXPECT_EQ(failure(ev), "time overflow in PT2562047788H54.775807S * 2");
  fn::mul_duration(ev, 60 * kMinute, std::nan(""));
  EXPECT_EQ(failure(ev), "time overflow in PT1H * NaN");
  fn::mul_duration(ev, kMax, decimal_literal(2, 0));
  EXPECT_EQ(failure(ev), "time overflow in PT2562047788H54.775807S * 2");
  for (int i = 0; i != 3; ++i) {
    i == 0   ? fn::div_duration(ev, 5, I64{0})
    : i == 1 ? fn::div_duration(ev, 5, 0.0)
             : fn::div_duration(ev, 5, Decimal{});
    EXPECT_EQ(failure(ev), "division by zero");
  }
  fn::ratio(ev, 1, 0);
  EXPECT_EQ(failure(ev), "division by zero");
}

TEST(Math, least_and_greatest) {
  Eval ev;
  const double nan = std::nan("");
  EXPECT_EQ(fn::min(ev, I64{3}, I64{1}, I64{2}), 1);
  EXPECT_EQ(fn::max(ev, 3.0, nan, 2.0) == 3.0, false);
  EXPECT_EQ(fn::min(ev, nan, 2.0), 2.0);
  EXPECT_EQ(fn::min(ev, 2.0, nan), 2.0);
  EXPECT_TRUE(std::isnan(fn::max(ev, 2.0, nan)));
  EXPECT_EQ(string(fn::max(ev, Text("apple"), Text("pear"), Text("a text longer than fifteen"))), "pear");
  EXPECT_EQ(fn::clamp(ev, I64{7}, I64{1}, I64{5}), 5);
  EXPECT_EQ(fn::clamp(ev, 0.5, 1.0, 5.0), 1.0);
  EXPECT_EQ(failure(ev), "");
  fn::clamp(ev, I64{3}, I64{5}, I64{1});
  EXPECT_EQ(failure(ev), "clamp: the lower limit is above the upper one");
  EXPECT_TRUE(fn::less_absent_last(Opt<I64>(1), Opt<I64>()));
  EXPECT_FALSE(fn::less_absent_last(Opt<I64>(), Opt<I64>(1)));
  EXPECT_FALSE(fn::less_absent_last(Opt<I64>(), Opt<I64>()));
}

TEST(Math, rounding) {
  Eval ev;
  EXPECT_EQ(fn::round(ev, 2.5), 3);
  EXPECT_EQ(fn::round(ev, -2.5), -3);
  EXPECT_EQ(fn::round(ev, 0.49999999999999994), 0);
  EXPECT_EQ(fn::round(ev, 1.005, 2), 1.01);
  EXPECT_EQ(fn::round(ev, 1.005f, 2), 1.01f);
  EXPECT_EQ(fn::round(ev, 1e22, 5), 1e22);
  EXPECT_EQ(fn::round(ev, 123.0, -400), 0);
  EXPECT_EQ(fn::round(ev, 123.0, kMin), 0);
  EXPECT_EQ(fn::round(ev, 123.5, kMax), 123.5);
  EXPECT_EQ(fn::round(ev, 55.0, -1), 60);
  EXPECT_EQ(fn::round(ev, 55.0, -2), 100);
  EXPECT_EQ(fn::round(ev, 55.0, -3), 0);
  EXPECT_TRUE(std::isnan(fn::round(ev, std::nan(""), 2)));
  EXPECT_EQ(fn::round(ev, -HUGE_VAL, 2), -HUGE_VAL);
  for (const auto& row : table("rounded.tsv"))
    EXPECT_EQ(fn::round(ev, hex_double(row[0]), integer(row[1])), hex_double(row[2])) << row[0] << " " << row[1];
  EXPECT_EQ(fn::round(ev, decimal_literal(5, 0), kMin), Decimal{});
  EXPECT_EQ(fn::round(ev, decimal_literal(5, 0), -1), decimal_literal(10, 0));
  EXPECT_EQ(failure(ev), "");
}

TEST(Math, functions) {
  Eval ev;
  EXPECT_EQ(fn::abs(ev, I32{-5}), 5);
  EXPECT_EQ(fn::abs(ev, -0.5f), 0.5f);
  EXPECT_EQ(fn::floor(ev, -1.5), -2);
  EXPECT_EQ(fn::ceil(ev, -1.5), -1);
  EXPECT_EQ(fn::sqrt(ev, 9), 3);
  EXPECT_TRUE(std::isnan(fn::sqrt(ev, -1)));
  EXPECT_EQ(fn::log2(ev, 8), 3);
  EXPECT_EQ(fn::log10(ev, 1000), 3);
  EXPECT_DOUBLE_EQ(fn::ln(ev, std::exp(2.0)), 2);
  EXPECT_EQ(fn::pow(ev, 2, 10), 1024);
  EXPECT_DOUBLE_EQ(fn::sin(ev, fn::radians(ev, 30)), 0.5);
  EXPECT_DOUBLE_EQ(fn::atan2(ev, 1, -1), 3 * std::acos(-1.0) / 4);
  EXPECT_EQ(failure(ev), "");
}

}  // namespace
}  // namespace gress
