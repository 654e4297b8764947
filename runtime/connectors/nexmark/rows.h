// Rows of the Nexmark generator, column by column and only those that are read. Bids are made a group of 46 at a time,
// in loops over arrays that compilers turn into vectors; persons and auctions, 4 of 50 events, one by one.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "runtime/connectors/nexmark/random.h"
#include "runtime/connectors/nexmark/skeleton.h"
#include "runtime/connectors/nexmark/words.h"
#include "runtime/core/arena.h"
#include "runtime/core/decode/schema.h"

namespace gress::nexmark {

// Columns, in the order of nexmark_description.h.
namespace person {
enum { kId, kName, kEmail, kCreditCard, kCity, kState, kAt, kExtra, kColumns };
}
namespace auction {
enum { kId, kItemName, kDescription, kInitialBid, kReserve, kAt, kExpires, kSeller, kCategory, kExtra, kColumns };
}
namespace bid {
enum { kAuction, kBidder, kPrice, kChannel, kUrl, kAt, kExtra, kColumns };
}

/// A schema of which only some columns are to be made, a bit each.
template <class Schema, std::uint64_t Columns>
struct Only : Schema {};
template <class Schema>
inline constexpr std::uint64_t columns_of = ~std::uint64_t{0};
template <class Schema, std::uint64_t Columns>
inline constexpr std::uint64_t columns_of<Only<Schema, Columns>> = Columns;

template <class Schema, int Column>
inline constexpr bool reads = decode::FieldOf<Schema, Column>::read && (columns_of<Schema> >> Column & 1) != 0;

template <class Schema, int Column, class Row, class Value>
void put(Row& row, const Value& value) {
  if constexpr (reads<Schema, Column>) std::get<Column>(Schema::fields).in(row) = value;
}

/// What does not change from event to event of a group.
struct Market {
  std::uint64_t seed = 1;
  std::int64_t rate = 10000;
  double inverse_rate = 1.0 / static_cast<double>(rate);
  Words& words;
  std::array<std::uint32_t, kDraws> keys{};
  std::uint64_t epoch = ~std::uint64_t{0};

  Market(std::uint64_t given, std::int64_t event_rate) : seed(given), rate(event_rate), words(Words::of(given)) {}

  void enter(std::int64_t group) {
    if (epoch_of(group) == epoch) return;
    epoch = epoch_of(group);
    for (std::uint32_t d = 0; d != kDraws; ++d) keys[d] = draw_key(seed, epoch, d);
  }
  std::int64_t micros(std::int64_t e) const { return (kBaseMillis + millis_of(e, rate)) * 1000; }
};

/// Times of a group's events, microseconds, and of the event before them: at[1 + place].
struct Times {
  static constexpr int kAll = 56;       // 1 + 50, and what fills a vector
  static constexpr int kBeforeBids = 8;  // those of the person and the auctions
  alignas(64) std::int64_t at[kAll];

  template <int Count>
  void make(const Market& m, std::int64_t group) {
    const std::int64_t before = group == 0 ? 0 : group * kGroup - 1;
    const std::int64_t first = before * 1000 / m.rate, rest = before * 1000 % m.rate - (group == 0 ? 1000 : 0);
    const std::int64_t base = (kBaseMillis + first) * 1000, rate = m.rate;
    const double inverse = m.inverse_rate;
    for (int j = 0; j != Count; ++j) {
      // x < 2^53, so the quotient of doubles is off by one at most.
      const std::int64_t x = rest + j * 1000;
      auto q = static_cast<std::int64_t>(static_cast<double>(x) * inverse);
      q -= q * rate > x;
      q += (q + 1) * rate <= x;
      at[j] = base + q * 1000;
    }
  }
};

/// Columns of bids of a group.
template <class Schema>
struct Bids {
  static constexpr int kMost = 48;  // 46, and what fills a vector
  alignas(64) std::int64_t auction[kMost], bidder[kMost], price[kMost];
  alignas(64) std::uint32_t channel[kMost], extra[kMost];
  static constexpr bool kChannelRead = reads<Schema, bid::kChannel> || reads<Schema, bid::kUrl>;

