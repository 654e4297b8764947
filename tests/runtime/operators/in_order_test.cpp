// `in_order` against sorting, on rows in disorder of several partitions.
#include "runtime/core/in_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace gress {
namespace {

struct Row {
  std::int64_t number{};
  Text name{};
  static constexpr auto members = Members<&Row::number, &Row::name>{};
};
using In = Block<Row, kTime | kWatermark | kPosition>;

struct Seen {
  std::int64_t number;
  std::string name;
  std::int64_t time, watermark;
  std::uint64_t position;
};
struct Pipeline {
  std::vector<Seen> got;
  std::vector<std::int64_t> late;
  std::int64_t told = kStartOfTime;
};

struct Spec {
  using Pipeline = gress::Pipeline;
  using In = gress::In;
  using Out = Block<Row, kTime | kWatermark | kPosition>;
  static void copy(const In& in, int i, Row& o) { o = in.rows[i]; }
  static void late(Pipeline& p, const In& in, int i) { p.late.push_back(in.rows[i].number); }
  static void out(Pipeline& p, Out& b) {
    for (int i = 0; i < b.count; ++i) {
      EXPECT_GE(b.time[i], p.told) << "late at the operator's own output";
      p.got.push_back({b.rows[i].number, std::string(b.rows[i].name.view()), b.time[i], b.watermark[i], b.position[i]});
    }
  }
  static void watermark(Pipeline& p, std::int64_t t) { p.told = t; }
};

std::string name_of(std::int64_t n) { return n % 3 == 0 ? "short" : "a name that is too long to be held inline " + std::to_string(n); }

void check(unsigned seed, int partitions, std::int64_t disorder, std::int64_t delay, int count) {
  std::mt19937 random(seed);
  const auto up_to = [&](std::int64_t n) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(n + 1)); };
  std::vector<std::int64_t> at(static_cast<std::size_t>(partitions)), mark(static_cast<std::size_t>(partitions), kStartOfTime);
  std::vector<std::string> names;
  std::vector<Seen> kept;
  std::vector<std::int64_t> late;
  Pipeline p;
  InOrder<Spec> in_order(p);
  In in;
  std::int64_t number = 0;
  while (number < count) {
    const std::size_t q = random() % static_cast<std::size_t>(partitions);
    in.count = static_cast<int>(1 + up_to(kBlock - 1));
    names.clear();
    names.reserve(kBlock);
    for (int i = 0; i != in.count; ++i, ++number) {
      at[q] += up_to(2);
      const std::int64_t t = at[q] - up_to(disorder);
      names.push_back(name_of(number));
      in.rows[i] = {number, Text(names.back().data(), names.back().size())};
      in.time[i] = t;
      in.watermark[i] = mark[q];
      // Several rows may be of one record.
      in.position[i] = static_cast<std::uint64_t>(q) << 48 | static_cast<std::uint64_t>(number / 2);
      if (t < mark[q]) late.push_back(number);
      else kept.push_back({number, names.back(), t, t, in.position[i]});
      mark[q] = std::max(mark[q], t - delay);
    }
    in_order.process(in);
    for (std::string& name : names) name.assign(name.size(), '?');
    const std::int64_t lowest = *std::min_element(mark.begin(), mark.end());
    if (random() % 2) {
      in_order.watermark(lowest);
      const auto waiting = std::count_if(kept.begin(), kept.end(), [&](const Seen& s) { return s.time >= lowest; });
      ASSERT_EQ(in_order.held(), static_cast<std::size_t>(waiting));
      ASSERT_EQ(p.got.size(), kept.size() - static_cast<std::size_t>(waiting));
    }
  }
  in_order.watermark(kEndOfTime);
  std::sort(kept.begin(), kept.end(), [](const Seen& a, const Seen& b) { return std::tie(a.time, a.position, a.number) < std::tie(b.time, b.position, b.number); });
  ASSERT_EQ(p.late, late);
  ASSERT_EQ(in_order.held(), 0u);
  ASSERT_EQ(p.got.size(), kept.size());
  for (std::size_t i = 0; i != kept.size(); ++i) {
    ASSERT_EQ(p.got[i].number, kept[i].number) << "row " << i;
    ASSERT_EQ(p.got[i].name, kept[i].name);
    ASSERT_EQ(p.got[i].time, kept[i].time);
    ASSERT_EQ(p.got[i].position, kept[i].position);
    ASSERT_EQ(p.got[i].watermark, kept[i].time);
  }
}

TEST(InOrder, OnePartitionInOrder) { check(1, 1, 0, 0, 5000); }
TEST(InOrder, LittleDisorder) {
  for (unsigned seed = 0; seed != 20; ++seed) check(seed, 1, 10, 10, 4000);
}
TEST(InOrder, LateRows) {
  for (unsigned seed = 0; seed != 20; ++seed) check(seed, 2, 30, 10, 4000);
}
TEST(InOrder, Partitions) {
  for (unsigned seed = 0; seed != 20; ++seed) check(seed, 5, 50, 60, 6000);
}
TEST(InOrder, MuchDisorder) {
  for (unsigned seed = 0; seed != 10; ++seed) check(seed, 3, 5000, 5000, 6000);
}

}  // namespace
}  // namespace gress
