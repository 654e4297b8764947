// `join … retain` whose result is revised: outer forms, `anti`, and inputs that are changelogs themselves. The result is
// at all times that of joining the rows which are kept; each change of a side is turned into the changes of the result,
// a retract directly followed by an insert where a row of the result becomes another.
//
// An insert has the time of the later of its two rows; where it comes because a partner went, the time of that. A row
// that is taken back carries what it was inserted with.
//
// Whether two rows are a pair hangs on both alone, as in AppendJoin: they are none if the watermark of one's partition has
// passed the other's time. A row goes when the operator's watermark has passed its time; nobody would match it any more.
//
// Spec (generated): as IntervalJoin's, and
//   static constexpr bool kForever;   // rows are kept for ever
#pragma once
#include <algorithm>

#include "runtime/core/emitter.h"
#include "runtime/core/join.h"
#include "runtime/core/retained_side.h"
#include "runtime/core/watermarks.h"

namespace gress {

template <class Spec>
class RetainedJoin {
 public:
  using Left = typename Spec::Left;
  using Right = typename Spec::Right;
  using Out = typename Spec::Out;
  using Key = typename Spec::Key;

  /// `retain` in microseconds; kEndOfTime: for ever.
  RetainedJoin(typename Spec::Pipeline& pipeline, std::int64_t retain) : emitter_(pipeline), retain_(retain) {}

  void left(const Left& in) { process<true>(in); }
  void right(const Right& in) { process<false>(in); }
  void left_watermark(std::int64_t t) { advance(0, t); }
  void right_watermark(std::int64_t t) { advance(1, t); }

  /// Rows kept now, of both sides.
  std::size_t kept() const { return left_.size() + right_.size(); }
  std::size_t most_kept() const { return most_kept_; }

