// `join … retain` of two streams of facts, inner or semi: each side's rows are kept for `retain` or for ever, and a new
// row is joined with the other side's at once. A row that came is never taken back, so that it is kept as briefly as
// possible: only the columns that are read, chained by key in the order of arrival; of a side of which nothing is read
// only how many there are. `semi` gives a left row at its first match and keeps only those that wait for one.
//
// What comes of two rows is a function of both, whichever came first and wherever the operator's watermark stood: they are
// no pair if the watermark of one's partition has passed the other's time, and the joined row has the later of their times and
// is judged by the higher of their watermarks. That is never below the operator's own, and two rows that were on time make
// one that is. Memory follows the operator's watermark, by chunks.
//
// Rows of a side that are themselves joined rows of a join that keeps all (Left::has(kPair)) are not copied once more: their
// pair of numbers is kept, and they are made again when they are wanted.
//
// Spec (generated): as IntervalJoin's; kKind is inner or semi, and
//   static constexpr bool kForever;                      // rows are kept for ever
//   static LeftRow left_of(Pipeline&, RowPair);          // if Left::has(kPair): the row; right_of likewise
#pragma once
#include <type_traits>
#include <utility>

#include "runtime/core/emitter.h"
#include "runtime/core/join.h"
#include "runtime/core/join_index.h"
#include "runtime/core/packed_log.h"
#include "runtime/core/row_log.h"
#include "runtime/core/state_changes.h"
#include "runtime/core/watermarks.h"

namespace gress {

template <class Spec>
class AppendJoin {
 public:
  using Left = typename Spec::Left;
  using Right = typename Spec::Right;
  using Out = typename Spec::Out;
  using Key = typename Spec::Key;
  using LeftRow = typename Spec::LeftRow;
  using RightRow = typename Spec::RightRow;

  /// `retain` in microseconds; kEndOfTime: for ever.
  AppendJoin(typename Spec::Pipeline& pipeline, std::int64_t retain) : emitter_(pipeline), retain_(retain) {}

  void left(const Left& in) { process<true>(in); }
  void right(const Right& in) { process<false>(in); }
  void left_watermark(std::int64_t t) { advance(0, t); }
  void right_watermark(std::int64_t t) { advance(1, t); }

  ~AppendJoin() {
    if constexpr (kKeyed && !StateTraits<Key>::is_plain) {
      release_keys(left_);
      release_keys(right_);
    }
  }

  /// Rows kept now, of both sides; of a side of which nothing is read its keys.
  std::size_t kept() const {
    std::size_t n = kLeftCounted || kRightCounted ? index_.size() : 0;
    if constexpr (!kLeftCounted) n += left_.size();
    if constexpr (!kRightCounted) n += right_.size();
    return n;
  }
  std::size_t most_kept() const { return most_kept_; }

