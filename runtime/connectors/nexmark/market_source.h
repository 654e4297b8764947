// The source of the connector `nexmark`: events are made, block by block, instead of read. What comes is a function of
// the options and an event's number, so that a program can go on anywhere.
//
// Spec: that of a union (runtime/core/union_blocks.h), whose cases are person, auction and bid. Each case says besides:
//   kWantedColumns: a bit for each column that tells whether a row is wanted; 0: all rows are;
//   static bool wanted(Eval&, const Row&): false for rows that reach nobody; reads these columns only, and never fails.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>

#include "runtime/connectors/bad_record.h"
#include "runtime/connectors/nexmark/rows.h"
#include "runtime/connectors/source_time.h"
#include "runtime/core/place.h"
#include "runtime/core/state_changes.h"
#include "runtime/core/union_blocks.h"
#include "runtime/engine/failure.h"
#include "runtime/engine/rate_limiter.h"
#include "runtime/engine/run.h"

namespace gress::nexmark {

struct MarketOptions {
  std::int64_t events = INT64_MAX;
  std::int64_t event_rate = 10000;
  std::int64_t seed = 1;
  std::int64_t out_of_order = 1;
};

/// Throws Failure (usage) for values that cannot be.
void check(std::string_view source, const MarketOptions& options);

template <class Spec>
class MarketSource {
 public:
  using Pipeline = typename Spec::Pipeline;

  MarketSource(Pipeline& pipeline, engine::Runtime& runtime, std::string_view name, const MarketOptions& options, int line,
               const SourceTime& time, double rate)
      : pipeline_(pipeline),
        runtime_(runtime),
        counters_(runtime.add_source(name, line)),
        options_((check(name, options), options)),
        time_(time),
        limiter_(rate),
        market_(static_cast<std::uint64_t>(options.seed), options.event_rate) {
    if constexpr (kBidsRead && Bids<SchemaOf<kBid>>::kChannelRead) market_.words.make_channels();
    if (runtime_.worker() != 0) {  // one partition: the first worker makes it
      next_ = options_.events;
      tell(kEndOfTime);
    }
  }

  std::int64_t watermark() const { return told_; }
  bool done() const { return done_; }
  bool idle() const { return false; }
  const SourceTime& time() const { return time_; }
  void follow(std::int64_t) {}
  // One partition, for operators that keep watermarks of their own (`time`).
  std::uint32_t partitions() const { return 1; }
  Text partition_name(std::uint32_t) const { return {}; }
  std::uint32_t partition_number(Text) const { return 0; }
  bool holds(std::uint32_t) const { return !done_; }
  bool silent(std::uint32_t) const { return false; }
  void failed() { counters_.invalid.add(1); }
  /// A row that fails has no text but its number.
  Record record(std::uint32_t i) {
    const std::int64_t n = begin_ + i;
    text_ = "event " + std::to_string(n);
    return {Spec::kName, "nexmark", 0, n, text_};
  }
  void save(StateChanges& changes) {
    if (runtime_.worker() == 0) changes.put(StateOwner::first(), StatePart::rest, std::tie(next_, highest_, told_, done_));
  }
  void load(StateIn& key, StateIn& value) {
    key.get<StatePart>();
    value(next_, highest_, told_, done_);
  }
  /// What a worker without a partition has told is not known to the exchanges any more, which have been loaded.
  void loaded() {
    if (runtime_.worker() != 0) told_ = kStartOfTime;
  }
  /// Goes on with the n-th event.
  void seek(std::int64_t n) { next_ = n; }

  engine::Step step(Eval& ev) {
    if (done_) return engine::Step::done;
    if (next_ >= options_.events) {
      done_ = true;
      tell(kEndOfTime);
      return engine::Step::done;
    }
    const std::int64_t allowed = limiter_.allowance(runtime_);
    if (allowed == 0) return engine::Step::idle;
    const engine::At here(runtime_.presence(), counters_);
    ev.now = runtime_.now();
    begin_ = next_;
    const bool ordered = options_.out_of_order <= 1;
    const std::int64_t groups = ordered ? kGroups : 2;
    next_ = std::min({(begin_ / kGroup + groups) * kGroup, options_.events, allowed > INT64_MAX - begin_ ? INT64_MAX : begin_ + allowed});
    const std::int64_t count = next_ - begin_;
    counters_.rows.add(static_cast<std::uint64_t>(count));
    limiter_.took(count);
    if (ordered) in_order(ev);
    else shuffled(ev);
    hand_on_all();
    tell(highest_ - time_.delay);
    return engine::Step::more;
  }

