// Windows whose rows are revised: `late: d` (a closed window gives a new version for each row that still comes) and
// early `emit` (versions before the close). Every window keeps its own states; each key remembers the rows of its last
// version, which a new version retracts.
//
// Spec as in window_aggregate.h.
#pragma once
#include <vector>

#include "runtime/core/kept.h"
#include "runtime/core/state_value.h"
#include "runtime/core/window_aggregate.h"

namespace gress {

struct Revision {
  std::int64_t late = 0;        // microseconds a closed window goes on
  std::int64_t every = 0;       // early versions at multiples of this event time; 0: none
  std::int64_t on_count = 0;    // early version after so many rows of a key and window; 0: none
};

template <class Spec, class Geometry>
class RevisedWindow {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::In;
  using Row = typename Spec::Out::Row;

  struct Versioned {
    typename Spec::State state;
    std::vector<Held<Row>> last;   // rows of the last version
    std::int64_t count = 0;        // rows added
    bool changed = false;          // since the last version
    void clear() {
      state.clear();
      last.clear();
      count = 0;
      changed = false;
    }
  };
  using WindowPane = Pane<typename Spec::Key, Versioned>;

  RevisedWindow(Pipeline& pipeline, Geometry geometry, Revision revision)
      : emitter_(pipeline), geometry_(geometry), revision_(revision) {}

  void process(const In& in) {
    for (int i = 0; i < in.count; ++i) {
      if (i % kAhead == 0) look_ahead(in, i);
      advance(in.watermark_before(i));
      bool late = true, sound = true;
      const std::int64_t own = in.watermark_of(i);
      geometry_.windows(in.time_of(i), [&](std::int64_t start, std::int64_t end) {
        if (end != kEndOfTime && add_saturated(end, revision_.late) <= own) return;
        if constexpr (requires { &Spec::sound; }) {
          if (late) sound = Spec::sound(emitter_.pipeline(), in, i);
        }
        late = false;
        if (sound) add(in, i, start, end);
      });
      if (late) Spec::late(emitter_.pipeline(), in, i);
    }
    emitter_.flush();
  }

  void watermark(std::int64_t t) {
    advance(t);
    emitter_.advance(t == kEndOfTime ? t : add_saturated(t, -revision_.late));
  }

  /// Windows that have not closed, those that only wait for late rows not included.
  std::size_t open_windows() {
    std::size_t n = 0;
    for (auto& [bounds, pane] : panes_) n += bounds.first > watermark_;
    return n;
  }

 private:
  static constexpr int kAhead = 32;
  static constexpr std::uint32_t kNone = KeyTable<typename Spec::Key, Versioned>::kNone;

  /// Entries of the next rows in the window of the last one, where most often they go, so that their misses overlap.
  void look_ahead(const In& in, int from) {
    looked_in_ = recent_;
    if (recent_ == nullptr) return;
    const int count = in.count - from < kAhead ? in.count - from : kAhead;
    recent_->table.find_all(
        0, count, [&](int k) { return Spec::key(in.rows[from + k]); }, [](int) { return false; }, ahead_);
    for (int k = 0; k != count; ++k) {
      if (ahead_[k] == kNone) continue;
      const Versioned& v = recent_->table[ahead_[k]].value;
      if constexpr (requires { &Spec::prefetch; }) Spec::prefetch(v.state, in.rows[from + k]);
      const char* last = reinterpret_cast<const char*>(v.last.data());
      for (std::size_t at = 0; at < v.last.size() * sizeof(Row) && at < 256; at += 64) __builtin_prefetch(last + at);
    }
  }

  void add(const In& in, int i, std::int64_t start, std::int64_t end) {
    WindowPane& pane = panes_.get(start, end);
    const std::uint32_t found = &pane == looked_in_ ? ahead_[i % kAhead] : kNone;
    const std::uint32_t number = found != kNone ? found : pane.table.find_or_add(Spec::key(in.rows[i]));
    recent_ = &pane;
    Versioned& v = pane.table[number].value;
    Spec::add(emitter_.pipeline(), v.state, in, i);
    v.changed = true;
    ++v.count;
    if (end <= watermark_ || (revision_.on_count != 0 && v.count % revision_.on_count == 0)) {
      version(pane, number);
    } else if (end < trigger_) {
      trigger_ = end;
    }
    if (revision_.every != 0 && v.changed) {
      const std::int64_t tick = watermark_ == kStartOfTime ? kStartOfTime : next_tick(watermark_);
      if (tick < tick_) tick_ = tick;
    }
  }

