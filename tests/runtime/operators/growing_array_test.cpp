#include "runtime/core/growing_array.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/core/ordered_pointers.h"
#include "runtime/core/owned.h"

namespace gress {

TEST(GrowingArray, MovesWhatCannotBeMovedAsBytes) {
  GrowingArray<std::string> words;  // short text of std::string views itself
  std::vector<std::string> expected;
  for (int i = 0; i != 1000; ++i) {
    words.push_back(std::to_string(i));
    expected.push_back(std::to_string(i));
  }
  EXPECT_EQ(std::vector<std::string>(words.begin(), words.end()), expected);
  words.pop_back();
  EXPECT_EQ(words.back(), "998");
  GrowingArray<std::string> other = std::move(words);
  EXPECT_EQ(other.size(), 999u);
  EXPECT_TRUE(words.empty());
  other.clear();
  other.resize(2);
  EXPECT_EQ(other[0] + other[1], "") << "cleared ones are made anew";
}

TEST(GrowingArray, InsertsAtAnyPlace) {
  GrowingArray<int> numbers;
  std::vector<int> expected;
  for (int i = 0; i != 100; ++i) {
    const std::size_t at = static_cast<std::size_t>(i * 7) % (numbers.size() + 1);
    numbers.insert(at, i);
    expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(at), i);
  }
  EXPECT_EQ(std::vector<int>(numbers.begin(), numbers.end()), expected);
  numbers.assign(3, 5);
  EXPECT_EQ(std::vector<int>(numbers.begin(), numbers.end()), (std::vector<int>{5, 5, 5}));
}

TEST(OrderedPointers, ByBothNumbers) {
  int a = 0, b = 1, c = 2;
  OrderedPointers pointers;
  pointers[{2, 0}] = &a;
  pointers[{1, 5}] = &b;
  pointers[{1, -5}] = &c;
  EXPECT_EQ(pointers.first(), &c);
  EXPECT_EQ(pointers.last(), &a);
  EXPECT_EQ(pointers.from({1, 0})->second, &b);
  EXPECT_EQ(pointers.take_first(), &c);
  EXPECT_EQ(pointers.first_key(), (OrderedPointers::Key{1, 5}));
  EXPECT_EQ(pointers.take_spare(), nullptr);
  for (int i = 0; i != 64; ++i) EXPECT_TRUE(pointers.keep_spare(&a));
  EXPECT_FALSE(pointers.keep_spare(&b)) << "enough is enough";
  EXPECT_EQ(pointers.take_spare(), &a);
}

TEST(Owned, DeletesOnce) {
  static int alive = 0;
  struct Counted {
    Counted() { ++alive; }
    ~Counted() { --alive; }
  };
  {
    Owned<Counted> one(new Counted);
    Owned<Counted> two(new Counted);
    two = std::move(one);
    EXPECT_EQ(alive, 1);
    EXPECT_FALSE(one);
    Owned<Counted> three(std::move(two));
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace gress
