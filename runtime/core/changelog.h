// A source that is a changelog: each record replaces, or deletes, the row of its key. The last row of every key is kept,
// so that an update leaves here as the retract of exactly the row that was sent, followed by the insert of the new one.
// Records count in the order in which they are read, not by time. With `retain` a silent key is deleted and forgotten.
//
// Spec (generated): Pipeline, In (records), Out, Key,
//   static Changed read(Pipeline&, const In&, int i, Out::Row&);   // for erase only the key's columns
//   static Key key(const Out::Row&);  out, watermark.
#pragma once
#include <cstdint>
#include <type_traits>

#include "runtime/core/cold_table.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/kept.h"
#include "runtime/core/block.h"
#include "runtime/core/ran_out.h"

namespace gress {

enum class Changed : std::uint8_t { failed, upsert, erase };

/// Time of a record that has none of its own, such as a delete that only names its key: before all others.
inline constexpr std::int64_t kNoRowTime = -62'135'596'800'000'000;  // year 1
/// In the lane of records: a retract is no record of the source.
inline constexpr std::uint32_t kNoRecord = 0xffffffff;

template <class Spec>
class Changelog {
 public:
  using In = typename Spec::In;
  using Out = typename Spec::Out;
  using Key = typename Spec::Key;
  using Row = typename Out::Row;
  static constexpr bool kBeyondMemory = is_beyond_memory<Key>;

  /// `retain` in microseconds; kEndOfTime: for ever.
  Changelog(typename Spec::Pipeline& pipeline, std::int64_t retain) : pipeline_(pipeline), expiry_(retain) {
    if constexpr (kBeyondMemory) table_.runs_out_by(expiry_);
  }

  void process(const In& in) { process<false>(in); }
  /// Rows of which only the key is there: each deletes.
  void erase(const In& in) { process<true>(in); }

  void watermark(std::int64_t t) {
    out_.others = kEndOfTime;
    if (expiry_.tell(t)) expire(t);
    flush();
    Spec::watermark(pipeline_, t);
  }

  std::size_t keys() const { return table_.size(); }

  auto beyond_memory()
    requires kBeyondMemory
  {
    return BeyondMemory{table_, std::tuple{StatePart::entries}};
  }

  void save(StateChanges& changes) {
    changes.put(StatePart::rest, expiry_);
    table_.save(changes, std::tuple{StatePart::entries});
  }
  void load(StateIn& key, StateIn& value) {
    switch (key.get<StatePart>()) {
      case StatePart::rest: return value(expiry_);
      case StatePart::due: return pass_over_due<Key>(key);
      default: table_.load(key, value);
    }
  }
  static bool show_entry(StateIn& key, StateIn& value, ShownState& to) {
    return key.get<StatePart>() == StatePart::entries && decltype(table_)::show_entry(key, value, to);
  }
  void loaded() {
    table_.loaded();
    ran_out_.all_loaded(expiry_, table_);
  }

 private:
  template <bool deletes>
  void process(const In& in) {
    out_.others = in.others;
    if constexpr (kBeyondMemory) {
      for (int i = 0; i != in.count; ++i) ahead_.what[i] = read<deletes>(in, i, ahead_.rows[i] = Row{});
      find(in, 0);
    }
    for (int i = 0; i != in.count; ++i) {
      if (in.watermark_before(i) > expiry_.next()) [[unlikely]] {
        expire(in.watermark_before(i));
        if constexpr (kBeyondMemory) find(in, i);
      }
      if constexpr (kBeyondMemory) {
        change(in, i, ahead_.what[i], ahead_.rows[i], ahead_.entries[i]);
      } else {
        Row row{};
        const Changed what = read<deletes>(in, i, row);
        const std::uint32_t number = what == Changed::upsert  ? table_.find_or_add(Spec::key(row))
                                     : what == Changed::erase ? table_.find(Spec::key(row))
                                                              : table_.kNone;
        change(in, i, what, row, number);
      }
    }
    forget_deleted();
    if (expiry_.overdue()) [[unlikely]] expire(expiry_.told());
    flush();
  }