  std::int64_t next_tick(std::int64_t t) const { return add_saturated(floor_to(t, revision_.every, 0), revision_.every); }

  void advance(std::int64_t t) {
    if (t <= watermark_) return;
    if (tick_ == kStartOfTime && revision_.every != 0 && t != kEndOfTime) tick_ = next_tick(t);
    if (t < trigger_ && t < tick_) {
      watermark_ = t;
      return;
    }
    const std::int64_t from = watermark_;
    // Windows that end in (from, t] close in order of their ends; a tick in between comes before later ends.
    for (auto it = panes_.from(from == kStartOfTime ? from : from + 1); it != panes_.end() && it->first.first <= t; ++it) {
      const std::int64_t end = it->first.first;
      if (revision_.every != 0 && tick_ < end) tick(floor_tick(end));
      watermark_ = end;
      emitter_.raise(add_saturated(window_row_time(end), -revision_.late));
      versions(*it->second);
    }
    if (revision_.every != 0 && tick_ <= t && t != kEndOfTime) tick(t);
    watermark_ = t;
    emitter_.flush();
    recent_ = looked_in_ = nullptr;
    while (!panes_.empty() && add_saturated(panes_.first_end(), revision_.late) <= t) panes_.recycle(panes_.take_first());
    trigger_ = kEndOfTime;
    for (auto it = panes_.from(t == kEndOfTime ? t : t + 1); it != panes_.end();) {
      trigger_ = it->first.first;
      break;
    }
    const std::int64_t purge = add_saturated(panes_.first_end(), revision_.late);
    if (purge < trigger_) trigger_ = purge;
  }

  /// The last tick before `end`.
  std::int64_t floor_tick(std::int64_t end) const { return floor_to(end - 1, revision_.every, 0); }

  /// Early versions of all open windows that changed; next tick when something changes again.
  void tick(std::int64_t t) {
    for (auto& [bounds, pane] : panes_)
      if (bounds.first > t) versions(*pane);
    tick_ = kEndOfTime;
  }

  void versions(WindowPane& pane) {
    for (std::uint32_t e = 0; e != pane.table.end(); ++e)
      if (pane.table[e].value.changed) version(pane, e);
  }

  void version(WindowPane& pane, std::uint32_t number) {
    auto& entry = pane.table[number];
    Versioned& v = entry.value;
    const std::int64_t time = window_row_time(pane.end);
    const int n = Spec::rows(v.state), was = static_cast<int>(v.last.size());
    std::size_t is = 0;
    // The k-th old row goes directly before the k-th new one: the same place of the same key is one update.
    for (int k = 0; k < n || k < was; ++k) {
      emitter_.reserve(2);
      if (k < was) {
        emitter_.next() = of_block(v.last[k].get());
        emitter_.commit(time, Op::retract);
      }
      if (k >= n) continue;
      Row& row = emitter_.next();
      if (!Spec::result(emitter_.pipeline(), emitter_.ev, entry.key, v.state, k, pane.start, pane.end, row)) continue;
      // Of the old rows those up to the k-th have been said.
      if (is != v.last.size()) v.last[is].assign(row);
      else v.last.emplace_back(row);
      ++is;
      row = of_block(row);
      emitter_.commit(time, Op::insert);
    }
    while (v.last.size() != is) v.last.pop_back();
    v.changed = false;
  }
  /// A row whose text is the block's: that of states and of last versions changes before the block goes.
  Row of_block(const Row& row) {
    if constexpr (StateTraits<Row>::is_plain) return row;
    else return fn::kept(emitter_.ev, row);
  }

  Emitter<Spec> emitter_;
  Geometry geometry_;
  Revision revision_;
  PaneMap<WindowPane> panes_;
  std::int64_t watermark_ = kStartOfTime;
  std::int64_t trigger_ = kEndOfTime;
  std::int64_t tick_ = kEndOfTime;
  WindowPane* recent_ = nullptr;   // of the last row added
  WindowPane* looked_in_ = nullptr;
  std::uint32_t ahead_[kAhead];    // entries in `looked_in_` of the rows at hand
};

}  // namespace gress
