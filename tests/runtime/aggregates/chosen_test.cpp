// Aggregates whose result is one of their rows' values: min, max, first, last, min_by, max_by.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "runtime/core/aggregates/first_last.h"
#include "runtime/core/aggregates/min_by.h"
#include "runtime/core/aggregates/min_max.h"
#include "runtime/core/decimal.h"
#include "runtime/core/order.h"
#include "tests/runtime/aggregates/harness.h"

namespace gress::agg {
namespace {

using test::between;
using test::merged_at_random;
using test::Random;
using test::random_texts;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

enum class Grade : std::uint8_t { low, middle, high };

static_assert(Accumulator<Min<Text>> && Accumulator<Max<Grade, true>> && Accumulator<First<Decimal>>);
static_assert(Accumulator<Last<List<Text>>> && Accumulator<MinBy<Text, double>> &&
              Accumulator<MaxBy<Text, Text, true>>);
static_assert(sizeof(Min<std::int64_t>) == 8 && sizeof(Max<double>) == 8 && sizeof(Min<std::int64_t, true>) == 16);
static_assert(sizeof(First<std::int64_t>) == 24 && sizeof(First<Text>) == 40 &&
              sizeof(MinBy<Text, std::int64_t>) == 40);

template <class T>
void check_extremes(Random& random, const std::vector<Opt<T>>& rows) {
  Eval ev;
  std::vector<T> present;
  for (const auto& row : rows)
    if (row.has) present.push_back(row.value);
  const auto add = [&](auto& a, std::size_t i) { a.add(ev, rows[i]); };
  const auto least = merged_at_random<Min<T, true>>(random, rows.size(), 4, add);
  const auto greatest = merged_at_random<Max<T, true>>(random, rows.size(), 4, add);
  EXPECT_EQ(least.result(ev).has, !present.empty());
  EXPECT_EQ(greatest.result(ev).has, !present.empty());
  if (present.empty()) return;
  const T low = *std::min_element(present.begin(), present.end(), fn::before<T>);
  const T high = *std::max_element(present.begin(), present.end(), fn::before<T>);
  EXPECT_EQ(least.result(ev).value, low);
  EXPECT_EQ(greatest.result(ev).value, high);
  const auto plain_least = merged_at_random<Min<T>>(random, rows.size(), 4, add);
  const auto plain_greatest = merged_at_random<Max<T>>(random, rows.size(), 4, add);
  EXPECT_EQ(plain_least.result(ev), low);
  EXPECT_EQ(plain_greatest.result(ev), high);
}

TEST(Chosen, RandomExtremes) {
  Random random(11);
  for (int round = 0; round != 100; ++round) {
    const std::size_t n = static_cast<std::size_t>(between(random, 0, 30));
    const std::vector<std::string> strings = random_texts(random, n, 50);
    std::vector<Opt<std::int64_t>> integers;
    std::vector<Opt<double>> floats;
    std::vector<Opt<Text>> texts;
    std::vector<Opt<Grade>> grades;
    std::vector<Opt<bool>> bools;
    std::vector<Opt<Decimal>> decimals;
    for (std::size_t i = 0; i != n; ++i) {
      const std::int64_t x = between(random, -20, 20);
      const bool has = x % 5 != 0;
      integers.push_back(has ? Opt<std::int64_t>(x) : Opt<std::int64_t>());
      floats.push_back(has ? Opt<double>(0.5 * static_cast<double>(x)) : Opt<double>());
      texts.push_back(has ? Opt<Text>(Text(strings[i])) : Opt<Text>());
      grades.push_back(has ? Opt<Grade>(static_cast<Grade>(x & 1)) : Opt<Grade>());
      bools.push_back(has ? Opt<bool>(x > 0) : Opt<bool>());
      decimals.push_back(has ? Opt<Decimal>(decimal_literal(x, static_cast<int>(i % 3))) : Opt<Decimal>());
    }
    check_extremes(random, integers);
    check_extremes(random, floats);
    check_extremes(random, texts);
    check_extremes(random, grades);
    check_extremes(random, bools);
    check_extremes(random, decimals);
  }
}

TEST(Chosen, NaNIsTheGreatest) {
  Eval ev;
  for (const bool nan_first : {true, false}) {
    Min<double> least;
    Max<double> greatest;
    Min<double, true> optional_least;
    Max<double, true> optional_greatest;
    const auto add = [&](double x) {
      least.add(ev, x), greatest.add(ev, x), optional_least.add(ev, x), optional_greatest.add(ev, x);
    };
    add(nan_first ? kNaN : 1);
    add(nan_first ? 1 : kNaN);
    EXPECT_EQ(least.result(ev), 1);
    EXPECT_EQ(optional_least.result(ev).value, 1);
    EXPECT_TRUE(std::isnan(greatest.result(ev)));
    EXPECT_TRUE(std::isnan(optional_greatest.result(ev).value));
    least.clear(), greatest.clear(), optional_least.clear(), optional_greatest.clear();
    EXPECT_FALSE(optional_least.result(ev).has);
    add(kNaN);
    EXPECT_TRUE(std::isnan(least.result(ev)));
    EXPECT_TRUE(std::isnan(optional_least.result(ev).value));
    add(kInfinity);
    EXPECT_EQ(least.result(ev), kInfinity);
    greatest.clear();
    greatest.add(ev, -kInfinity);
    EXPECT_EQ(greatest.result(ev), -kInfinity);
  }
}

TEST(Chosen, NegativeZeroDoesNotShow) {
  Eval ev;
  for (const double x : {0.0, -0.0}) {
    Min<double> least;
    Max<double, true> greatest;
    least.add(ev, x), least.add(ev, -x);
    greatest.add(ev, x), greatest.add(ev, -x);
    EXPECT_FALSE(std::signbit(least.result(ev)));
    EXPECT_FALSE(std::signbit(greatest.result(ev).value));
  }
}

struct Row {
  Opt<Text> text;
  Opt<std::int64_t> key;
  Place place;
};

TEST(Chosen, RowsByPlace) {
  Eval ev;
  Random random(12);
  for (int round = 0; round != 200; ++round) {
    const std::size_t n = static_cast<std::size_t>(between(random, 0, 40));
    const std::vector<std::string> strings = random_texts(random, n, 1000);
    std::vector<Row> rows;
    for (std::size_t i = 0; i != n; ++i) {
      Row row;
      if (between(random, 0, 5) != 0) row.text = Text(strings[i]);
      if (between(random, 0, 5) != 0) row.key = between(random, -2, 2);
      // Places are different, as offsets are.
      // Those of min_by and max_by go by position alone.
      row.place = {between(random, -3, 3), static_cast<std::uint64_t>(between(random, 0, 2)) << 48 | i};
      rows.push_back(row);
    }
    const Row *first = nullptr, *last = nullptr, *least = nullptr, *greatest = nullptr;
    for (const Row& row : rows) {
      if (!row.text.has) continue;
      if (first == nullptr || row.place < first->place) first = &row;
      if (last == nullptr || last->place < row.place) last = &row;
      if (!row.key.has) continue;
      const auto better = [&](const Row* held, std::int64_t sign) {
        if (held == nullptr) return true;
        const std::int64_t difference = (row.key.value - held->key.value) * sign;
        return difference < 0 || (difference == 0 && row.place.position < held->place.position);
      };
      if (better(least, 1)) least = &row;
      if (better(greatest, -1)) greatest = &row;
    }
    const auto add = [&](auto& a, std::size_t i) { a.add(ev, rows[i].text, rows[i].place); };
    const auto add_by = [&](auto& a, std::size_t i) { a.add(ev, rows[i].text, rows[i].key, rows[i].place.position); };
    const auto expect = [&](const auto& accumulator, const Row* row) {
      const Opt<Text> result = accumulator.result(ev);
      EXPECT_EQ(result.has, row != nullptr);
      if (row != nullptr) {
        EXPECT_EQ(result.value, row->text.value);
      }
    };
    expect(merged_at_random<First<Text, true>>(random, n, 4, add), first);
    expect(merged_at_random<Last<Text, true>>(random, n, 4, add), last);
    expect(merged_at_random<MinBy<Text, std::int64_t, true>>(random, n, 4, add_by), least);
    expect(merged_at_random<MaxBy<Text, std::int64_t, true>>(random, n, 4, add_by), greatest);
  }
}

TEST(Chosen, EndsOfTimeAndEqualPlaces) {
  Eval ev;
  for (const std::int64_t time : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    First<std::int64_t, true> first;
    Last<std::int64_t, true> last;
    MaxBy<std::int64_t, std::int64_t, true> most;
    for (const std::int64_t x : {1, 2, 3}) {  // rows of one record stand at one place
      first.add(ev, x, {time, 0});
      last.add(ev, x, {time, 0});
      most.add(ev, x, 5, 0);
    }
    EXPECT_TRUE(first.result(ev).has);
    EXPECT_EQ(first.result(ev).value, 1);
    EXPECT_EQ(last.result(ev).value, 3);
    EXPECT_EQ(most.result(ev).value, 1);
    first.clear(), last.clear(), most.clear();
    EXPECT_FALSE(first.result(ev).has);
    EXPECT_FALSE(last.result(ev).has);
    EXPECT_FALSE(most.result(ev).has);
  }
}

TEST(Chosen, KeysOfNaNComeLast) {
  Eval ev;
  MinBy<std::int64_t, double> least;
  MaxBy<std::int64_t, double> greatest;
  const double keys[] = {kNaN, 3, 1, kNaN, 2};
  for (std::int64_t i = 0; i != 5; ++i) {
    least.add(ev, i, keys[i], static_cast<std::uint64_t>(i));
    greatest.add(ev, i, keys[i], static_cast<std::uint64_t>(i));
  }
  EXPECT_EQ(least.result(ev), 2);
  EXPECT_EQ(greatest.result(ev), 0);
}

TEST(Chosen, LongTextIsOwnedAndItsMemoryReused) {
  Eval ev;
  std::string text(40, 'm');
  Min<Text> least;
  Last<Text> last;
  MaxBy<Text, Text> most;
  least.add(ev, Text(text)), last.add(ev, Text(text), {0, 0}), most.add(ev, Text(text), Text(text), 0);
  text.assign(40, '#');
  const std::string expected(40, 'm');
  EXPECT_EQ(least.result(ev).view(), expected);
  EXPECT_EQ(last.result(ev).view(), expected);
  EXPECT_EQ(most.result(ev).view(), expected);
  const Text shown = last.result(ev);
  const char* const memory = shown.data();
  for (std::uint64_t round = 1; round != 5; ++round) {
    last.clear();
    last.add(ev, Text("short"), {0, round});
    text.assign(40, static_cast<char>('a' + round));
    last.add(ev, Text(text), {1, round});
    EXPECT_EQ(last.result(ev).view(), text);
    const Text again = last.result(ev);
    EXPECT_TRUE(again.data() == memory);
  }
}

}  // namespace
}  // namespace gress::agg
