// What windowed operators share that keep a table of keys for each stretch of time (a window, or a slice that several
// windows share): the open panes, and how the rows of a block get into them.
#pragma once
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <type_traits>
#include <vector>

#include "runtime/core/emitter.h"
#include "runtime/core/key_table.h"

namespace gress {

/// Panes by (end, start), with reuse of closed ones.
template <class PaneType>
class PaneMap {
 public:
  using Pane = PaneType;
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

/// The panes that rows went to lately, found by time without a branch that depends on which: with some disorder times
/// alternate between a few. A cell of time, no wider than the first pane was, knows the pane that it begins in and one
/// that begins in it.
template <class PaneType>
class RecentPanes {
 public:
  struct Known {
    std::int64_t start = kEndOfTime, end = kEndOfTime;
    PaneType* pane = nullptr;
  };
  /// What is known near the time: its pane, if it lies in it.
  const Known& near(std::int64_t t) const {
    const Known* cell = cells_[cell_of(t)];
    return cell[t >= cell[1].start];
  }
  /// Null when the pane of the time is not known.
  PaneType* find(std::int64_t t) const {
    const Known& known = near(t);
    return t >= known.start && t < known.end ? known.pane : nullptr;
  }
  /// The pane of [start, end), which a row of time `t` goes to.
  void add(std::int64_t t, std::int64_t start, std::int64_t end, PaneType* pane) {
    if (shift_ == kUnknown) shift_ = std::bit_width(static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(start)) - 1;
    const bool begins = start > t >> shift_ << shift_;
    Known* cell = cells_[cell_of(t)];
    if (!begins && cell[1].start <= t) cell[1] = {};  // of another time that shares the cell
    cell[begins] = {start, end, pane};
  }
  /// A pane that is closed.
  void forget(const PaneType* pane) {
    for (auto& cell : cells_)
      for (Known& known : cell)
        if (known.pane == pane) known = {};
  }

 private:
  static constexpr std::size_t kCells = 16;
  static constexpr int kUnknown = 63;
  std::size_t cell_of(std::int64_t t) const { return static_cast<std::size_t>(t >> shift_) % kCells; }
  Known cells_[kCells][2];
  int shift_ = kUnknown;
};

/// Base of an operator `Windows` with panes {start, end, table}, which has
///   Pane* open(t, own)      the pane of a row's time, its partition's watermark being `own`; made if need be, which may
///                           lower trigger_, and noted in recent_; null if the row goes into none
///   bool late(t, own)       whether such a row is late (or in no window at all)
///   close(t)                what a watermark `t`, not before trigger_, closes
/// and a pane tells which rows of its time it takes:  bool takes(own).
template <class Windows, class Spec, class Pane>
class PanedWindow {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::In;

  explicit PanedWindow(Pipeline& pipeline) : emitter_(pipeline) {}

  void process(const In& in) {
    int i = 0;
    while (i < in.count) {
      if (in.watermark_before(i) >= trigger_) [[unlikely]] self().close(in.watermark_before(i));
      i = add_segment(in, i);
    }
  }

  void watermark(std::int64_t t) {
    if (t >= trigger_ || t == kEndOfTime) self().close(t);
    emitter_.advance(t);
  }

 protected:
  Emitter<Spec> emitter_;
  PaneMap<Pane> panes_;
  RecentPanes<Pane> recent_;
  std::int64_t trigger_ = kEndOfTime;  // the first watermark that closes a window

 private:
  static constexpr int kRun = 16;  // rows of one pane that are worth being added as such
  Windows& self() { return static_cast<Windows&>(*this); }

  /// First row after i before which a window closes.
  int segment_end(const In& in, int i) const {
    if (in.watermark_before(in.count - 1) < trigger_) [[likely]] return in.count;
    int end = i + 1;
    while (end < in.count && in.watermark_before(end) < trigger_) ++end;
    return end;
  }

  /// First row of [i, end) that is not of the time known near row i's, or that its pane does not take.
  int run_end(const In& in, int i, int end) const {
    const auto known = recent_.near(in.time_of(i));
    int first = end;
    for (int k = i; k < end; ++k) {
      const std::int64_t t = in.time_of(k);
      const bool takes = known.pane->takes(in.watermark_of(k));
      const int at = takes && t >= known.start && t < known.end ? end : k;
      first = at < first ? at : first;
    }
    return first;
  }

  /// Adds rows that all go to one pane.
  void add_run(Pane& pane, const In& in, int i, int end) {
    using Key = std::remove_cvref_t<decltype(Spec::key(in.rows[i]))>;
    if constexpr (Key::kDense == 1) {
      const std::uint32_t entry = pane.table.find_or_add(Key{});
      for (int k = i; k < end; ++k) Spec::add(emitter_.pipeline(), pane.table[entry].value, in, k);
    } else {
      std::uint32_t entries[kBlock];
      pane.table.find_all(i, end, [&](int k) { return Spec::key(in.rows[k]); }, [](int) { return true; }, entries);
      for (int k = i; k < end; ++k) Spec::add(emitter_.pipeline(), pane.table[entries[k]].value, in, k);
    }
  }

  /// Adds rows from i on, at most up to the next close; returns where it ended.
  int add_segment(const In& in, int i) {
    if constexpr (!requires { &Spec::sound; }) {
      const std::int64_t t = in.time_of(i), own = in.watermark_of(i);
      Pane* pane = recent_.find(t);
      if (pane == nullptr || !pane->takes(own)) [[unlikely]] pane = self().open(t, own);
      if (pane != nullptr) {
        const int end = segment_end(in, i), run = run_end(in, i, end);
        if (run == end || run - i >= kRun) {
          add_run(*pane, in, i, run);
          return run;
        }
      }
    }
    return add_mixed(in, i);
  }

  /// The same where rows go to several panes in turn: first all panes, then all entries, then the adding.
  int add_mixed(const In& in, int i) {
    Pane* panes[kBlock];
    std::uint32_t entries[kBlock];
    std::uint16_t rows[kBlock];
    int end = segment_end(in, i);
    int m = 0;
    std::uintptr_t apart = 0;  // 0: all rows go to one pane
    for (; i < end; ++i) {
      const std::int64_t t = in.time_of(i), own = in.watermark_of(i);
      Pane* pane = recent_.find(t);
      if (pane == nullptr || !pane->takes(own)) [[unlikely]] {
        pane = self().open(t, own);
        if (pane == nullptr) {
          if (self().late(t, own)) Spec::late(emitter_.pipeline(), in, i);
          continue;
        }
        end = segment_end(in, i);
      }
      if constexpr (requires { &Spec::sound; })
        if (!Spec::sound(emitter_.pipeline(), in, i)) continue;
      panes[m] = pane;
      apart |= reinterpret_cast<std::uintptr_t>(pane) ^ reinterpret_cast<std::uintptr_t>(panes[0]);
      rows[m++] = static_cast<std::uint16_t>(i);
    }
    const auto key_of = [&](int k) { return Spec::key(in.rows[rows[k]]); };
    if (apart == 0 && m != 0)
      panes[0]->table.find_all(0, m, key_of, [](int) { return true; }, entries);
    else
      for (int k = 0; k < m; ++k) entries[k] = panes[k]->table.find_or_add(key_of(k));
    for (int k = 0; k < m; ++k) Spec::add(emitter_.pipeline(), panes[k]->table[entries[k]].value, in, rows[k]);
    return i;
  }
};

}  // namespace gress
