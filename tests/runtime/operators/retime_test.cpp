// `time` with several partitions that end, fall silent and come back.
#include "runtime/core/retime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

namespace gress {
namespace {

struct Row {
  std::int64_t at{};
};
using In = Block<Row, kPosition>;
using Retimed = Block<Row, kTime | kWatermark | kPosition>;

struct Pipeline {
  enum class State { holds, idle, ended };
  std::vector<State> partitions;
  std::vector<std::pair<std::int64_t, std::int64_t>> rows;  // time, the operator's watermark just before
  std::vector<std::int64_t> told;
  int failed = 0;
};

struct Spec {
  using Pipeline = gress::Pipeline;
  using In = gress::In;
  using Out = Retimed;
  static bool time(Pipeline& p, const In& in, int i, std::int64_t& t) {
    t = in.rows[i].at;
    if (t < 0) ++p.failed;
    return t >= 0;
  }
  static void copy(const In& in, int i, Row& o) { o = in.rows[i]; }
  static std::uint32_t partitions(const Pipeline& p) { return static_cast<std::uint32_t>(p.partitions.size()); }
  static Text partition_name(const Pipeline&, std::uint32_t n) { return Text(std::string_view("abcdefgh").substr(n, 1)); }
  static std::uint32_t partition_number(const Pipeline&, Text name) { return static_cast<std::uint32_t>(name.view()[0] - 'a'); }
  static bool holds(const Pipeline& p, std::uint32_t n) { return p.partitions[n] == Pipeline::State::holds; }
  static bool silent(const Pipeline& p, std::uint32_t n) { return p.partitions[n] == Pipeline::State::idle; }
  static void out(Pipeline& p, Retimed& b) {
    for (int i = 0; i < b.count; ++i) p.rows.emplace_back(b.time[i], b.watermark_before(i));
  }
  static void watermark(Pipeline& p, std::int64_t t) { p.told.push_back(t); }
};

struct Fed : Pipeline {
  Fed(std::size_t n, std::int64_t delay) : operator_(*this, delay) { partitions.assign(n, State::holds); }
  void row(std::size_t p, std::vector<std::int64_t> times) {
    if (std::exchange(partitions[p], State::holds) == State::idle) operator_.changed(static_cast<std::uint32_t>(p));
    In in;
    for (const std::int64_t t : times) {
      in.rows[in.count] = {t};
      in.position[in.count++] = static_cast<std::uint64_t>(p) << 48;
    }
    operator_.process(in);
  }
  void become(std::size_t p, State s) {
    partitions[p] = s;
    operator_.changed(static_cast<std::uint32_t>(p));
  }
  std::int64_t watermark() const { return told.empty() ? kStartOfTime : told.back(); }
  Retime<Spec> operator_;
};

TEST(Retime, HighestTimeLessTheDelay) {
  Fed f(1, 5);
  f.row(0, {10, 30, 20, -1, 40});
  EXPECT_EQ(f.rows, (std::vector<std::pair<std::int64_t, std::int64_t>>{{10, kStartOfTime}, {30, 5}, {20, 25}, {40, 25}}));
  EXPECT_EQ(f.failed, 1);
  EXPECT_EQ(f.told, std::vector<std::int64_t>{35});
  f.operator_.watermark(kEndOfTime);
  EXPECT_EQ(f.watermark(), kEndOfTime);
}

TEST(Retime, APartitionWithoutARowHoldsItBack) {
  Fed f(3, 0);
  f.row(0, {100});
  f.row(1, {50});
  EXPECT_EQ(f.watermark(), kStartOfTime);
  f.become(2, Pipeline::State::ended);
  EXPECT_EQ(f.watermark(), 50);
  f.become(1, Pipeline::State::ended);
  EXPECT_EQ(f.watermark(), 100);
}

TEST(Retime, ASilentPartitionIsJudgedByTheOthersWhenItComesBack) {
  Fed f(2, 0);
  f.row(0, {10});
  f.become(1, Pipeline::State::idle);
  EXPECT_EQ(f.watermark(), 10);
  f.row(0, {20});
  f.row(1, {15});
  EXPECT_EQ(f.rows.back(), (std::pair<std::int64_t, std::int64_t>{15, 20}));
  EXPECT_EQ(f.watermark(), 20);
  f.become(0, Pipeline::State::idle);
  f.become(1, Pipeline::State::idle);
  EXPECT_EQ(f.watermark(), 20);
}

TEST(Retime, APartitionThatComesBeginsWhereTheWholeStands) {
  Fed f(1, 0);
  f.row(0, {100});
  f.partitions.push_back(Pipeline::State::holds);
  f.row(1, {50, 120});
  EXPECT_EQ(f.rows.back(), (std::pair<std::int64_t, std::int64_t>{120, 100}));
  EXPECT_EQ(f.rows[f.rows.size() - 2], (std::pair<std::int64_t, std::int64_t>{50, 100}));
  EXPECT_EQ(f.watermark(), 100);
}

TEST(Retime, AgainstTheDefinition) {
  for (unsigned seed = 0; seed != 50; ++seed) {
    std::mt19937 random(seed);
    Fed f(1 + random() % 4, static_cast<std::int64_t>(random() % 7));
    const std::int64_t delay = static_cast<std::int64_t>(seed % 7);
    Retime<Spec> retime(f, delay);
    std::vector<std::int64_t> marks(f.partitions.size(), kStartOfTime);
    for (int step = 0; step != 300; ++step) {
      const std::size_t p = random() % marks.size();
      if (f.partitions[p] == Pipeline::State::ended) continue;
      if (random() % 60 == 0) {
        f.partitions[p] = Pipeline::State::ended;
        retime.changed(static_cast<std::uint32_t>(p));
      } else {
        In in;
        in.count = static_cast<int>(1 + random() % 5);
        f.rows.clear();
        std::vector<std::pair<std::int64_t, std::int64_t>> want;
        std::int64_t others = kEndOfTime;
        for (std::size_t q = 0; q != marks.size(); ++q)
          if (q != p && f.partitions[q] == Pipeline::State::holds) others = std::min(others, marks[q]);
        for (int i = 0; i != in.count; ++i) {
          in.rows[i] = {static_cast<std::int64_t>(random() % 50) + step};
          in.position[i] = static_cast<std::uint64_t>(p) << 48;
          want.emplace_back(in.rows[i].at, std::min(marks[p], others));
          marks[p] = std::max(marks[p], in.rows[i].at - delay);
        }
        retime.process(in);
        ASSERT_EQ(f.rows, want);
      }
      std::int64_t lowest = kEndOfTime;
      for (std::size_t q = 0; q != marks.size(); ++q)
        if (f.partitions[q] == Pipeline::State::holds) lowest = std::min(lowest, marks[q]);
      if (lowest != kEndOfTime) ASSERT_EQ(f.watermark(), lowest) << "step " << step;
    }
  }
}

}  // namespace
}  // namespace gress