  /// `Count` bids from place `first` of the group on.
  template <std::uint32_t Count>
  void make(const Market& m, std::int64_t group, std::uint32_t first) {
    const std::uint32_t counter = counter_of(group, first);
    const std::int64_t last = last_auction(group * kGroup + kFirstBid);
    if constexpr (reads<Schema, bid::kAuction>) {
      const Ids ids = some_auction(last);
      const std::int64_t hot = hot_auction(last);
      for (std::uint32_t j = 0; j != Count; ++j) {
        const std::uint32_t u = draw(counter + j, m.keys[kDrawAuction]);
        auction[j] = u >> 31 ? hot : ids.first + below<31>(u, ids.count);
      }
    }
    if constexpr (reads<Schema, bid::kBidder>) {
      const Ids ids = some_person(group);
      const std::int64_t hot = hot_bidder(group);
      for (std::uint32_t j = 0; j != Count; ++j) {
        const std::uint32_t u = draw(counter + j, m.keys[kDrawBidder]);
        bidder[j] = u >> 30 ? hot : ids.first + below<30>(u, ids.count);
      }
    }
    if constexpr (reads<Schema, bid::kPrice>)
      for (std::uint32_t j = 0; j != Count; ++j) price[j] = price_of(draw(counter + j, m.keys[kDrawPrice]));
    if constexpr (kChannelRead)
      for (std::uint32_t j = 0; j != Count; ++j) {
        const std::uint32_t u = draw(counter + j, m.keys[kDrawChannel]);
        channel[j] = u >> 31 ? below<31>(u, kHotChannels) : kHotChannels + below<31>(u, kChannels);
      }
    if constexpr (reads<Schema, bid::kExtra>)
      for (std::uint32_t j = 0; j != Count; ++j) extra[j] = draw(counter + j, m.keys[kDrawExtra]);
  }

