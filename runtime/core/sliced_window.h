// Overlapping windows by shared slices: each row is added once, to the slice of its time; a closing window merges the
// slices it spans. Sliding and cumulative windows that give each row once.
//
// A row that is late for the first windows over its slice, seen from its own partition, must not count in them even if
// they are still open here; such rows go into a slice of their own that says from which window end on it counts.
//
// Spec as in window_aggregate.h, plus  static void merge(Pipeline&, Eval&, State& into, const State& from);
// Slices (below):  slice(t) → [start, end);  next_end(x): least window end > x;  start_of(window_end);
//                  last_end(slice_start): end of the last window over the slice.
#pragma once
#include <numeric>

#include "runtime/core/window_aggregate.h"

namespace gress {

struct Slice {
  std::int64_t start, end;
};

struct SlidingSlices {
  std::int64_t size, every, offset;
  std::int64_t width = std::gcd(size, every);
  Slice slice(std::int64_t t) const {
    const std::int64_t s = floor_to(t, width, offset);
    return {s, s + width};
  }
  std::int64_t next_end(std::int64_t x) const { return floor_to(x, every, offset + size % every) + every; }
  std::int64_t start_of(std::int64_t end) const { return end - size; }
  std::int64_t last_end(std::int64_t start) const { return floor_to(start, every, offset) + size; }
};

struct CumulativeSlices {
  std::int64_t size, every, offset;
  Slice slice(std::int64_t t) const {
    const std::int64_t s = floor_to(t, every, offset);
    return {s, s + every};
  }
  std::int64_t next_end(std::int64_t x) const { return floor_to(x, every, offset) + every; }
  std::int64_t start_of(std::int64_t end) const { return floor_to(end - 1, size, offset); }
  std::int64_t last_end(std::int64_t start) const { return floor_to(start, size, offset) + size; }
};

/// Steps of elapsed time within a calendar unit; the unit's last step ends with it.
template <class Unit>
struct CalendarSlices {
  Unit unit;
  std::int64_t every, offset;
  std::int64_t unit_start(std::int64_t t) const { return unit.floor(t - offset) + offset; }
  std::int64_t unit_end(std::int64_t t) const { return unit.next(unit.floor(t - offset)) + offset; }
  Slice slice(std::int64_t t) const {
    const std::int64_t day = unit_start(t), last = unit_end(t);
    const std::int64_t s = floor_to(t, every, day);
    return {s, s + every < last ? s + every : last};
  }
  std::int64_t next_end(std::int64_t x) const { return slice(x).end; }
  std::int64_t start_of(std::int64_t end) const { return unit_start(end - 1); }
  std::int64_t last_end(std::int64_t start) const { return unit_end(start); }
};

template <class Spec, class Slices>
class SlicedWindow {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::In;
  using Table = KeyTable<typename Spec::Key, typename Spec::State>;
  struct SlicePane {
    std::int64_t start = 0, end = 0;  // `end` here: the first window end that counts the slice (order of the map)
    std::int64_t slice_end = 0;
    std::int64_t from = kStartOfTime;  // rows whose partition is behind this count earlier: not here
    /// Whether a row of the slice goes here, its partition's watermark being `own`.
    bool takes(std::int64_t own) const { return own < end && own >= from; }
    Table table;
  };

  SlicedWindow(Pipeline& pipeline, Slices slices) : emitter_(pipeline), slices_(slices) {}

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

  /// Windows that are not closed yet and have a slice.
  std::size_t open_windows() {
    std::int64_t last = kStartOfTime;
    for (auto& [bounds, pane] : panes_)
      if (slices_.last_end(pane->start) > last) last = slices_.last_end(pane->start);
    std::size_t n = 0;
    for (std::int64_t end = trigger_; !panes_.empty() && end <= last; end = slices_.next_end(end)) ++n;
    return n;
  }

 private:
  int segment_end(const In& in, int i) const {
    if (in.watermark_before(in.count - 1) < trigger_) [[likely]] return in.count;
    int end = i + 1;
    while (end < in.count && in.watermark_before(end) < trigger_) ++end;
    return end;
  }

