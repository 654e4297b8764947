// Rolling `aggregate`: a state a key, and a new version of its row with each row that comes. Over an upsert stream rows
// are taken back: an update is one version of its group, a group without rows is deleted. With `retain` a key that fell
// silent is deleted and forgotten.
//
// Spec (generated): Pipeline, In, Out, Key, State { void clear(); /* empty */ },
//   static constexpr bool kOld;       // the old row is wanted with each new version (Out has kOp)
//   static constexpr bool kRetain;    // state is kept for a time
//   static Key key(const In::Row&);
//   static bool sound(Pipeline&, const In&, int i);             // only where a row may fail; false: it did, and was routed
//   static bool add(Pipeline&, State&, const In&, int i);       // false: failed and routed; the state is as it was
//   static void remove(Pipeline&, State&, const In&, int i);    // of upsert inputs: the row had been added
//   static bool result(Pipeline&, Eval&, const Key&, const State&, Out::Row&);   // false: failed and routed
//   out, watermark.
#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "runtime/core/cold_table.h"
#include "runtime/core/emitter.h"
#include "runtime/core/expiry.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/hash.h"
#include "runtime/core/kept.h"
#include "runtime/core/key_table.h"
#include "runtime/core/maybe.h"
#include "runtime/core/number_table.h"
#include "runtime/core/ran_out.h"

namespace gress {

/// What rows of changelogs have in common: which row is the cause of a change, and what it is stamped with.
template <class In>
struct Cause {
  static constexpr bool kUpserts = In::has(kOp);

  static bool retracts(const In& in, int i) {
    if constexpr (kUpserts) return in.op[i] == Op::retract;
    return false;
  }
  /// The insert that follows a retract directly, one change with it; -1 if there is none.
  static int insert_of(const In& in, int i) {
    if constexpr (kUpserts)
      if (i + 1 < in.count && in.op[i + 1] == Op::insert) return i + 1;
    return -1;
  }
  /// A pure delete has the time of what made it.
  static Stamp stamp(const In& in, int i) {
    const std::int64_t t = in.time_of(i), w = in.watermark_of(i);
    return {retracts(in, i) && w > t ? w : t, in.position_of(i)};
  }
};

template <class Spec>
class RollingAggregate {
 public:
  using In = typename Spec::In;
  using Out = typename Spec::Out;
  using Row = typename Out::Row;
  static constexpr bool kBeyondMemory = is_beyond_memory<typename Spec::Key>;

  /// `retain` in microseconds; kEndOfTime: for ever.
  RollingAggregate(typename Spec::Pipeline& pipeline, std::int64_t retain) : emitter_(pipeline), expiry_(retain) {
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
      i = step(in, i, entries);
    }
    forget_empty();
    if constexpr (Spec::kRetain)
      if (expiry_.overdue()) [[unlikely]] expire(expiry_.told());
    emitter_.flush();
  }

  void watermark(std::int64_t t) {
    if constexpr (Spec::kRetain) {
      emitter_.set_others(kEndOfTime);
      if (expiry_.tell(t)) expire(t);
      emitter_.flush();
    }
    Spec::watermark(emitter_.pipeline(), t);
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
    if constexpr (kUpserts) {
      changes.erase_all(StatePart::more);
      for (std::size_t i = 0; i != failed_.size(); ++i) {
        const auto& key = failed_[i].key.get();
        changes.put(StateOwner::of_key(key), std::tuple{StatePart::more, i}, std::tie(key, failed_[i].hash));
      }
    }
  }
  /// Its entries may be loaded by several threads.
  auto& apart()
    requires(!kBeyondMemory)
  {
    return table_;
  }
  static bool show_entry(StateIn& key, StateIn& value, ShownState& to) {
    return key.get<StatePart>() == StatePart::entries && decltype(table_)::show_entry(key, value, to);
  }
  void load(StateIn& key, StateIn& value) {
    switch (key.get<StatePart>()) {
      case StatePart::rest: return value(emitter_, expiry_);
      case StatePart::entries: table_.load(key, value); return;
      case StatePart::due: return pass_over_due<typename Spec::Key>(key);
      default: load_failed(key, value);
    }
  }
  void loaded() {
    table_.loaded();
    if constexpr (Spec::kRetain) ran_out_.all_loaded(expiry_, table_);
  }

