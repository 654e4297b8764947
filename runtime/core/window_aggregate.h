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
#include <map>
#include <memory>
#include <vector>

#include "runtime/core/emitter.h"
#include "runtime/core/geometry.h"
#include "runtime/core/key_table.h"

namespace gress {

template <class Key, class Value>
struct Pane {
  std::int64_t start = 0, end = 0;
  KeyTable<Key, Value> table;
};

/// Panes by (end, start), with reuse of closed ones.
template <class PaneType>
class PaneMap {
 public:
  PaneType& get(std::int64_t start, std::int64_t end) {
    std::unique_ptr<PaneType>& p = panes_[{end, start}];
    if (!p) {
      if (spare_.empty()) {
        p = std::make_unique<PaneType>();
      } else {
        p = std::move(spare_.back());
        spare_.pop_back();
      }
      p->start = start;
      p->end = end;
    }
    return *p;
  }
  bool empty() const { return panes_.empty(); }
  std::size_t size() const { return panes_.size(); }
  PaneType& first() { return *panes_.begin()->second; }
  std::int64_t first_end() const { return panes_.empty() ? kEndOfTime : panes_.begin()->first.first; }
  std::unique_ptr<PaneType> take_first() {
    std::unique_ptr<PaneType> p = std::move(panes_.begin()->second);
    panes_.erase(panes_.begin());
    return p;
  }
  template <class Iterator>
  std::unique_ptr<PaneType> take(Iterator at) {
    std::unique_ptr<PaneType> p = std::move(at->second);
    panes_.erase(at);
    return p;
  }
  void recycle(std::unique_ptr<PaneType> p) {
    p->table.clear();
    if (spare_.size() < 64) spare_.push_back(std::move(p));
  }
  auto begin() { return panes_.begin(); }
  auto end() { return panes_.end(); }
  auto from(std::int64_t end) { return panes_.lower_bound({end, kStartOfTime}); }

 private:
  std::map<std::pair<std::int64_t, std::int64_t>, std::unique_ptr<PaneType>> panes_;
  std::vector<std::unique_ptr<PaneType>> spare_;
};

/// The panes that rows went to lately: with some disorder times alternate between a few.
template <class PaneType>
class RecentPanes {
 public:
  RecentPanes() { clear(); }
  /// Null when none of them holds the time.
  PaneType* find(std::int64_t t) const {
    for (int i = 0; i != kSize; ++i)
      if (t >= start_[i] && t < end_[i]) return pane_[i];
    return nullptr;
  }
  void add(std::int64_t start, std::int64_t end, PaneType* pane) {
    start_[next_] = start;
    end_[next_] = end;
    pane_[next_] = pane;
    next_ = (next_ + 1) % kSize;
  }
  void clear() {
    for (int i = 0; i != kSize; ++i) start_[i] = end_[i] = kEndOfTime;
  }

 private:
  static constexpr int kSize = 8;
  std::int64_t start_[kSize], end_[kSize];
  PaneType* pane_[kSize];
  int next_ = 0;
};

template <class Spec, class Geometry>
class WindowAggregate {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::In;
  using WindowPane = Pane<typename Spec::Key, typename Spec::State>;

  WindowAggregate(Pipeline& pipeline, Geometry geometry) : emitter_(pipeline), geometry_(geometry) {}

  void process(const In& in) {
    int i = 0;
    while (i < in.count) {
      if (in.watermark_before(i) >= trigger_) [[unlikely]] close(in.watermark_before(i));
      i = add_segment(in, i);
    }
  }

  void watermark(std::int64_t t) {
    if (t >= trigger_ || t == kEndOfTime) close(t);
    emitter_.advance(t);
  }

  /// Open windows, for reports.
  std::size_t open_windows() const { return panes_.size(); }

 private:
  /// First row after i before which a window closes.
  int segment_end(const In& in, int i) const {
    if (in.watermark_before(in.count - 1) < trigger_) [[likely]] return in.count;
    int end = i + 1;
    while (end < in.count && in.watermark_before(end) < trigger_) ++end;
    return end;
  }

  int add_segment(const In& in, int i) {
    WindowPane* panes[kBlock];
    std::uint32_t entries[kBlock];
    std::uint16_t rows[kBlock];
    int end = segment_end(in, i);
    int m = 0;
    for (; i < end; ++i) {
      const std::int64_t t = in.time_of(i);
      if (current_ == nullptr || t < current_->start || t >= current_->end) [[unlikely]] {
        current_ = find_pane(t, in.watermark_of(i));
        end = current_ == nullptr ? end : segment_end(in, i);
      }
      if (current_ == nullptr || in.watermark_of(i) >= current_->end) [[unlikely]] {
        Spec::late(emitter_.pipeline(), in, i);
        continue;
      }
      if constexpr (requires { &Spec::sound; })
        if (!Spec::sound(emitter_.pipeline(), in, i)) continue;
      panes[m] = current_;
      rows[m++] = static_cast<std::uint16_t>(i);
    }
    for (int k = 0; k < m; ++k) entries[k] = panes[k]->table.find_or_add(Spec::key(in.rows[rows[k]]));
    for (int k = 0; k < m; ++k)
      Spec::add(emitter_.pipeline(), panes[k]->table[entries[k]].value, in, rows[k]);
    return i;
  }

  /// The open pane of a time, made if the row is not late; null if it is.
  [[gnu::noinline]] WindowPane* find_pane(std::int64_t t, std::int64_t watermark) {
    WindowPane* found = recent_.find(t);
    if (found != nullptr && watermark < found->end) return found;
    found = nullptr;
    geometry_.windows(t, [&](std::int64_t start, std::int64_t end) {
      if (end <= watermark && end != kEndOfTime) return;
      found = &panes_.get(start, end);
      if (end < trigger_) trigger_ = end;
    });
    if (found != nullptr) recent_.add(found->start, found->end, found);
    return found;
  }

  [[gnu::noinline]] void close(std::int64_t t) {
    current_ = nullptr;
    recent_.clear();
    while (!panes_.empty() && panes_.first_end() <= t) {
      std::unique_ptr<WindowPane> pane = panes_.take_first();
      emitter_.raise(window_row_time(pane->end));
      for (std::uint32_t e = 0; e != pane->table.end(); ++e) emit(*pane, pane->table[e]);
      emitter_.flush();
      panes_.recycle(std::move(pane));
    }
    trigger_ = panes_.first_end();
  }

  void emit(WindowPane& pane, typename KeyTable<typename Spec::Key, typename Spec::State>::Entry& entry) {
    const int n = Spec::rows(entry.value);
    for (int k = 0; k < n; ++k)
      if (Spec::result(emitter_.pipeline(), emitter_.ev, entry.key, entry.value, k, pane.start, pane.end, emitter_.next()))
        emitter_.commit(window_row_time(pane.end));
  }

  Emitter<Spec> emitter_;
  Geometry geometry_;
  PaneMap<WindowPane> panes_;
  RecentPanes<WindowPane> recent_;
  WindowPane* current_ = nullptr;
  std::int64_t trigger_ = kEndOfTime;
};

}  // namespace gress