  int add_segment(const In& in, int i) {
    SlicePane* panes[kBlock];
    std::uint32_t entries[kBlock];
    std::uint16_t rows[kBlock];
    int end = segment_end(in, i);
    int m = 0;
    for (; i < end; ++i) {
      const std::int64_t t = in.time_of(i), own = in.watermark_of(i);
      if (current_ == nullptr || t < current_->start || t >= current_->slice_end || !current_->takes(own)) [[unlikely]] {
        current_ = find_pane(t, own);
        if (current_ == nullptr) {
          if (slices_.last_end(slices_.slice(t).start) <= own) Spec::late(emitter_.pipeline(), in, i);
          continue;  // a time between windows that leave gaps is in none
        }
        end = segment_end(in, i);
      }
      if constexpr (requires { &Spec::sound; })
        if (!Spec::sound(emitter_.pipeline(), in, i)) continue;
      panes[m] = current_;
      rows[m++] = static_cast<std::uint16_t>(i);
    }
    for (int k = 0; k < m; ++k) entries[k] = panes[k]->table.find_or_add(Spec::key(in.rows[rows[k]]));
    for (int k = 0; k < m; ++k) Spec::add(emitter_.pipeline(), panes[k]->table[entries[k]].value, in, rows[k]);
    return i;
  }

  [[gnu::noinline]] SlicePane* find_pane(std::int64_t t, std::int64_t own) {
    if (SlicePane* pane = recent_.find(t); pane != nullptr && pane->takes(own)) return pane;
    const Slice s = slices_.slice(t);
    const std::int64_t last = slices_.last_end(s.start);
    if (last <= own || last < s.end) return nullptr;
    const std::int64_t first = slices_.next_end(own > s.start ? own : s.start);
    SlicePane& pane = panes_.get(s.start, first);
    pane.slice_end = s.end;
    pane.from = own > s.start && first != slices_.next_end(s.start) ? own : kStartOfTime;
    recent_.add(s.start, s.end, &pane);
    if (first < trigger_) trigger_ = first;
    return &pane;
  }

  [[gnu::noinline]] void close(std::int64_t t) {
    current_ = nullptr;
    recent_.clear();
    while (trigger_ <= t && !panes_.empty()) {
      close_window(trigger_);
      // The next window is the next over slices that stay, or the first over one not yet counted.
      closed_ = trigger_;
      drop_passed();
      trigger_ = next_trigger();
    }
    if (panes_.empty()) trigger_ = kEndOfTime;
  }

  void drop_passed() {
    // Slices are ordered by their first window; one made late may pass while an earlier one stays.
    for (auto it = panes_.begin(); it != panes_.end() && it->first.first <= closed_;) {
      auto at = it++;
      if (slices_.last_end(at->second->start) <= closed_) panes_.recycle(panes_.take(at));
    }
  }

  std::int64_t next_trigger() {
    if (panes_.empty()) return kEndOfTime;
    const std::int64_t first = panes_.first_end();
    return first > closed_ ? first : slices_.next_end(closed_);
  }

  void close_window(std::int64_t end) {
    const std::int64_t start = slices_.start_of(end);
    emitter_.raise(window_row_time(end));
    merged_.clear();
    for (auto& [bounds, pane] : panes_) {
      if (bounds.first > end) break;
      if (pane->start < start || pane->start >= end) continue;
      for (std::uint32_t e = 0; e != pane->table.end(); ++e) {
        auto& entry = pane->table[e];
        Spec::merge(emitter_.pipeline(), emitter_.ev, merged_[merged_.find_or_add(entry.key)].value, entry.value);
      }
    }
    for (std::uint32_t e = 0; e != merged_.end(); ++e) {
      auto& entry = merged_[e];
      const int n = Spec::rows(entry.value);
      for (int k = 0; k < n; ++k)
        if (Spec::result(emitter_.pipeline(), emitter_.ev, entry.key, entry.value, k, start, end, emitter_.next()))
          emitter_.commit(window_row_time(end));
    }
    emitter_.flush();
  }

  Emitter<Spec> emitter_;
  Slices slices_;
  PaneMap<SlicePane> panes_;
  Table merged_;
  RecentPanes<SlicePane> recent_;
  SlicePane* current_ = nullptr;
  std::int64_t trigger_ = kEndOfTime;
  std::int64_t closed_ = kStartOfTime;
};

}  // namespace gress
