// The deterministic part of the Nexmark generator: which event is what, when it happened, and which ids there are by
// then. Of 50 events the first is a person, the next three are auctions, the rest bids. Ids begin with 1000.
//
// Source: nexmark/nexmark for Flink (GeneratorConfig, PersonGenerator, AuctionGenerator, BidGenerator), restated.
#pragma once
#include <cstdint>

namespace gress::nexmark {

inline constexpr std::int64_t kGroup = 50;
inline constexpr std::int64_t kAuctions = 3;  // of a group
inline constexpr std::int64_t kFirstBid = 1 + kAuctions;
inline constexpr std::int64_t kBids = kGroup - kFirstBid;
inline constexpr std::int64_t kFirstId = 1000;
/// Auctions that are open at a time, in events.
inline constexpr std::int64_t kOpenFor = 1666;
/// 2015-07-15T00:00:00Z, milliseconds.
inline constexpr std::int64_t kBaseMillis = 1436918400000;

enum Kind : std::uint32_t { kPerson, kAuction, kBid };

constexpr Kind kind_of(std::int64_t e) {
  const std::int64_t r = e % kGroup;
  return r == 0 ? kPerson : r < kFirstBid ? kAuction : kBid;
}

/// The event that comes as the n-th when groups of k are shuffled.
constexpr std::int64_t adjusted(std::int64_t n, std::int64_t k) { return k <= 1 ? n : n / k * k + n * 953 % k; }

/// Milliseconds from the base: floor(e * 1e6 / rate) microseconds, cut.
constexpr std::int64_t millis_of(std::int64_t e, std::int64_t rate) { return e * 1000 / rate; }

constexpr std::int64_t last_person(std::int64_t e) { return e / kGroup; }
/// -1 before the first.
constexpr std::int64_t last_auction(std::int64_t e) {
  const std::int64_t p = e / kGroup, o = e % kGroup;
  if (o < 1) return (p - 1) * kAuctions + kAuctions - 1;
  return p * kAuctions + (o < kFirstBid ? o - 1 : kAuctions - 1);
}

/// Ids that many rows name.
constexpr std::int64_t hot_auction(std::int64_t auction) { return auction / 100 * 100 + kFirstId; }
constexpr std::int64_t hot_bidder(std::int64_t person) { return person / 100 * 100 + 1 + kFirstId; }
constexpr std::int64_t hot_seller(std::int64_t person) { return person / 100 * 100 + kFirstId; }

/// Ids [first, first + count), the last of which are not there yet.
struct Ids {
  std::int64_t first = 0;
  std::uint32_t count = 0;
};
constexpr Ids some_person(std::int64_t person) {
  const std::int64_t count = person + 1, active = count < 1000 ? count : 1000;
  return {count - active + kFirstId, static_cast<std::uint32_t>(active + 10)};
}
constexpr Ids some_auction(std::int64_t auction) {
  const std::int64_t low = auction > 100 ? auction - 100 : 0;
  return {low + kFirstId, static_cast<std::uint32_t>(auction - low + 1 + 10)};
}

}  // namespace gress::nexmark
