#include "runtime/core/geometry.h"

#include <gtest/gtest.h>

#include <random>
#include <utility>
#include <vector>

#include "runtime/core/calendar.h"

namespace gress {
namespace {

using Windows = std::vector<std::pair<std::int64_t, std::int64_t>>;

template <class G>
Windows windows(const G& g, std::int64_t t) {
  Windows out;
  g.windows(t, [&](std::int64_t start, std::int64_t end) { out.emplace_back(start, end); });
  return out;
}

/// Starts `offset + n * every` of windows of `size` that hold t, in order: every n near t is looked at.
Windows naive_sliding(std::int64_t size, std::int64_t every, std::int64_t offset, std::int64_t t) {
  Windows out;
  const std::int64_t middle = (t - offset) / every;
  for (std::int64_t n = middle - size / every - 3; n <= middle + 3; ++n) {
    const std::int64_t start = offset + n * every;
    if (start <= t && t < start + size) out.emplace_back(start, start + size);
  }
  return out;
}

TEST(Geometry, TumblingAndSlidingAgainstAllWindows) {
  std::mt19937_64 random(1);
  for (int round = 0; round != 200'000; ++round) {
    const std::int64_t every = 1 + static_cast<std::int64_t>(random() % 12);
    const std::int64_t size = 1 + static_cast<std::int64_t>(random() % 40);
    const std::int64_t offset = static_cast<std::int64_t>(random() % 50) - 25;
    const std::int64_t t = static_cast<std::int64_t>(random() % 400) - 200;
    ASSERT_EQ(windows(Sliding{size, every, offset}, t), naive_sliding(size, every, offset, t))
        << "size " << size << ", every " << every << ", offset " << offset << ", t " << t;
    ASSERT_EQ(windows(Tumbling{size, offset}, t), naive_sliding(size, size, offset, t));
  }
}

TEST(Geometry, CumulativeAgainstAllWindows) {
  std::mt19937_64 random(2);
  for (int round = 0; round != 200'000; ++round) {
    const std::int64_t every = 1 + static_cast<std::int64_t>(random() % 12);
    const std::int64_t size = every * (1 + static_cast<std::int64_t>(random() % 6));
    const std::int64_t offset = static_cast<std::int64_t>(random() % 50) - 25;
    const std::int64_t t = static_cast<std::int64_t>(random() % 400) - 200;
    Windows expected;
    const auto [start, last] = naive_sliding(size, size, offset, t).at(0);
    for (std::int64_t end = start + every; end <= last; end += every)
      if (t < end) expected.emplace_back(start, end);
    ASSERT_EQ(windows(Cumulative{size, every, offset}, t), expected);
  }
}

TEST(Geometry, BeforeTheEpoch) {
  EXPECT_EQ(windows(Tumbling{10, 0}, -1), (Windows{{-10, 0}}));
  EXPECT_EQ(windows(Tumbling{10, 0}, -10), (Windows{{-10, 0}}));
  EXPECT_EQ(windows(Tumbling{10, 3}, -8), (Windows{{-17, -7}}));
  EXPECT_EQ(windows(Sliding{10, 5, 0}, -1), (Windows{{-10, 0}, {-5, 5}}));
  EXPECT_EQ(windows(Cumulative{10, 5, 0}, -6), (Windows{{-10, -5}, {-10, 0}}));
}

TEST(Geometry, GlobalIsAllTime) {
  for (const std::int64_t t : {kStartOfTime, std::int64_t{-1}, std::int64_t{0}, kEndOfTime})
    EXPECT_EQ(windows(Global{}, t), (Windows{{kStartOfTime, kEndOfTime}}));
}

/// A calendar of units of uneven length: they begin at n * n for n from 0, and at -n * n before.
struct Squares {
  static std::int64_t start_of(std::int64_t n) { return n < 0 ? -n * n : n * n; }
  std::int64_t floor(std::int64_t t) const {
    std::int64_t n = -100;
    while (start_of(n + 1) <= t) ++n;
    return start_of(n);
  }
  std::int64_t next(std::int64_t start) const {
    std::int64_t n = -100;
    while (start_of(n) <= start) ++n;
    return start_of(n);
  }
};

TEST(Geometry, CalendarUnitsOfUnevenLength) {
  for (const std::int64_t offset : {0, 7, -3})
    for (std::int64_t t = -2'000; t != 2'000; ++t) {
      const Windows days = windows(CalendarTumbling<Squares>{{}, offset}, t);
      ASSERT_EQ(days.size(), 1u);
      const auto [start, last] = days[0];
      ASSERT_LE(start, t);
      ASSERT_LT(t, last);
      ASSERT_EQ(Squares{}.floor(start - offset), start - offset);
      Windows expected;
      for (std::int64_t end = start + 4; end < last; end += 4)
        if (t < end) expected.emplace_back(start, end);
      expected.emplace_back(start, last);
      ASSERT_EQ(windows(CalendarCumulative<Squares>{{}, 4, offset}, t), expected) << "t " << t << ", offset " << offset;
    }
}

TEST(Geometry, FloorToHoldsForAllSigns) {
  for (std::int64_t step = 1; step != 9; ++step)
    for (std::int64_t offset = -20; offset != 20; ++offset)
      for (std::int64_t t = -50; t != 50; ++t) {
        const std::int64_t f = floor_to(t, step, offset);
        ASSERT_LE(f, t);
        ASSERT_GT(f + step, t);
        ASSERT_EQ((f - offset) % step, 0);
      }
}

}  // namespace
}  // namespace gress
