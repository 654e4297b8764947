#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "runtime/core/aggregates/approx_count_distinct.h"
#include "runtime/core/aggregates/count_distinct.h"
#include "tests/runtime/aggregates/harness.h"

namespace gress::agg {
namespace {

using test::between;
using test::merged_at_random;
using test::Random;
using test::random_texts;

enum class Small : std::uint8_t { a, b, c };
enum class Large : std::uint16_t { a, b, c };
struct Pair {
  Text name;
  std::int32_t number = 0;
  static constexpr auto members = Members<&Pair::name, &Pair::number>{};
  friend bool operator==(const Pair&, const Pair&) = default;
};

static_assert(Accumulator<CountDistinct<Text>> && Accumulator<CountDistinct<bool>> && Accumulator<CountDistinct<Pair>>);
static_assert(Accumulator<ApproxCountDistinct<Text>> && Accumulator<ApproxCountDistinct<Pair>>);
static_assert(sizeof(CountDistinct<std::int64_t>) == 32 && sizeof(CountDistinct<std::int32_t>) == 32);
static_assert(sizeof(CountDistinct<Text>) == 24 && sizeof(CountDistinct<Decimal>) == 24);
static_assert(sizeof(CountDistinct<Small>) == 32 && sizeof(CountDistinct<Pair>) <= 32);
static_assert(sizeof(ApproxCountDistinct<Text>) == 16);

TEST(Distinct, RandomIntegers) {
  Eval ev;
  Random random(21);
  CountDistinct<std::int64_t> reused;
  for (int round = 0; round != 300; ++round) {
    const std::size_t n =
        static_cast<std::size_t>(between(random, 0, 1) == 0 ? between(random, 0, 8) : between(random, 0, 5000));
    const std::int64_t range = between(random, 1, 10000), step = round % 2 == 0 ? 1 : 3'600'000'000;
    std::vector<std::int64_t> rows;
    std::set<std::int64_t> naive;
    for (std::size_t i = 0; i != n; ++i) {
      rows.push_back(between(random, -range, range) * step);
      naive.insert(rows.back());
    }
    const auto add = [&](auto& a, std::size_t i) { a.add(ev, rows[i]); };
    EXPECT_EQ(merged_at_random<CountDistinct<std::int64_t>>(random, n, 3, add).result(ev), std::ssize(naive));
    reused.clear();
    EXPECT_EQ(reused.result(ev), 0);
    for (std::size_t i = 0; i != n; ++i) add(reused, i);
    EXPECT_EQ(reused.result(ev), std::ssize(naive));
  }
}

TEST(Distinct, ExtremeIntegers) {
  Eval ev;
  CountDistinct<std::int64_t> wide;
  CountDistinct<std::int32_t> narrow;
  for (int round = 0; round != 2; ++round) {
    for (const std::int64_t x :
         {0l, -1l, 1l, std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()})
      wide.add(ev, x);
    for (const std::int32_t x :
         {0, -1, 1, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min(), 2, 3, 4})
      narrow.add(ev, x);
    EXPECT_EQ(wide.result(ev), 5);
    EXPECT_EQ(narrow.result(ev), 8);
  }
}

TEST(Distinct, SmallTypes) {
  Eval ev;
  CountDistinct<bool> bools;
  CountDistinct<Small> small;
  CountDistinct<Large> large;
  EXPECT_EQ(bools.result(ev), 0);
  for (const bool x : {true, true, false}) bools.add(ev, x);
  for (const Small x : {Small::a, Small::c, Small::a}) small.add(ev, x);
  for (const Large x : {Large::b, Large::a, Large::c, Large::a}) large.add(ev, Opt<Large>(x));
  large.add(ev, absent);
  EXPECT_EQ(bools.result(ev), 2);
  EXPECT_EQ(small.result(ev), 2);
  EXPECT_EQ(large.result(ev), 3);
  CountDistinct<Small> other;
  other.add(ev, Small::b);
  small.merge(ev, other);
  EXPECT_EQ(small.result(ev), 3);
  small.clear();
  EXPECT_EQ(small.result(ev), 0);
}

TEST(Distinct, FloatsAndDecimalsByValue) {
  Eval ev;
  CountDistinct<double> floats;
  for (const double x : {0.0, -0.0, std::nan("1"), -std::nan("2"), 1.5, 1.5}) floats.add(ev, x);
  EXPECT_EQ(floats.result(ev), 3);
  CountDistinct<float> narrow;
  for (const float x : {0.0f, -0.0f, 2.5f}) narrow.add(ev, x);
  EXPECT_EQ(narrow.result(ev), 2);
  CountDistinct<Decimal> decimals;
  ApproxCountDistinct<Decimal> approx;
  for (int scale = 0; scale != 5; ++scale) {
    std::int64_t one = 1;
    for (int i = 0; i != scale; ++i) one *= 10;
    for (const std::int64_t x : {0, 1, -1, 15}) {
      decimals.add(ev, decimal_literal(x * one, scale));
      approx.add(ev, decimal_literal(x * one, scale));
    }
  }
  EXPECT_EQ(decimals.result(ev), 4);
  EXPECT_EQ(approx.result(ev), 4);
}

TEST(Distinct, TextIsOwned) {
  Eval ev;
  Random random(22);
  CountDistinct<Text> reused;
  for (int round = 0; round != 100; ++round) {
    const std::size_t n = static_cast<std::size_t>(between(random, 0, 2000));
    std::vector<std::string> strings = random_texts(random, n, between(random, 1, 3000));
    const std::set<std::string> naive(strings.begin(), strings.end());
    // Each text is shown in memory that is overwritten afterwards.
    const auto add = [&](auto& a, std::size_t i) {
      std::string shown = strings[i];
      a.add(ev, Text(shown));
      shown.assign(shown.size(), '#');
    };
    EXPECT_EQ(merged_at_random<CountDistinct<Text>>(random, n, 4, add).result(ev), std::ssize(naive));
    reused.clear();
    for (std::size_t i = 0; i != n; ++i) add(reused, i);
    EXPECT_EQ(reused.result(ev), std::ssize(naive));
    CountDistinct<Bytes> bytes;
    for (const std::string& s : strings) bytes.add(ev, Bytes{Text(s)});
    EXPECT_EQ(bytes.result(ev), std::ssize(naive));
  }
}

TEST(Distinct, RecordsListsUuids) {
  Eval ev;
  Random random(23);
  std::set<std::pair<std::string, std::int32_t>> naive;
  CountDistinct<Pair> pairs, others;
  ApproxCountDistinct<Pair> approx;
  CountDistinct<Uuid> uuids;
  std::set<std::uint64_t> naive_uuids;
  CountDistinct<List<Text>> lists;
  const std::vector<std::string> strings = random_texts(random, 500, 20);
  for (std::size_t i = 0; i != strings.size(); ++i) {
    const auto number = static_cast<std::int32_t>(between(random, 0, 9));
    naive.insert({strings[i], number});
    (i % 2 == 0 ? pairs : others).add(ev, Pair{Text(strings[i]), number});
    approx.add(ev, Pair{Text(strings[i]), number});
    uuids.add(ev, Uuid{0, static_cast<std::uint64_t>(number)});
    naive_uuids.insert(static_cast<std::uint64_t>(number));
    const Text items[] = {Text(strings[i]), Text("the same long text in all of them")};
    lists.add(ev, List<Text>{items, 2});
  }
  pairs.merge(ev, others);
  EXPECT_EQ(pairs.result(ev), std::ssize(naive));
  EXPECT_EQ(approx.result(ev), std::ssize(naive));
  EXPECT_EQ(uuids.result(ev), std::ssize(naive_uuids));
  EXPECT_EQ(lists.result(ev), std::ssize(std::set<std::string>(strings.begin(), strings.end())));
  pairs.clear();
  EXPECT_EQ(pairs.result(ev), 0);
}

TEST(Distinct, MovesAndStaysWhole) {
  Eval ev;
  std::vector<CountDistinct<Text>> many;
  for (int i = 0; i != 50; ++i) {
    many.emplace_back();
    for (int k = 0; k != i; ++k) many.back().add(ev, Text(std::string(30, 'x') + std::to_string(k)));
  }
  for (int i = 0; i != 50; ++i) EXPECT_EQ(many[static_cast<std::size_t>(i)].result(ev), i);
}

TEST(ApproxDistinct, ExactBelowAHundred) {
  Eval ev;
  for (const int step : {1, 1000}) {
    ApproxCountDistinct<std::int64_t> counter;
    for (std::int64_t i = 0; i != 256; ++i) {
      counter.add(ev, i * step);
      counter.add(ev, i * step);
      EXPECT_EQ(counter.result(ev), i + 1);
    }
    ApproxCountDistinct<Text> texts;
    for (int i = 0; i != 256; ++i) {
      texts.add(ev, Text(std::string(static_cast<std::size_t>(i) % 40, 'k') + std::to_string(i)));
      EXPECT_EQ(texts.result(ev), i + 1);
    }
  }
}

/// Root mean square of the relative errors of `rounds` counters of n values each.
template <class Make>
double error_of(std::int64_t n, int rounds, Make make) {
  Eval ev;
  double squares = 0;
  for (int round = 0; round != rounds; ++round) {
    ApproxCountDistinct<decltype(make(0, 0))> counter;
    for (std::int64_t i = 0; i != n; ++i) counter.add(ev, make(round, i));
    const double error = static_cast<double>(counter.result(ev) - n) / static_cast<double>(n);
    squares += error * error;
  }
  return std::sqrt(squares / rounds);
}

TEST(ApproxDistinct, StandardError) {
  for (const std::int64_t n : {300, 1000, 4000, 10000, 20000, 50000})
    EXPECT_LT(error_of(n, 60, [](int round, std::int64_t i) { return round * 1'000'000'000ll + i; }), 0.02) << n;
  std::string text;
  EXPECT_LT(error_of(20000, 40,
                     [&](int round, std::int64_t i) {
                       text = "user-" + std::to_string(round) + "-" + std::to_string(i);
                       return Text(text);
                     }),
            0.02);
  EXPECT_LT(error_of(1'000'000, 3, [](int round, std::int64_t i) { return round * 1'000'000'000ll + i; }), 0.03);
}

TEST(ApproxDistinct, MergesAreExactlyTheWhole) {
  Eval ev;
  Random random(24);
  for (const std::int64_t n : {0, 10, 150, 300, 1000, 30000}) {
    ApproxCountDistinct<std::int64_t> whole;
    for (std::int64_t i = 0; i != n; ++i) whole.add(ev, i * i);
    const auto merged = merged_at_random<ApproxCountDistinct<std::int64_t>>(
        random, static_cast<std::size_t>(n), 5,
        [&](auto& a, std::size_t i) { a.add(ev, static_cast<std::int64_t>(i * i)); });
    EXPECT_EQ(merged.result(ev), whole.result(ev)) << n;
    ApproxCountDistinct<std::int64_t> small;
    small.add(ev, 4);
    small.merge(ev, whole);
    if (n > 2) {
      EXPECT_EQ(small.result(ev), whole.result(ev));
    }
    whole.clear();
    EXPECT_EQ(whole.result(ev), 0);
    for (std::int64_t i = 0; i != 200; ++i) whole.add(ev, i);
    EXPECT_EQ(whole.result(ev), 200);
  }
}

}  // namespace
}  // namespace gress::agg