 private:
  using Cases = typename Spec::Cases;
  template <std::size_t I>
  using CaseOf = std::tuple_element_t<I, Cases>;
  template <std::size_t I>
  using SchemaOf = typename CaseOf<I>::Schema;
  template <std::size_t I>
  using RowOf = typename CaseOf<I>::Block::Row;
  static constexpr bool kPersonsRead = CaseOf<kPerson>::kRead, kAuctionsRead = CaseOf<kAuction>::kRead, kBidsRead = CaseOf<kBid>::kRead;
  static_assert(decode::field_count<SchemaOf<kPerson>> == person::kColumns && decode::field_count<SchemaOf<kAuction>> == auction::kColumns &&
                decode::field_count<SchemaOf<kBid>> == bid::kColumns);
  /// Groups of a step: some thousand events, or as many as fit in a block of what is read.
  static constexpr std::int64_t kGroups = std::max<std::int64_t>(20, kBidsRead ? 0 : kAuctionsRead ? kBlock / kAuctions : kBlock);
  /// Whether rows are made only as far as tells whether somebody wants them.
  template <std::size_t I>
  static constexpr bool kSome = CaseOf<I>::kWantedColumns != 0;
  template <std::size_t I>
  using FirstOf = Only<SchemaOf<I>, CaseOf<I>::kWantedColumns>;
  template <std::size_t I>
  using RestOf = Only<SchemaOf<I>, ~CaseOf<I>::kWantedColumns>;
  /// Times of bids are looked at.
  static constexpr bool kBidTimes = kBidsRead && (reads<SchemaOf<kBid>, bid::kAt> || CaseOf<kBid>::Block::has(kTime) || CaseOf<kBid>::Block::has(kWatermark));

  template <std::size_t I>
  struct Gathered {
    typename CaseOf<I>::Block block;
    RowOf<I> rows[kBlock];
    Gathered() {
      block.rows = rows;
      block.count = 0;
    }
  };

  void in_order(Eval& ev) {
    for (std::int64_t at = begin_; at != next_;) {
      const std::int64_t group = at / kGroup, first = group * kGroup, to = std::min(first + kGroup, next_);
      market_.enter(group);
      if constexpr (kBidsRead) make_room(ev);
      if constexpr (kBidTimes || kPersonsRead || kAuctionsRead)
        times_.template make<kBidTimes ? Times::kAll : Times::kBeforeBids>(market_, group);
      if constexpr (kPersonsRead)
        if (at == first) add<kPerson>(at, at, time_at(at, first), time_at(at - 1, first), ev);
      if constexpr (Spec::kInterleaved) hand_on<kPerson>();
      if constexpr (kAuctionsRead)
        for (std::int64_t e = std::max(at, first + 1); e < std::min(to, first + kFirstBid); ++e)
          add<kAuction>(e, e, time_at(e, first), time_at(e - 1, first), ev);
      if constexpr (Spec::kInterleaved) hand_on<kAuction>();
      if constexpr (kBidsRead)
        if (to > first + kFirstBid) add_bids(group, std::max(at - first, kFirstBid), to - first, ev);
      if constexpr (Spec::kInterleaved) hand_on<kBid>();
      at = to;
    }
    highest_ = market_.micros(next_ - 1);
  }

  /// What was gathered goes on when another group's bids might not fit.
  void make_room(Eval& ev) {
    if (std::get<kBid>(gathered_).block.count + kBids <= kBlock) return;
    hand_on_all();
    ev.arena.reset();  // holds nothing but texts of these rows
  }

  /// Of an event of the group whose times are made, not a bid unless bids' are.
  std::int64_t time_at(std::int64_t e, std::int64_t first) const { return times_.at[1 + e - first]; }

  void add_bids(std::int64_t group, std::int64_t from, std::int64_t to, Eval& ev) {
    auto& g = std::get<kBid>(gathered_);
    const int n = static_cast<int>(to - from), at = g.block.count, j = static_cast<int>(from - kFirstBid);
    const std::int64_t number = group * kGroup + from;
    const std::int64_t* times = times_.at + 1 + from;
    constexpr int kMost = Bids<SchemaOf<kBid>>::kMost;
    if constexpr (kSome<kBid>) {
      first_bids_.template make<kMost>(market_, group, kFirstBid);
      int wanted[kMost], count = 0;
      for (int i = 0; i != n; ++i) {
        RowOf<kBid> row;
        first_bids_.put_row(market_, j + i, times[i], row);
        wanted[count] = i;
        count += CaseOf<kBid>::wanted(ev, row);
      }
      const bool many = count > kMost / 6;
      if (many) rest_bids_.template make<kMost>(market_, group, kFirstBid);
      for (int k = 0; k != count; ++k) {
        const int i = wanted[k], place = j + i;
        if (!many) rest_bids_.template make<1>(market_, group, static_cast<std::uint32_t>(kFirstBid + place));
        first_bids_.put_row(market_, place, times[i], g.rows[at + k]);
        rest_bids_.put_row(market_, many ? place : 0, times[i], g.rows[at + k]);
        put_lanes(g.block, at + k, number + i, times[i], times[i - 1]);
      }
      g.block.count = at + count;
    } else {
      bids_.template make<kMost>(market_, group, kFirstBid);
      for (int i = 0; i != n; ++i) bids_.put_row(market_, j + i, times[i], g.rows[at + i]);
      for (int i = 0; i != n; ++i) put_lanes(g.block, at + i, number + i, times[i], times[i - 1]);
      g.block.count = at + n;
    }
  }

