// A source that is a changelog: each record replaces, or deletes, the row of its key. The last row of every key is kept,
// so that an update leaves here as the retract of exactly the row that was sent, followed by the insert of the new one.
// Records count in the order in which they are read, not by time. With `retain` a silent key is deleted and forgotten.
//
// Spec (generated): Pipeline, In (records), Out, Key,
//   static Changed read(Pipeline&, const In&, int i, Out::Row&);   // for erase only the key's columns
//   static Key key(const Out::Row&);  out, watermark.
#pragma once
#include "runtime/core/expiry.h"
#include "runtime/core/kept.h"
#include "runtime/core/key_table.h"
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

  /// `retain` in microseconds; kEndOfTime: for ever.
  Changelog(typename Spec::Pipeline& pipeline, std::int64_t retain) : pipeline_(pipeline), expiry_(retain) {}

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

  void save(StateChanges& changes) {
    changes.put(StatePart::rest, expiry_);
    table_.save(changes, std::tuple{StatePart::entries});
  }
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::rest) value(expiry_);
    else table_.load(key, value);
  }
  static bool show_entry(StateIn& key, StateIn& value, ShownState& to) {
    return key.get<StatePart>() == StatePart::entries && decltype(table_)::show_entry(key, value, to);
  }
  void loaded() {
    table_.loaded();
    table_.each([&](std::uint32_t n) { ran_out_.loaded(expiry_, table_, n); });
  }

 private:
  template <bool deletes>
  void process(const In& in) {
    out_.others = in.others;
    for (int i = 0; i != in.count; ++i) {
      if (in.watermark_before(i) > expiry_.next()) [[unlikely]] expire(in.watermark_before(i));
      Row row{};
      switch (Spec::read(pipeline_, in, i, row)) {
        case Changed::failed: break;
        case Changed::upsert:
          if constexpr (deletes) erase(in, i, row);
          else upsert(in, i, row);
          break;
        case Changed::erase: erase(in, i, row); break;
      }
    }
    if (expiry_.overdue()) [[unlikely]] expire(expiry_.told());
    flush();
  }

  struct Last {
    Held<Row> row;
    std::int64_t time = 0;             // of the row; 0 without event time
    std::uint64_t position = 0;
    std::int64_t last = kStartOfTime;  // highest time of the key's rows
    bool live = false;                 // not deleted
    bool started = false;              // its timer stands
    Born<> born;
    std::int64_t last_time() const { return last; }
    template <class Io>
    void archive(Io& io) { io(row, time, position, last, live, started, born.value); }
    void clear() {
      row.clear();
      last = kStartOfTime;
      live = started = false;
    }
  };

  void upsert(const In& in, int i, const Row& row) {
    const std::uint32_t number = table_.find_or_add(Spec::key(row));
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
  void erase(const In& in, int i, const Row& row) {
    const std::uint32_t number = table_.find(Spec::key(row));
    if (number == table_.kNone || !table_[number].value.live) return;
    Last& last = table_[number].value;
    if (out_.full()) flush();
    retract(last, in.watermark_of(i));
    table_.touch(number);
    last.row.clear();
    last.live = false;
    if (expiry_.forever()) table_.erase(number);
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
  Expiry expiry_;
  RanOut ran_out_;
  KeyTable<Key, Last> table_;
  Eval ev_;
  Out out_;
};

}  // namespace gress
