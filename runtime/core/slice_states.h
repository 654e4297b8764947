// What closed slices leave behind, and how the states of windows are made of theirs. Three ways, one class each:
//   SliceTotals   a running state for each key, from which the slices that leave are taken back (or, where windows only
//                 grow, all at once): one merge and one taking back for each slice and key
//   SliceQueues   two stacks for each key (slice_queues.h): at most two merges for each slice and key, and one a result
//   SliceTables   all slices merged anew for each window: whatever the states are
//
// For each window they are told, in this order (Panes is a PaneMap):
//   leave(Pipeline&, Eval&, Panes&, start)                   slices that begin before `start` are in no window any more
//   enter(Pipeline&, Eval&, Panes&, Owned<Pane>)        for each slice that the window is the first of; it may begin
//                                                            before one that came earlier
//   each(Pipeline&, Eval&, f)                                f(key, state) for each key
#pragma once
#include <utility>
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/number_table.h"
#include "runtime/core/ordered_pointers.h"
#include "runtime/core/owned.h"

namespace gress {

/// What a Spec's states allow. `exact`: Spec::unmerge takes back exactly, so that a state of which all was taken back is
/// as a cleared one. `small`: they stay about as they are however
/// many are merged. `large`: they hold what they were given. `fallible`: merging may fail.
enum class SliceStates : char { exact, small, large, fallible };

/// The entries of a table that are live, in no order. Values know their `place` here.
template <class Table>
class LiveEntries {
 public:
  std::size_t size() const { return numbers_.size(); }
  std::uint32_t operator[](std::size_t i) const { return numbers_[i]; }
  void add(Table& table, std::uint32_t number) {
    table[number].value.place = static_cast<std::uint32_t>(numbers_.size());
    numbers_.push_back(number);
  }
  void erase(Table& table, std::uint32_t number) {
    const std::uint32_t place = table[number].value.place;
    numbers_[place] = numbers_.back();
    table[numbers_[place]].value.place = place;
    numbers_.pop_back();
    table.erase(number);
  }
  /// Erases an entry whose value is as a cleared one, unless it is to stay; to be followed by sweep().
  void keep_if(Table& table, std::uint32_t number, bool stays) {
    if (!stays) erase(table, number);
  }
  void sweep(Table&) {}
  void clear() { numbers_.clear(); }
  template <class F>
  void each(const Table&, F f) const {
    for (const std::uint32_t number : numbers_) f(number);
  }

 private:
  GrowingArray<std::uint32_t> numbers_;
};
/// A table that finds them itself.
template <class Key, class Value>
class LiveEntries<NumberTable<Key, Value>> {
  using Table = NumberTable<Key, Value>;

 public:
  void add(Table&, std::uint32_t) {}
  void keep_if(Table& table, std::uint32_t number, bool stays) { table.keep_if(number, stays); }
  void sweep(Table& table) { table.sweep(); }
  void clear() {}
  template <class F>
  [[gnu::always_inline]] void each(const Table& table, F f) const {
    table.each(f);
  }
};

/// f(number, entry) for each entry of a slice: the number of its key in `table`, where it is added if need be.
template <class SliceTable, class Table, class F>
void each_entry(SliceTable& slice, Table& table, F f) {
  std::uint32_t from[kBlock], numbers[kBlock];
  int n = 0;
  const auto hand_on = [&] {
    table.find_all(0, n, [&](int i) { return slice[from[i]].key; }, [](int) { return true; }, numbers);
    for (int i = 0; i != n; ++i) f(numbers[i], slice[from[i]]);
    n = 0;
  };
  slice.each([&](std::uint32_t number) {
    from[n++] = number;
    if (n == kBlock) hand_on();
  });
  hand_on();
}

/// kGrows: windows only grow, nothing is taken back one by one.
template <class Spec, class Panes, bool kGrows>
class SliceTotals {
  using Pipeline = typename Spec::Pipeline;
  using State = typename Spec::State;
  struct Total {
    State state;
    std::uint32_t slices = 0;  // that have the key
    std::uint32_t place = 0;   // in live_
    void clear() {
      state.clear();
      slices = 0;
    }
  };
  struct Part {
    std::uint32_t number;
    State state;
  };
  /// A slice that has been added.
  struct Entered {
    std::int64_t start;
    GrowingArray<Part> parts;
  };

