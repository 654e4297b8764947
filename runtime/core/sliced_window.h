// Overlapping windows by shared slices: each row is added once, to the slice of its time; a closing window is made of
// the slices it spans, or of the window before it (slice_states.h). Sliding and cumulative windows that give each row
// once.
//
// A row that is late for the first windows over its slice, seen from its own partition, must not count in them even if
// they are still open here; such rows go into a slice of their own that says from which window end on it counts.
//
// Spec as in window_aggregate.h, plus
//   static constexpr SliceStates kStates;                                            // without it: fallible
//   static void merge(Pipeline&, Eval&, State& into, const State& from);
//   static void unmerge(Pipeline&, Eval&, State& from, const State& what);          // exact states in sliding windows
#pragma once
#include "runtime/core/paned_window.h"
#include "runtime/core/slice_queues.h"
#include "runtime/core/slice_states.h"
#include "runtime/core/slices.h"

namespace gress {

template <class Table>
struct SlicePane {
  std::int64_t start = 0, end = 0;  // `end` here: the first window end that counts the slice (order of the map)
  std::int64_t slice_end = 0;
  std::int64_t from = kStartOfTime;  // rows whose partition is behind this count earlier: not here
  Table table;
  template <class Io>
  void archive(Io& io) { io(slice_end, from); }
};

template <class Spec>
constexpr SliceStates slice_states() {
  if constexpr (requires { Spec::kStates; }) return Spec::kStates;
  return SliceStates::fallible;
}

/// A failed merge has to be noted for each window that it is in, so states that may fail are always merged anew.
template <class Spec, class Panes, class Slices, SliceStates kStates = slice_states<Spec>()>
using SliceStatesOf =
    std::conditional_t<kStates != SliceStates::fallible && (Slices::kGrows || kStates == SliceStates::exact),
                       SliceTotals<Spec, Panes, Slices::kGrows>,
                       std::conditional_t<kStates == SliceStates::small, SliceQueues<Spec, Panes>, SliceTables<Spec, Panes>>>;

template <class Spec, class Slices>
class SlicedWindow
    : public PanedWindow<SlicedWindow<Spec, Slices>, Spec, SlicePane<StateTable<typename Spec::Key, typename Spec::State>>> {
  using Pane = SlicePane<StateTable<typename Spec::Key, typename Spec::State>>;
  using Base = PanedWindow<SlicedWindow, Spec, Pane>;
  using Base::emitter_, Base::panes_, Base::recent_, Base::trigger_;
  friend Base;

 public:
  SlicedWindow(typename Spec::Pipeline& pipeline, Slices slices) : Base(pipeline), slices_(slices) {}

  /// Windows that are not closed yet and have a slice.
  std::size_t open_windows() {
    std::int64_t counted = closed_, n = 0;
    const auto count = [&](std::int64_t first, std::int64_t last) {
      if (first <= counted) first = slices_.next_end(counted);
      if (first > last) return;
      n += slices_.count(first, last);
      counted = last;
    };
    if (last_end_ > closed_) count(slices_.next_end(closed_), last_end_);
    for (const Pane& pane : panes_) count(pane.end, slices_.last_end(pane.start));
    return static_cast<std::size_t>(n);
  }

  /// Where open() would put such a row; false: nowhere.
  bool place_of(std::int64_t t, std::int64_t own, PanePlace& place) const {
    const Slice s = slices_.slice(t);
    const std::int64_t last = slices_.last_end(s.start);
    if (last <= own || last < s.end) return false;
    const std::int64_t first = slices_.next_end(own > s.start ? own : s.start);
    const bool some_past = own > s.start && first != slices_.next_end(s.start);
    place = {{s.start, s.end}, {some_past ? own : kStartOfTime, first}, s.start, first};
    return true;
  }

  std::uint32_t save_ahead(StateChanges& changes, std::uint32_t most) { return panes_.save_ahead(changes, most); }
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, std::tie(emitter_, closed_, last_end_, trigger_, states_));
    panes_.save(changes);
    states_.save(changes);
  }
  void load(StateIn& key, StateIn& value) {
    switch (const auto part = key.get<StatePart>()) {
      case StatePart::rest: return value(emitter_, closed_, HighestOf{last_end_}, trigger_, states_);
      case StatePart::entries: return panes_.load(key, value);
      default: states_.load(part, key, value);
    }
  }
  void loaded() {
    panes_.loaded();
    states_.loaded();
  }

 private:
  [[gnu::noinline]] Pane* open(std::int64_t t, std::int64_t own) {
    const Slice s = slices_.slice(t);
    const std::int64_t last = slices_.last_end(s.start);
    if (last <= own || last < s.end) return nullptr;
    const std::int64_t first = slices_.next_end(own > s.start ? own : s.start);
    Pane& pane = panes_.get(s.start, first);
    pane.slice_end = s.end;
    pane.from = own > s.start && first != slices_.next_end(s.start) ? own : kStartOfTime;
    recent_.add(t, s.start, s.end, &pane);
    if (first < trigger_) trigger_ = first;
    return &pane;
  }
  /// A time between windows that leave gaps is in none, and not late.
  bool late(std::int64_t t, std::int64_t own) const { return slices_.last_end(slices_.slice(t).start) <= own; }

  [[gnu::noinline]] void close(std::int64_t t) {
    while (trigger_ <= t && trigger_ != kEndOfTime) {
      close_window(trigger_);
      closed_ = trigger_;
      // The next window over slices that stay, or the first over one not yet counted.
      trigger_ = last_end_ > closed_ ? slices_.next_end(closed_) : panes_.first_end();
    }
  }

  void close_window(std::int64_t end) {
    const std::int64_t start = slices_.start_of(end);
    typename Spec::Pipeline& p = emitter_.pipeline();
    Eval& ev = emitter_.ev;
    emitter_.raise(window_row_time(end));
    states_.leave(p, ev, panes_, start);
    while (panes_.first_end() <= end) {
      Owned<Pane> pane = panes_.take_first();
      recent_.forget(pane.get());
      if (const std::int64_t last = slices_.last_end(pane->start); last > last_end_) last_end_ = last;
      states_.enter(p, ev, panes_, std::move(pane));
    }
    {
      typename Emitter<Spec>::Rows rows(emitter_, window_row_time(end));
      states_.each(p, ev, [&](const typename Spec::Key& key, const typename Spec::State& state) __attribute__((always_inline)) {
        const int n = Spec::rows(state);
        for (int k = 0; k < n; ++k)
          if (Spec::result(p, ev, key, state, k, start, end, rows.next())) rows.commit();
      });
    }
    emitter_.flush();
  }

  Slices slices_;
  SliceStatesOf<Spec, PaneMap<Pane>, Slices> states_;
  std::int64_t closed_ = kStartOfTime;    // end of the last window
  std::int64_t last_end_ = kStartOfTime;  // of the windows over slices that a window has
};

}  // namespace gress
