// The Nexmark generator by hand, for one machine: columns of 46 bids a group of 50 events, the numbers of the connector
// (runtime/connectors/nexmark), which it is checked against by counts and sums. Events come in order.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace hand {

using i64 = std::int64_t;
using u64 = std::uint64_t;
using u32 = std::uint32_t;

inline constexpr i64 kBase = 1436918400000;  // milliseconds

inline u64 mix64(u64 x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}
inline u32 mix32(u32 x) {
  x = (x ^ (x >> 16)) * 0x7feb352d;
  x = (x ^ (x >> 15)) * 0x846ca68b;
  return x ^ (x >> 16);
}
inline i64 price_of(u32 u) {
  constexpr u64 c[] = {2977044473, 1031764902, 238389752, 41301092, 5750554, 627479, 89043};
  const u64 x = static_cast<u64>(u) * 2675169849u, f = static_cast<u32>(x >> 27);
  u64 p = c[6];
  for (int k = 5; k >= 0; --k) p = c[k] + ((static_cast<u64>(static_cast<u32>(p)) * f) >> 32);
  p = (static_cast<u64>(static_cast<u32>(p)) * f) >> 32;
  return static_cast<i64>((((100 * ((u64{1} << 32) + p)) << (x >> 59)) + (u64{1} << 31)) >> 32);
}

/// Numbers of draws, as in the connector.
enum { kAuction, kBidder, kPrice, kChannel, kExtra, kSeller, kCategory, kReserve, kExpires, kName = 13 };

struct Market {
  i64 events, rate;
  u32 key[26];
  u64 epoch = ~u64{0};

  void enter(i64 group) {
    if (static_cast<u64>(group) >> 26 == epoch) return;
    epoch = static_cast<u64>(group) >> 26;
    for (u32 d = 0; d != 26; ++d) key[d] = static_cast<u32>(mix64(mix64(1) + (epoch << 8) + d) >> 32);
  }
  static u32 counter(i64 group, u32 place) { return (static_cast<u32>(group & 0x3ffffff) << 6) | place; }
  u32 draw(i64 group, u32 place, int d) const { return mix32(counter(group, place) + key[d]); }
  i64 millis(i64 e) const { return kBase + e * 1000 / rate; }
  /// Times of the 46 bids.
  void times(i64 group, i64* at) const {
    const i64 e = group * 50 + 4, first = e * 1000 / rate, rest = e * 1000 % rate;
    const double inverse = 1.0 / static_cast<double>(rate);
    for (int j = 0; j != 48; ++j) {
      const i64 x = rest + j * 1000;
      i64 q = static_cast<i64>(static_cast<double>(x) * inverse);
      q -= q * rate > x;
      q += (q + 1) * rate <= x;
      at[j] = kBase + first + q;
    }
  }
  void auctions(i64 group, i64* out) const {
    const i64 last = group * 3 + 2, hot = last / 100 * 100 + 1000, low = last > 100 ? last - 100 : 0;
    const u32 span = static_cast<u32>(last - low + 11), c = counter(group, 4), k = key[kAuction];
    for (u32 j = 0; j != 48; ++j) {
      const u32 u = mix32(c + j + k);
      out[j] = u >> 31 ? hot : low + 1000 + static_cast<i64>((static_cast<u64>(u & 0x7fffffff) * span) >> 31);
    }
  }
  void bidders(i64 group, i64* out) const {
    const i64 count = group + 1, active = count < 1000 ? count : 1000, hot = group / 100 * 100 + 1001;
    const u32 span = static_cast<u32>(active + 10), c = counter(group, 4), k = key[kBidder];
    for (u32 j = 0; j != 48; ++j) {
      const u32 u = mix32(c + j + k);
      out[j] = u >> 30 ? hot : count - active + 1000 + static_cast<i64>((static_cast<u64>(u & 0x3fffffff) * span) >> 30);
    }
  }
  void prices(i64 group, i64* out) const {
    const u32 c = counter(group, 4), k = key[kPrice];
    for (u32 j = 0; j != 48; ++j) out[j] = price_of(mix32(c + j + k));
  }
  i64 seller(i64 group, u32 place) const {
    const u32 u = draw(group, place, kSeller);
    if (u >> 30) return group / 100 * 100 + 1000;
    const i64 count = group + 1, active = count < 1000 ? count : 1000;
    return count - active + 1000 + static_cast<i64>((static_cast<u64>(u & 0x3fffffff) * static_cast<u64>(active + 10)) >> 30);
  }
  i64 category(i64 group, u32 place) const { return 10 + static_cast<i64>((static_cast<u64>(draw(group, place, kCategory)) * 5) >> 32); }
  i64 expires(i64 group, u32 place) const {
    const i64 e = group * 50 + place, at = millis(e), most = 2 * (millis(e + 1666) - at);
    return at + 1 + static_cast<i64>((static_cast<u64>(draw(group, place, kExpires)) * static_cast<u64>(most < 1 ? 1 : most)) >> 32);
  }
};

/// Letters that `extra` is a slice of: where, and how many.
struct Letters {
  std::string pool;
  Letters() {
    const u32 k = static_cast<u32>(mix64(mix64(1) + (((u64{1} << 50) + 1) << 8)) >> 32);
    for (u32 i = 0; i != (1u << 16) + 1024; ++i) pool += static_cast<char>('a' + ((static_cast<u64>(mix32(i + k)) * 26) >> 32));
  }
};
inline void extras(const Market& m, i64 group, u32* at, u32* size) {
  const u32 c = Market::counter(group, 4), k = m.key[kExtra];
  for (u32 j = 0; j != 48; ++j) {
    const u32 u = mix32(c + j + k);
    at[j] = u >> 16;
    size[j] = 54 + (((u & 0xffff) * 28) >> 16);
  }
}

/// EVENTS RATE of the command line; whole groups only.
inline Market market(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s EVENTS RATE\n", argv[0]);
    std::exit(2);
  }
  Market m{};
  m.events = std::atoll(argv[1]) / 50 * 50;
  m.rate = std::atoll(argv[2]);
  m.epoch = ~u64{0};
  return m;
}

}  // namespace hand