  /// Of row i, the event that comes as the n-th; `before` is the highest time so far.
  template <class Block>
  void put_lanes(Block& block, int i, std::int64_t n, std::int64_t at, std::int64_t before) {
    if constexpr (Block::has(kTime)) block.time[i] = at;
    if constexpr (Block::has(kWatermark)) block.watermark[i] = n == 0 ? kStartOfTime : before - time_.delay;
    if constexpr (Block::has(kPosition)) block.position[i] = numbering_of<Spec>().position(0, static_cast<std::uint64_t>(n));
    if constexpr (Block::has(kRecord)) block.record[i] = static_cast<std::uint32_t>(n - begin_);
  }

  template <std::size_t I, class Schema>
  void put(std::int64_t e, std::int64_t at, RowOf<I>& row, Eval& ev) {
    if constexpr (I == kPerson) put_person<Schema>(market_, e, at, row, ev.arena);
    if constexpr (I == kAuction) put_auction<Schema>(market_, e, at, row);
    if constexpr (I == kBid) {
      Bids<Schema> one;
      one.template make<1>(market_, e / kGroup, static_cast<std::uint32_t>(e % kGroup));
      one.put_row(market_, 0, at, row);
    }
  }

  /// Event e, the n-th to come; `before` is the highest time so far.
  template <std::size_t I>
  void add(std::int64_t n, std::int64_t e, std::int64_t at, std::int64_t before, Eval& ev) {
    using Case = CaseOf<I>;
    if constexpr (Case::kRead) {
      auto& g = std::get<I>(gathered_);
      const int i = g.block.count;
      if constexpr (kSome<I>) {
        put<I, FirstOf<I>>(e, at, g.rows[i], ev);
        if (!Case::wanted(ev, g.rows[i])) return;
        put<I, RestOf<I>>(e, at, g.rows[i], ev);
      } else {
        put<I, SchemaOf<I>>(e, at, g.rows[i], ev);
      }
      put_lanes(g.block, i, n, at, before);
      ++g.block.count;
      if (g.block.full()) hand_on<I>();
    }
  }

  void shuffled(Eval& ev) {
    std::uint32_t last = kBid + 1;
    for (std::int64_t n = begin_; n != next_; ++n) {
      const std::int64_t e = adjusted(n, options_.out_of_order), at = market_.micros(e);
      market_.enter(e / kGroup);
      const Kind kind = kind_of(e);
      if constexpr (Spec::kInterleaved)
        if (kind != last) hand_on_all();
      last = kind;
      if (kind == kPerson) add<kPerson>(n, e, at, highest_, ev);
      else if (kind == kAuction) add<kAuction>(n, e, at, highest_, ev);
      else add<kBid>(n, e, at, highest_, ev);
      highest_ = n == 0 ? at : std::max(highest_, at);
    }
  }

  template <std::size_t I>
  void hand_on() {
    if constexpr (CaseOf<I>::kRead) {
      auto& block = std::get<I>(gathered_).block;
      if (block.count == 0) return;
      CaseOf<I>::out(pipeline_, block);
      block.count = 0;
    }
  }
  void hand_on_all() {
    hand_on<kPerson>();
    hand_on<kAuction>();
    hand_on<kBid>();
  }

  void tell(std::int64_t t) {
    if (t <= told_) return;
    told_ = t;
    counters_.watermark.set(t);
    Spec::watermark(pipeline_, t);
  }

  Pipeline& pipeline_;
  engine::Runtime& runtime_;
  engine::SourceCounters& counters_;
  MarketOptions options_;
  SourceTime time_;
  engine::RateLimiter limiter_;
  Market market_;
  Times times_;
  Bids<SchemaOf<kBid>> bids_;
  Bids<FirstOf<kBid>> first_bids_;  // of programs that want some only
  Bids<RestOf<kBid>> rest_bids_;
  std::tuple<Gathered<kPerson>, Gathered<kAuction>, Gathered<kBid>> gathered_;
  std::int64_t begin_ = 0, next_ = 0;  // events of this step
  std::int64_t highest_ = 0, told_ = kStartOfTime;
  bool done_ = false;
  std::string text_;
};

}  // namespace gress::nexmark
