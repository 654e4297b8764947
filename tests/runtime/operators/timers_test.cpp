#include "runtime/core/timers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "runtime/core/expiry.h"

namespace gress {
namespace {

TEST(Timers, ComeInOrderOfTimeThenEntry) {
  std::mt19937_64 random(1);
  Timers timers;
  std::vector<std::pair<std::int64_t, std::uint32_t>> expected;
  EXPECT_EQ(timers.next(), INT64_MAX);
  for (std::uint32_t entry = 0; entry != 5'000; ++entry) {
    const std::int64_t at = static_cast<std::int64_t>(random() % 500) - 250;
    timers.push(at, entry);
    expected.emplace_back(at, entry);
  }
  std::sort(expected.begin(), expected.end());
  for (const auto& [at, entry] : expected) {
    ASSERT_EQ(timers.next(), at);
    const Timers::Note note = timers.pop();
    ASSERT_EQ(note.at, at);
    ASSERT_EQ(note.entry, entry);
  }
  EXPECT_EQ(timers.next(), INT64_MAX);
}

TEST(Expiry, AtTheTimeAWatermarkMustBeGreater) {
  const Expiry expiry(10);
  EXPECT_FALSE(expiry.expired(5, 15));
  EXPECT_TRUE(expiry.expired(5, 16));
  EXPECT_FALSE(expiry.expired(-20, -10));
  EXPECT_TRUE(expiry.expired(-20, -9));
  EXPECT_FALSE(expiry.expired(kEndOfTime - 5, kEndOfTime)) << "the end of time is never passed";
}

TEST(Expiry, ForeverNeverExpires) {
  Expiry expiry(kEndOfTime);
  expiry.start(1, 5);
  EXPECT_TRUE(expiry.forever());
  EXPECT_FALSE(expiry.expired(5, kEndOfTime));
  EXPECT_EQ(expiry.next(), INT64_MAX);
}

/// Keys that are touched, come late, go and come back, against a map of their last rows.
TEST(Expiry, AgainstAMap) {
  for (std::uint32_t seed = 0; seed != 50; ++seed) {
    std::mt19937 random(seed);
    const std::int64_t retain = 1 + static_cast<std::int64_t>(random() % 40);
    Expiry expiry(retain);
    std::map<std::uint32_t, std::int64_t> last;
    std::int64_t watermark = -500;
    for (int step = 0; step != 3'000; ++step) {
      const std::uint32_t entry = random() % 20;
      const std::int64_t t = watermark + static_cast<std::int64_t>(random() % 30);
      const auto found = last.find(entry);
      if (found == last.end()) {
        last[entry] = t;
        expiry.start(entry, t);
      } else {
        found->second = std::max(found->second, t);
      }
      watermark += static_cast<std::int64_t>(random() % 4);
      std::vector<std::pair<std::int64_t, std::uint32_t>> expected, gone;
      for (const auto& [e, row] : last)
        if (watermark > row + retain) expected.emplace_back(row + retain, e);
      std::sort(expected.begin(), expected.end());
      expiry.pass(
          watermark, [&](std::uint32_t e) { return last.contains(e) ? last[e] : kEndOfTime; },
          [&](std::uint32_t e, std::int64_t at) {
            gone.emplace_back(at, e);
            last.erase(e);
          });
      ASSERT_EQ(gone, expected) << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace gress