 private:
  static constexpr bool kUpserts = In::has(kOp);
  static constexpr bool kStamps = Out::has(kTime) || Out::has(kPosition);
  static constexpr bool kSince = kUpserts && Spec::kRetain;
  static constexpr int kNoRow = -1;

  struct Kept {
    static constexpr bool kRunsOut = Spec::kRetain;
    typename Spec::State state;
    bool started = false;                                   // has rows
    bool shown = false;                                     // a version of it is out
    [[no_unique_address]] Maybe<std::int64_t, kUpserts> rows;
    [[no_unique_address]] Maybe<Stamp, kStamps> stamp;      // of the version that is out
    [[no_unique_address]] Maybe<std::int64_t, Spec::kRetain> last;  // highest event time of its rows
    [[no_unique_address]] Maybe<std::int64_t, kSince> since;        // lowest one
    [[no_unique_address]] Born<Spec::kRetain> born;
    bool is_started() const { return started; }
    std::int64_t last_time() const { return last.value; }
    template <class Io>
    void archive(Io& io) {
      io(state, started, shown);
      if constexpr (kUpserts) io(rows.value);
      if constexpr (kStamps) io(stamp.value);
      if constexpr (Spec::kRetain) io(last.value, born.value);
      if constexpr (kSince) io(since.value);
    }
    void clear() {
      state.clear();
      started = shown = false;
      if constexpr (kUpserts) rows.value = 0;
    }
  };

  /// A row that could not be added.
  struct FailedRow {
    Held<typename Spec::Key> key;
    std::uint64_t hash;
    bool is(const typename Spec::Key& k, std::uint64_t h) const { return hash == h && key.get() == k; }
  };
  void load_failed(StateIn& key, StateIn& value) {
    key.get<std::size_t>();
    auto k = value.get<typename Spec::Key>();
    failed_.emplace_back(Held<typename Spec::Key>(k), value.get<std::uint64_t>());
    StateTraits<typename Spec::Key>::release(k);
  }

  void find(const In& in, int from, std::uint32_t* entries) {
    table_.find_all(
        from, in.count, [&](int i) { return Spec::key(in.rows[i]); }, [&](int i) { return !Cause<In>::retracts(in, i); }, entries);
  }