 public:
  SliceTotals() = default;
  ~SliceTotals() {
    while (!entered_.empty()) delete static_cast<Entered*>(entered_.take_first());
    while (void* const entered = entered_.take_spare()) delete static_cast<Entered*>(entered);
  }

  void leave(Pipeline& p, Eval& ev, Panes&, std::int64_t start) {
    if (kGrows ? start != start_ : !entered_.empty() && static_cast<const Entered*>(entered_.last())->start < start) {
      totals_.clear();
      live_.clear();
      while (!entered_.empty()) forget_first();
    }
    start_ = start;
    if constexpr (!kGrows) {
      for (; !entered_.empty() && entered_.first_key().first < start; forget_first())
        for (const Part& part : static_cast<const Entered*>(entered_.first())->parts) {
          Total& total = totals_[part.number].value;
          Spec::unmerge(p, ev, total.state, part.state);
          live_.keep_if(totals_, part.number, --total.slices != 0);
        }
      live_.sweep(totals_);
    }
  }

  void enter(Pipeline& p, Eval& ev, Panes& panes, Owned<typename Panes::Pane> pane) {
    Entered* entered = nullptr;
    if constexpr (!kGrows) {
      entered = static_cast<Entered*>(entered_.take_spare());
      if (entered == nullptr) entered = new Entered;
      entered->start = pane->start;
      entered->parts.reserve(pane->table.size());
      entered_[{pane->start, entries_++}] = entered;
    }
    each_entry(pane->table, totals_, [&](std::uint32_t number, auto&& entry) {
      Total& total = totals_[number].value;
      if (total.slices++ == 0) live_.add(totals_, number);
      Spec::merge(p, ev, total.state, entry.value);
      if constexpr (!kGrows) entered->parts.push_back({number, std::move(entry.value)});
    });
    panes.recycle(std::move(pane));
  }

  template <class F>
  void each(Pipeline&, Eval&, F f) {
    live_.each(totals_, [&](std::uint32_t number) __attribute__((always_inline)) {
      const auto& entry = totals_[number];
      f(entry.key, entry.value.state);
    });
  }

 private:
  void forget_first() {
    Entered* const first = static_cast<Entered*>(entered_.take_first());
    first->parts.clear();
    if (!entered_.keep_spare(first)) delete first;
  }

  using Table = StateTable<typename Spec::Key, Total>;
  Table totals_;
  LiveEntries<Table> live_;
  OrderedPointers entered_;     // Entered by their starts, then as they came
  std::int64_t entries_ = 0;
  std::int64_t start_ = kStartOfTime;  // of the last window
};

template <class Spec, class Panes>
class SliceTables {
  using Pipeline = typename Spec::Pipeline;

 public:
  void leave(Pipeline&, Eval&, Panes& panes, std::int64_t start) {
    std::size_t kept = 0;
    for (auto& pane : entered_) {
      if (pane->start < start) panes.recycle(std::move(pane));
      else std::swap(entered_[kept++], pane);
    }
    entered_.resize(kept);
  }
  void enter(Pipeline&, Eval&, Panes&, Owned<typename Panes::Pane> pane) { entered_.push_back(std::move(pane)); }

  template <class F>
  void each(Pipeline& p, Eval& ev, F f) {
    merged_.clear();
    for (auto& pane : entered_)
      each_entry(pane->table, merged_, [&](std::uint32_t number, auto&& entry) { Spec::merge(p, ev, merged_[number].value, entry.value); });
    for (std::uint32_t e = 0; e != merged_.end(); ++e) f(merged_[e].key, merged_[e].value);
  }

 private:
  std::vector<Owned<typename Panes::Pane>> entered_;  // as they came
  KeyTable<typename Spec::Key, typename Spec::State> merged_;
};

}  // namespace gress
