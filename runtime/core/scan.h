// `scan`: a program's own state per key. The state after a row is computed from the state before it; a row that fails
// leaves it as it was. With `retain`, a silent key may say one last thing (`then emit`) and is forgotten.
//
// Spec (generated): Pipeline, In, Out, Key, State { void clear(); /* to its initial value */ },
//   static bool key(Pipeline&, const In&, int i, Key&);
//   static Scanned step(Pipeline&, State&, const In&, int i, Out::Row&);   // updates the state, fills the row
//   static bool then_emit(Pipeline&, Eval&, const Key&, const State&, Out::Row&);
//   out, watermark.
#pragma once

#include "runtime/core/cold_table.h"
#include "runtime/core/emitter.h"
#include "runtime/core/expiry.h"
#include "runtime/core/key_table.h"
#include "runtime/core/ran_out.h"

namespace gress {

/// What a row did: failed (routed; the state is unchanged), changed the state, or gave a row too.
enum class Scanned : std::uint8_t { failed, quiet, row };

template <class Spec>
class Scan {
 public:
  using In = typename Spec::In;
  using Out = typename Spec::Out;
  using Key = typename Spec::Key;
  static constexpr bool kBeyondMemory = is_beyond_memory<Key>;

  /// `retain` in microseconds; kEndOfTime: for ever.
  Scan(typename Spec::Pipeline& pipeline, std::int64_t retain) : pipeline_(pipeline), expiry_(retain) {
    if constexpr (kBeyondMemory) table_.runs_out_by(expiry_);
  }

  void process(const In& in) {
    std::uint32_t entries[kBlock];
    int i = 0;
    while (i < in.count) {
      if (in.watermark_before(i) > expiry_.next()) [[unlikely]] expire(in.watermark_before(i));
      int end = in.count;
      if (in.watermark_before(end - 1) > expiry_.next()) end = i + 1;
      // A key whose row comes later than it can be kept has the last word before the next row.
      for (int k = i; k + 1 < end; ++k)
        if (in.watermark_before(k + 1) > add_saturated(in.time_of(k), expiry_.retain())) end = k + 1;
      if constexpr (kBeyondMemory)
        table_.find_all(i, end, [&](int k) { return Spec::key(in.rows[k]); }, [](int) { return true; }, entries);
      else
        for (int k = i; k < end; ++k) entries[k] = table_.find_or_add(Spec::key(in.rows[k]));
      for (int k = i; k < end; ++k) step(in, k, entries[k]);
      i = end;
    }
    if (expiry_.overdue()) [[unlikely]] expire(expiry_.told());
    flush(in.others);
  }

  void watermark(std::int64_t t) {
    if (expiry_.tell(t)) expire(t);
    flush(kEndOfTime);
    Spec::watermark(pipeline_, t);
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
  /// Its entries may be loaded by several threads.
  auto& apart()
    requires(!kBeyondMemory)
  {
    return table_;
  }
  static bool show_entry(StateIn& key, StateIn& value, ShownState& to) {
    return key.get<StatePart>() == StatePart::entries && decltype(table_)::show_entry(key, value, to);
  }
  void loaded() {
    table_.loaded();
    ran_out_.all_loaded(expiry_, table_);
  }

 private:
  struct Kept {
    static constexpr bool kRunsOut = true;
    typename Spec::State state;
    std::int64_t last = kStartOfTime;   // highest event time of its rows
    bool started = false;
    [[no_unique_address]] Born<Spec::kThenEmit> born;
    bool is_started() const { return started; }
    std::int64_t last_time() const { return last; }
    template <class Io>
    void archive(Io& io) {
      io(state, last, started);
      if constexpr (Spec::kThenEmit) io(born.value);
    }
    void clear() {
      state.clear();
      last = kStartOfTime;
      started = false;
    }
  };

  void step(const In& in, int i, std::uint32_t number) {
    Kept* s = &table_[number].value;
    const std::int64_t t = in.time_of(i);
    if (s->started && expiry_.expired(s->last, in.watermark_of(i))) [[unlikely]] {
      last_word(number, add_saturated(s->last, expiry_.retain()), in.watermark_of(i));
      s->clear();
      s->started = true;  // its timer stands already
      ran_out_.came(*s);
    }
    const int o = out_.count;
    const Scanned done = Spec::step(pipeline_, s->state, in, i, out_.rows[o]);
    if (done == Scanned::failed) [[unlikely]] return;
    if (!s->started) {
      s->started = true;
      ran_out_.came(*s);
      expiry_.start(number, t);
    }
    if (t > s->last) s->last = t;
    if (done == Scanned::quiet) return;
    out_.take_lanes(o, in, i);
    if (++out_.count == kBlock) flush(in.others);
  }

  void last_word(std::uint32_t number, std::int64_t at, std::int64_t watermark) {
    if constexpr (Spec::kThenEmit) {
      auto& entry = table_[number];
      const int o = out_.count;
      if (Spec::then_emit(pipeline_, ev_, entry.key, entry.value.state, out_.rows[o])) {
        if constexpr (Out::has(kTime)) out_.time[o] = at;
        if constexpr (Out::has(kWatermark)) out_.watermark[o] = at < watermark ? at : watermark;
        if constexpr (Out::has(kPosition)) out_.position[o] = ~std::uint64_t{0} >> 1;
        if constexpr (Out::has(kTurn)) out_.turn[o] = 0;
        ++out_.count;
        flush(kEndOfTime);  // the row may show text of the state, which goes now
      }
    }
  }

  void expire(std::int64_t t) {
    ran_out_.pass(expiry_, t, table_, [&](std::uint32_t n, std::int64_t at) {
      last_word(n, at, t);
      table_.erase(n);
    });
  }

  void flush(std::int64_t others) {
    if (out_.count == 0) return;
    out_.others = others;
    Spec::out(pipeline_, out_);
    out_.count = 0;
    ev_.arena.reset();
  }

  typename Spec::Pipeline& pipeline_;
  BoundedExpiry<Key> expiry_;
  RanOut ran_out_;
  BoundedTable<Key, Kept> table_;
  Eval ev_;
  Out out_;
};

}  // namespace gress
