// q9: each auction with its winning bid, the highest price, then the earliest, among bids with at in [auction.at, expires].
// Auctions are numbered, so an array holds them and the bid that wins so far; bids that come before their auction wait.
#include <vector>

#include "bench/hand/nexmark.h"

using namespace hand;

namespace {

struct Bid {
  i64 price, at, bidder;
  u32 extra, size;
};
struct Auction {
  i64 at, expires, seller, category, initial, reserve;
  Bid best;  // price 0: none yet
};

}  // namespace

int main(int argc, char** argv) {
  Market m = market(argc, argv);
  const i64 groups = m.events / 50;
  std::vector<Auction> auctions;
  std::vector<Bid> early[64];  // of auctions that are to come, by id
  u64 versions = 0;
  const auto bid = [&](Auction& a, const Bid& b) {
    if (b.at < a.at || b.at > a.expires || b.price < a.best.price || (b.price == a.best.price && b.at >= a.best.at)) return;
    a.best = b;
    ++versions;
  };
  alignas(64) i64 auction[48], bidder[48], price[48], at[48];
  alignas(64) u32 where[48], size[48];
  for (i64 g = 0; g != groups; ++g) {
    m.enter(g);
    for (u32 place = 1; place != 4; ++place) {
      const i64 first = price_of(m.draw(g, place, kPrice));
      auctions.push_back({m.millis(g * 50 + place), m.expires(g, place), m.seller(g, place), m.category(g, place), first,
                          first + price_of(m.draw(g, place, kReserve)), {}});
      std::vector<Bid>& waiting = early[(auctions.size() - 1) % 64];
      for (const Bid& b : waiting) bid(auctions.back(), b);
      waiting.clear();
    }
    m.auctions(g, auction);
    m.bidders(g, bidder);
    m.prices(g, price);
    m.times(g, at);
    extras(m, g, where, size);
    for (int j = 0; j != 46; ++j) {
      const auto id = static_cast<std::size_t>(auction[j] - 1000);
      const Bid b{price[j], at[j], bidder[j], where[j], size[j]};
      if (id >= auctions.size()) early[id % 64].push_back(b);
      else bid(auctions[id], b);
    }
  }
  u64 won = 0, sum = 0;
  for (const Auction& a : auctions)
    if (a.best.price != 0) {
      ++won;
      sum += static_cast<u64>(a.best.price);
    }
  std::printf("%llu %llu %llu\n", static_cast<unsigned long long>(won), static_cast<unsigned long long>(sum), static_cast<unsigned long long>(versions));
}
