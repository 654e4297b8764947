// q0: auction, bidder, price, time and extra of every bid, made in columns and put into rows of 128, which are counted.
#include "bench/hand/nexmark.h"

using namespace hand;

namespace {

struct Row {
  i64 auction, bidder, price, at;
  const char* extra;
  u64 size;
};

}  // namespace

int main(int argc, char** argv) {
  Market m = market(argc, argv);
  const Letters letters;
  static Row rows[128];
  alignas(64) i64 auction[48], bidder[48], price[48], at[48];
  alignas(64) u32 where[48], size[48];
  u64 count = 0, sum = 0;
  for (i64 g = 0; g != m.events / 50; ++g) {
    m.enter(g);
    m.auctions(g, auction);
    m.bidders(g, bidder);
    m.prices(g, price);
    m.times(g, at);
    extras(m, g, where, size);
    for (int j = 0; j != 46; ++j) rows[j] = {auction[j], bidder[j], price[j], at[j] * 1000, letters.pool.data() + where[j], size[j]};
    asm volatile("" ::"r"(rows) : "memory");  // somebody might read them
    count += 46;
    sum += static_cast<u64>(rows[45].price);
  }
  std::printf("%llu %llu\n", static_cast<unsigned long long>(count), static_cast<unsigned long long>(sum));
}
