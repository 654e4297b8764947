// DistinctCounts against sets, one a count.
#include "runtime/core/aggregates/distinct_counts.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <set>

namespace gress::agg {
namespace {

constexpr int kCounts = 5;

struct Sets {
  std::set<std::int64_t> of[kCounts];
};

void expect_same(Eval& ev, const DistinctCounts<std::int64_t, kCounts>& counts, const Sets& sets) {
  for (int k = 0; k != kCounts; ++k) EXPECT_EQ(counts.result(ev, k), static_cast<std::int64_t>(sets.of[k].size())) << k;
}

/// Values near each other, far from each other, and all in the first place of their line.
std::int64_t value(std::mt19937_64& random, int form, std::int64_t among) {
  const std::int64_t n = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(among));
  if (form == 0) return n - among / 2;
  if (form == 1) return static_cast<std::int64_t>(static_cast<std::uint64_t>(n) * 0x9e3779b97f4a7c15);
  return n * 1000;
}

TEST(DistinctCounts, CountWhatSetsCount) {
  Eval ev;
  std::mt19937_64 random(7);
  for (int form = 0; form != 3; ++form) {
    for (const std::int64_t among : {1, 5, 100, 3000}) {
      DistinctCounts<std::int64_t, kCounts> a, b;
      Sets in_a, in_b;
      const auto add = [&](DistinctCounts<std::int64_t, kCounts>& counts, Sets& sets) {
        const std::int64_t x = value(random, form, among);
        const std::uint32_t bits = static_cast<std::uint32_t>(random()) & static_cast<std::uint32_t>(random()) & 31u;
        counts.prefetch(x);
        counts.add(ev, x, bits);
        for (int k = 0; k != kCounts; ++k)
          if ((bits >> k & 1) != 0) sets.of[k].insert(x);
      };
      for (int i = 0; i != 4000; ++i) add(a, in_a);
      for (int i = 0; i != 500; ++i) add(b, in_b);
      expect_same(ev, a, in_a);
      expect_same(ev, b, in_b);
      b.merge(ev, a);
      for (int k = 0; k != kCounts; ++k) in_b.of[k].insert(in_a.of[k].begin(), in_a.of[k].end());
      expect_same(ev, b, in_b);
      a.clear();
      expect_same(ev, a, Sets{});
      in_a = Sets{};
      for (int i = 0; i != 300; ++i) add(a, in_a);
      expect_same(ev, a, in_a);
      a.merge(ev, DistinctCounts<std::int64_t, kCounts>{});
      expect_same(ev, a, in_a);
    }
  }
}

TEST(DistinctCounts, TakeExtremesAndMove) {
  Eval ev;
  DistinctCounts<std::int32_t, 12> counts;
  for (const std::int32_t x : {0, -1, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max(), 0, -1})
    counts.add(ev, x, x < 0 ? 1u << 11 : 1u);
  counts.add(ev, 0, 1u << 11);
  counts.add(ev, 12, 0);  // in none
  DistinctCounts<std::int32_t, 12> moved = std::move(counts);
  EXPECT_EQ(moved.result(ev, 0), 2);
  EXPECT_EQ(moved.result(ev, 11), 3);
  EXPECT_EQ(moved.result(ev, 5), 0);
}

}  // namespace
}  // namespace gress::agg
