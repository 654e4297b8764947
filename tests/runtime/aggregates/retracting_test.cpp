// Accumulators that take rows back, against those that do not: after each change the result is that of the rows left.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "runtime/core/aggregates/all.h"
#include "tests/runtime/aggregates/harness.h"

namespace gress {
namespace {

using test::between;
using test::Random;

struct Row {
  std::int64_t number = 0;
  double real = 0;
  std::string text;
  Place place{};
};

std::vector<Row> random_rows(Random& random, std::size_t count) {
  const std::vector<std::string> texts = test::random_texts(random, count, 12);
  std::vector<Row> rows;
  for (std::size_t i = 0; i != count; ++i) {
    Row r;
    r.number = between(random, -20, 20);
    r.real = static_cast<double>(between(random, -1000, 1000)) / 8;
    if (between(random, 0, 60) == 0) r.real = std::numeric_limits<double>::quiet_NaN();
    if (between(random, 0, 60) == 0) r.real = std::numeric_limits<double>::infinity();
    if (between(random, 0, 30) == 0) r.real = -0.0;
    r.text = texts[i];
    // Several rows of one place, as `flatten` makes them.
    r.place = {between(random, 0, 30), static_cast<std::uint64_t>(between(random, 0, 60))};
    rows.push_back(r);
  }
  return rows;
}

bool alike(double a, double b) { return (a != a && b != b) || a == b || std::fabs(a - b) <= 1e-9 * (1 + std::fabs(a)); }
bool alike(std::int64_t a, std::int64_t b) { return a == b; }
bool alike(const Text& a, const Text& b) { return a == b; }
template <class T>
bool alike(const Opt<T>& a, const Opt<T>& b) {
  return a.has == b.has && (!a.has || alike(a.value, b.value));
}
template <class T>
bool alike(const List<T>& a, const List<T>& b) {
  if (a.count != b.count) return false;
  for (std::size_t i = 0; i != a.count; ++i)
    if (!alike(a.items[i], b.items[i])) return false;
  return true;
}

/// `add(a, row)`, `remove(a, row)`, `result(a)`; rows come and go at random, mostly the latest ones and the extremes too.
template <class Retracting, class Plain, class Add, class Remove, class Result>
void against_plain(Add add, Remove remove, Result result) {
  Random random(7);
  for (int round = 0; round != 60; ++round) {
    const std::vector<Row> rows = random_rows(random, static_cast<std::size_t>(between(random, 1, round < 55 ? 60 : 700)));
    Retracting accumulator;
    std::vector<const Row*> live;
    std::size_t next = 0;
    while (next != rows.size() || !live.empty()) {
      const bool adds = next != rows.size() && (live.empty() || between(random, 0, 4) > 1 || rows.size() > 100 * live.size());
      std::string room;  // what is kept must not point here
      if (adds) {
        Row r = rows[next];
        add(accumulator, r);
        r.text.assign(r.text.size(), '#');
        live.push_back(&rows[next++]);
      } else {
        const auto at = static_cast<std::size_t>(between(random, 0, static_cast<std::int64_t>(live.size()) - 1));
        Row r = *live[at];
        // Of rows that are the same in all that counts the one that came first goes.
        std::size_t first = 0;
        while (!(live[first]->text == r.text && live[first]->number == r.number && alike(live[first]->real, r.real) &&
                 live[first]->place.time == r.place.time && live[first]->place.position == r.place.position))
          ++first;
        remove(accumulator, r);
        live.erase(live.begin() + static_cast<std::ptrdiff_t>(first));
      }
      if (rows.size() > 100 && next % 16 != 0 && !live.empty()) continue;
      Plain plain;
      for (const Row* r : live) add(plain, *r);
      Eval ev;
      ASSERT_TRUE(alike(result(ev, accumulator), result(ev, plain))) << __PRETTY_FUNCTION__ << " round " << round << ", " << live.size() << " rows";
    }
  }
}

template <class R, class P>
void of_number() {
  Eval ev;
  against_plain<R, P>([&](auto& a, const Row& r) { a.add(ev, r.number); }, [&](auto& a, const Row& r) { a.remove(ev, r.number); },
                      [](Eval& e, auto& a) { return a.result(e); });
}
template <class R, class P>
void of_real() {
  Eval ev;
  against_plain<R, P>([&](auto& a, const Row& r) { a.add(ev, r.real); }, [&](auto& a, const Row& r) { a.remove(ev, r.real); },
                      [](Eval& e, auto& a) { return a.result(e); });
}
template <class R, class P>
void of_text_at_place() {
  Eval ev;
  against_plain<R, P>([&](auto& a, const Row& r) { a.add(ev, Text(r.text), r.place); },
                      [&](auto& a, const Row& r) { a.remove(ev, Text(r.text), r.place); },
                      [](Eval& e, auto& a) { return a.result(e); });
}

TEST(Retracting, Numbers) {
  of_number<agg::Sum<std::int64_t>, agg::Sum<std::int64_t>>();
  of_number<agg::Avg<std::int64_t, true>, agg::Avg<std::int64_t, true>>();
  of_number<agg::retracting::Min<std::int64_t, true>, agg::Min<std::int64_t, true>>();
  of_number<agg::retracting::Max<std::int64_t, true>, agg::Max<std::int64_t, true>>();
  of_number<agg::retracting::CountDistinct<std::int64_t>, agg::CountDistinct<std::int64_t>>();
}

TEST(Retracting, Floats) {
  of_real<agg::retracting::Sum, agg::Sum<double>>();
  of_real<agg::retracting::Avg<true>, agg::Avg<double, true>>();
  of_real<agg::retracting::Variance, agg::Variance>();
  of_real<agg::retracting::Stddev, agg::Stddev>();
  of_real<agg::retracting::Min<double, true>, agg::Min<double, true>>();
  of_real<agg::retracting::Max<double, true>, agg::Max<double, true>>();
  of_real<agg::retracting::CountDistinct<double>, agg::CountDistinct<double>>();
}

TEST(Retracting, Texts) {
  of_text_at_place<agg::retracting::First<Text, true>, agg::First<Text, true>>();
  of_text_at_place<agg::retracting::Last<Text, true>, agg::Last<Text, true>>();
  Eval ev;
  // All of the row, so that rows of one place are told apart as the comparison does.
  const auto shown = [](const Row& r) { return r.text + '/' + std::to_string(r.number) + '/' + std::to_string(r.real + 0.0); };
  against_plain<agg::retracting::Collect<Text>, agg::Collect<Text>>(
      [&](auto& a, const Row& r) {
        const std::string room = shown(r);
        a.add(ev, Text(room), r.place);
      },
      [&](auto& a, const Row& r) {
        const std::string room = shown(r);
        a.remove(ev, Text(room), r.place);
      },
      [](Eval& e, auto& a) { return a.result(e); });
  const auto add = [&](auto& a, const Row& r) { a.add(ev, Text(r.text)); };
  const auto remove = [&](auto& a, const Row& r) { a.remove(ev, Text(r.text)); };
  const auto result = [](Eval& e, auto& a) { return a.result(e); };
  against_plain<agg::retracting::Min<Text, true>, agg::Min<Text, true>>(add, remove, result);
  against_plain<agg::retracting::Max<Text, true>, agg::Max<Text, true>>(add, remove, result);
  against_plain<agg::retracting::CountDistinct<Text>, agg::CountDistinct<Text>>(add, remove, result);
}

TEST(Retracting, ByKey) {
  Eval ev;
  // As far apart as places are.
  const auto position = [](const Row& r) { return static_cast<std::uint64_t>(r.place.time) << 32 | r.place.position; };
  const auto add = [&](auto& a, const Row& r) { a.add(ev, Text(r.text), r.real, position(r)); };
  const auto remove = [&](auto& a, const Row& r) { a.remove(ev, Text(r.text), r.real, position(r)); };
  const auto result = [](Eval& e, auto& a) { return a.result(e); };
  against_plain<agg::retracting::MinBy<Text, double, true>, agg::MinBy<Text, double, true>>(add, remove, result);
  against_plain<agg::retracting::MaxBy<Text, double, true>, agg::MaxBy<Text, double, true>>(add, remove, result);
}

TEST(Retracting, Quantiles) {
  Eval ev;
  for (const double q : {0.0, 0.1, 0.5, 0.9, 1.0})
    against_plain<agg::retracting::Quantile<std::int64_t, true>, agg::Quantile<std::int64_t, true>>(
        [&](auto& a, const Row& r) { a.add(ev, r.number); }, [&](auto& a, const Row& r) { a.remove(ev, r.number); },
        [&](Eval& e, auto& a) { return a.result(e, q); });
}

TEST(Retracting, NothingIsLeftBehind) {
  Eval ev;
  agg::retracting::Sum sum;
  agg::retracting::Variance spread;
  sum.add(ev, 0.1);
  for (const double x : {1e15, -1e-10, 3.3e17, std::numeric_limits<double>::infinity()}) {
    sum.add(ev, x);
    spread.add(ev, x);
  }
  for (const double x : {5.0, 6.0, 9.0}) spread.add(ev, x);
  for (const double x : {1e15, -1e-10, 3.3e17, std::numeric_limits<double>::infinity()}) {
    sum.remove(ev, x);
    if (x < 1e18) spread.remove(ev, x);
  }
  EXPECT_EQ(sum.result(ev), 0.1);
  spread.remove(ev, std::numeric_limits<double>::infinity());
  agg::retracting::Variance far;
  for (const double x : {1e9, 5.0, 6.0, 9.0}) far.add(ev, x);
  far.remove(ev, 1e9);
  EXPECT_NEAR(far.result(ev).value, 13.0 / 3, 1e-12);
}

}  // namespace
}  // namespace gress
