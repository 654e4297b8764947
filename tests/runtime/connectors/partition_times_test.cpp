// Watermarks of partitions, those that fall silent, and the order in which several sources are read.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "runtime/connectors/partition_times.h"
#include "runtime/connectors/source_order.h"
#include "runtime/engine/clock.h"

namespace gress::test {
namespace {

constexpr SourceTime kIdle{.idle = 100};

TEST(PartitionTimes, lowest_of_those_that_hold) {
  PartitionTimes times(3, {});
  times.set(0, 10);
  times.set(1, 20);
  EXPECT_FALSE(times.raise());  // partition 2 has not begun
  times.set(2, 5);
  EXPECT_TRUE(times.raise());
  EXPECT_EQ(times.told(), 5);
  EXPECT_EQ(times.lowest_but(2), 10);
  times.end(2);
  EXPECT_TRUE(times.raise());
  EXPECT_EQ(times.told(), 10);
  times.end(0);
  times.end(1);
  EXPECT_TRUE(times.raise());
  EXPECT_EQ(times.told(), kEndOfTime);
}

TEST(PartitionTimes, silence_lets_go_and_the_next_row_is_judged_by_the_source) {
  PartitionTimes times(2, kIdle);
  times.set(0, 50);
  times.set(1, 10);
  times.raise();
  EXPECT_EQ(times.silent(1, 1000), 1100);
  EXPECT_EQ(times.silent(1, 1050), 1100);
  EXPECT_FALSE(times.idle(1));
  EXPECT_EQ(times.silent(1, 1100), kEndOfTime);
  EXPECT_TRUE(times.idle(1));
  EXPECT_TRUE(times.raise());
  EXPECT_EQ(times.told(), 50);
  EXPECT_EQ(times.lowest_but(0), kEndOfTime);
  times.active(1);
  EXPECT_FALSE(times.idle(1));
  EXPECT_EQ(times.of(1), 50);
  times.set(0, 80);
  EXPECT_FALSE(times.raise());  // held again
}

TEST(PartitionTimes, a_row_begins_the_silence_anew) {
  PartitionTimes times(1, kIdle);
  times.silent(0, 0);
  times.active(0);
  EXPECT_EQ(times.silent(0, 90), 190);
  EXPECT_FALSE(times.idle(0));
}

TEST(PartitionTimes, when_all_are_idle_the_highest_counts_in_any_order) {
  for (const bool first : {false, true}) {
    PartitionTimes times(2, kIdle);
    times.set(0, 50);
    times.set(1, 10);
    for (const std::uint32_t p : {first ? 0u : 1u, first ? 1u : 0u}) {
      times.silent(p, 0);
      times.silent(p, 100);
      times.raise();
    }
    EXPECT_TRUE(times.all_idle());
    EXPECT_EQ(times.told(), 50);
  }
}

TEST(PartitionTimes, the_clock_goes_on_from_where_the_watermark_was) {
  PartitionTimes times(1, {.idle = 100, .by_clock = true});
  times.set(0, 5000);
  times.raise();
  times.silent(0, 0);
  times.silent(0, 100);
  EXPECT_FALSE(times.drift(100));
  EXPECT_TRUE(times.drift(350));
  EXPECT_EQ(times.told(), 5250);
  times.active(0);
  EXPECT_EQ(times.of(0), 5250);
  times.silent(0, 400);
  times.silent(0, 500);
  times.drift(500);
  EXPECT_EQ(times.told(), 5250);
  EXPECT_TRUE(times.drift(510));
  EXPECT_EQ(times.told(), 5260);
  PartitionTimes none(1, {.idle = 100, .by_clock = true});
  none.silent(0, 0);
  none.silent(0, 100);
  none.drift(100);
  EXPECT_FALSE(none.drift(1'000'000));  // no row: nothing to go on from
}

TEST(PartitionTimes, of_several_workers_one_without_a_partition_that_holds_goes_with_the_others) {
  SharedWatermark shared(3);
  PartitionTimes a(2, {.idle = 100, .by_clock = true}), b(2, {.idle = 100, .by_clock = true}), none(2, {});
  const auto idle = [](PartitionTimes& times, std::uint32_t p) {
    times.silent(p, 0);
    times.silent(p, 100);
    times.raise();
  };
  a.share(&shared, 0), b.share(&shared, 1), none.share(&shared, 2);
  a.end(1), b.end(0), none.end(0), none.end(1);
  a.set(0, 50);
  idle(b, 1);
  EXPECT_EQ(b.told(), 50);  // has shown no row
  b.active(1);
  EXPECT_EQ(b.of(1), 50);
  b.set(1, 70);
  b.raise();
  idle(b, 1);
  EXPECT_EQ(b.told(), 70);
  EXPECT_FALSE(b.nothing_holds());
  EXPECT_FALSE(b.drift(1000));
  idle(a, 0);
  EXPECT_EQ(a.told(), 70);  // as far as the furthest
  EXPECT_TRUE(a.nothing_holds());
  a.drift(1000);
  EXPECT_TRUE(a.drift(1030));
  EXPECT_EQ(a.told(), 100);
  b.drift(1000);
  EXPECT_EQ(b.told(), 100);
  b.active(1);
  b.set(1, 110);
  EXPECT_FALSE(a.nothing_holds());
  EXPECT_TRUE(a.drift(5000));
  EXPECT_EQ(a.told(), 110);
}

/// Random rows and silences against the definition: the watermark is the lowest of the partitions that are not idle,
/// and never goes back.
TEST(PartitionTimes, random_silences) {
  std::mt19937 random(7);
  for (int round = 0; round != 200; ++round) {
    const std::uint32_t n = 1 + random() % 9;
    PartitionTimes times(random() % (n + 1), kIdle);
    while (times.size() != n) times.add();
    std::vector<std::int64_t> watermark(n, kStartOfTime), empty_since(n, -1);
    std::vector<bool> idle(n, false);
    std::int64_t told = kStartOfTime, now = 0;
    for (int step = 0; step != 200; ++step) {
      now += random() % 40;
      const std::uint32_t p = random() % n;
      if (random() % 3 == 0) {
        times.active(p);
        if (idle[p]) watermark[p] = std::max(watermark[p], told);
        idle[p] = false;
        empty_since[p] = -1;
        ASSERT_EQ(times.of(p), watermark[p]);
        watermark[p] = std::max<std::int64_t>(watermark[p], static_cast<std::int64_t>(random() % 1000));
        times.set(p, watermark[p]);
      } else {
        times.silent(p, now);
        if (empty_since[p] < 0) empty_since[p] = now;
        if (now - empty_since[p] >= 100) idle[p] = true;
      }
      times.raise();
      std::int64_t lowest = kEndOfTime, highest = kStartOfTime;
      for (std::uint32_t q = 0; q != n; ++q) {
        if (!idle[q]) lowest = std::min(lowest, watermark[q]);
        highest = std::max(highest, watermark[q]);
      }
      std::int64_t others = kEndOfTime;
      for (std::uint32_t q = 0; q != n; ++q)
        if (q != p && !idle[q]) others = std::min(others, watermark[q]);
      ASSERT_EQ(times.lowest_but(p), others);
      ASSERT_EQ(times.all_idle(), lowest == kEndOfTime);
      if (lowest != kEndOfTime) ASSERT_EQ(times.of(times.holder()), lowest);
      told = std::max(told, lowest == kEndOfTime ? highest : lowest);
      ASSERT_EQ(times.told(), told);
    }
  }
}

SourceAt at(std::int64_t watermark, int group = -1, std::int64_t drift = 0) {
  return {watermark, false, false, {.group = group, .max_drift = drift}, watermark};
}

TEST(SourceOrder, the_lowest_goes_next) {
  const SourceAt sources[] = {at(30), at(10), at(20)};
  bool waiting[3] = {};
  EXPECT_EQ(next_source(sources, waiting, 3), 1);
  waiting[1] = true;
  EXPECT_EQ(next_source(sources, waiting, 3), 2);
}

TEST(SourceOrder, a_group_waits_for_its_slowest) {
  SourceAt sources[] = {at(100, 0, 50), at(49, 0, 50), at(0)};
  bool waiting[3] = {false, true, true};
  EXPECT_EQ(next_source(sources, waiting, 3), -1);
  sources[1].held = 50;  // exactly the drift is near enough
  EXPECT_EQ(next_source(sources, waiting, 3), 0);
  sources[1].held = kStartOfTime;  // not begun
  EXPECT_EQ(next_source(sources, waiting, 3), -1);
  sources[1].held = kEndOfTime;  // idle, or it has ended
  EXPECT_EQ(next_source(sources, waiting, 3), 0);
}

TEST(SourceOrder, idle_sources_follow_those_they_meet) {
  SourceAt sources[] = {at(0), at(40), at(20), at(90)};
  for (SourceAt& s : sources) s.time.peers = 1;
  sources[0].held = kEndOfTime;
  EXPECT_EQ(followed(sources, 4, 0), 20);
  sources[2].time.peers = 2;  // of another part of the program
  EXPECT_EQ(followed(sources, 4, 0), 40);
  sources[1].held = kEndOfTime;
  EXPECT_EQ(followed(sources, 4, 0), 90);
  sources[3].held = kEndOfTime;
  EXPECT_EQ(followed(sources, 4, 0), kStartOfTime);
  sources[1].idle = sources[3].idle = true;
  EXPECT_EQ(followed(sources, 4, 0), 90);  // when all are idle the furthest counts
}

TEST(Clock, a_wall_clock_that_is_set_back_takes_nothing_away) {
  const engine::Clock clock;
  const std::int64_t wall = engine::now_micros(), steady = engine::steady_micros();
  constexpr std::int64_t kHour = 3'600'000'000;
  EXPECT_GE(clock.latest(wall - kHour, steady), wall - 1'000'000);
  EXPECT_EQ(clock.latest(wall + kHour, steady), wall + kHour);
  EXPECT_GE(clock.latest(wall - kHour, steady + 5 * kHour), wall + 5 * kHour - 1'000'000);
}

}  // namespace
}  // namespace gress::test
