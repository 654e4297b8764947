#include "runtime/core/aggregates/collect.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/runtime/aggregates/harness.h"

namespace gress::agg {
namespace {

static_assert(Accumulator<Collect<Text>> && Accumulator<Collect<std::int64_t>> && sizeof(Collect<Text>) == 24);

template <class T>
std::vector<T> items(const List<T>& list) {
  return {list.begin(), list.end()};
}

TEST(Collect, NumbersAsTheyCame) {
  Eval ev;
  Collect<std::int64_t> a, b;
  EXPECT_EQ(a.result(ev).size(), 0u);
  for (const std::int64_t x : {3, 1, 2}) a.add(ev, x);
  a.add(ev, Opt<std::int64_t>(), Place{1, 2});
  a.add(ev, Opt<std::int64_t>(1));
  b.add(ev, 9);
  a.merge(ev, b);
  a.merge(ev, Collect<std::int64_t>());
  EXPECT_EQ(items(a.result(ev)), (std::vector<std::int64_t>{3, 1, 2, 1, 9}));
  a.clear();
  EXPECT_EQ(a.result(ev).size(), 0u);
  b.merge(ev, a);
  EXPECT_EQ(items(b.result(ev)), (std::vector<std::int64_t>{9}));
}

TEST(Collect, TextIsOwned) {
  Eval ev;
  test::Random random(41);
  std::vector<std::string> strings = test::random_texts(random, 1000, 500);
  Collect<Text> whole, part;
  for (int round = 0; round != 3; ++round) {
    whole.clear();
    part.clear();
    for (std::size_t i = 0; i != strings.size(); ++i) {
      std::string shown = strings[i];
      (i < 600 ? whole : part).add(ev, Text(shown));
      shown.assign(shown.size(), '#');
    }
    whole.merge(ev, part);
    const List<Text> list = whole.result(ev);
    ASSERT_EQ(list.size(), strings.size());
    for (std::size_t i = 0; i != strings.size(); ++i) EXPECT_EQ(list.items[i].view(), strings[i]);
  }
  const Collect<Text> moved = std::move(whole);
  EXPECT_EQ(moved.result(ev).size(), strings.size());
}

TEST(CollectMerged, RowsOfSlicesStandAsTheyCame) {
  Eval ev;
  test::Random random(43);
  const std::vector<std::string> strings = test::random_texts(random, 300, 300);
  for (const std::size_t slices : {1u, 2u, 5u}) {
    std::vector<CollectMerged<Text>> parts(slices);
    for (std::size_t i = 0; i != strings.size(); ++i)
      parts[static_cast<std::size_t>(test::between(random, 0, static_cast<std::int64_t>(slices) - 1))].add(ev, Text(strings[i]), Place{test::between(random, 0, 9), i});
    CollectMerged<Text> whole;
    for (const CollectMerged<Text>& part : parts) whole.merge(ev, part);
    whole.merge(ev, CollectMerged<Text>());
    const List<Text> list = whole.result(ev);
    ASSERT_EQ(list.size(), strings.size());
    for (std::size_t i = 0; i != strings.size(); ++i) EXPECT_EQ(list.items[i].view(), strings[i]);
  }
}

}  // namespace
}  // namespace gress::agg
