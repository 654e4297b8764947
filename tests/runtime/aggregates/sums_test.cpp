#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/core/aggregates/avg.h"
#include "runtime/core/aggregates/count.h"
#include "runtime/core/aggregates/sum.h"
#include "runtime/core/aggregates/variance.h"
#include "tests/runtime/aggregates/harness.h"

namespace gress::agg {
namespace {

using test::between;
using test::merged_at_random;
using test::Random;
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

static_assert(Accumulator<Count> && Accumulator<Any> && Accumulator<Sum<std::int32_t>> && Accumulator<Sum<Decimal>>);
static_assert(Accumulator<Avg<float>> && Accumulator<Avg<Decimal, true>> && Accumulator<Variance> &&
              Accumulator<Stddev>);
static_assert(sizeof(Count) == 8 && sizeof(Any) == 8 && sizeof(Sum<std::int64_t>) == 16 && sizeof(Sum<double>) == 8);
static_assert(sizeof(Avg<std::int64_t>) == 24 && sizeof(Avg<double>) == 16 && sizeof(Stddev) == 24);
static_assert(Sum<std::int64_t>::exact_inverse && !Sum<double>::exact_inverse && !Variance::exact_inverse);

TEST(Sums, Empty) {
  Eval ev;
  EXPECT_EQ(Count().result(ev), 0);
  EXPECT_EQ(Sum<std::int64_t>().result(ev), 0);
  EXPECT_EQ(Sum<double>().result(ev), 0);
  EXPECT_EQ(Sum<Decimal>().result(ev), decimal_literal(0, 0));
  EXPECT_FALSE((Avg<std::int64_t, true>().result(ev).has));
  EXPECT_FALSE((Avg<double, true>().result(ev).has));
  EXPECT_FALSE((Avg<Decimal, true>().result(ev).has));
  EXPECT_FALSE(Variance().result(ev).has);
  EXPECT_FALSE(Any().result(ev));
  EXPECT_TRUE(All().result(ev));
  EXPECT_FALSE(ev.failed);
}

TEST(Sums, CountAnyAll) {
  Eval ev;
  Random random(1);
  for (int round = 0; round != 200; ++round) {
    std::vector<Opt<bool>> rows;
    const std::int64_t n = between(random, 0, 6);
    bool any = false, all = true;
    for (std::int64_t i = 0; i != n; ++i) {
      rows.push_back(between(random, 0, 2) == 0 ? Opt<bool>() : Opt<bool>(between(random, 0, 1) == 1));
      if (!rows.back().has) continue;
      any = any || rows.back().value;
      all = all && rows.back().value;
    }
    const auto add = [&](auto& a, std::size_t i) { a.add(ev, rows[i]); };
    EXPECT_EQ(merged_at_random<Any>(random, rows.size(), 3, add).result(ev), any);
    EXPECT_EQ(merged_at_random<All>(random, rows.size(), 3, add).result(ev), all);
    const auto count = [&](Count& a, std::size_t) { a.add(ev); };
    EXPECT_EQ(merged_at_random<Count>(random, rows.size(), 3, count).result(ev), n);
    Any taken_any;
    All taken_all;
    for (const auto& row : rows) {
      taken_any.add(ev, row);
      taken_all.add(ev, row);
    }
    taken_any.add(ev, true);
    taken_all.add(ev, false);
    EXPECT_TRUE(taken_any.result(ev));
    EXPECT_FALSE(taken_all.result(ev));
    taken_any.remove(ev, true);
    taken_all.remove(ev, Opt<bool>(false));
    EXPECT_EQ(taken_any.result(ev), any);
    EXPECT_EQ(taken_all.result(ev), all);
  }
}

TEST(Sums, IntegersDoNotDependOnTheOrder) {
  Eval ev;
  Sum<std::int64_t> sum;
  for (const std::int64_t x : {kMax, kMax, kMax, kMin, kMin}) sum.add(ev, x);
  EXPECT_EQ(sum.result(ev), kMax - 2);
  EXPECT_FALSE(ev.failed);
  sum.add(ev, std::int64_t{2});
  EXPECT_EQ(sum.result(ev), kMax);
  EXPECT_FALSE(ev.failed);
  sum.add(ev, std::int64_t{1});
  sum.result(ev);
  EXPECT_TRUE(ev.failed);
  EXPECT_EQ(ev.message, "integer overflow in sum");
  ev.clear();
  sum.remove(ev, std::int64_t{1});
  EXPECT_EQ(sum.result(ev), kMax);
  sum.clear();
  sum.add(ev, kMin);
  EXPECT_EQ(sum.result(ev), kMin);
  EXPECT_FALSE(ev.failed);
  sum.add(ev, std::int64_t{-1});
  sum.result(ev);
  EXPECT_TRUE(ev.failed);
}

template <class T>
void check_integers(T low, T high) {
  Eval ev;
  Random random(2);
  for (int round = 0; round != 100; ++round) {
    std::vector<Opt<T>> rows;
    __extension__ __int128 total = 0;
    std::int64_t count = 0;
    for (std::int64_t i = between(random, 0, 50); i != 0; --i) {
      rows.push_back(between(random, 0, 4) == 0 ? Opt<T>() : Opt<T>(static_cast<T>(between(random, low, high))));
      if (!rows.back().has) continue;
      total += rows.back().value;
      ++count;
    }
    const auto add = [&](auto& a, std::size_t i) { a.add(ev, rows[i]); };
    auto sum = merged_at_random<Sum<T>>(random, rows.size(), 4, add);
    const std::int64_t result = sum.result(ev);
    EXPECT_EQ(ev.failed, total > kMax || total < kMin);
    if (!ev.failed) {
      EXPECT_EQ(result, static_cast<std::int64_t>(total));
    }
    ev.clear();
    auto avg = merged_at_random<Avg<T, true>>(random, rows.size(), 4, add);
    const Opt<double> mean = avg.result(ev);
    EXPECT_EQ(mean.has, count != 0);
    if (count != 0) {
      EXPECT_EQ(mean.value, static_cast<double>(total) / static_cast<double>(count));
    }
    for (const auto& row : rows) {
      sum.remove(ev, row);
      avg.remove(ev, row);
    }
    EXPECT_EQ(sum.result(ev), 0);
    EXPECT_FALSE(avg.result(ev).has);
  }
}

TEST(Sums, RandomIntegers) {
  check_integers<std::int64_t>(-1000, 1000);
  check_integers<std::int64_t>(kMin, kMax);
  check_integers<std::int32_t>(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
}

TEST(Sums, UnmergeTakesASliceBack) {
  Eval ev;
  Random random(3);
  Sum<std::int64_t> sum, sum_slice;
  Avg<std::int64_t, true> avg, avg_slice;
  Count count, count_slice;
  Variance variance, variance_slice;
  for (int i = 0; i != 100; ++i) {
    const std::int64_t x = between(random, -50, 50);
    sum.add(ev, x), avg.add(ev, x), count.add(ev), variance.add(ev, x);
  }
  const std::int64_t before = sum.result(ev);
  const double mean = avg.result(ev).value, spread = variance.result(ev).value;
  for (int i = 0; i != 30; ++i) {
    const std::int64_t x = between(random, -50, 50);
    sum_slice.add(ev, x), avg_slice.add(ev, x), count_slice.add(ev), variance_slice.add(ev, x);
  }
  sum.merge(ev, sum_slice), avg.merge(ev, avg_slice), count.merge(ev, count_slice), variance.merge(ev, variance_slice);
  EXPECT_EQ(count.result(ev), 130);
  sum.unmerge(ev, sum_slice), avg.unmerge(ev, avg_slice), count.unmerge(ev, count_slice);
  variance.unmerge(ev, variance_slice);
  EXPECT_EQ(sum.result(ev), before);
  EXPECT_EQ(avg.result(ev).value, mean);
  EXPECT_EQ(count.result(ev), 100);
  EXPECT_NEAR(variance.result(ev).value, spread, 1e-9 * spread);
}

TEST(Sums, Floats) {
  Eval ev;
  Random random(4);
  std::vector<double> rows;
  double naive = 0;
  for (int i = 0; i != 1000; ++i) {
    rows.push_back(std::normal_distribution<double>(3, 10)(random));
    naive += rows.back();
  }
  Sum<double> sum;
  Avg<double> avg;
  for (const double x : rows) sum.add(ev, x), avg.add(ev, x);
  EXPECT_EQ(sum.result(ev), naive);
  EXPECT_EQ(avg.result(ev), naive / 1000);
  const auto add = [&](auto& a, std::size_t i) { a.add(ev, rows[i]); };
  EXPECT_NEAR(merged_at_random<Sum<double>>(random, 1000, 7, add).result(ev), naive, 1e-9);
  for (const double x : rows) avg.remove(ev, x);
  avg.add(ev, 2.5);
  EXPECT_EQ(avg.result(ev), 2.5);  // no drift is left of an emptied one
  Sum<float> narrow;
  narrow.add(ev, 16777216.0f);
  narrow.add(ev, 1.0f);
  EXPECT_EQ(narrow.result(ev), 16777217.0);
}

TEST(Sums, Decimals) {
  Eval ev;
  Random random(5);
  std::vector<Decimal> rows;
  for (int i = 0; i != 200; ++i)
    rows.push_back(decimal_literal(between(random, -100000, 100000), static_cast<int>(between(random, 0, 4))));
  Decimal naive;
  for (const Decimal& x : rows) naive = fn::add(ev, naive, x);
  const auto add = [&](auto& a, std::size_t i) { a.add(ev, rows[i]); };
  auto sum = merged_at_random<Sum<Decimal>>(random, rows.size(), 5, add);
  auto avg = merged_at_random<Avg<Decimal, true>>(random, rows.size(), 5, add);
  EXPECT_EQ(sum.result(ev), naive);
  EXPECT_EQ(avg.result(ev).value, fn::div(ev, naive, decimal_literal(200, 0)));
  for (const Decimal& x : rows) sum.remove(ev, x), avg.remove(ev, Opt<Decimal>(x));
  EXPECT_EQ(sum.result(ev), decimal_literal(0, 0));
  EXPECT_FALSE(avg.result(ev).has);
  EXPECT_FALSE(ev.failed);
}

TEST(Sums, AFailedDecimalChangesNothing) {
  Eval ev;
  const Decimal huge = Decimal::make((Decimal::Wide{1} << 120) - 1, 0);
  Sum<Decimal> sum;
  Avg<Decimal> avg;
  sum.add(ev, huge), avg.add(ev, huge);
  ASSERT_FALSE(ev.failed);
  sum.add(ev, huge);
  EXPECT_TRUE(ev.failed);
  ev.clear();
  avg.add(ev, huge);
  EXPECT_TRUE(ev.failed);
  ev.clear();
  EXPECT_EQ(sum.result(ev), huge);
  sum.remove(ev, huge), avg.remove(ev, huge);
  avg.add(ev, decimal_literal(3, 0));
  EXPECT_EQ(sum.result(ev), decimal_literal(0, 0));
  EXPECT_EQ(avg.result(ev), decimal_literal(3, 0));
  EXPECT_FALSE(ev.failed);
}

double naive_variance(const std::vector<double>& rows) {
  long double mean = 0, squares = 0;
  for (const double x : rows) mean += x;
  mean /= static_cast<long double>(rows.size());
  for (const double x : rows) squares += (x - mean) * (x - mean);
  return static_cast<double>(squares / static_cast<long double>(rows.size() - 1));
}

TEST(Sums, Variance) {
  Eval ev;
  Random random(6);
  for (const double shift : {0.0, 1e9}) {  // sums of squares would cancel at 1e9
    std::vector<double> rows;
    for (int i = 0; i != 2000; ++i) rows.push_back(shift + std::normal_distribution<double>(0, 2)(random));
    const double expected = naive_variance(rows);
    const auto add = [&](auto& a, std::size_t i) { a.add(ev, rows[i]); };
    auto variance = merged_at_random<Variance>(random, rows.size(), 9, add);
    const auto deviation = merged_at_random<Stddev>(random, rows.size(), 1, add);
    EXPECT_NEAR(variance.result(ev).value, expected, 1e-6 * expected);
    EXPECT_NEAR(deviation.result(ev).value, std::sqrt(expected), 1e-6 * expected);
    const std::vector<double> half(rows.begin() + 1000, rows.end());
    for (int i = 0; i != 1000; ++i) variance.remove(ev, rows[static_cast<std::size_t>(i)]);
    EXPECT_NEAR(variance.result(ev).value, naive_variance(half), 1e-5 * expected);
  }
  Variance few;
  few.add(ev, 5);
  EXPECT_FALSE(few.result(ev).has);
  few.add(ev, Opt<double>());
  EXPECT_FALSE(few.result(ev).has);
  few.add(ev, Opt<double>(7.0));
  EXPECT_EQ(few.result(ev).value, 2);
  few.remove(ev, 5);
  EXPECT_FALSE(few.result(ev).has);
  few.remove(ev, 7);
  few.add(ev, decimal_literal(15, 1));
  few.add(ev, std::int64_t{2});
  EXPECT_EQ(few.result(ev).value, 0.125);
}

}  // namespace
}  // namespace gress::agg
