#include <gtest/gtest.h>

#include <map>
#include <random>

#include "runtime/core/paned_window.h"

namespace gress {
namespace {

struct TestPane {
  std::int64_t start, end;
};

/// Panes one behind the other from -10'000 on, of widths in [least, most], asked for in disorder around a time that goes
/// on, and closed behind it. Gives how many questions found nothing.
int ask(std::uint32_t seed, std::int64_t least, std::int64_t most) {
  std::mt19937 random(seed);
  const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n)); };
  std::map<std::int64_t, TestPane> panes;  // by their ends
  for (std::int64_t at = -10'000; at < 10'000;) {
    const std::int64_t end = at + least + below(most - least + 1);
    panes[end] = {at, end};
    at = end;
  }
  RecentPanes<TestPane> recent;
  int misses = 0;
  for (std::int64_t now = -4'000; now < 9'000; ++now) {
    for (int i = 0; i != 5; ++i) {
      const std::int64_t t = now - below(2 * least);
      TestPane& pane = panes.upper_bound(t)->second;
      if (const auto* known = recent.find(t); known != nullptr) {
        EXPECT_EQ(known->pane, &pane) << t;
      } else {
        ++misses;
        recent.add(t, pane.start, pane.end, &pane);
        const auto* noted = recent.find(t);
        EXPECT_TRUE(noted != nullptr && noted->pane == &pane) << t;
      }
    }
    TestPane& closed = panes.upper_bound(now - 2 * least - 1)->second;
    if (closed.end == now - 2 * least) {
      recent.forget(&closed);
      EXPECT_EQ(recent.find(closed.start), nullptr);
      EXPECT_EQ(recent.find(closed.end - 1), nullptr);
    }
  }
  return misses;
}

TEST(RecentPanes, OfOneWidthAreFoundAgain) {
  for (const std::int64_t width : {7, 64, 100, 1'000}) EXPECT_LT(ask(1, width, width), 4 * (13'000 / width + 2)) << width;
}
TEST(RecentPanes, OfAnyWidth) {
  for (std::uint32_t seed = 0; seed != 10; ++seed) ask(seed, 10, 300);
}
TEST(RecentPanes, OfAllTime) {
  TestPane pane{kStartOfTime, kEndOfTime};
  RecentPanes<TestPane> recent;
  for (const std::int64_t t : {std::int64_t{-5}, std::int64_t{0}, kStartOfTime + 1, kEndOfTime - 1}) {
    if (recent.find(t) == nullptr) recent.add(t, pane.start, pane.end, &pane);
    ASSERT_NE(recent.find(t), nullptr);
    EXPECT_EQ(recent.find(t)->pane, &pane);
  }
}

}  // namespace
}  // namespace gress