  /// Rows are said as they come and go, with the numbers of their arrival.
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, std::tie(emitter_, watermarks_, arrivals_));
    if constexpr (kDurable) changes.append(kept_changes_);
  }
  void load(StateIn& key, StateIn& value) {
    if constexpr (kDurable) {
      const auto part = key.get<StatePart>();
      if (part == StatePart::rest) return value(emitter_, watermarks_, arrivals_);
      load_part(part, key, value);
    }
  }

  /// The row that was given with this pair. What it views stays.
  void joined(RowPair pair, typename Out::Row& o) const {
    LeftRow l{};
    RightRow r{};
    if constexpr (!kLeftCounted) l = kept_row<true>(pair.left);
    if constexpr (!kRightCounted) r = kept_row<false>(pair.right);
    Spec::pair(l, r, o);
  }

 private:
  static constexpr bool kDurable = is_durable<Key>;
  static constexpr bool kSemi = Spec::kKind == JoinKind::semi;
  static constexpr bool kTimed = Out::has(kTime) || !Spec::kForever;
  static constexpr bool kJudged = Out::has(kWatermark) || !Spec::kForever;
  static constexpr bool kLeftCounted = std::is_empty_v<LeftRow> && !kTimed && !kJudged && !Spec::kRest;
  static constexpr bool kRightCounted = std::is_empty_v<RightRow> && !kTimed && !kJudged && !Spec::kRest;
  static constexpr bool kAll = Spec::kForever && !kSemi;
  /// Rows that may go know their keys.
  static constexpr bool kKeyed = !Spec::kForever || (kDurable && kSemi);
  /// What is kept of a side are pairs: they are smaller than its rows.
  static constexpr bool kLeftPairs = kAll && Left::has(kPair) && sizeof(LeftRow) > 16;
  static constexpr bool kRightPairs = kAll && Right::has(kPair) && sizeof(RightRow) > 16;
  template <bool kLeft>
  static constexpr bool kPairs = kLeft ? kLeftPairs : kRightPairs;
  template <bool kLeft>
  static constexpr bool kCounted = kLeft ? kLeftCounted : kRightCounted;
  template <bool kLeft>
  using RowOf = std::conditional_t<kLeft, LeftRow, RightRow>;
  /// Rows themselves are kept, in one piece each.
  template <bool kLeft>
  static constexpr bool kPacks = kAll && !kCounted<kLeft> && !kPairs<kLeft>;
  static constexpr std::uint32_t kGone = 0xffffffff;
  static constexpr int kShift = kRowLogShift;

  /// What a row came with, as far as it is wanted.
  struct Came {
    std::int64_t time = 0, watermark = kStartOfTime;
  };
  struct TimePart {
    std::int64_t time;
  };
  struct WatermarkPart {
    std::int64_t watermark;  // of the row's partition, just before it
  };
  struct KeyPart {
    Key key;  // to find the chain when the row goes
  };
  struct ArrivalPart {
    std::uint64_t arrival;  // to erase what was saved of the row
  };
  template <int>
  struct NoPart {};
  struct Head : std::conditional_t<kTimed, TimePart, NoPart<0>>,
                std::conditional_t<kJudged, WatermarkPart, NoPart<4>>,
                std::conditional_t<kKeyed, KeyPart, NoPart<1>>,
                std::conditional_t<kDurable && !kAll, ArrivalPart, NoPart<2>> {
    std::uint32_t next;  // of the key's chain, the last one's is the first
  };
  template <class R>
  struct Item : Head {
    using Row = R;
    [[no_unique_address]] Row row;
  };
  template <class Row, bool kPairs>
  using Log = std::conditional_t<kAll, PackedLog<Head, std::conditional_t<kPairs, RowPair, Row>>, RowLog<Item<Row>>>;
  using Slot = typename JoinIndex<Key>::Slot;

  // ---- either side of things

  template <bool kLeft>
  auto& log() {
    if constexpr (kLeft) return left_;
    else return right_;
  }
  template <bool kLeft>
  decltype(auto) kept_row(std::uint32_t n) const {
    if constexpr (kLeft && kLeftPairs) return Spec::left_of(emitter_.pipeline(), left_.row(n));
    else if constexpr (kLeft) return left_.row(n);
    else if constexpr (kRightPairs) return Spec::right_of(emitter_.pipeline(), right_.row(n));
    else return right_.row(n);
  }
  template <bool kLeft>
  static std::uint32_t& number(Slot& slot) {
    if constexpr (kLeft) return slot.left;
    else return slot.right;
  }
  template <bool kLeft, class In>
  static Keyed key_of(typename Spec::Pipeline& p, const In& in, int i, Key& key) {
    if constexpr (kLeft) return Spec::left_key(p, in, i, key);
    else return Spec::right_key(p, in, i, key);
  }
  template <bool kLeft, class In>
  static auto row_of(const In& in, int i) {
    if constexpr (kLeft) return Spec::left_row(in.rows[i]);
    else return Spec::right_row(in.rows[i]);
  }
  /// The further condition; if it fails, row i of `in` does, once.
  template <bool kLeft, class In, class Own, class Other>
  bool match(const In& in, int i, const Own& own, const Other& other) {
    auto& p = emitter_.pipeline();
    bool holds, failed;
    if constexpr (kLeft) holds = Spec::rest(p, own, other);
    else holds = Spec::rest(p, other, own);
    if constexpr (Spec::kRestFails) {
      if (failed_) [[unlikely]] {
        failed = p.ev.failed;
        p.ev.clear();
      } else {
        if constexpr (kLeft) failed = Spec::left_failed(p, in, i);
        else failed = Spec::right_failed(p, in, i);
        failed_ = failed;
      }
      return holds && !failed;
    }
    return holds;
  }
  static Came came_of(const Head& item) {
    Came c;
    if constexpr (kTimed) c.time = item.time;
    if constexpr (kJudged) c.watermark = item.watermark;
    return c;
  }
  template <class In>
  static Came came_of(const In& in, int i) {
    Came c;
    if constexpr (kTimed) c.time = in.time_of(i);
    if constexpr (kJudged) c.watermark = in.watermark_of(i);
    return c;
  }
  static Came both(const Came& a, const Came& b) {
    return {a.time > b.time ? a.time : b.time, a.watermark > b.watermark ? a.watermark : b.watermark};
  }
  bool over([[maybe_unused]] std::int64_t time, [[maybe_unused]] std::int64_t watermark) const {
    if constexpr (Spec::kForever) return false;
    return watermark > add_saturated(time, retain_);
  }

  // ---- rows

  template <bool kLeft, class In>
  void process(const In& in) {
    left_.recycle();
    right_.recycle();
    for (int i = 0; i != in.count; ++i) {
      keyed_[i] = key_of<kLeft>(emitter_.pipeline(), in, i, keys_[i]);
      if (keyed_[i] == Keyed::present) hashes_[i] = index_.hash(keys_[i]);
    }
    index_.reserve(static_cast<std::size_t>(in.count));
    if (index_.large()) fetch<kLeft>(in.count);
    emitter_.set_others(watermarks_.lowest());
    foresee<kLeft>(in);
    for (int i = 0; i != in.count; ++i) {
      if (keyed_[i] != Keyed::present) continue;
      Slot& slot = index_.place(keys_[i], hashes_[i]);
      if constexpr (kPairs<kLeft>) {
        // Most rows need not be made, which are wide.
        if (!slot.used()) index_.add(slot, keys_[i]);
        keep<kLeft>(slot, in, i, RowOf<kLeft>{});
        if (number<!kLeft>(slot) != 0) join<kLeft>(slot, in, i, row_of<kLeft>(in, i), number<kLeft>(slot) - 1);
        continue;
      }
      const auto row = row_of<kLeft>(in, i);
      if (!slot.used()) index_.add(slot, keys_[i]);
      else if (!kAll && number<!kLeft>(slot) != 0 && join<kLeft>(slot, in, i, row, 0)) continue;
      keep<kLeft>(slot, in, i, row);
      if (kAll && number<!kLeft>(slot) != 0) join<kLeft>(slot, in, i, row, number<kLeft>(slot) - 1);
    }
    // Rows that are shown stand in the input's block too.
    emitter_.flush();
  }

  /// What keeping the block's rows will ask for.
  template <bool kLeft, class In>
  void foresee(const In& in) {
    if constexpr (kPacks<kLeft>) {
      for (int i = 0; i != in.count; ++i) log<kLeft>().foresee(i, row_of<kLeft>(in, i));
      log<kLeft>().fetch(in.count);
    }
  }

  /// Of a table larger than the caches: slots of the whole block are fetched at once, then the rows they name.
  template <bool kLeft>
  void fetch(int count) {
    for (int i = 0; i != count; ++i)
      if (keyed_[i] == Keyed::present) index_.prefetch(hashes_[i]);
    if constexpr (!kCounted<!kLeft>)
      for (int i = 0; i != count; ++i) {
        if (keyed_[i] != Keyed::present) continue;
        Slot& slot = index_.place(keys_[i], hashes_[i]);
        if (number<!kLeft>(slot) != 0) __builtin_prefetch(&log<!kLeft>()[number<!kLeft>(slot) - 1]);
      }
  }

  /// Joins a row, `own` if it is kept by now, with the other side's of its key. True if the row need not be kept.
  template <bool kLeft, class In, class Row>
  bool join(Slot& slot, const In& in, int i, const Row& row, [[maybe_unused]] std::uint32_t own) {
    const Came it = came_of(in, i);
    failed_ = false;
    if constexpr (kCounted<!kLeft>) {
      if constexpr (kSemi) {
        if constexpr (kLeft) give_alone(row, it);
        else for (std::uint32_t n = count_again<true>(slot, 0); n != 0; --n) give_alone(LeftRow{}, it);
        return kLeft;
      } else {
        const RowOf<!kLeft> nothing{};
        for (std::uint32_t n = number<!kLeft>(slot); n != 0; --n) give<kLeft>(row, nothing, it, own, 0);
        return false;
      }
    } else {
      auto& others = log<!kLeft>();
      const std::uint32_t last = number<!kLeft>(slot) - 1;
      std::uint32_t before = last, at = others[last].next;
      for (bool end = false; !end;) {
        auto& other = others[at];
        end = at == last;
        const std::uint32_t next = other.next;
        const Came that = came_of(other);
        const bool found = !over(that.time, it.watermark) && !over(it.time, that.watermark) &&
                           (!Spec::kRest || match<kLeft>(in, i, row, kept_row<!kLeft>(at)));
        if (found) {
          if constexpr (!kSemi) {
            give<kLeft>(row, kept_row<!kLeft>(at), both(it, that), own, at);
          } else if constexpr (kLeft) {
            give_alone(row, both(it, that));
            return true;
          } else {
            give_alone(kept_row<!kLeft>(at), both(it, that));
            unchain<!kLeft>(slot, before, at);
          }
        }
        if (!kSemi || kLeft || !found) before = at;
        at = next;
      }
      return false;
    }
  }

  template <bool kLeft, class Row, class Other>
  void give(const Row& own, const Other& other, const Came& came, std::uint32_t number, std::uint32_t other_number) {
    emitter_.set_pair(kLeft ? RowPair{number, other_number} : RowPair{other_number, number});
    if constexpr (kLeft) Spec::pair(own, other, emitter_.next());
    else Spec::pair(other, own, emitter_.next());
    emitter_.commit_judged(came.time, came.watermark);
  }
  void give_alone(const LeftRow& row, const Came& came) {
    Spec::left_only(row, emitter_.next());
    emitter_.commit_judged(came.time, came.watermark);
  }

  template <bool kLeft, class In, class Row>
  void keep(Slot& slot, [[maybe_unused]] const In& in, [[maybe_unused]] int i, const Row& row) {
    // One match is enough for `semi`, and the first stays the first.
    if constexpr (kSemi && !kLeft && Spec::kForever && !Spec::kRest)
      if (number<kLeft>(slot) != 0) return;
    [[maybe_unused]] RowPair pair{};
    if constexpr (kPairs<kLeft>) pair = in.pair[i];
    const Came it = came_of(in, i);
    if constexpr (kCounted<kLeft>) {
      count_again<kLeft>(slot, number<kLeft>(slot) + 1);
      return;
    }
    say_row<kLeft>(keys_[i], it, pair, row, arrivals_);
    keep_row<kLeft>(slot, keys_[i], it, pair, row, arrivals_, i);
    if constexpr (kDurable) ++arrivals_;
  }
  template <bool kLeft, class Row>
  void say_row([[maybe_unused]] const Key& k, [[maybe_unused]] const Came& came, [[maybe_unused]] RowPair pair,
               [[maybe_unused]] const Row& row, [[maybe_unused]] std::uint64_t arrival) {
    if constexpr (kDurable) {
      const std::tuple key{StatePart::entries, InOrderOf{arrival}, k};
      const auto put = [&](const auto& what) { kept_changes_.put(key, std::tuple{kLeft, came.time, came.watermark, what}); };
      if constexpr (kPairs<kLeft>) put(pair);
      else put(row);
    }
  }
  template <bool kLeft, class Row>
  void keep_row(Slot& slot, [[maybe_unused]] const Key& key, [[maybe_unused]] const Came& came, [[maybe_unused]] RowPair pair,
                const Row& row, [[maybe_unused]] std::uint64_t arrival, [[maybe_unused]] int i) {
    if constexpr (!kCounted<kLeft>) {
      std::uint32_t& last = number<kLeft>(slot);
      auto& own = log<kLeft>();
      Head head{};
      if constexpr (kTimed) head.time = came.time;
      if constexpr (kJudged) head.watermark = came.watermark;
      if constexpr (kKeyed) head.key = StateTraits<Key>::retain(key);
      if constexpr (kDurable && !kAll) head.arrival = arrival;
      std::uint32_t n;
      if constexpr (kPairs<kLeft>) n = own.add(head, pair, i);
      else if constexpr (kAll) n = own.add(head, row, i);
      else n = own.add({head, row});
      if constexpr (!Spec::kForever) note_time(latest_[kLeft ? 0 : 1], n, came.time);
      own[n].next = n;
      if (last != 0) std::swap(own[n].next, own[last - 1].next);
      last = n + 1;
    }
  }
  void load_part(StatePart part, StateIn& key, StateIn& value) {
    const bool counted = part == StatePart::more;
    const std::uint64_t arrival = counted ? 0 : key.get<InOrderOf>().number;
    const bool left = counted ? key.get<bool>() : value.get<bool>();
    Key k = key.get<Key>();
    const auto count = counted ? value.get<std::uint32_t>() : 0;
    if (!counted || count != 0) {
      index_.reserve(1);
      Slot& slot = index_.place(k, index_.hash(k));
      if (!slot.used()) index_.add(slot, k);
      if (counted) load_count(left ? slot.left : slot.right, left, k, count, value.moved);
      else if (left) load_row<true>(slot, k, arrival, value);
      else load_row<false>(slot, k, arrival, value);
    }
    StateTraits<Key>::release(k);
  }
  void load_count(std::uint32_t& number, bool left, const Key& key, std::uint32_t count, bool moved) {
    number = count;
    if constexpr (kDurable)
      if (moved) kept_changes_.put(std::tuple{StatePart::more, left, key}, count);
  }
  template <bool kLeft>
  void load_row(Slot& slot, const Key& key, std::uint64_t arrival, StateIn& value) {
    using Row = RowOf<kLeft>;
    Came came;
    value(came.time, came.watermark);
    RowPair pair{};
    Row row{};
    if constexpr (kPairs<kLeft>) value(pair);
    else value(row);
    if constexpr (kPacks<kLeft>) log<kLeft>().foresee(0, row);
    keep_row<kLeft>(slot, key, came, pair, row, arrival, 0);
    if (value.moved) say_row<kLeft>(key, came, pair, row, arrival);
    StateTraits<Row>::release(row);
  }
  /// Of a side of which only the number of rows is kept; what it was.
  template <bool kLeft>
  std::uint32_t count_again(Slot& slot, std::uint32_t count) {
    if constexpr (kDurable) kept_changes_.put(std::tuple{StatePart::more, kLeft, slot.key}, count);
    return std::exchange(number<kLeft>(slot), count);
  }
  /// A row whose match came, or whose time is over, is not saved any more.
  template <class Item>
  void forget([[maybe_unused]] const Item& item) {
    if constexpr (kDurable && !kAll) kept_changes_.erase(std::tuple{StatePart::entries, InOrderOf{item.arrival}, item.key});
  }

  /// The highest time of the rows of `n`'s chunk.
  void note_time(std::vector<std::int64_t>& latest, std::uint32_t n, std::int64_t time) {
    const std::uint32_t chunk = n >> kShift;
    if (chunk >= latest.size()) latest.resize(chunk + 1);
    if (n % (1u << kShift) == 0 || time > latest[chunk]) latest[chunk] = time;
    if (latest[chunk] < earliest_) earliest_ = latest[chunk];
  }

  // ---- rows that go

  /// Takes row `at` out of its key's chain, in which `before` comes before it.
  template <bool kLeft>
  void unchain(Slot& slot, std::uint32_t before, std::uint32_t at) {
    auto& own = log<kLeft>();
    auto& item = own[at];
    std::uint32_t& last = number<kLeft>(slot);
    if (before == at) {
      last = 0;
    } else {
      own[before].next = item.next;
      if (last == at + 1) last = before + 1;
    }
    item.next = kGone;
    forget(item);
    if constexpr (kKeyed) StateTraits<Key>::release(item.key);
    own.erase(at);
  }

  void advance(int side, std::int64_t t) {
    if (kept() > most_kept_) most_kept_ = kept();
    if (watermarks_.raise(side, t) && watermarks_.lowest() != kEndOfTime && !Spec::kForever) expire(watermarks_.lowest());
    emitter_.advance(watermarks_.lowest());
  }

  /// Drops the chunks of which every row is over; nobody would have matched those any more.
  [[gnu::noinline]] void expire(std::int64_t watermark) {
    if (!over(earliest_, watermark)) return;
    earliest_ = kEndOfTime;
    drop<true>(watermark);
    drop<false>(watermark);
    left_.recycle();
    right_.recycle();
  }
  template <bool kLeft>
  void drop([[maybe_unused]] std::int64_t watermark) {
    if constexpr (!Spec::kForever) {
      auto& own = log<kLeft>();
      own.each_chunk([&](std::uint32_t begin, std::uint32_t end) {
        const std::int64_t highest = latest_[kLeft ? 0 : 1][begin >> kShift];
        if (!over(highest, watermark)) {
          if (highest < earliest_) earliest_ = highest;
          return;
        }
        for (std::uint32_t n = begin; n != end; ++n)
          if (own[n].next != kGone) drop_row<kLeft>(n);
      });
    }
  }
  template <bool kLeft>
  void drop_row(std::uint32_t n) {
    auto& own = log<kLeft>();
    Slot& slot = *index_.find(own[n].key, index_.hash(own[n].key));
    // Those that go are mostly the first of their chain.
    std::uint32_t before = number<kLeft>(slot) - 1;
    while (own[before].next != n) before = own[before].next;
    unchain<kLeft>(slot, before, n);
    if (!slot.used()) index_.erase(slot);
  }
  template <class Log>
  static void release_keys(Log& log) {
    log.each_chunk([&](std::uint32_t begin, std::uint32_t end) {
      for (std::uint32_t n = begin; n != end; ++n)
        if (log[n].next != kGone) StateTraits<Key>::release(log[n].key);
    });
  }

  Emitter<Spec> emitter_;
  std::int64_t retain_;
  Watermarks<2> watermarks_;
  JoinIndex<Key> index_;
  Log<LeftRow, kLeftPairs> left_;
  Log<RightRow, kRightPairs> right_;
  std::vector<std::int64_t> latest_[2];     // highest time of each chunk's rows, when they are not kept for ever
  std::int64_t earliest_ = kEndOfTime;      // when the next chunk may go: a watermark has to be greater than it + retain
  bool failed_ = false;                     // the row at hand, with one of the other side's
  std::size_t most_kept_ = 0;
  std::uint64_t arrivals_ = 0;
  [[no_unique_address]] std::conditional_t<kDurable, StateChanges, NoPart<3>> kept_changes_;
  Keyed keyed_[kBlock];
  Key keys_[kBlock];
  std::uint64_t hashes_[kBlock];
};

}  // namespace gress
