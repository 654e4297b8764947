#include "runtime/core/aggregates/quantile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "runtime/core/aggregates/approx_quantile.h"
#include "runtime/core/order.h"
#include "tests/runtime/aggregates/harness.h"

namespace gress::agg {
namespace {

using test::between;
using test::merged_at_random;
using test::Random;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

static_assert(Accumulator<Quantile<std::int32_t>> && Accumulator<ApproxQuantile<double, true>>);
static_assert(sizeof(Quantile<double>) == 24 && sizeof(ApproxQuantile<double>) == 8);

template <class T>
double quantile_of(const std::vector<T>& rows, double q) {
  Eval ev;
  Quantile<T> quantile;
  for (const T& x : rows) quantile.add(ev, x);
  return quantile.result(ev, q);
}

// Expected values are numpy.quantile's.
TEST(Quantile, KnownValues) {
  EXPECT_EQ(quantile_of<double>({1, 2, 3, 4}, 0.5), 2.5);
  EXPECT_EQ(quantile_of<double>({3, 1, 4, 1, 5, 9, 2, 6}, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile_of<double>({3, 1, 4, 1, 5, 9, 2, 6}, 0.9), 6.9);
  EXPECT_EQ(quantile_of<double>({3, 1, 4, 1, 5, 9, 2, 6}, 0), 1);
  EXPECT_EQ(quantile_of<double>({3, 1, 4, 1, 5, 9, 2, 6}, 1), 9);
  EXPECT_EQ(quantile_of<double>({7}, 0.3), 7);
  EXPECT_EQ(quantile_of<std::int64_t>({10, 20}, 0.75), 17.5);
  EXPECT_EQ(quantile_of<std::int32_t>({-5, 5, 5}, 0.25), 0);
  EXPECT_EQ(quantile_of<float>({0.5f, 1.5f}, 0.5), 1);
  EXPECT_EQ(quantile_of<Decimal>({decimal_literal(15, 1), decimal_literal(25, 1)}, 0.5), 2);
}

TEST(Quantile, OddValues) {
  EXPECT_EQ(quantile_of<double>({kInfinity, 1, -kInfinity}, 0.5), 1);
  EXPECT_EQ(quantile_of<double>({kInfinity, kInfinity, 1}, 0.75), kInfinity);
  EXPECT_TRUE(std::isnan(quantile_of<double>({kNaN, 1, 2}, 1)));
  EXPECT_EQ(quantile_of<double>({kNaN, 1, 2}, 0.5), 2);
  EXPECT_EQ(quantile_of<double>({kNaN, 1, 2}, 0), 1);
  Eval ev;
  Quantile<double, true> none;
  ApproxQuantile<double, true> approx_none;
  EXPECT_FALSE(none.result(ev, 0.5).has);
  EXPECT_FALSE(approx_none.result(ev, 0.5).has);
  none.add(ev, absent);
  EXPECT_FALSE(none.result(ev, 0.5).has);
  for (const double q : {-0.1, 1.5, kNaN}) {
    EXPECT_FALSE(ev.failed);
    none.result(ev, q);
    EXPECT_TRUE(ev.failed);
    ev.clear();
    approx_none.result(ev, q);
    EXPECT_TRUE(ev.failed);
    ev.clear();
  }
}

double naive_quantile(std::vector<double> rows, double q) {
  std::sort(rows.begin(), rows.end());
  const double rank = q * static_cast<double>(rows.size() - 1);
  const auto low = static_cast<std::size_t>(rank);
  const std::size_t high = std::min(low + 1, rows.size() - 1);
  return rows[low] + (rows[high] - rows[low]) * (rank - static_cast<double>(low));
}

TEST(Quantile, RandomValues) {
  Eval ev;
  Random random(31);
  Quantile<double> reused;
  for (int round = 0; round != 200; ++round) {
    std::vector<double> rows;
    for (std::int64_t i = between(random, 1, 300); i != 0; --i)
      rows.push_back(round % 2 == 0 ? static_cast<double>(between(random, 0, 20))
                                    : std::normal_distribution<double>(0, 100)(random));
    const auto add = [&](auto& a, std::size_t i) { a.add(ev, rows[i]); };
    const auto merged = merged_at_random<Quantile<double>>(random, rows.size(), 4, add);
    const auto approx = merged_at_random<ApproxQuantile<double>>(random, rows.size(), 4, add);
    reused.clear();
    for (std::size_t i = 0; i != rows.size(); ++i) add(reused, i);
    for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 1.0}) {
      const double expected = naive_quantile(rows, q);
      EXPECT_NEAR(merged.result(ev, q), expected, 1e-9);
      EXPECT_NEAR(reused.result(ev, q), expected, 1e-9);
      EXPECT_NEAR(approx.result(ev, q), expected, 1e-9);  // all values are still kept
    }
  }
}

/// The greatest error of rank over many quantiles; a value that repeats covers all its ranks.
template <class A>
double rank_error(const A& accumulator, std::vector<double> rows) {
  Eval ev;
  std::sort(rows.begin(), rows.end(), fn::before<double>);
  const double n = static_cast<double>(rows.size());
  double worst = 0;
  for (int i = 0; i <= 200; ++i) {
    const double q = i / 200.0, value = accumulator.result(ev, q);
    const auto low =
        static_cast<double>(std::lower_bound(rows.begin(), rows.end(), value, fn::before<double>) - rows.begin());
    const auto high =
        static_cast<double>(std::upper_bound(rows.begin(), rows.end(), value, fn::before<double>) - rows.begin());
    const double rank = q * (n - 1);
    worst = std::max(worst, rank < low ? low - rank : rank > high ? rank - high : 0);
  }
  return worst / n;
}

std::vector<double> shaped(Random& random, int shape, std::size_t n) {
  std::vector<double> rows(n);
  for (std::size_t i = 0; i != n; ++i) {
    const double x = static_cast<double>(i);
    switch (shape) {
      case 0:
        rows[i] = x;
        break;  // rising
      case 1:
        rows[i] = -x;
        break;  // falling
      case 2:
        rows[i] = std::lognormal_distribution<double>(0, 3)(random);
        break;  // long tail
      case 3:
        rows[i] = static_cast<double>(between(random, 0, 5));
        break;  // few values
      case 4:
        rows[i] = i % 2 == 0 ? x : -x;
        break;  // from the middle outwards
      default:
        rows[i] = i % 100 == 0 ? kNaN : std::uniform_real_distribution<double>()(random);
    }
  }
  return rows;
}

TEST(ApproxQuantile, RankErrorIsBelowOnePercent) {
  Eval ev;
  Random random(32);
  for (const std::size_t n : {401u, 1000u, 5000u, 20000u, 300000u})
    for (int shape = 0; shape != 6; ++shape) {
      const std::vector<double> rows = shaped(random, shape, n);
      ApproxQuantile<double> whole;
      for (const double x : rows) whole.add(ev, x);
      EXPECT_LT(rank_error(whole, rows), 0.01) << n << " rows, shape " << shape;
    }
}

TEST(ApproxQuantile, MergedRankErrorIsBelowOnePercent) {
  Eval ev;
  Random random(33);
  for (const std::size_t parts : {2u, 10u, 300u})
    for (int shape = 0; shape != 6; ++shape) {
      const std::vector<double> rows = shaped(random, shape, 50000);
      const auto merged = merged_at_random<ApproxQuantile<double>>(random, rows.size(), parts,
                                                                   [&](auto& a, std::size_t i) { a.add(ev, rows[i]); });
      EXPECT_LT(rank_error(merged, rows), 0.01) << parts << " parts, shape " << shape;
    }
}

TEST(ApproxQuantile, EndsAreExactAndReuseIsClean) {
  Eval ev;
  Random random(34);
  ApproxQuantile<std::int64_t> sketch;
  for (int round = 0; round != 20; ++round) {
    sketch.clear();
    const std::int64_t n = between(random, 1, 20000);
    std::int64_t least = std::numeric_limits<std::int64_t>::max(), greatest = std::numeric_limits<std::int64_t>::min();
    ApproxQuantile<std::int64_t> fresh;
    for (std::int64_t i = 0; i != n; ++i) {
      const std::int64_t x = between(random, -1'000'000, 1'000'000);
      sketch.add(ev, x);
      fresh.add(ev, x);
      least = std::min(least, x);
      greatest = std::max(greatest, x);
    }
    EXPECT_EQ(sketch.result(ev, 0), static_cast<double>(least));
    EXPECT_EQ(sketch.result(ev, 1), static_cast<double>(greatest));
    EXPECT_EQ(sketch.result(ev, 0.37), fresh.result(ev, 0.37));  // the same rows, the same sketch
  }
}

}  // namespace
}  // namespace gress::agg