  /// Bid j of the group; `at` in microseconds.
  template <class Row>
  void put_row(const Market& m, int j, std::int64_t at, Row& row) const {
    if constexpr (reads<Schema, bid::kAuction>) put<Schema, bid::kAuction>(row, auction[j]);
    if constexpr (reads<Schema, bid::kBidder>) put<Schema, bid::kBidder>(row, bidder[j]);
    if constexpr (reads<Schema, bid::kPrice>) put<Schema, bid::kPrice>(row, price[j]);
    if constexpr (reads<Schema, bid::kChannel>) put<Schema, bid::kChannel>(row, m.words.channels()[channel[j]]);
    if constexpr (reads<Schema, bid::kUrl>) {
      const Text url = m.words.urls()[channel[j]];
      // All urls take more than the nearest caches.
      __builtin_prefetch(url.data());
      __builtin_prefetch(url.data() + 64);
      put<Schema, bid::kUrl>(row, url);
    }
    put<Schema, bid::kAt>(row, at);
    // Auction, bidder, price and time count 32 bytes of 100.
    if constexpr (reads<Schema, bid::kExtra>) put<Schema, bid::kExtra>(row, m.words.extra(extra[j], 68));
  }
};

template <class Schema, class Row>
void put_auction(const Market& m, std::int64_t e, std::int64_t at, Row& row) {
  using namespace auction;
  const std::int64_t group = e / kGroup;
  const std::uint32_t counter = counter_of(group, static_cast<std::uint32_t>(e % kGroup));
  const auto drawn = [&](Draw d) { return draw(counter, m.keys[d]); };
  put<Schema, kId>(row, last_auction(e) + kFirstId);
  constexpr bool texts = reads<Schema, kItemName> || reads<Schema, kDescription> || reads<Schema, kExtra>;
  if constexpr (texts) {
    const Text item = m.words.phrase(drawn(kDrawItem), drawn(kDrawItemSize), 20);
    const Text description = m.words.phrase(drawn(kDrawDescription), drawn(kDrawDescriptionSize), 100);
    put<Schema, kItemName>(row, item);
    put<Schema, kDescription>(row, description);
    if constexpr (reads<Schema, kExtra>)
      put<Schema, kExtra>(row, m.words.extra(drawn(kDrawExtra), static_cast<std::uint32_t>(500 - 48 - item.size() - description.size())));
  }
  if constexpr (reads<Schema, kInitialBid> || reads<Schema, kReserve>) {
    const std::int64_t initial = price_of(drawn(kDrawPrice));
    put<Schema, kInitialBid>(row, initial);
    if constexpr (reads<Schema, kReserve>) put<Schema, kReserve>(row, initial + price_of(drawn(kDrawReserve)));
  }
  put<Schema, kAt>(row, at);
  if constexpr (reads<Schema, kExpires>) {
    const std::int64_t horizon = 2 * (millis_of(e + kOpenFor, m.rate) - millis_of(e, m.rate));
    const std::uint64_t most = horizon < 1 ? 1 : static_cast<std::uint64_t>(horizon);
    put<Schema, kExpires>(row, at + 1000 * static_cast<std::int64_t>(1 + ((drawn(kDrawExpires) * most) >> 32)));
  }
  if constexpr (reads<Schema, kSeller>) {
    const std::uint32_t u = drawn(kDrawSeller);
    const Ids ids = some_person(group);
    put<Schema, kSeller>(row, u >> 30 ? hot_seller(group) : ids.first + below<30>(u, ids.count));
  }
  if constexpr (reads<Schema, kCategory>) put<Schema, kCategory>(row, std::int64_t{10} + below(drawn(kDrawCategory), 5));
}

/// Texts that are made go into the arena.
template <class Schema, class Row>
void put_person(const Market& m, std::int64_t e, std::int64_t at, Row& row, Arena& arena) {
  using namespace person;
  const std::int64_t group = e / kGroup;
  const std::uint32_t counter = counter_of(group, 0);
  const auto drawn = [&](Draw d) { return draw(counter, m.keys[d]); };
  put<Schema, kId>(row, group + kFirstId);
  put<Schema, kAt>(row, at);
  const Text name = m.words.name(below(drawn(kDrawName), kNames));
  const Text city = m.words.city(below(drawn(kDrawCity), kCities)), state = m.words.state(below(drawn(kDrawState), kStates));
  put<Schema, kName>(row, name);
  put<Schema, kCity>(row, city);
  put<Schema, kState>(row, state);
  if constexpr (reads<Schema, kEmail> || reads<Schema, kExtra>) {
    const Text user = m.words.phrase(drawn(kDrawUser), drawn(kDrawUserSize), 7);
    const Text host = m.words.phrase(drawn(kDrawHost), drawn(kDrawHostSize), 5);
    const std::size_t size = user.size() + host.size() + 5;
    if constexpr (reads<Schema, kEmail>) {
      char* text = arena.allocate(size);
      std::memcpy(text, user.data(), user.size());
      text[user.size()] = '@';
      std::memcpy(text + user.size() + 1, host.data(), host.size());
      std::memcpy(text + user.size() + 1 + host.size(), ".com", 4);
      put<Schema, kEmail>(row, Text(text, size));
    }
    if constexpr (reads<Schema, kExtra>)
      put<Schema, kExtra>(row, m.words.extra(drawn(kDrawExtra), static_cast<std::uint32_t>(200 - 8 - 19 - size - name.size() - city.size() - state.size())));
  }
  if constexpr (reads<Schema, kCreditCard>) {
    char* text = arena.allocate(19);
    std::uint32_t digits[4] = {below<16>(drawn(kDrawCardHigh) >> 16, 10000), below<16>(drawn(kDrawCardHigh), 10000),
                               below<16>(drawn(kDrawCardLow) >> 16, 10000), below<16>(drawn(kDrawCardLow), 10000)};
    for (int g = 0; g != 4; ++g) {
      for (int k = 3; k >= 0; --k, digits[g] /= 10) text[g * 5 + k] = static_cast<char>('0' + digits[g] % 10);
      if (g != 3) text[g * 5 + 4] = ' ';
    }
    put<Schema, kCreditCard>(row, Text(text, 19));
  }
}

}  // namespace gress::nexmark
