// Windows whose rows are revised: `late: d` (a closed window gives a new version for each row that still comes) and
// early `emit` (versions before the close). Every window keeps its own states. Where the old row of an update is wanted,
// each key remembers the rows of its last version, which a new version retracts; where it is not, a version is the new
// row alone.
//
// Spec as in window_aggregate.h, plus
//   static constexpr bool kOld;      // the old rows are wanted with each new version
//   static constexpr bool kFails;    // result() may fail: what the version would replace is deleted
//   static constexpr bool kEachRow;  // every row gives a version (on_count is 1)
//   static void prefetch(const State&, const In::Row&);   // optional
#pragma once
#include <type_traits>
#include <vector>

#include "runtime/core/kept.h"
#include "runtime/core/maybe.h"
#include "runtime/core/said_row.h"
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
  using State = typename Spec::State;
  using Row = typename Spec::Out::Row;

  /// A result may fail, and the row before it is made again of the state as it was: a row is added to a copy, which takes
  /// the state's place when its result is there. (A copy that stays in registers also spares the state wide reads of what
  /// was just written in parts.)
  static constexpr bool kCopies = !Spec::kOld && Spec::kFails && Spec::kEachRow && std::is_trivially_copyable_v<State>;
  static constexpr bool kKeeps = Spec::kOld || (Spec::kFails && !kCopies);

  struct Versioned {
    State state;
    [[no_unique_address]] Maybe<std::vector<SaidRow<typename Spec::Out>>, kKeeps> last;  // rows of the last version
    [[no_unique_address]] Maybe<std::int64_t, !Spec::kEachRow> count;  // rows added
    [[no_unique_address]] Maybe<bool, !Spec::kEachRow> changed;        // since the last version
    [[no_unique_address]] Maybe<std::uint8_t, kCopies> shown;          // a version is out
    template <class Io>
    void archive(Io& io) {
      io(state);
      if constexpr (kKeeps) io(last.value);
      if constexpr (!Spec::kEachRow) io(count.value, changed.value);
      if constexpr (kCopies) io(shown.value);
    }
    void clear() {
      state.clear();
      if constexpr (kKeeps) last.value.clear();
      if constexpr (!Spec::kEachRow) {
        count.value = 0;
        changed.value = false;
      }
      if constexpr (kCopies) shown.value = 0;
    }
  };
  using WindowPane = Pane<typename Spec::Key, Versioned>;

  RevisedWindow(Pipeline& pipeline, Geometry geometry, Revision revision)
      : emitter_(pipeline), geometry_(geometry), revision_(revision), tick_(revision.every != 0 ? kStartOfTime : kEndOfTime) {}

  void process(const In& in) {
    for (int from = 0; from < in.count; from += kAhead) {
      const int to = in.count - from < kAhead ? in.count : from + kAhead;
      look_ahead(in, from, to);
      for (int i = from; i < to; ++i) {
        advance(in.watermark_before(i));
        if constexpr (kDisjoint<Geometry>) {
          const auto* known = recent_.find(in.time_of(i));
          WindowPane* pane = known != nullptr ? known->pane : nullptr;
          if (pane == nullptr) [[unlikely]] {
            pane = open(in, i);
          } else if (closed_for(in, i, pane->end)) [[unlikely]] {
            Spec::late(emitter_.pipeline(), in, i);
            pane = nullptr;
          } else if (!sound(in, i)) [[unlikely]] {
            pane = nullptr;
          }
          if (pane != nullptr) [[likely]] add(in, i, *pane);
        } else {
          each_window(in, i, [&](WindowPane& pane) { add(in, i, pane); });
        }
      }
    }
    emitter_.flush();
  }

  void watermark(std::int64_t t) {
    if (t == kEndOfTime) emitter_.end();
    advance(t);
    emitter_.advance(t == kEndOfTime ? t : add_saturated(t, -revision_.late));
  }

  /// Windows that have not closed, those that only wait for late rows not included.
  std::size_t open_windows() {
    std::size_t n = 0;
    for (const WindowPane& pane : panes_) n += pane.end > watermark_;
    return n;
  }

  std::uint32_t save_ahead(StateChanges& changes, std::uint32_t most) { return panes_.save_ahead(changes, most); }
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, std::tie(emitter_, watermark_, trigger_, tick_));
    panes_.save(changes);
  }
  static bool show_entry(StateIn& key, StateIn& value, ShownState& to) {
    return key.get<StatePart>() != StatePart::rest && PaneMap<WindowPane>::show_entry(key, value, to);
  }
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::rest) value(emitter_, watermark_, trigger_, tick_);
    else panes_.load(key, value);
  }
  void loaded() { panes_.loaded(); }

 private:
  static constexpr int kAhead = 32;
  static constexpr std::uint32_t kNone = KeyTable<typename Spec::Key, Versioned>::kNone;

  /// Entries of the next rows in the window of the last one, where most often they go, so that their misses overlap.
  void look_ahead(const In& in, int from, int to) {
    looked_in_ = last_;
    looked_from_ = from;
    if (last_ == nullptr) return;
    last_->table.find_all(
        0, to - from, [&](int k) { return Spec::key(in.rows[from + k]); }, [](int) { return false; }, ahead_);
    if constexpr (kKeeps || requires { &Spec::prefetch; }) {
      for (int k = 0; k != to - from; ++k) {
        if (ahead_[k] == kNone) continue;
        const Versioned& v = last_->table[ahead_[k]].value;
        if constexpr (requires { &Spec::prefetch; }) Spec::prefetch(v.state, in.rows[from + k]);
        if constexpr (kKeeps) {
          const char* last = reinterpret_cast<const char*>(v.last.value.data());
          for (std::size_t at = 0; at < v.last.value.size() * sizeof(SaidRow<typename Spec::Out>) && at < 256; at += 64) __builtin_prefetch(last + at);
        }
      }
    }
  }

  bool sound(const In& in, int i) {
    if constexpr (requires { &Spec::sound; }) return Spec::sound(emitter_.pipeline(), in, i);
    return true;
  }
  /// Whether a window that ends at `end` takes the row no more.
  bool closed_for(const In& in, int i, std::int64_t end) const {
    return end != kEndOfTime && add_saturated(end, revision_.late) <= in.watermark_of(i);
  }

  /// The windows that take the row; it is late without one.
  template <class Take>
  void each_window(const In& in, int i, Take take) {
    bool late = true, is_sound = true;
    geometry_.windows(in.time_of(i), [&](std::int64_t start, std::int64_t end) {
      if (closed_for(in, i, end)) return;
      if (late) is_sound = sound(in, i);
      late = false;
      if (!is_sound) return;
      WindowPane& pane = panes_.get(start, end);
      const std::int64_t next = end > watermark_ ? end : add_saturated(end, revision_.late);
      if (next < trigger_) trigger_ = next;
      take(pane);
    });
    if (late) Spec::late(emitter_.pipeline(), in, i);
  }
  /// The one window of the row, known from now on; null if it takes the row no more, or the row fails.
  [[gnu::noinline]] WindowPane* open(const In& in, int i) {
    WindowPane* out = nullptr;
    each_window(in, i, [&](WindowPane& pane) { out = &pane; });
    if (out != nullptr) recent_.add(in.time_of(i), out->start, out->end, out);
    return out;
  }

  [[gnu::always_inline]] void add(const In& in, int i, WindowPane& pane) {
    const std::uint32_t found = &pane == looked_in_ ? ahead_[i - looked_from_] : kNone;
    const std::uint32_t number = found != kNone ? found : pane.table.find_or_add(Spec::key(in.rows[i]));
    last_ = &pane;
    auto&& entry = pane.table[number];
    Versioned& v = entry.value;
    if constexpr (kCopies) {
      State fresh = v.state;
      Spec::add(emitter_.pipeline(), fresh, in, i);
      const bool shown = show(pane, entry.key, fresh, Op::insert);
      if (!shown && v.shown.value) [[unlikely]] take_back(pane, entry.key, v.state);
      v.state = fresh;
      v.shown.value = shown;
    } else if constexpr (Spec::kEachRow) {
      Spec::add(emitter_.pipeline(), v.state, in, i);
      version(pane, number);
    } else {
      Spec::add(emitter_.pipeline(), v.state, in, i);
      v.changed.value = true;
      ++v.count.value;
      if (pane.end <= watermark_ || (revision_.on_count != 0 && v.count.value % revision_.on_count == 0)) version(pane, number);
      if (revision_.every != 0 && v.changed.value) {
        const std::int64_t tick = watermark_ == kStartOfTime ? kStartOfTime : next_tick(watermark_);
        if (tick < tick_) tick_ = tick;
      }
    }
  }

  std::int64_t next_tick(std::int64_t t) const { return add_saturated(floor_to(t, revision_.every, 0), revision_.every); }

  void advance(std::int64_t t) {
    if (t <= watermark_) return;
    if (t < trigger_ && t < tick_) [[likely]] watermark_ = t;
    else pass(t);
  }
  /// To a watermark at which windows may close or go, or a tick is.
  [[gnu::noinline]] void pass(std::int64_t t) {
    if (tick_ == kStartOfTime && revision_.every != 0 && t != kEndOfTime) tick_ = next_tick(t);
    if (t < trigger_ && t < tick_) {
      watermark_ = t;
      return;
    }
    const std::int64_t from = watermark_;
    // Windows that end in (from, t] close in order of their ends; a tick in between comes before later ends.
    for (auto it = panes_.from(from == kStartOfTime ? from : from + 1); it != panes_.end() && it->end <= t; ++it) {
      const std::int64_t end = it->end;
      if (revision_.every != 0 && tick_ < end) tick(floor_tick(end));
      watermark_ = end;
      emitter_.raise(add_saturated(window_row_time(end), -revision_.late));
      versions(*it);
    }
    if (revision_.every != 0 && tick_ <= t && t != kEndOfTime) tick(t);
    watermark_ = t;
    emitter_.flush();
    last_ = looked_in_ = nullptr;
    while (!panes_.empty() && add_saturated(panes_.first_end(), revision_.late) <= t) {
      recent_.forget(&panes_.first());
      panes_.recycle(panes_.take_first());
    }
    const auto open = panes_.from(t == kEndOfTime ? t : t + 1);
    trigger_ = open == panes_.end() ? kEndOfTime : open->end;
    const std::int64_t purge = add_saturated(panes_.first_end(), revision_.late);
    if (purge < trigger_) trigger_ = purge;
  }

  /// The last tick before `end`.
  std::int64_t floor_tick(std::int64_t end) const { return floor_to(end - 1, revision_.every, 0); }

  /// Early versions of all open windows that changed; next tick when something changes again.
  void tick(std::int64_t t) {
    for (WindowPane& pane : panes_)
      if (pane.end > t) versions(pane);
    tick_ = kEndOfTime;
  }

  void versions([[maybe_unused]] WindowPane& pane) {
    if constexpr (!Spec::kEachRow)
      for (std::uint32_t e = 0; e != pane.table.end(); ++e)
        if (pane.table[e].value.changed.value) version(pane, e);
  }

  void version(WindowPane& pane, std::uint32_t number) {
    auto&& entry = pane.table[number];
    if constexpr (kKeeps) replace(pane, entry.key, entry.value.state, entry.value.last.value);
    else show(pane, entry.key, entry.value.state, Op::insert);
    if constexpr (!Spec::kEachRow) entry.value.changed.value = false;
    pane.table.touch(number);
  }

  [[gnu::cold, gnu::noinline]] void take_back(const WindowPane& pane, const typename Spec::Key& key, const State& state) {
    show(pane, key, state, Op::retract);
    emitter_.flush();  // a delete: one change with no insert behind it
  }

  /// The one row of a state; false if it fails.
  [[gnu::always_inline]] bool show(const WindowPane& pane, const typename Spec::Key& key, const State& state, Op op) {
    Row& row = emitter_.next();
    if (!Spec::result(emitter_.pipeline(), emitter_.ev, key, state, 0, pane.start, pane.end, row)) return false;
    // Text of the state would change before the block goes.
    fn::keep(emitter_.ev, row);
    emitter_.commit(window_row_time(pane.end), op);
    return true;
  }

  void replace(const WindowPane& pane, const typename Spec::Key& key, const State& state, std::vector<SaidRow<typename Spec::Out>>& last) {
    const std::int64_t time = window_row_time(pane.end);
    const int n = Spec::rows(state), was = static_cast<int>(last.size());
    std::size_t is = 0;
    // The k-th old row goes directly before the k-th new one: the same place of the same key is one update.
    for (int k = 0; k < n || k < was; ++k) {
      emitter_.reserve(2);
      if (k < was) {
        Row& row = emitter_.next() = last[k].get();
        fn::keep(emitter_.ev, row);
        emitter_.commit(last[k].stamp(), Op::retract);
      }
      if (k >= n) continue;
      Row& row = emitter_.next();
      if (!Spec::result(emitter_.pipeline(), emitter_.ev, key, state, k, pane.start, pane.end, row)) continue;
      // Of the old rows those up to the k-th have been said.
      const Stamp stamp = emitter_.stamp(time);
      if (is != last.size()) last[is].assign(row, stamp);
      else last.emplace_back(row, stamp);
      ++is;
      fn::keep(emitter_.ev, row);
      emitter_.commit(stamp);
    }
    while (last.size() != is) last.pop_back();
  }

  Emitter<Spec> emitter_;
  Geometry geometry_;
  Revision revision_;
  PaneMap<WindowPane> panes_;
  RecentPanes<WindowPane> recent_;
  std::int64_t watermark_ = kStartOfTime;
  std::int64_t trigger_ = kEndOfTime;  // the first watermark at which a window closes or goes
  std::int64_t tick_;                  // the next early versions; start of time: not known before the first watermark
  WindowPane* last_ = nullptr;         // of the last row added
  WindowPane* looked_in_ = nullptr;
  int looked_from_ = 0;
  std::uint32_t ahead_[kAhead];        // entries in `looked_in_` of the rows from `looked_from_` on
};

}  // namespace gress
