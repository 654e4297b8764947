// Rolling `top`: the first n rows of each key by an order, differences only. Over facts what cannot rank any more is
// dropped; over upserts all rows are kept, so that the next ones come up when a row goes. `latest` over upserts is the
// first row by place, the latest place first.
//
// Spec (generated): Pipeline, In, Out, Key, Order (the `by` values; static int compare(a, b)),
//   static constexpr bool kOld, kRetain;                        // as in rolling.h
//   static constexpr bool kTies, kRank;                         // `with ties`; rows show their rank
//   static constexpr bool kLatest;                              // later places go first, and win ties
//   static Key key(const In::Row&);
//   static bool order(Pipeline&, const In&, int i, Order&);     // false: failed and routed
//   static void show(Pipeline&, const In::Row&, std::int64_t rank, Out::Row&);
//   out, watermark.
#pragma once
#include <vector>

#include "runtime/core/number_table.h"
#include "runtime/core/rolling.h"
#include "runtime/core/rows_ranked.h"

namespace gress {

template <class Spec>
class RollingTop {
 public:
  using In = typename Spec::In;
  using Out = typename Spec::Out;
  static constexpr bool kUpserts = In::has(kOp);
  static constexpr bool kBeyondMemory = is_beyond_memory<typename Spec::Key>;

  /// `count` rows; `retain` in microseconds, kEndOfTime: for ever.
  RollingTop(typename Spec::Pipeline& pipeline, std::int64_t count, std::int64_t retain)
      : emitter_(pipeline), count_(count < 0 ? 0 : count), expiry_(retain) {
    if constexpr (kBeyondMemory) table_.lies_in(slab_);
    if constexpr (kBeyondMemory && Spec::kRetain) table_.runs_out_by(expiry_);
  }

  void process(const In& in) {
    emitter_.set_others(in.others);
    std::uint32_t entries[kBlock];
    find(in, 0, entries);
    for (int i = 0; i < in.count;) {
      if constexpr (Spec::kRetain) {
        if (in.watermark_before(i) > expiry_.next()) [[unlikely]] {
          forget_empty();
          expire(in.watermark_before(i));
          find(in, i, entries);
        }
      }
      if (i + kAhead < in.count) fn::prefetch_beside(in.rows[i + kAhead]);
      i = step(in, i, entries);
    }
    forget_empty();
    if constexpr (Spec::kRetain)
      if (expiry_.overdue()) [[unlikely]] expire(expiry_.told());
    emitter_.flush();
    bury();
  }

  void watermark(std::int64_t t) {
    if constexpr (Spec::kRetain) {
      emitter_.set_others(kEndOfTime);
      if (expiry_.tell(t)) expire(t);
      emitter_.flush();
    }
    Spec::watermark(emitter_.pipeline(), t);
  }

  /// The key's entry, which it keeps for ever; KeyTable's kNone if it has none.
  std::uint32_t find(const typename Spec::Key& key) const
    requires(!kUpserts && !Spec::kRetain && !kBeyondMemory)
  {
    return table_.find(key);
  }
  /// Whether a row of this order might come in sight. If not, it never will.
  bool may_show(std::uint32_t entry, const typename Spec::Order& order) const
    requires(!kUpserts && !Spec::kRetain && !kBeyondMemory)
  {
    return table_.value(entry).rows.may_show(order, count_);
  }

  std::size_t keys() const { return table_.size(); }

  auto beyond_memory()
    requires kBeyondMemory
  {
    return BeyondMemory{table_, std::tuple{StatePart::entries}};
  }