  /// A key's rows are saved together, rows without a key all anew.
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, std::tie(emitter_, watermarks_, last_, left_.arrivals(), right_.arrivals()));
    keys_.save(changes, std::tuple{StatePart::entries}, [&](KeyRows& rows) { return SavedRows{*this, rows}; });
    save_keyless<true>(changes, StatePart::more);
    save_keyless<false>(changes, StatePart::outer);
  }
  void load(StateIn& key, StateIn& value) {
    switch (key.get<StatePart>()) {
      case StatePart::rest: return value(emitter_, watermarks_, last_, left_.arrivals(), right_.arrivals());
      case StatePart::entries: {
        KeyRows* rows = nullptr;
        const std::uint32_t entry = keys_.load(key, value, [&](KeyRows& r) {
          rows = &r;
          load_chain<true>(value);
          load_chain<false>(value);
        });
        *rows = {};
        link_loaded<true>(entry);
        link_loaded<false>(entry);
        return;
      }
      case StatePart::more: key.get<std::uint64_t>(), note_loaded<true>(left_.load(value)); return;
      default: key.get<std::uint64_t>(), note_loaded<false>(right_.load(value)); return;
    }
  }
  void loaded() { keys_.loaded(); }

 private:
  static constexpr JoinKind kKind = Spec::kKind;
  /// Result rows are left rows that pass a test; else pairs, and rows alone.
  static constexpr bool kTests = kKind == JoinKind::semi || kKind == JoinKind::anti;
  static constexpr bool kWanted = kKind == JoinKind::semi;  // what a left row's test has to give
  /// Rows of the side are shown without a partner.
  template <bool kLeft>
  static constexpr bool kAlone = kLeft ? kKind == JoinKind::left || kKind == JoinKind::full : kKind == JoinKind::full;
  /// Rows whose key has an absent part are in the result.
  template <bool kLeft>
  static constexpr bool kAbsentShown = kAlone<kLeft> || (kLeft && kKind == JoinKind::anti);

  /// Rows of one key need not be pairs, so that those of each left row are counted: the matches if there is a further condition,
  /// else those right rows that are none, as mostly none is.
  static constexpr bool kCounts = Spec::kRest;
  static constexpr bool kCountsApart = kTests && !Spec::kRest && !Spec::kForever;

  using LeftSide = RetainedSide<typename Spec::LeftRow, Left::has(kOp), !Spec::kForever>;
  using RightSide = RetainedSide<typename Spec::RightRow, Right::has(kOp), !Spec::kForever>;
  struct KeyRows {
    RowChain left, right;
    [[no_unique_address]] Maybe<std::uint64_t, kCountsApart> apart;  // pairs of rows that are no match, of both chains
    void clear() { *this = KeyRows{}; }
  };

  // ---- checkpoints

  struct SavedRows {
    RetainedJoin& join;
    KeyRows& rows;
    void archive(StateOut& out) {
      chain(out, join.left_, rows.left);
      chain(out, join.right_, rows.right);
    }
    template <class Side>
    static void chain(StateOut& out, Side& side, const RowChain& chain) {
      out.count(chain.count);
      for (std::uint32_t at = chain.first; at != kNoRow; at = side[at].next) side.save(out, at);
    }
  };
  template <bool kLeft>
  void save_keyless(StateChanges& changes, StatePart part) {
    if constexpr (kAbsentShown<kLeft>) {
      changes.erase_all(part);
      auto& rows = side<kLeft>();
      struct Saved {
        decltype(rows) all;
        std::uint32_t n;
        void archive(StateOut& out) { all.save(out, n); }
      };
      std::uint64_t number = 0;
      rows.each([&](std::uint32_t n) {
        if (rows[n].key == kNoRow) changes.put(StateOwner::first(), std::tuple{part, number++}, Saved{rows, n});
      });
    }
  }
  template <bool kLeft>
  void load_chain(StateIn& value) {
    for (std::uint64_t left = value.count(); left != 0; --left) (kLeft ? loaded_left_ : loaded_right_).push_back(side<kLeft>().load(value));
  }
  template <bool kLeft>
  void link_loaded(std::uint32_t entry) {
    auto& numbers = kLeft ? loaded_left_ : loaded_right_;
    for (const std::uint32_t n : numbers) {
      side<kLeft>()[n].key = entry;
      side<kLeft>().link(chain<kLeft>(entry), n);
      if constexpr (kCountsApart && kLeft) keys_[entry].value.apart.value += left_[n].matches;
      note_loaded<kLeft>(n);
    }
    numbers.clear();
  }
  template <bool kLeft>
  void note_loaded(std::uint32_t n) {
    if constexpr (!Spec::kForever) {
      side<kLeft>().note(n, add_saturated(side<kLeft>()[n].time, retain_));
      note_watermark<kLeft>(n);
    }
  }
  template <bool kLeft>
  void note_watermark(std::uint32_t n) {
    std::int64_t& highest = highest_[kLeft ? 0 : 1];
    highest = std::max(highest, side<kLeft>()[n].watermark.value);
  }

  // ---- either side of things

  template <bool kLeft>
  auto& side() {
    if constexpr (kLeft) return left_;
    else return right_;
  }
  template <bool kLeft>
  RowChain& chain(std::uint32_t key) {
    KeyRows& rows = keys_[key].value;
    return kLeft ? rows.left : rows.right;
  }
  template <bool kLeft, class In>
  Keyed key_of(const In& in, int i, Key& key) {
    if constexpr (kLeft) return Spec::left_key(emitter_.pipeline(), in, i, key);
    else return Spec::right_key(emitter_.pipeline(), in, i, key);
  }
  template <bool kLeft, class In>
  static auto row_of(const In& in, int i) {
    if constexpr (kLeft) return Spec::left_row(in.rows[i]);
    else return Spec::right_row(in.rows[i]);
  }
  template <class Item>
  bool over(const Item& item, std::int64_t watermark) const {
    return watermark > add_saturated(item.time, retain_);
  }
  /// Whether one was over when the other came.
  template <class Own, class Other>
  bool apart([[maybe_unused]] const Own& own, [[maybe_unused]] const Other& other) const {
    if constexpr (Spec::kForever) return false;
    else return over(own, other.watermark.value) || over(other, own.watermark.value);
  }
  /// Whether no kept row of the other side can be apart from one that comes now. The kept ones are not over by the operator's
  /// watermark.
  template <bool kLeft, class Own>
  bool together([[maybe_unused]] const Own& own) const {
    if constexpr (Spec::kForever) return true;
    else return own.watermark.value <= lane_ && lane_ != kEndOfTime && !over(own, highest_[kLeft ? 1 : 0]);
  }
  /// Whether an old row matched: if that failed, the row that came later was routed then.
  template <bool kLeft, class Own, class Other>
  bool matched(const Own& own, const Other& other) {
    if (apart(own, other)) return false;
    if constexpr (!Spec::kRest) return true;
    bool holds;
    if constexpr (kLeft) holds = Spec::rest(emitter_.pipeline(), own.row, other.row);
    else holds = Spec::rest(emitter_.pipeline(), other.row, own.row);
    if constexpr (Spec::kRestFails) {
      holds = holds && !emitter_.pipeline().ev.failed;
      emitter_.pipeline().ev.clear();
    }
    return holds;
  }
  /// Whether the row that comes, row_ of the block, matches; if that fails, it is routed, once.
  template <bool kLeft, class Own, class Other>
  bool matches(const Own& own, const Other& other) {
    if (apart(own, other)) return false;
    if constexpr (!Spec::kRest) return true;
    if (failed_) return matched<kLeft>(own, other);
    auto& p = emitter_.pipeline();
    bool holds;
    if constexpr (kLeft) {
      holds = Spec::rest(p, own.row, other.row);
      failed_ = Spec::left_failed(p, *left_block_, row_);
    } else {
      holds = Spec::rest(p, other.row, own.row);
      failed_ = Spec::right_failed(p, *right_block_, row_);
    }
    return holds && !failed_;
  }

  // ---- rows of the result

  template <bool kLeft, class Own, class Other>
  void pair(const Own& own, const Other& other, Op op) {
    if constexpr (kLeft) Spec::pair(own.row, other.row, emitter_.next());
    else Spec::pair(other.row, own.row, emitter_.next());
    const std::uint64_t l = kLeft ? own.sequence : other.sequence, r = kLeft ? other.sequence : own.sequence;
    commit({own.time > other.time ? own.time : other.time, l << 32 | r}, op);
  }
  template <bool kLeft, class Own>
  void alone(const Own& own, Op op) {
    if constexpr (kLeft) Spec::left_only(own.row, emitter_.next());
    else Spec::right_only(own.row, emitter_.next());
    const std::uint64_t n = own.sequence;
    commit({own.since, kLeft ? n << 32 : n}, op);
  }
  void commit(const Stamp& stamp, Op op) { emitter_.commit(stamp, lane_, op); }
  /// What follows is no change of the row before it.
  void begin() { emitter_.reserve(1); }
  void retract_begins() { emitter_.room(2); }

  // ---- changes of a side

  template <bool kLeft, class In>
  void process(const In& in) {
    if constexpr (kLeft) left_block_ = &in;
    else right_block_ = &in;
    for (int i = 0; i != in.count; ++i) {
      const std::int64_t own = in.watermark_before(i), other = watermarks_.lowest_but(kLeft ? 0 : 1);
      const std::int64_t lowest = own < other ? own : other;
      if (lowest > next_end() && lowest != kEndOfTime) [[unlikely]] expire(lowest);
      emitter_.raise(lowest);
      lane_ = lowest;
      if constexpr (In::has(kOp)) {
        if (in.op[i] == Op::retract) {
          i += retract<kLeft>(in, i);
          continue;
        }
      }
      insert<kLeft>(in, i, kNoRow);
    }
    // The last row may have come later than it can be kept.
    if (const std::int64_t t = std::max(lane_, watermarks_.lowest()); t > next_end() && t != kEndOfTime) [[unlikely]] expire(t);
    settle();
  }

  /// Takes row i back; 1 if the insert behind it was part of the change.
  template <bool kLeft, class In>
  int retract(const In& in, int i) {
    Key key;
    const Keyed keyed = key_of<kLeft>(in, i, key);
    const std::uint32_t old =
        keyed == Keyed::failed ? kNoRow : side<kLeft>().find(identity<kLeft>(in, i, row_of<kLeft>(in, i), keyed, key));
    if (i + 1 < in.count && in.op[i + 1] == Op::insert) {
      insert<kLeft>(in, i + 1, old);
      return 1;
    }
    if (old != kNoRow) {
      const std::int64_t t = in.time_of(i), w = in.watermark_of(i);
      begin();
      remove<kLeft>(old, t > w ? t : w);
    }
    return 0;
  }
  template <bool kLeft, class In, class Row>
  static RowIdentity identity(const In& in, int i, const Row& row, Keyed keyed, const Key& key) {
    RowIdentity id{in.time_of(i), in.position_of(i), 0};
    if constexpr (In::has(kOp)) id.values = fn::combine(fn::key_hash(row), keyed == Keyed::present ? key.hash() : 0);
    return id;
  }

  /// Row i comes, in the place of `old` if there is one.
  template <bool kLeft, class In>
  void insert(const In& in, int i, std::uint32_t old) {
    auto& own = side<kLeft>();
    row_ = i;
    failed_ = false;
    Key key;
    const Keyed keyed = key_of<kLeft>(in, i, key);
    const std::int64_t time = in.time_of(i);
    if (keyed == Keyed::failed || (keyed == Keyed::absent && !kAbsentShown<kLeft>)) {
      begin();
      if (old != kNoRow) remove<kLeft>(old, time);
      return;
    }
    const std::uint32_t entry = keyed == Keyed::present ? keys_.find_or_add(key) : kNoRow;
    const auto row = row_of<kLeft>(in, i);
    const std::uint32_t n = own.add(row, identity<kLeft>(in, i, row, keyed, key));
    own[n].key = entry;
    if constexpr (!Spec::kForever) {
      own[n].watermark.value = in.watermark_of(i);
      note_watermark<kLeft>(n);
    }
    begin();
    if (old != kNoRow && own[old].key != entry) {
      remove<kLeft>(old, time);  // directly before what follows: one change of the row
      old = kNoRow;
    }
    change<kLeft>(entry, old, n, time);
    if (old != kNoRow) take_out<kLeft>(old);
    if (entry != kNoRow) own.link(chain<kLeft>(entry), n);
    else if (Spec::kForever && !In::has(kOp)) own.erase(n);  // nothing will ever happen to it
    if constexpr (!Spec::kForever) own.note(n, add_saturated(time, retain_));
  }

  /// `cause`: time of what takes the row away.
  template <bool kLeft>
  void remove(std::uint32_t n, std::int64_t cause) {
    const std::uint32_t entry = side<kLeft>()[n].key;
    if (entry != kNoRow) keys_.touch(entry);
    change<kLeft>(entry, n, kNoRow, cause);
    take_out<kLeft>(n);
    if (entry != kNoRow && keys_[entry].value.left.count + keys_[entry].value.right.count == 0) keys_.erase(entry);
  }
  template <bool kLeft>
  void take_out(std::uint32_t n) {
    auto& own = side<kLeft>();
    if (own[n].key != kNoRow) own.unlink(chain<kLeft>(own[n].key), n);
    own.erase(n);
  }

  /// The result's changes when `old` goes from the side and `fresh` comes; either may be none. Not yet linked or unlinked.
  template <bool kLeft>
  void change(std::uint32_t entry, std::uint32_t old, std::uint32_t fresh, std::int64_t cause) {
    if constexpr (kTests) {
      if constexpr (kLeft) change_tested(entry, old, fresh);
      else change_tester(entry, old, fresh, cause);
    } else {
      change_pairs<kLeft>(entry, old, fresh, cause);
    }
  }

  template <bool kLeft>
  void change_pairs(std::uint32_t entry, std::uint32_t old, std::uint32_t fresh, std::int64_t cause) {
    auto& own = side<kLeft>();
    auto& others = side<!kLeft>();
    const bool had = old != kNoRow, has = fresh != kNoRow;
    if (kAlone<kLeft> && had && own[old].matches == 0) {
      retract_begins();
      if constexpr (kAlone<kLeft>) alone<kLeft>(own[old], Op::retract);
    }
    bool first = true;
    for (std::uint32_t at = entry == kNoRow ? kNoRow : chain<!kLeft>(entry).first; at != kNoRow; at = others[at].next) {
      auto& other = others[at];
      const bool before = had && matched<kLeft>(own[old], other);
      const bool after = has && matches<kLeft>(own[fresh], other);
      if (before) {
        retract_begins();
        pair<kLeft>(own[old], other, Op::retract);
        if (after) {
          pair<kLeft>(own[fresh], other, Op::insert);
        } else if (--other.matches == 0) {
          if constexpr (kAlone<!kLeft>) {
            other.since = other.time > cause ? other.time : cause;
            alone<!kLeft>(other, Op::insert);
          }
        }
      } else if (after) {
        if (kAlone<!kLeft> && other.matches == 0) {
          retract_begins();
          if constexpr (kAlone<!kLeft>) alone<!kLeft>(other, Op::retract);
        } else if (!first) {
          begin();
        }
        ++other.matches;
        pair<kLeft>(own[fresh], other, Op::insert);
      }
      if (after) ++own[fresh].matches;
      first = first && !before && !after;
    }
    if constexpr (kAlone<kLeft>)
      if (has && own[fresh].matches == 0) alone<kLeft>(own[fresh], Op::insert);
  }

  // ---- semi and anti

  bool shown(const typename LeftSide::Item& l) {
    return (kCounts ? l.matches != 0 : l.key != kNoRow && chain<false>(l.key).count > apart_of(l)) == kWanted;
  }

  /// How many of the right rows of its key are no match of a left row.
  static std::uint32_t apart_of([[maybe_unused]] const typename LeftSide::Item& l) { return kCountsApart ? l.matches : 0; }

  void change_tested(std::uint32_t entry, std::uint32_t old, std::uint32_t fresh) {
    if (old != kNoRow && shown(left_[old])) {
      retract_begins();
      alone<true>(left_[old], Op::retract);
    }
    if constexpr (kCountsApart)
      if (old != kNoRow && entry != kNoRow) keys_[entry].value.apart.value -= left_[old].matches;
    if (fresh == kNoRow) return;
    auto& l = left_[fresh];
    if constexpr (kCountsApart) {
      if (entry != kNoRow) meet_rights(entry, l);
    } else if (entry != kNoRow && (kCounts || kWanted)) {
      for (std::uint32_t at = chain<false>(entry).first; at != kNoRow; at = right_[at].next) {
        if (!matches<true>(l, right_[at])) continue;
        // A match is as old as the first of the rows that make it.
        if (kWanted && l.matches == 0 && right_[at].time > l.since) l.since = right_[at].time;
        ++l.matches;
        if constexpr (!kCounts) break;
      }
    }
    if (shown(l)) alone<true>(l, Op::insert);
  }
  /// Counts those that are apart from a left row that comes.
  void meet_rights(std::uint32_t entry, typename LeftSide::Item& l) {
    const bool all = together<true>(l);
    bool met = !kWanted;
    for (std::uint32_t at = chain<false>(entry).first; at != kNoRow && !(all && met); at = right_[at].next) {
      if (apart(l, right_[at])) {
        ++l.matches;
      } else if (!met) {
        // A match is as old as the first of the rows that make it.
        if (right_[at].time > l.since) l.since = right_[at].time;
        met = true;
      }
    }
    keys_[entry].value.apart.value += l.matches;
  }

  void change_tester(std::uint32_t entry, std::uint32_t old, std::uint32_t fresh, std::int64_t cause) {
    if (entry == kNoRow) return;
    const std::uint32_t count = chain<false>(entry).count;
    const std::uint32_t then = count - (old != kNoRow) + (fresh != kNoRow);
    bool some = false;  // rows may be apart
    if constexpr (kCountsApart) some = keys_[entry].value.apart.value != 0 || (fresh != kNoRow && !together<false>(right_[fresh]));
    if (!kCounts && !some && (count == 0) == (then == 0)) return;
    for (std::uint32_t at = chain<true>(entry).first; at != kNoRow; at = left_[at].next) {
      auto& l = left_[at];
      bool was = count > apart_of(l), is = then > apart_of(l);
      if constexpr (kCountsApart) {
        if (some) {
          const std::uint32_t gone = old != kNoRow && apart(l, right_[old]), came = fresh != kNoRow && apart(l, right_[fresh]);
          l.matches += came - gone;
          keys_[entry].value.apart.value += came;
          keys_[entry].value.apart.value -= gone;
          is = then > l.matches;
        }
      }
      if constexpr (kCounts) {
        was = l.matches != 0;
        if (old != kNoRow && matched<false>(right_[old], l)) --l.matches;
        if (fresh != kNoRow && matches<false>(right_[fresh], l)) ++l.matches;
        is = l.matches != 0;
      }
      if (was == is) continue;
      if (is == kWanted) {
        l.since = l.time > cause ? l.time : cause;
        begin();
        alone<true>(l, Op::insert);
      } else {
        retract_begins();
        alone<true>(l, Op::retract);
      }
    }
  }

  // ---- rows whose time is over

  std::int64_t next_end() const {
    const std::int64_t l = left_.next_end(), r = right_.next_end();
    return l < r ? l : r;
  }
  [[gnu::noinline]] void expire(std::int64_t watermark) {
    while (next_end() < watermark) {
      const std::int64_t end = next_end();
      emitter_.raise(end);
      lane_ = end;
      if (left_.next_end() == end) expire_next<true>(end);
      else expire_next<false>(end);
    }
  }
  template <bool kLeft>
  void expire_next(std::int64_t end) {
    const std::uint32_t n = side<kLeft>().pop(retain_);
    if (n == kNoRow) return;
    begin();
    remove<kLeft>(n, end);
  }

  void advance(int input, std::int64_t t) {
    if (kept() > most_kept_) most_kept_ = kept();
    // Which of two sides that end together is heard of first is chance; so time goes as far as either came.
    if (const std::int64_t before = watermarks_.lowest_but(1 - input); t == kEndOfTime && before != t) last_ = std::max(last_, before);
    if (watermarks_.raise(input, t)) {
      const std::int64_t lowest = watermarks_.lowest() == kEndOfTime ? last_ : watermarks_.lowest();
      if (lowest > next_end()) {
        expire(lowest);
        settle();
      }
    }
    emitter_.advance(watermarks_.lowest());
  }
  /// What is shown may view rows that went.
  void settle() {
    emitter_.flush();
    left_.release();
    right_.release();
  }

  Emitter<Spec> emitter_;
  std::int64_t retain_;
  std::vector<std::uint32_t> loaded_left_, loaded_right_;  // of the key that is being loaded
  std::int64_t highest_[2] = {kStartOfTime, kStartOfTime};  // watermark that a row of the left, of the right side came with
  std::int64_t lane_ = kStartOfTime;   // watermark of what causes the rows given now
  std::size_t most_kept_ = 0;
  const Left* left_block_ = nullptr;   // that row_ is of, while one of the side comes
  const Right* right_block_ = nullptr;
  int row_ = 0;
  bool failed_ = false;                // row_ did, with one of the other side's
  Watermarks<2> watermarks_;
  std::int64_t last_ = kStartOfTime;   // highest watermark of a side before its end
  KeyTable<Key, KeyRows> keys_;
  LeftSide left_;
  RightSide right_;
};

}  // namespace gress
