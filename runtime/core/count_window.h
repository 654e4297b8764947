// Windows of a number of rows of a key, in the order of arrival: every `every` rows a result over the last `size`,
// and, when the key's time runs out or the input ends, one over what came since. Windows that do not overlap keep one
// state; overlapping ones a state a row, merged for each result. Also keyed `global()` with `retain` (size without end).
//
// What a result is judged by hangs on its last row, as its time does: the output's watermark lies `retain` behind the
// input's, and so a result that comes with its last row by that of the row's partition. One that waited until its key ran
// out is on time if the row was: the output's watermark waits for it.
//
// Spec as in sliced_window.h, but results get the time of the last row instead of window bounds (start = end = 0).
#pragma once
#include <deque>

#include "runtime/core/emitter.h"
#include "runtime/core/expiry.h"
#include "runtime/core/key_table.h"
#include "runtime/core/ran_out.h"
#include "runtime/core/timers.h"

namespace gress {

struct CountForm {
  std::int64_t size, every;              // rows; size = every = kEndOfTime: until the key is forgotten
  std::int64_t retain = kEndOfTime;      // microseconds
};

template <class Spec>
class CountWindow {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::In;

  CountWindow(Pipeline& pipeline, CountForm form)
      : emitter_(pipeline), form_(form), chunk_(form.size == form.every ? form.size : 1), expiry_(form.retain) {}

  void process(const In& in) {
    for (int i = 0; i < in.count; ++i) {
      const std::int64_t before = in.watermark_before(i);
      if (before > expiry_.next()) [[unlikely]] expire(before);
      add(in, i);
    }
    if (expiry_.overdue()) [[unlikely]] expire(expiry_.told());
    emitter_.flush();
  }

  void watermark(std::int64_t t) {
    if (t == kEndOfTime) {
      emitter_.end();
      finish();
      emitter_.advance(t);
    } else {
      if (expiry_.tell(t)) expire(t);
      // A key that runs out gives a row with the time of its last row: the output waits for that.
      const std::int64_t behind = judged(t);
      emitter_.advance(held_.next() < behind ? held_before(behind) : behind);
    }
  }

  std::size_t keys() const { return table_.size(); }