  /// Some entries ahead of a checkpoint (TableChanges); how many.
  std::uint32_t save_ahead(StateChanges& changes, std::uint32_t most)
    requires(!kBeyondMemory)
  {
    return table_.save_ahead(changes, std::tuple{StatePart::entries}, most);
  }
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, std::tie(emitter_, expiry_));
    table_.save(changes, std::tuple{StatePart::entries});
  }
  void load(StateIn& key, StateIn& value) {
    switch (key.get<StatePart>()) {
      case StatePart::rest: return value(emitter_, expiry_);
      case StatePart::due: return pass_over_due<typename Spec::Key>(key);
      default:
        if constexpr (kBeyondMemory) table_.load(key, value);
        else table_.load(key, value, [&](Kept& kept) { kept.load(value, slab_); });
    }
  }
  void loaded() {
    table_.loaded();
    if constexpr (Spec::kRetain) ran_out_.all_loaded(expiry_, table_);
  }

 private:
  static constexpr bool kStamps = Out::has(kTime) || Out::has(kPosition);
  static constexpr int kNoRow = -1;
  static constexpr int kAhead = 8;  // rows
  using Ranked = RowsRanked<typename In::Row, typename Spec::Order, Spec::kTies, Spec::kLatest, kUpserts, kStamps>;
  using Item = typename Ranked::Item;
  using View = typename Ranked::View;
  using Change = typename Ranked::Change;

  struct Kept {
    static constexpr bool kRunsOut = Spec::kRetain;
    Ranked rows;
    bool started = false;
    [[no_unique_address]] Maybe<std::int64_t, Spec::kRetain> last;  // highest event time of its rows
    [[no_unique_address]] Born<Spec::kRetain> born;
    bool is_started() const { return started; }
    std::int64_t last_time() const { return last.value; }
    void archive(StateOut& out) {
      out(started);
      if constexpr (Spec::kRetain) out(last.value, born.value);
      rows.save(out);
    }
    void load(StateIn& in, Slab& slab) {
      in(started);
      if constexpr (Spec::kRetain) in(last.value, born.value);
      rows.load(in, slab);
    }
    void release(Slab& slab) { rows.release(slab); }
    void clear() { started = false; }  // its rows have been released
  };

  void find(const In& in, int from, std::uint32_t* entries) {
    table_.find_all(
        from, in.count, [&](int i) { return Spec::key(in.rows[i]); }, [&](int i) { return !Cause<In>::retracts(in, i); }, entries);
  }

  int step(const In& in, int i, const std::uint32_t* entries) {
    if (!Cause<In>::retracts(in, i)) {
      change(in, entries[i], kNoRow, i, i);
      return i + 1;
    }
    const int insert = Cause<In>::insert_of(in, i);
    if (insert != kNoRow && entries[i] == entries[insert]) {
      change(in, entries[i], i, insert, insert);
      return i + 2;
    }
    if (entries[i] != KeyTable<typename Spec::Key, Kept>::kNone) change(in, entries[i], i, kNoRow, insert == kNoRow ? i : insert);
    return i + 1;
  }

  void change(const In& in, std::uint32_t number, int removed, int added, int cause) {
    Kept& s = table_[number].value;
    const Stamp stamp = Cause<In>::stamp(in, cause);
    if constexpr (Spec::kRetain) {
      if (s.started && expiry_.expired(s.last.value, in.watermark_of(cause))) [[unlikely]] {
        emitter_.flush();  // rows of the block show text of what goes now
        drop(s, add_saturated(s.last.value, expiry_.retain()));
        s.started = false;
      }
    }
    View gone, fresh;
    if (removed != kNoRow && !view(in, removed, gone)) removed = kNoRow;
    if (added != kNoRow && !view(in, added, fresh)) added = kNoRow;
    if (added != kNoRow) {
      if (!s.started) {
        s.started = true;
        if constexpr (Spec::kRetain) {
          s.last.value = stamp.time;
          ran_out_.came(s);
          expiry_.start(number, stamp.time);
        }
      }
    }
    if constexpr (Spec::kRetain)
      if (stamp.time > s.last.value) s.last.value = stamp.time;
    const Change done = s.rows.change(removed == kNoRow ? nullptr : &gone, added == kNoRow ? nullptr : &fresh, count_, leaving_, slab_);
    if (done.any()) {
      if constexpr (Spec::kRank && Spec::kTies) ranks_changed(s.rows, done, stamp, in.watermark_of(cause));
      else if constexpr (Spec::kRank) places_changed(s.rows, done, stamp, in.watermark_of(cause));
      else rows_changed(s.rows, done, stamp, in.watermark_of(cause));
    }
    s.rows.settle(done, leaving_, dead_);
    if (!s.rows.any()) {
      s.started = false;
      empty_.push_back(number);
    }
  }

  bool view(const In& in, int i, View& v) {
    if (!Spec::order(emitter_.pipeline(), in, i, v.item.order)) return false;
    v.item.place = {in.time_of(i), in.position_of(i)};
    v.row = &in.rows[i];
    return true;
  }

  // ---- what a change says

  void retract(const Item& it, std::int64_t rank, std::int64_t watermark) {
    show(it, rank);
    emitter_.commit(Ranked::stamp(it), watermark, Op::retract);
  }
  void insert(const Item& it, std::int64_t rank, const Stamp& stamp, std::int64_t watermark) {
    show(it, rank);
    Ranked::set_stamp(it, stamp);
    emitter_.commit(stamp, watermark, Op::insert);
  }
  /// The row's text is the state's, which lives until the block has gone.
  void show(const Item& it, std::int64_t rank) { Spec::show(emitter_.pipeline(), it.kept->row, rank, emitter_.next()); }

  /// Without ranks: rows that leave and rows that enter.
  void rows_changed(Ranked& rows, const Change& c, const Stamp& stamp, std::int64_t watermark) {
    // Of those that stay in the state, common rows [after, before) leave or [before, after) enter.
    const int leave = c.was >= 0, enter = c.is >= 0;
    const int out = leave + (c.before > c.after ? c.before - c.after : 0), in = enter + (c.after > c.before ? c.after - c.before : 0);
    for (int k = 0; k < out || k < in; ++k) {
      emitter_.reserve(2);
      if (k < out && (Spec::kOld || k >= in)) retract(k < leave ? c.gone : leaving_[static_cast<std::size_t>(k - leave)], 0, watermark);
      if (k < in) insert(k < enter ? rows[c.is] : rows.common(c, c.before + k - enter), 0, stamp, watermark);
    }
  }

  /// Rank k of the key is a row of its own: rows at each rank that has another one now.
  void places_changed(Ranked& rows, const Change& c, const Stamp& stamp, std::int64_t watermark) {
    const int from = c.first(), before = c.before + (c.was >= 0), after = c.after + (c.is >= 0);
    // Stamps go with ranks: those of before are read before any is set.
    if constexpr (kStamps && Spec::kOld) {
      stamps_.clear();
      for (int k = from; k < before; ++k) stamps_.push_back(Ranked::stamp(rows.row_before(c, k, leaving_)));
    }
    for (int k = from; k < before || k < after; ++k) {
      if (k < before && k < after && c.same_at(k)) continue;
      emitter_.reserve(2);
      if (k < before && (Spec::kOld || k >= after)) {
        const Item& it = rows.row_before(c, k, leaving_);
        show(it, k + 1);
        Stamp old = Ranked::stamp(it);
        if constexpr (kStamps && Spec::kOld) old = stamps_[static_cast<std::size_t>(k - from)];
        emitter_.commit(old, watermark, Op::retract);
      }
      if (k < after) insert(rows[k], k + 1, stamp, watermark);
    }
  }

  /// Rows that share ranks: those that leave, that enter, and those whose rank is another now.
  void ranks_changed(Ranked& rows, const Change& c, const Stamp& stamp, std::int64_t watermark) {
    const int before = c.before + (c.was >= 0);
    ranks_.clear();
    for (int k = 0; k < before; ++k) {
      const bool ties = k > 0 && Ranked::ties(rows.row_before(c, k - 1, leaving_), rows.row_before(c, k, leaving_));
      ranks_.push_back(ties ? ranks_.back() : k + 1);
    }
    const auto rank_after = [&](int k) {
      while (k > 0 && Ranked::ties(rows[k - 1], rows[k])) --k;
      return std::int64_t{k} + 1;
    };
    const auto rank_before = [&](int k) { return ranks_[static_cast<std::size_t>(k)]; };
    const auto was_at = [&](int j) { return c.was >= 0 && j >= c.was ? j + 1 : j; };
    const auto is_at = [&](int j) { return c.is >= 0 && j >= c.is ? j + 1 : j; };
    if (c.was >= 0 || c.is >= 0) {
      emitter_.reserve(2);
      if (c.was >= 0) retract(c.gone, rank_before(c.was), watermark);
      if (c.is >= 0) insert(rows[c.is], rank_after(c.is), stamp, watermark);
    }
    for (int j = 0; j < c.before || j < c.after; ++j) {
      const bool was = j < c.before, is = j < c.after;
      if (was && is && rank_before(was_at(j)) == rank_after(is_at(j))) continue;
      emitter_.reserve(2);
      if (was) retract(is ? rows[is_at(j)] : leaving_[static_cast<std::size_t>(j - c.after)], rank_before(was_at(j)), watermark);
      if (is) insert(rows[is_at(j)], rank_after(is_at(j)), stamp, watermark);
    }
  }

  // ---- keys that go

  void drop(Kept& s, std::int64_t at) {
    std::int64_t rank = 1;
    for (int k = 0; k < s.rows.visible(); ++k) {
      if (!Spec::kTies || k == 0 || !Ranked::ties(s.rows[k - 1], s.rows[k])) rank = k + 1;
      typename Out::Row& o = emitter_.next();
      Spec::show(emitter_.pipeline(), s.rows[k].kept->row, rank, o);
      if constexpr (!StateTraits<typename Out::Row>::is_plain) o = fn::kept(emitter_.ev, o);  // the state goes now
      emitter_.commit(Ranked::stamp(s.rows[k]), at + 1, Op::retract);
    }
    s.rows.release(slab_);
  }
  void expire(std::int64_t t) {
    emitter_.flush();  // rows of the block show text of what goes now
    if constexpr (Spec::kRetain)
      ran_out_.pass(expiry_, t, table_, [&](std::uint32_t n, std::int64_t at) {
        drop(table_[n].value, at);
        table_.erase(n);
      });
  }
  /// Entries go when no row of the block looks for them any more.
  void forget_empty() {
    if (empty_.empty()) [[likely]] return;
    for (const std::uint32_t n : empty_)
      if (table_[n].live && !table_[n].value.started) table_.erase(n);
    empty_.clear();
  }

  /// What has gone, when no block shows it any more.
  void bury() {
    while (!dead_.empty()) Ranked::give(dead_.pop(), slab_);
  }

  Emitter<Spec> emitter_;
  std::int64_t count_;
  BoundedExpiry<typename Spec::Key> expiry_;
  RanOut ran_out_;
  Slab slab_;
  BoundedTable<typename Spec::Key, Kept, RollingTable<typename Spec::Key, Kept, Spec::kRetain>> table_;
  ItemBuffer<Item> dead_;                  // rows that have gone, still shown in the block at hand
  ItemBuffer<Item> leaving_;               // rows that the change at hand takes out of sight
  std::vector<Stamp> stamps_;              // of the ranks before the change at hand
  std::vector<std::int64_t> ranks_;        // of the rows before it
  GrowingArray<std::uint32_t> empty_;
};

}  // namespace gress
