// Windowed state, one table of keys a window, closed by the watermark: tumbling and calendar windows, global windows,
// and every form whose windows are kept apart. Append only: a window gives its rows once (revised_window.h has the
// rest). Serves `aggregate`, `top` and `latest`, which differ in their State.
//
// Spec (generated):
//   Pipeline, In, Out (blocks), Key, State { void clear(); }
//   static Key key(const In::Row&);
//   static bool sound(Pipeline&, const In&, int i);               // only where a row may fail: false if it does; it is
//                                                                 // routed there, and counts in nothing
//   static void add(Pipeline&, State&, const In&, int i);
//   static int rows(const State&);                                // results of one state: 1 for aggregates
//   static bool result(Pipeline&, Eval&, const Key&, const State&, int k, start, end, Out::Row&);  // false: failed, routed
//   static void late(Pipeline&, const In&, int i); static void out(Pipeline&, Out&); static void watermark(Pipeline&, t);
#pragma once
#include "runtime/core/geometry.h"
#include "runtime/core/number_table.h"
#include "runtime/core/paned_window.h"

namespace gress {

template <class Key, class Value>
struct Pane {
  std::int64_t start = 0, end = 0;
  StateTable<Key, Value> table;
};

template <class Spec, class Geometry>
class WindowAggregate : public PanedWindow<WindowAggregate<Spec, Geometry>, Spec, Pane<typename Spec::Key, typename Spec::State>> {
  using WindowPane = Pane<typename Spec::Key, typename Spec::State>;
  using Base = PanedWindow<WindowAggregate, Spec, WindowPane>;
  using Base::emitter_, Base::panes_, Base::recent_, Base::trigger_;
  friend Base;

 public:
  WindowAggregate(typename Spec::Pipeline& pipeline, Geometry geometry) : Base(pipeline), geometry_(geometry) {}

  /// Open windows, for reports.
  std::size_t open_windows() const { return panes_.size(); }

  /// Where open() would put such a row; false: nowhere. Of forms in which a time lies in one window.
  bool place_of(std::int64_t t, std::int64_t own, PanePlace& place) const {
    geometry_.windows(t, [&](std::int64_t start, std::int64_t end) { place = {{start, end}, {kStartOfTime, end}, start, end}; });
    return place.has(t, own);
  }

  std::uint32_t save_ahead(StateChanges& changes, std::uint32_t most) { return panes_.save_ahead(changes, most); }
  void save(StateChanges& changes) {
    changes.put(StatePart::rest, emitter_);
    panes_.save(changes);
  }
  void load(StateIn& key, StateIn& value) {
    if (key.get<StatePart>() == StatePart::rest) value(emitter_);
    else panes_.load(key, value);
  }
  void loaded() {
    panes_.loaded();
    trigger_ = panes_.first_end();
  }
  static bool show_entry(StateIn& key, StateIn& value, ShownState& to) {
    return key.get<StatePart>() != StatePart::rest && PaneMap<WindowPane>::show_entry(key, value, to);
  }

 private:
  [[gnu::noinline]] WindowPane* open(std::int64_t t, std::int64_t own) {
    WindowPane* found = nullptr;
    geometry_.windows(t, [&](std::int64_t start, std::int64_t end) {
      if (end <= own) return;
      found = &panes_.get(start, end);
      if (end < trigger_) trigger_ = end;
      recent_.add(t, start, end, found);
    });
    return found;
  }
  bool late(std::int64_t, std::int64_t) const { return true; }

  [[gnu::noinline]] void close(std::int64_t t) {
    while (!panes_.empty() && panes_.first_end() <= t) {
      Owned<WindowPane> pane = panes_.take_first();
      recent_.forget(pane.get());
      emitter_.raise(window_row_time(pane->end));
      pane->table.each([&](std::uint32_t e) { emit(*pane, pane->table[e]); });
      emitter_.flush();
      panes_.recycle(std::move(pane));
    }
    trigger_ = panes_.first_end();
  }

  void emit(const WindowPane& pane, auto&& entry) {
    const int n = Spec::rows(entry.value);
    for (int k = 0; k < n; ++k)
      if (Spec::result(emitter_.pipeline(), emitter_.ev, entry.key, entry.value, k, pane.start, pane.end, emitter_.next()))
        emitter_.commit(window_row_time(pane.end));
  }

  Geometry geometry_;
};

}  // namespace gress
