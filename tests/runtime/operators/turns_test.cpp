// Rows that workers have worked on come together in the order that they had when they were numbered.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "runtime/core/turns.h"

namespace gress {
namespace {

struct Row {
  std::int64_t id;
  Text text;
  static constexpr auto members = Members<&Row::id, &Row::text>{};
};
using In = Block<Row, kTurn>;

TEST(Turns, PiecesAreNumberedOneBehindTheOther) {
  TurnNumbers first(0, 2), second(1, 2);
  EXPECT_LT(first.of(0), first.of(1));
  EXPECT_NE(origin_of(first.of(0)), origin_of(second.of(0)));
  first.given(3);
  const Turn own = first.bound();
  first.begin_piece(2);
  second.begin_piece(1);
  EXPECT_EQ(origin_of(first.of(0)), origin_of(second.of(0)));
  EXPECT_EQ(origin_of(first.of(0)), 2U);
  EXPECT_LT(second.of(1000), first.of(0));
  second.end_piece();
  EXPECT_EQ(second.bound(), first.of(0));
  first.end_piece();
  first.leave_pieces();
  EXPECT_EQ(first.bound(), own);
}

TEST(Turns, WhatIsReachedIsToldOnce) {
  ReachedTurns reached(0, 3);
  TurnNumbers numbers(2, 3);
  EXPECT_TRUE(reached.reach(numbers.bound()));
  EXPECT_FALSE(reached.reach(numbers.bound()));
  numbers.given(5);
  EXPECT_TRUE(reached.reach(numbers.bound()));
  EXPECT_EQ(reached.reached().size(), 4U);
  EXPECT_EQ(reached.reached()[2], numbers.bound());
}

/// Rows of several origins, numbered as they come, go through several workers at their own pace.
TEST(Turns, RowsOfEachOriginComeInOrder) {
  std::mt19937 random(7);
  for (const int workers : {1, 2, 5}) {
    HeldRows<In> held(0, workers);
    std::vector<TurnNumbers> numbers;
    std::vector<ReachedTurns> reached;
    std::vector<std::vector<std::pair<Turn, std::int64_t>>> way(static_cast<std::size_t>(workers));  // what each has still to hand on
    for (int w = 0; w != workers; ++w) {
      numbers.emplace_back(w, workers);
      reached.emplace_back(w, workers);
    }
    std::vector<std::int64_t> given(static_cast<std::size_t>(workers), 0);
    std::vector<std::int64_t> came(static_cast<std::size_t>(workers), 0);
    std::int64_t rows = 0, all = 0, loose = 0;
    const auto process = [&](const In& in) {
      for (int i = 0; i != in.count; ++i) {
        if (in.turn[i] == 0) {
          ++loose;
          continue;
        }
        const std::size_t origin = origin_of(in.turn[i]);
        EXPECT_EQ(in.rows[i].id, came[origin]++);
        EXPECT_EQ(in.rows[i].text.view(), "the text of row " + std::to_string(in.rows[i].id));
        ++rows;
      }
    };
    std::int64_t sent_loose = 0;
    const auto hand_on = [&](std::size_t by, bool whole) {
      In block;
      std::vector<std::string> texts(kBlock);
      auto& left = way[by];
      const std::size_t n = whole ? left.size() : std::min<std::size_t>(left.size(), random() % 40);
      std::size_t k = 0;
      do {
        block.count = 0;
        for (; k != n && !block.full(); ++k) {
          const int i = block.count++;
          auto& text = texts[static_cast<std::size_t>(i)] = "the text of row " + std::to_string(left[k].second);
          block.rows[i] = {left[k].second, Text(text.data(), text.size())};
          block.turn[i] = left[k].first;
          if (left[k].first != 0) reached[by].reach(left[k].first + 1);
        }
        if (block.count != 0) held.hold(static_cast<int>(by), block);
      } while (k != n);
      left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(n));
      if (left.empty())
        for (const TurnNumbers& of : numbers) reached[by].reach(of.bound());
      held.passed(static_cast<int>(by), reached[by].reached());
      held.release(0, process);
    };
    for (int step = 0; step != 3000; ++step) {
      const std::size_t origin = random() % static_cast<unsigned>(workers);
      for (unsigned n = random() % 20; n != 0; --n, ++all) {
        way[random() % static_cast<unsigned>(workers)].push_back({numbers[origin].of(0), given[origin]++});
        numbers[origin].given(1);
      }
      if (step % 50 == 0) {
        way[random() % static_cast<unsigned>(workers)].push_back({0, 0});
        ++sent_loose;
      }
      hand_on(random() % static_cast<unsigned>(workers), false);
      EXPECT_LE(rows, all);
    }
    for (std::size_t w = 0; w != static_cast<std::size_t>(workers); ++w) hand_on(w, true);
    EXPECT_EQ(rows, all);
    EXPECT_EQ(loose, sent_loose);
  }
}

}  // namespace
}  // namespace gress
