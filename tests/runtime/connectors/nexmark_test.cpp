// The Nexmark generator against its definition: which event is what (vectors of the facts), ranges of what is drawn, and
// that rows do not hang on how they are asked for. tests/nexmark compares every column with a second generator.
#include "runtime/connectors/nexmark/market_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "runtime/engine/failure.h"

namespace gress::nexmark {
namespace {

// ---------------------------------------------------------------- skeleton

struct Vector {
  std::int64_t e;
  Kind kind;
  std::int64_t person, auction;
};

TEST(NexmarkSkeleton, Vectors) {
  for (const Vector& v : {Vector{0, kPerson, 0, -1}, Vector{1, kAuction, 0, 0}, Vector{3, kAuction, 0, 2}, Vector{4, kBid, 0, 2},
                          Vector{51, kAuction, 1, 3}, Vector{54, kBid, 1, 5}, Vector{1703, kAuction, 34, 104},
                          Vector{75000, kPerson, 1500, 4499}, Vector{99999999, kBid, 1999999, 5999999}}) {
    EXPECT_EQ(kind_of(v.e), v.kind) << v.e;
    EXPECT_EQ(last_person(v.e), v.person) << v.e;
    EXPECT_EQ(last_auction(v.e), v.auction) << v.e;
  }
}

TEST(NexmarkSkeleton, HotIds) {
  const auto hot = [](std::int64_t e) {
    return std::array{hot_auction(last_auction(e)), hot_bidder(last_person(e)), hot_seller(last_person(e))};
  };
  EXPECT_EQ(hot(4), (std::array<std::int64_t, 3>{1000, 1001, 1000}));
  EXPECT_EQ(hot(1703), (std::array<std::int64_t, 3>{1100, 1001, 1000}));
  EXPECT_EQ(hot(75000), (std::array<std::int64_t, 3>{5400, 2501, 2500}));
  EXPECT_EQ(hot(99999999), (std::array<std::int64_t, 3>{6000900, 2000901, 2000900}));
}

TEST(NexmarkSkeleton, AdjustedIsAShuffleOfEachGroup) {
  for (const std::int64_t k : {1, 2, 7, 50, 1000}) {
    std::set<std::int64_t> seen;
    for (std::int64_t n = 0; n != 4 * k; ++n) {
      EXPECT_EQ(adjusted(n, k) / k, n / k);
      seen.insert(adjusted(n, k));
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(4 * k)) << k;
  }
}

TEST(NexmarkSkeleton, TimeIsThatOfWholeMicrosecondsCutToMilliseconds) {
  for (const std::int64_t rate : {1, 3, 7, 100, 9999, 10000, 1000003, 10000000})
    for (std::int64_t e = 0; e < 3000; e += 7) EXPECT_EQ(millis_of(e, rate), e * 1'000'000 / rate / 1000);
}

TEST(NexmarkRandom, Prices) {
  EXPECT_EQ(price_of(0), 100);
  EXPECT_EQ(price_of(0xffffffff), 100'000'000);
  std::int64_t before = 0;
  std::array<int, 6> decades{};
  for (std::uint32_t i = 0; i != 60000; ++i) {
    const std::uint32_t u = i * 71582u;
    const std::int64_t p = price_of(u);
    EXPECT_GE(p, before);
    before = p;
    EXPECT_NEAR(static_cast<double>(p), std::pow(10.0, 6.0 * u / 4294967296.0) * 100, 0.6 + 2e-7 * static_cast<double>(p));
    ++decades[static_cast<std::size_t>(std::log10(static_cast<double>(p) / 100.0 + 1e-9))];
  }
  for (const int n : decades) EXPECT_NEAR(n, 10000, 50);
}

// ---------------------------------------------------------------- the source

struct Person { std::int64_t id; Text name, email, credit_card, city, state; std::int64_t at; Text extra; };
struct Auction { std::int64_t id; Text item_name, description; std::int64_t initial_bid, reserve, at, expires, seller, category; Text extra; };
struct Bid { std::int64_t auction, bidder, price; Text channel, url; std::int64_t at; Text extra; };

struct PersonSchema {
  using Row = Person;
  static constexpr auto fields = decode::fields(
      decode::field<wire::I64>("id", &Person::id), decode::field<wire::String>("name", &Person::name),
      decode::field<wire::String>("email", &Person::email), decode::field<wire::String>("credit_card", &Person::credit_card),
      decode::field<wire::String>("city", &Person::city), decode::field<wire::String>("state", &Person::state),
      decode::field<wire::Timestamp>("at", &Person::at), decode::field<wire::String>("extra", &Person::extra));
};
struct AuctionSchema {
  using Row = Auction;
  static constexpr auto fields = decode::fields(
      decode::field<wire::I64>("id", &Auction::id), decode::field<wire::String>("item_name", &Auction::item_name),
      decode::field<wire::String>("description", &Auction::description), decode::field<wire::I64>("initial_bid", &Auction::initial_bid),
      decode::field<wire::I64>("reserve", &Auction::reserve), decode::field<wire::Timestamp>("at", &Auction::at),
      decode::field<wire::Timestamp>("expires", &Auction::expires), decode::field<wire::I64>("seller", &Auction::seller),
      decode::field<wire::I64>("category", &Auction::category), decode::field<wire::String>("extra", &Auction::extra));
};
struct BidSchema {
  using Row = Bid;
  static constexpr auto fields = decode::fields(
      decode::field<wire::I64>("auction", &Bid::auction), decode::field<wire::I64>("bidder", &Bid::bidder),
      decode::field<wire::I64>("price", &Bid::price), decode::field<wire::String>("channel", &Bid::channel),
      decode::field<wire::String>("url", &Bid::url), decode::field<wire::Timestamp>("at", &Bid::at),
      decode::field<wire::String>("extra", &Bid::extra));
};
/// Of a program that reads nothing of bids but their price.
struct PriceSchema {
  using Row = Bid;
  static constexpr auto fields = decode::fields(
      decode::unread<wire::I64>("auction"), decode::unread<wire::I64>("bidder"), decode::field<wire::I64>("price", &Bid::price),
      decode::unread<wire::String>("channel"), decode::unread<wire::String>("url"), decode::unread<wire::Timestamp>("at"),
      decode::unread<wire::String>("extra"));
};

/// What came, as text, with the lanes.
struct Seen {
  std::vector<std::string> rows;
  std::vector<std::int64_t> numbers, times, watermarks, told;
};

std::string text(const Person& r) {
  return "P" + std::to_string(r.id) + std::string(r.name.view()) + '|' + std::string(r.email.view()) + '|' + std::string(r.credit_card.view()) + '|' +
         std::string(r.city.view()) + '|' + std::string(r.state.view()) + '|' + std::to_string(r.at) + std::string(r.extra.view());
}
std::string text(const Auction& r) {
  std::string out = "A" + std::string(r.item_name.view()) + '|' + std::string(r.description.view()) + '|' + std::string(r.extra.view());
  for (const std::int64_t n : {r.id, r.initial_bid, r.reserve, r.at, r.expires, r.seller, r.category}) out += '|' + std::to_string(n);
  return out;
}
std::string text(const Bid& r) {
  std::string out = "B" + std::string(r.channel.view()) + '|' + std::string(r.url.view()) + '|' + std::string(r.extra.view());
  for (const std::int64_t n : {r.auction, r.bidder, r.price, r.at}) out += '|' + std::to_string(n);
  return out;
}

template <class S, bool Read>
struct Case {
  using Schema = S;
  using Block = gress::Block<typename S::Row, Read ? kTime | kWatermark | kPosition | kRecord : 0, true>;
  static constexpr bool kRead = Read;
  static constexpr std::uint64_t kWantedColumns = 0;
  static void out(Seen& seen, const Block& in) {
    if constexpr (Read)
      for (int i = 0; i != in.count; ++i) {
        seen.rows.push_back(text(in.rows[i]));
        seen.numbers.push_back(static_cast<std::int64_t>(in.position[i]));
        seen.times.push_back(in.time[i]);
        seen.watermarks.push_back(in.watermark[i]);
      }
  }
};

/// Of a program that first of all filters.
template <int Divisor>
struct SomeBids : Case<BidSchema, true> {
  static constexpr std::uint64_t kWantedColumns = 1 << bid::kAuction;
  static bool wanted(Eval&, const Bid& row) { return row.auction % Divisor == 0; }
};
struct SomeAuctions : Case<AuctionSchema, true> {
  static constexpr std::uint64_t kWantedColumns = 1 << auction::kCategory;
  static bool wanted(Eval&, const Auction& row) { return row.category == 10; }
};

template <bool Interleaved, class... C>
struct Spec {
  using Pipeline = Seen;
  using Cases = std::tuple<C...>;
  static constexpr std::string_view kName = "market";
  static constexpr bool kInterleaved = Interleaved;
  static void watermark(Seen& seen, std::int64_t t) { seen.told.push_back(t); }
};
using All = Spec<true, Case<PersonSchema, true>, Case<AuctionSchema, true>, Case<BidSchema, true>>;
using Apart = Spec<false, Case<PersonSchema, true>, Case<AuctionSchema, true>, Case<BidSchema, true>>;
using Persons = Spec<false, Case<PersonSchema, true>, Case<AuctionSchema, false>, Case<BidSchema, false>>;
using Auctions = Spec<false, Case<PersonSchema, false>, Case<AuctionSchema, true>, Case<BidSchema, false>>;
using BidsOnly = Spec<false, Case<PersonSchema, false>, Case<AuctionSchema, false>, Case<BidSchema, true>>;

template <class S>
Seen run(const MarketOptions& options, std::int64_t from = 0) {
  engine::Runtime runtime;
  Seen seen;
  auto source = std::make_unique<MarketSource<S>>(seen, runtime, "market", options, 1, SourceTime{4'000'000, kEndOfTime}, 0.0);
  source->seek(from);
  Eval ev;
  while (source->step(ev) != engine::Step::done) ev.arena.reset();
  EXPECT_TRUE(source->done());
  EXPECT_EQ(source->watermark(), kEndOfTime);
  return seen;
}

const MarketOptions kSparse{.events = 7777, .event_rate = 100};
const MarketOptions kDense{.events = 7777, .event_rate = 10'000'000};

TEST(NexmarkSource, RowsComeInTheOrderOfEvents) {
  const Seen seen = run<All>(kSparse);
  ASSERT_EQ(seen.rows.size(), 7777u);
  for (std::int64_t n = 0; n != 7777; ++n) {
    const auto i = static_cast<std::size_t>(n);
    EXPECT_EQ(seen.numbers[i], n);
    EXPECT_EQ("PAB"[kind_of(n)], seen.rows[i][0]);
    EXPECT_EQ(seen.times[i], (kBaseMillis + millis_of(n, 100)) * 1000);
    EXPECT_EQ(seen.watermarks[i], n == 0 ? kStartOfTime : (kBaseMillis + millis_of(n - 1, 100)) * 1000 - 4'000'000) << n;
  }
}

template <class S>
void expect_part_of(const Seen& all, const MarketOptions& options) {
  const Seen part = run<S>(options);
  std::map<std::int64_t, std::size_t> at;
  for (std::size_t i = 0; i != all.numbers.size(); ++i) at[all.numbers[i]] = i;
  for (std::size_t i = 0; i != part.rows.size(); ++i) {
    const std::size_t k = at.at(part.numbers[i]);
    EXPECT_EQ(part.rows[i], all.rows[k]);
    EXPECT_EQ(part.times[i], all.times[k]);
    EXPECT_EQ(part.watermarks[i], all.watermarks[k]);
  }
  EXPECT_EQ(part.told.back(), kEndOfTime);
}

TEST(NexmarkSource, RowsDoNotHangOnWhatIsReadBesideThem) {
  for (const MarketOptions& options : {kSparse, kDense, MarketOptions{.events = 5000, .event_rate = 9973}}) {
    const Seen all = run<All>(options);
    expect_part_of<Apart>(all, options);
    expect_part_of<Persons>(all, options);
    expect_part_of<Auctions>(all, options);
    expect_part_of<BidsOnly>(all, options);
    EXPECT_EQ(run<Apart>(options).rows.size(), all.rows.size());
  }
}

TEST(NexmarkSource, RowsThatNobodyWantsNeedNotCome) {
  for (const std::int64_t k : {1, 50}) {
    MarketOptions options = kSparse;
    options.out_of_order = k;
    const Seen all = run<All>(options);
    const auto part = [&]<int Divisor>() {
      using S = Spec<false, Case<PersonSchema, true>, SomeAuctions, SomeBids<Divisor>>;
      expect_part_of<S>(all, options);
      std::size_t expected = 0;
      for (const std::string& row : all.rows) {
        std::vector<std::string> parts;
        for (std::size_t at = 0, bar; at != std::string::npos; at = bar == std::string::npos ? bar : bar + 1) {
          bar = row.find('|', at);
          parts.push_back(row.substr(at, bar - at));
        }
        expected += row[0] == 'P' || (row[0] == 'A' ? parts.back() == "10" : std::stoll(parts[parts.size() - 4]) % Divisor == 0);
      }
      EXPECT_EQ(run<S>(options).rows.size(), expected) << Divisor;
    };
    part.template operator()<123>();
    part.template operator()<2>();
  }
}

TEST(NexmarkSource, GoesOnAnywhere) {
  const Seen all = run<All>(kSparse);
  for (const std::int64_t from : {1, 4, 49, 50, 1234, 7776}) {
    const Seen rest = run<All>(kSparse, from);
    EXPECT_TRUE(std::equal(rest.rows.begin(), rest.rows.end(), all.rows.begin() + from, all.rows.end())) << from;
  }
}

TEST(NexmarkSource, ShuffledEventsAreTheSameOnes) {
  for (const std::int64_t k : {2, 50, 1000}) {
    MarketOptions options = kSparse;
    options.events = 8000;
    Seen ordered = run<All>(options);
    options.out_of_order = k;
    Seen seen = run<All>(options);
    std::int64_t highest = 0;
    for (std::size_t n = 0; n != seen.rows.size(); ++n) {
      EXPECT_EQ(seen.numbers[n], static_cast<std::int64_t>(n));
      EXPECT_EQ(seen.rows[n], ordered.rows[static_cast<std::size_t>(adjusted(static_cast<std::int64_t>(n), k))]);
      EXPECT_EQ(seen.watermarks[n], n == 0 ? kStartOfTime : highest - 4'000'000);
      highest = std::max(highest, seen.times[n]);
    }
    Seen apart = run<Apart>(options);
    std::sort(apart.rows.begin(), apart.rows.end());
    std::sort(seen.rows.begin(), seen.rows.end());
    EXPECT_EQ(apart.rows, seen.rows);
  }
}

TEST(NexmarkSource, AnotherSeedGivesOtherRowsOfTheSameShape) {
  MarketOptions options = kSparse;
  const Seen a = run<All>(options);
  options.seed = 2;
  const Seen b = run<All>(options);
  std::size_t same = 0;
  for (std::size_t i = 0; i != a.rows.size(); ++i) same += a.rows[i] == b.rows[i];
  EXPECT_EQ(same, 0u);
  EXPECT_EQ(a.times, b.times);
}

TEST(NexmarkSource, SizesAndShares) {
  struct Sums {
    std::int64_t bids = 0, by_hot = 0, on_hot = 0, hot_channel = 0, bid_bytes = 0, q14 = 0;
  } sums;
  Market market(1, 100);
  market.words.make_channels();
  Bids<BidSchema> bids;
  for (std::int64_t group = 0; group != 4000; ++group) {
    market.enter(group);
    bids.make<48>(market, group, kFirstBid);
    const std::int64_t e = group * kGroup + kFirstBid;
    for (int j = 0; j != kBids; ++j) {
      Bid row{};
      bids.put_row(market, j, 0, row);
      ++sums.bids;
      sums.by_hot += row.bidder == hot_bidder(group);
      sums.on_hot += row.auction == hot_auction(last_auction(e));
      sums.hot_channel += row.channel.view()[0] != 'c';
      sums.bid_bytes += 32 + static_cast<std::int64_t>(row.extra.size());
      const double euros = static_cast<double>(row.price) * 0.908;
      sums.q14 += euros > 1e6 && euros < 5e7;
      EXPECT_GE(row.auction, kFirstId);
      EXPECT_LE(row.auction, last_auction(e) + 10 + kFirstId);
      EXPECT_LE(row.bidder, group + 10 + kFirstId);
    }
  }
  const auto share = [&](std::int64_t n) { return static_cast<double>(n) / static_cast<double>(sums.bids); };
  EXPECT_NEAR(share(sums.by_hot), 0.75, 0.01);
  EXPECT_NEAR(share(sums.on_hot), 0.50, 0.01);
  EXPECT_NEAR(share(sums.hot_channel), 0.50, 0.01);
  EXPECT_NEAR(share(sums.bid_bytes), 100, 1);
  EXPECT_NEAR(share(sums.q14), 0.283, 0.005);
}

TEST(NexmarkSource, OnlyWhatIsReadIsMade) {
  Market market(1, 100);
  market.enter(3);
  Bids<PriceSchema> prices;
  Bids<BidSchema> all;
  prices.make<48>(market, 3, kFirstBid);
  all.make<48>(market, 3, kFirstBid);
  EXPECT_FALSE(Bids<PriceSchema>::kChannelRead);
  for (int j = 0; j != 48; ++j) EXPECT_EQ(prices.price[j], all.price[j]);
}

TEST(NexmarkSource, RefusesOptionsThatCannotBe) {
  for (const MarketOptions& options : {MarketOptions{.events = -1}, MarketOptions{.event_rate = 0}, MarketOptions{.out_of_order = 0}})
    EXPECT_THROW(check("market", options), engine::Failure);
}

}  // namespace
}  // namespace gress::nexmark
