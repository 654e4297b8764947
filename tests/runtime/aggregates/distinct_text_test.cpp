// Distinct counts of numbered text against sets, with fewer and more texts than there are numbers, short and long ones.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "runtime/core/aggregates/count_distinct_text.h"
#include "tests/runtime/aggregates/harness.h"

namespace gress::agg {
namespace {

static_assert(Accumulator<CountDistinctText>);

std::string text_of(std::uint64_t n) { return n % 7 == 0 ? "a text that is longer than fits: " + std::to_string(n) : std::to_string(n); }

void compare(std::uint64_t values, int rows) {
  Eval ev;
  TextNumbers numbers;
  CountDistinctText states[4];
  std::set<std::string> sets[4];
  std::uint64_t x = 88172645463325252u;
  for (int i = 0; i != rows; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    const std::string text = text_of((x >> 8) % values);
    const std::size_t which = x & 3;
    states[which].add(ev, Text(text), numbers);
    sets[which].insert(text);
  }
  CountDistinctText all;
  std::set<std::string> every;
  for (int i = 0; i != 4; ++i) {
    EXPECT_EQ(states[i].result(ev), static_cast<std::int64_t>(sets[i].size()));
    all.merge(ev, states[i]);
    every.insert(sets[i].begin(), sets[i].end());
  }
  EXPECT_EQ(all.result(ev), static_cast<std::int64_t>(every.size()));
  all.clear();
  EXPECT_EQ(all.result(ev), 0);
  all.add(ev, Text(text_of(1)), numbers);
  all.add(ev, Opt<Text>(), numbers);
  EXPECT_EQ(all.result(ev), 1);
}

TEST(DistinctText, FewTexts) { compare(40, 2000); }
TEST(DistinctText, AsManyAsNumbers) { compare(TextNumbers::kMost, 20000); }
TEST(DistinctText, MoreThanNumbers) { compare(50000, 60000); }
TEST(DistinctText, EmptyTextAndNulAreTexts) {
  Eval ev;
  TextNumbers numbers;
  CountDistinctText state;
  state.add(ev, Text("", 0), numbers);
  state.add(ev, Text("\0", 1), numbers);
  state.add(ev, Text("\0\0", 2), numbers);
  state.add(ev, Text("", 0), numbers);
  EXPECT_EQ(state.result(ev), 3);
}

}  // namespace
}  // namespace gress::agg