  void save(StateChanges& changes) {
    changes.put(StatePart::rest, std::tie(emitter_, expiry_));
    table_.save(changes, std::tuple{StatePart::entries});
  }
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::rest) value(emitter_, expiry_);
    else table_.load(key, value);
  }
  void loaded() {
    table_.loaded();
    table_.each([&](std::uint32_t n) {
      ran_out_.loaded(expiry_, table_, n);
      hold(n);
    });
  }
  /// Keys that hold rows which no result has counted.
  std::size_t open_windows() {
    std::size_t n = 0;
    for (std::uint32_t e = 0; e != table_.end(); ++e) n += table_[e].live && table_[e].value.since != 0;
    return n;
  }

 private:
  struct Counted {
    Counted() = default;
    Counted(Counted&&) noexcept = default;  // a deque does not promise it, and states are not copied
    Counted& operator=(Counted&&) noexcept = default;
    typename Spec::State current;                  // the chunk being filled
    std::deque<typename Spec::State> full;         // chunks of the last window, oldest first
    std::int64_t in_chunk = 0, since = 0;          // rows in `current`; rows since the last result
    std::int64_t last = kStartOfTime;              // highest event time of its rows
    std::int64_t last_row = kStartOfTime;          // event time of its last row
    std::int64_t watermark = kStartOfTime;         // of that row's partition, before it
    bool started = false;
    Born<> born;
    std::int64_t last_time() const { return last; }
    template <class Io>
    void archive(Io& io) { io(current, full, in_chunk, since, last, last_row, watermark, started, born.value); }
    void clear() {
      current.clear();
      full.clear();
      in_chunk = since = 0;
      last = last_row = watermark = kStartOfTime;
      started = false;
    }
  };

  void add(const In& in, int i) {
    const auto key = Spec::key(in.rows[i]);
    if constexpr (requires { &Spec::sound; }) {
      if (!Spec::sound(emitter_.pipeline(), in, i)) return;
    }
    std::uint32_t number = table_.find_or_add(key);
    if (table_[number].value.started && expiry_.expired(table_[number].value.last, in.watermark_of(i))) {
      forget(number);
      number = table_.find_or_add(key);
    }
    Counted& c = table_[number].value;
    const std::int64_t t = in.time_of(i);
    if (!c.started) {
      c.started = true;
      ran_out_.came(c);
      expiry_.start(number, t);
    }
    if (t > c.last) c.last = t;
    c.last_row = t;
    c.watermark = in.watermark_of(i);
    Spec::add(emitter_.pipeline(), c.current, in, i);
    ++c.since;
    if (++c.in_chunk == chunk_) {
      if (form_.size == form_.every) {
        result(table_[number].key, c, c.current, judged(c.watermark));
        emitter_.flush();
        c.current.clear();
      } else {
        c.full.push_back(std::move(c.current));
        c.current = {};
        if (static_cast<std::int64_t>(c.full.size()) > form_.size) c.full.pop_front();
        if (c.since == form_.every) overlapping(table_[number].key, c, judged(c.watermark));
      }
      c.in_chunk = 0;
    }
    hold(number);
  }

  void overlapping(const typename Spec::Key& key, Counted& c, std::int64_t watermark) {
    typename Spec::State merged;
    for (const typename Spec::State& row : c.full) Spec::merge(emitter_.pipeline(), emitter_.ev, merged, row);
    result(key, c, merged, watermark);
    emitter_.flush();
  }

  void result(const typename Spec::Key& key, Counted& c, const typename Spec::State& state, std::int64_t watermark) {
    const int n = Spec::rows(state);
    for (int k = 0; k < n; ++k)
      if (Spec::result(emitter_.pipeline(), emitter_.ev, key, state, k, 0, 0, emitter_.next()))
        emitter_.commit_judged(c.last_row, watermark);
    c.since = 0;
  }

  /// Gives what the key still holds.
  void close_key(std::uint32_t number) {
    auto& entry = table_[number];
    if (entry.value.since == 0) return;
    const std::int64_t watermark = judged_at_end(entry.value);
    if (form_.size == form_.every)
      result(entry.key, entry.value, entry.value.current, watermark);
    else
      overlapping(entry.key, entry.value, watermark);
    emitter_.flush();
  }

  void forget(std::uint32_t number) {
    close_key(number);
    table_.erase(number);
  }

  void expire(std::int64_t t) {
    ran_out_.pass(expiry_, t, table_, [&](std::uint32_t n, std::int64_t) { forget(n); });
  }

  // ---- watermarks of the output

  std::int64_t judged(std::int64_t watermark) const {
    return expiry_.forever() ? kStartOfTime : add_saturated(watermark, -expiry_.retain());
  }
  /// When the key runs out before its result has come.
  std::int64_t judged_at_end(const Counted& c) const {
    const std::int64_t behind = judged(c.watermark);
    return c.last_row > behind && !expiry_.forever() ? c.last_row : behind;
  }
  /// Rows wait for a result, and the last one is not the latest: when the key runs out the output may be past it.
  bool holds(const Counted& c) const { return c.since != 0 && !expiry_.forever() && judged_at_end(c) < c.last; }
  void hold(std::uint32_t number) {
    if (holds(table_[number].value)) held_.push(judged_at_end(table_[number].value), number);
  }
  /// The watermark, if no result that waits is older.
  std::int64_t held_before(std::int64_t watermark) {
    while (held_.next() < watermark) {
      const Timers::Note n = held_.pop();
      const bool live = n.entry < table_.end() && table_[n.entry].live;
      if (!live || !holds(table_[n.entry].value) || judged_at_end(table_[n.entry].value) != n.at) continue;
      held_.push(n.at, n.entry);
      return n.at;
    }
    return watermark;
  }

  void finish() {
    ran_out_.each(table_, [&](std::uint32_t n) { close_key(n); });
    table_.clear();
  }

  Emitter<Spec> emitter_;
  CountForm form_;
  std::int64_t chunk_;
  Expiry expiry_;
  RanOut ran_out_;
  Timers held_;
  KeyTable<typename Spec::Key, Counted> table_;
};

}  // namespace gress