  /// One change: a row, or a retract with its insert. The row behind it.
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
    if (entries[i] != kNoEntry) change(in, entries[i], i, kNoRow, insert == kNoRow ? i : insert);
    return i + 1;
  }

  void change(const In& in, std::uint32_t number, int removed, int added, int cause) {
    Kept* s = &table_[number].value;
    const Stamp stamp = Cause<In>::stamp(in, cause);
    if constexpr (Spec::kRetain) {
      if (s->started && expiry_.expired(s->last.value, in.watermark_of(cause))) [[unlikely]] {
        drop(number, add_saturated(s->last.value, expiry_.retain()));
        s->clear();
      }
    }
    if (added != kNoRow && !sound(in, added)) added = kNoRow;
    if (removed != kNoRow && !has(*s, number, in, removed)) removed = kNoRow;
    if (added == kNoRow && removed == kNoRow) {
      if (!s->started) empty_.push_back(number);
      return;
    }
    emitter_.reserve(2);
    const bool was = s->shown;
    const bool old = was && (Spec::kOld || last_goes(*s, removed, added));
    if (old) show(number, emitter_.next());
    if constexpr (kUpserts) {
      if (removed != kNoRow) {
        Spec::remove(emitter_.pipeline(), s->state, in, removed);
        --s->rows.value;
      }
    }
    if (added != kNoRow) {
      if (Spec::add(emitter_.pipeline(), s->state, in, added)) [[likely]] {
        count_row(*s, number, in.time_of(added));
      } else {
        if constexpr (kUpserts) failed_.emplace_back(Held<typename Spec::Key>(table_[number].key), row_hash(in, added));
        if (removed == kNoRow) {
          if (!s->started) empty_.push_back(number);
          return;
        }
      }
    }
    if constexpr (Spec::kRetain)
      if (stamp.time > s->last.value) s->last.value = stamp.time;
    const std::int64_t watermark = in.watermark_of(cause);
    if constexpr (kUpserts) {
      if (s->rows.value == 0) {
        if (was) emitter_.commit(stamp_of(*s), watermark, Op::retract);
        s->clear();
        empty_.push_back(number);
        return;
      }
    }
    // The old row keeps its place before the new one; both stand in the block before either counts.
    Row& fresh = old ? emitter_.after_next() : emitter_.next();
    s->shown = Spec::result(emitter_.pipeline(), emitter_.ev, table_[number].key, s->state, fresh);
    if (s->shown) keep(fresh);
    if (old) emitter_.commit(stamp_of(*s), watermark, Op::retract);
    if (!s->shown) return;
    if constexpr (kStamps) s->stamp.value = stamp;
    emitter_.commit(stamp, watermark, Op::insert);
  }

  bool sound(const In& in, int i) {
    if constexpr (requires { &Spec::sound; }) return Spec::sound(emitter_.pipeline(), in, i);
    return true;
  }
  /// Whether a row that is taken back is in the state: it is not if it failed when it came, or if the key has been
  /// forgotten since.
  bool has(const Kept& s, std::uint32_t number, const In& in, int i) {
    if constexpr (kUpserts) {
      if (s.rows.value == 0) return false;
      if constexpr (kSince)
        if (in.time_of(i) < s.since.value) return false;
      if (!failed_.empty()) [[unlikely]] {
        const std::uint64_t hash = row_hash(in, i);
        for (auto& f : failed_)
          if (f.is(table_[number].key, hash)) {
            std::swap(f, failed_.back());
            failed_.pop_back();
            return false;
          }
      }
      return sound(in, i);
    }
    return false;
  }
  static std::uint64_t row_hash(const In& in, int i) {
    return fn::combine(fn::combine(fn::key_hash(in.rows[i]), in.position_of(i)), static_cast<std::uint64_t>(in.time_of(i)));
  }
  static bool last_goes(const Kept& s, int removed, int added) {
    if constexpr (kUpserts) return s.rows.value - (removed != kNoRow) + (added != kNoRow) == 0;
    return false;
  }
  void count_row(Kept& s, std::uint32_t number, std::int64_t t) {
    if constexpr (kUpserts) ++s.rows.value;
    if (s.started) return note_since(s, t);
    s.started = true;
    if constexpr (Spec::kRetain) {
      s.last.value = t;
      ran_out_.came(s);
      expiry_.start(number, t);
    }
    if constexpr (kSince) s.since.value = t;
  }
  void note_since(Kept& s, std::int64_t t) {
    if constexpr (kSince)
      if (t < s.since.value) s.since.value = t;
  }
  static Stamp stamp_of(const Kept& s) {
    if constexpr (kStamps) return s.stamp.value;
    return {};
  }

  /// The version that is out, which the state still gives.
  void show(std::uint32_t number, Row& row) {
    Spec::result(emitter_.pipeline(), emitter_.ev, table_[number].key, table_[number].value.state, row);
    keep(row);
  }
  /// What a row shows of the state must not change with it.
  void keep(Row& row) {
    fn::keep(emitter_.ev, row);
  }

  /// Deletes what is out: the key's time ran out at `at`.
  void drop(std::uint32_t number, std::int64_t at) {
    const Kept& s = table_[number].value;
    if (!s.shown) return;
    show(number, emitter_.next());
    emitter_.commit(stamp_of(s), at + 1, Op::retract);
  }
  void expire(std::int64_t t) {
    if constexpr (Spec::kRetain)
      ran_out_.pass(expiry_, t, table_, [&](std::uint32_t n, std::int64_t at) {
        drop(n, at);
        erase(n);
      });
  }
  /// Entries go when no row of the block looks for them any more.
  void forget_empty() {
    if (empty_.empty()) [[likely]] return;
    for (const std::uint32_t n : empty_)
      if (table_[n].live && !table_[n].value.started) erase(n);
    empty_.clear();
  }
  void erase(std::uint32_t number) {
    if constexpr (kUpserts)
      if (!failed_.empty()) [[unlikely]]
        std::erase_if(failed_, [&](const FailedRow& f) { return f.key.get() == table_[number].key; });
    table_.erase(number);
  }

  static constexpr std::uint32_t kNoEntry = KeyTable<typename Spec::Key, Kept>::kNone;

  Emitter<Spec> emitter_;
  BoundedExpiry<typename Spec::Key> expiry_;
  RanOut ran_out_;
  BoundedTable<typename Spec::Key, Kept, RollingTable<typename Spec::Key, Kept, Spec::kRetain>> table_;
  GrowingArray<std::uint32_t> empty_;
  std::vector<FailedRow> failed_;
};

}  // namespace gress
