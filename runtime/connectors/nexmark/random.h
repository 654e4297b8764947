// Random numbers that are a function of (seed, event, draw): any event can be made without those before it. 32 bits a
// draw, in operations that compilers turn into vectors of 16.
#pragma once
#include <cstdint>

namespace gress::nexmark {

/// What is drawn for an event; draws of different kinds of events share numbers.
enum Draw : std::uint32_t {
  // bid
  kDrawAuction, kDrawBidder, kDrawPrice, kDrawChannel, kDrawExtra,
  // auction
  kDrawSeller, kDrawCategory, kDrawReserve, kDrawExpires, kDrawItem, kDrawItemSize, kDrawDescription, kDrawDescriptionSize,
  // person
  kDrawName, kDrawUser, kDrawUserSize, kDrawHost, kDrawHostSize, kDrawCardHigh, kDrawCardLow, kDrawCity, kDrawState,
  // channels, by number instead of event
  kDrawUrl, kDrawHasId = kDrawUrl + 3,
  kDraws
};

/// The finaliser of splitmix64 (Steele, Lea, Flood).
constexpr std::uint64_t mix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// A bijection of 32 bits with little bias (Wellons, "lowbias32").
constexpr std::uint32_t mix32(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352d;
  x = (x ^ (x >> 15)) * 0x846ca68b;
  return x ^ (x >> 16);
}

/// Keys of the draws for 2^26 groups of 50 events each.
constexpr std::uint32_t draw_key(std::uint64_t seed, std::uint64_t epoch, std::uint32_t draw) {
  return static_cast<std::uint32_t>(mix64(mix64(seed) + (epoch << 8) + draw) >> 32);
}
constexpr std::uint64_t epoch_of(std::int64_t group) { return static_cast<std::uint64_t>(group) >> 26; }
/// An event within its epoch; `place` is its place in the group.
constexpr std::uint32_t counter_of(std::int64_t group, std::uint32_t place) {
  return (static_cast<std::uint32_t>(group & 0x3ffffff) << 6) | place;
}
constexpr std::uint32_t draw(std::uint32_t counter, std::uint32_t key) { return mix32(counter + key); }

/// [0, n) of the low `Bits` of a draw.
template <int Bits = 32>
constexpr std::uint32_t below(std::uint32_t u, std::uint32_t n) {
  constexpr std::uint32_t mask = static_cast<std::uint32_t>((std::uint64_t{1} << Bits) - 1);
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(u & mask) * n) >> Bits);
}

/// round(10^(6U) * 100): log-uniform from 100 to 1e8. 2^x in whole numbers, so that all machines agree: x = U * 6 log2 10
/// with 59 bits behind the point; (2^f - 1) / f by a polynomial of degree 6 through the Chebyshev nodes, off by 1e-7.
constexpr std::int64_t price_of(std::uint32_t u) {
  constexpr std::uint64_t c[] = {2977044473, 1031764902, 238389752, 41301092, 5750554, 627479, 89043};
  const std::uint64_t x = static_cast<std::uint64_t>(u) * 2675169849u;
  const std::uint64_t f = static_cast<std::uint32_t>(x >> 27);
  std::uint64_t p = c[6];
  for (int k = 5; k >= 0; --k) p = c[k] + ((static_cast<std::uint64_t>(static_cast<std::uint32_t>(p)) * f) >> 32);
  p = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(p)) * f) >> 32;
  const std::uint64_t m = 100 * ((std::uint64_t{1} << 32) + p);
  return static_cast<std::int64_t>(((m << (x >> 59)) + (std::uint64_t{1} << 31)) >> 32);
}

}  // namespace gress::nexmark