  template <bool deletes>
  Changed read(const In& in, int i, Row& row) {
    const Changed what = Spec::read(pipeline_, in, i, row);
    return deletes && what == Changed::upsert ? Changed::erase : what;
  }
  /// The entries of what the block's records from `from` on change.
  void find(const In& in, int from) {
    int records[kBlock], n = 0;
    for (int i = from; i != in.count; ++i)
      if (ahead_.what[i] != Changed::failed) records[n++] = i;
    std::uint32_t found[kBlock];
    table_.find_all(
        0, n, [&](int k) { return Spec::key(ahead_.rows[records[k]]); },
        [&](int k) { return ahead_.what[records[k]] == Changed::upsert; }, found);
    for (int k = 0; k != n; ++k) ahead_.entries[records[k]] = found[k];
  }
  void change(const In& in, int i, Changed what, const Row& row, std::uint32_t number) {
    if (what == Changed::upsert) upsert(in, i, row, number);
    else if (what == Changed::erase && number != table_.kNone) erase(in, i, number);
  }

  struct Last {
    static constexpr bool kRunsOut = true;
    Held<Row> row;
    std::int64_t time = 0;             // of the row; 0 without event time
    std::uint64_t position = 0;
    std::int64_t last = kStartOfTime;  // highest time of the key's rows
    bool live = false;                 // not deleted
    bool started = false;              // its timer stands
    Born<> born;
    bool is_started() const { return started; }
    std::int64_t last_time() const { return last; }
    template <class Io>
    void archive(Io& io) { io(row, time, position, last, live, started, born.value); }
    void clear() {
      row.clear();
      last = kStartOfTime;
      live = started = false;
    }
  };

  void upsert(const In& in, int i, const Row& row, std::uint32_t number) {
    Last& last = table_[number].value;
    if (out_.count + 2 > kBlock || (!last.live && lone_retract(out_))) flush();
    if (last.live) {
      retract(last, in.watermark_of(i));
      if (expiry_.expired(last.last, in.watermark_of(i))) [[unlikely]] {
        last.last = kStartOfTime;
        ran_out_.came(last);
      }
    } else {
      ran_out_.came(last);
    }
    out_.rows[out_.count] = row;
    out_.take_lanes(out_.count, in, i);
    if constexpr (Out::has(kOp)) out_.op[out_.count] = Op::insert;
    ++out_.count;
    last.row.assign(row);
    last.time = in.time_of(i);
    last.position = in.position_of(i);
    last.live = true;
    if (last.time > last.last) last.last = last.time;
    if (!last.started) expiry_.start(number, last.last);
    last.started = true;
  }

  /// The entry of a deleted key stays for its timer, which finds it empty.
  void erase(const In& in, int i, std::uint32_t number) {
    Last& last = table_[number].value;
    if (!last.live) return;
    if (out_.full()) flush();
    retract(last, in.watermark_of(i));
    table_.touch(number);
    last.row.clear();
    last.live = false;
    if (expiry_.forever()) deleted_.push_back(number);
  }
  /// Without a timer an entry goes when no record of the block looks for it any more.
  void forget_deleted() {
    for (const std::uint32_t n : deleted_)
      if (table_[n].live && !table_[n].value.live) table_.erase(n);
    deleted_.clear();
  }

  void retract(const Last& last, std::int64_t watermark) {
    const int o = out_.count++;
    out_.rows[o] = fn::kept(ev_, last.row.get());
    if constexpr (Out::has(kTime)) out_.time[o] = last.time;
    if constexpr (Out::has(kWatermark)) out_.watermark[o] = watermark;
    if constexpr (Out::has(kPosition)) out_.position[o] = last.position;
    if constexpr (Out::has(kRecord)) out_.record[o] = kNoRecord;
    if constexpr (Out::has(kOp)) out_.op[o] = Op::retract;
  }

  void expire(std::int64_t t) {
    ran_out_.pass(expiry_, t, table_, [&](std::uint32_t n, std::int64_t at) {
      if (table_[n].value.live) {
        if (out_.full()) flush();
        retract(table_[n].value, at + 1);
      }
      table_.erase(n);
    });
  }

  void flush() {
    if (out_.count == 0) return;
    Spec::out(pipeline_, out_);
    out_.count = 0;
    ev_.arena.reset();
  }

  typename Spec::Pipeline& pipeline_;
  /// The records of the block at hand.
  struct Ahead {
    Changed what[kBlock];
    Row rows[kBlock];
    std::uint32_t entries[kBlock];
  };
  struct Nothing {};
  BoundedExpiry<Key> expiry_;
  RanOut ran_out_;
  BoundedTable<Key, Last> table_;
  GrowingArray<std::uint32_t> deleted_;
  [[no_unique_address]] std::conditional_t<kBeyondMemory, Ahead, Nothing> ahead_;
  Eval ev_;
  Out out_;
};

}  // namespace gress
