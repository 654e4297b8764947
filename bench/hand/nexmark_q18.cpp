// q18: the last bid of each bidder on each auction. Every bid becomes a row that replaces the one of its key: rows stand in
// one array, found by an open-addressing table of (bidder, auction) without deletion.
#include <vector>

#include "bench/hand/nexmark.h"

using namespace hand;

namespace {

struct Row {
  i64 auction, bidder, price, at;
  u32 extra, size, channel;
};

struct Table {
  std::vector<u64> keys = std::vector<u64>(1 << 16);
  std::vector<u32> at = std::vector<u32>(1 << 16);
  std::vector<Row> rows;

  static u64 key(const Row& r) { return static_cast<u64>(r.auction) << 32 | static_cast<u64>(r.bidder); }
  u64 place(u64 k) const {
    u64 i = (k * 0x9e3779b97f4a7c15) >> (64 - __builtin_ctzll(keys.size()));
    while (keys[i] != 0 && keys[i] != k) i = (i + 1) & (keys.size() - 1);
    return i;
  }
  void grow() {
    std::vector<u64> old_keys(keys.size() * 2);
    std::vector<u32> old_at(keys.size() * 2);
    old_keys.swap(keys);
    old_at.swap(at);
    for (std::size_t i = 0; i != old_keys.size(); ++i)
      if (old_keys[i] != 0) {
        const u64 to = place(old_keys[i]);
        keys[to] = old_keys[i];
        at[to] = old_at[i];
      }
  }
  void put(const Row& r) {
    const u64 k = key(r), i = place(k);
    if (keys[i] == k) {
      rows[at[i]] = r;
      return;
    }
    keys[i] = k;
    at[i] = static_cast<u32>(rows.size());
    rows.push_back(r);
    if (rows.size() * 2 > keys.size()) grow();
  }
};

}  // namespace

int main(int argc, char** argv) {
  Market m = market(argc, argv);
  Table last;
  alignas(64) i64 auction[48], bidder[48], price[48], at[48];
  alignas(64) u32 where[48], size[48];
  u64 sum = 0;
  for (i64 g = 0; g != m.events / 50; ++g) {
    m.enter(g);
    m.auctions(g, auction);
    m.bidders(g, bidder);
    m.prices(g, price);
    m.times(g, at);
    extras(m, g, where, size);
    for (u32 j = 0; j != 46; ++j) last.put({auction[j], bidder[j], price[j], at[j], where[j], size[j], m.draw(g, 4 + j, kChannel)});
  }
  for (const Row& r : last.rows) sum += static_cast<u64>(r.price);
  std::printf("%zu %llu\n", last.rows.size(), static_cast<unsigned long long>(sum));
}
