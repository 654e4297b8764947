// Rows that are added up before they are sent come out as rows that are sent one by one.
#include "runtime/core/combining.h"

#include <gtest/gtest.h>

#include <vector>

namespace gress {
namespace {

struct Slot {
  explicit Slot(Combiner& c) : combiner(c) { combiner.begin_slot(); }
  /// The row that stands for the key's rows; a new one if need be.
  int put(int key, std::uint64_t hash) {
    combiner.added(1);
    int n = combiner.find(hash, static_cast<int>(keys.size()), [&](int row) { return keys[static_cast<std::size_t>(row)] == key; });
    if (n != Combiner::kNone) return n;
    if (keys.size() == static_cast<std::size_t>(kBlock)) return Combiner::kNone;
    keys.push_back(key);
    return static_cast<int>(keys.size()) - 1;
  }
  Combiner& combiner;
  std::vector<int> keys;
};

TEST(Combining, KeysOfOneHashAndPanesOfOneKeyStandApart) {
  Combiner combiner;
  Slot slot(combiner);
  combiner.place = {{0, 10}, {kStartOfTime, 10}, 0, 10};
  EXPECT_EQ(slot.put(7, 1), 0);
  EXPECT_EQ(slot.put(8, 1), 1);
  EXPECT_EQ(slot.put(7, 1), 0);
  combiner.place = {{10, 20}, {kStartOfTime, 20}, 10, 20};
  EXPECT_EQ(slot.put(7, 1), 2);
  combiner.place = {{0, 10}, {10, 15}, 0, 15};  // a slice of which the first window is past
  EXPECT_EQ(slot.put(7, 1), 3);
  combiner.place = {{0, 10}, {kStartOfTime, 10}, 0, 10};
  EXPECT_EQ(slot.put(8, 1), 1);
}

TEST(Combining, AFullSlotTakesRowsOfItsKeys) {
  Combiner combiner;
  Slot slot(combiner);
  for (int key = 0; key != kBlock; ++key) EXPECT_EQ(slot.put(key, static_cast<std::uint64_t>(key)), key);
  EXPECT_EQ(slot.put(kBlock, kBlock), Combiner::kNone);
  EXPECT_EQ(slot.put(kBlock, kBlock), Combiner::kNone);
  for (int key = 0; key != kBlock; ++key) EXPECT_EQ(slot.put(key, static_cast<std::uint64_t>(key)), key);
}

TEST(Combining, RowsThatSeldomRepeatAreSentForAWhile) {
  Combiner combiner;
  const auto fill = [&](int rows_each) {
    Slot slot(combiner);
    for (int key = 0; key != kBlock; ++key)
      for (int n = 0; n != rows_each; ++n) slot.put(key, static_cast<std::uint64_t>(key));
    combiner.end_slot(kBlock);
  };
  /// Rows that are passed until the next try.
  const auto rest = [&] {
    int rows = 0;
    for (; !combiner.wanted(); rows += kBlock) combiner.passed(kBlock);
    return rows;
  };
  for (int slots = 0; slots != 100; ++slots) fill(4);
  EXPECT_EQ(rest(), 0);
  for (int slots = 0; combiner.wanted(); ++slots) {
    ASSERT_LT(slots, 4);
    fill(1);
  }
  const int first = rest();
  EXPECT_GT(first, 1000);
  while (combiner.wanted()) fill(1);
  EXPECT_EQ(rest(), 2 * first);
  for (int slots = 0; slots != 10; ++slots) fill(4);  // and now they repeat
  EXPECT_EQ(rest(), 0);
  while (combiner.wanted()) fill(1);
  EXPECT_EQ(rest(), first);
}

}  // namespace
}  // namespace gress
