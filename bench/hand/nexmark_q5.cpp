// q5: bids per auction in windows of 10 s that begin every 2 s; of each window the auctions with the most. Counts by pane
// of 2 s and auction id, without slots of keys: panes[pane % 8][id].
#include <algorithm>
#include <vector>

#include "bench/hand/nexmark.h"

using namespace hand;

namespace {

constexpr i64 kPane = 2000, kPanes = 5, kDelay = 4000;
constexpr i64 kSlots = 16;  // panes that may be open

struct Windows {
  std::vector<u32> counts[kSlots];
  i64 low[kSlots], high[kSlots];  // ids touched
  std::vector<u32> sums;
  i64 closed = 0;  // the window that ends with this pane is next
  u64 rows = 0, sum = 0;

  void open(i64 pane) {
    auto& c = counts[pane % kSlots];
    if (low[pane % kSlots] <= high[pane % kSlots]) std::fill(c.begin() + low[pane % kSlots], c.begin() + high[pane % kSlots] + 1, 0);
    low[pane % kSlots] = INT64_MAX;
    high[pane % kSlots] = -1;
  }
  /// The window of the panes (last - 5, last].
  void close(i64 last, i64 first_pane) {
    i64 from = INT64_MAX, to = -1;
    for (i64 p = std::max(last - kPanes + 1, first_pane); p <= last; ++p) {
      from = std::min(from, low[p % kSlots]);
      to = std::max(to, high[p % kSlots]);
    }
    if (to < from) return;
    sums.assign(static_cast<std::size_t>(to - from + 1), 0);
    for (i64 p = std::max(last - kPanes + 1, first_pane); p <= last; ++p) {
      const i64 a = low[p % kSlots], b = high[p % kSlots];
      for (i64 id = a; id <= b; ++id) sums[static_cast<std::size_t>(id - from)] += counts[p % kSlots][static_cast<std::size_t>(id)];
    }
    const u32 most = *std::max_element(sums.begin(), sums.end());
    for (std::size_t i = 0; i != sums.size(); ++i)
      if (sums[i] == most) {
        ++rows;
        sum += static_cast<u64>(from) + i + 1000 + most;
      }
  }
};

}  // namespace

int main(int argc, char** argv) {
  Market m = market(argc, argv);
  static Windows w;
  const std::size_t ids = static_cast<std::size_t>(m.events / 50 * 3 + 64);
  for (i64 p = 0; p != kSlots; ++p) {
    w.low[p] = INT64_MAX;
    w.high[p] = -1;
  }
  alignas(64) i64 auction[48], at[48];
  const i64 first_pane = kBase / kPane;
  i64 newest = first_pane - 1, next = first_pane;
  for (i64 g = 0; g != m.events / 50; ++g) {
    m.enter(g);
    m.auctions(g, auction);
    m.times(g, at);
    for (int j = 0; j != 46;) {
      const i64 pane = at[j] / kPane, end = (pane + 1) * kPane;
      // Windows close 4 s behind the newest bid.
      while ((next + 1) * kPane <= at[j] - kDelay) w.close(next++, first_pane);
      while (newest < pane) {
        ++newest;
        w.open(newest);
        if (w.counts[newest % kSlots].size() < ids) w.counts[newest % kSlots].resize(ids);
      }
      u32* counts = w.counts[pane % kSlots].data();
      int to = j;
      while (to != 46 && at[to] < end) ++to;
      i64 low = w.low[pane % kSlots], high = w.high[pane % kSlots];
      for (; j != to; ++j) {
        const i64 id = auction[j] - 1000;
        ++counts[id];
        low = std::min(low, id);
        high = std::max(high, id);
      }
      w.low[pane % kSlots] = low;
      w.high[pane % kSlots] = high;
    }
  }
  for (i64 p = 1; p != kPanes; ++p) w.open(newest + p);
  for (; next < newest + kPanes; ++next) w.close(next, first_pane);
  std::printf("%llu %llu\n", static_cast<unsigned long long>(w.rows), static_cast<unsigned long long>(w.sum));
}
