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
#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/growing_array.h"
#include "runtime/core/number_table.h"
#include "runtime/core/ordered_pointers.h"
#include "runtime/core/owned.h"
#include "runtime/core/slab_array.h"

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
  /// Of a table that was loaded: in the order in which they stood.
  void loaded(Table& table) {
    table.each([&](std::uint32_t n) { numbers_.push_back(n); });
    std::sort(numbers_.begin(), numbers_.end(), [&](std::uint32_t a, std::uint32_t b) { return table[a].value.place < table[b].value.place; });
    for (std::uint32_t i = 0; i != numbers_.size(); ++i) table[numbers_[i]].value.place = i;
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
  void loaded(Table&) {}
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

/// Slices that do not change any more, by the number of their arrival, from 1: which of them a checkpoint has seen, and
/// which of these have left.
template <bool kDurable>
struct EnteredSlices {
  std::uint64_t enter() { return next_++; }
  void leave(std::uint64_t) {}
  std::uint64_t loaded(std::uint64_t number, const StateIn&) { return number; }
  template <class Io>
  void archive(Io&) {}
  template <class Put>
  void save(StateChanges&, Put) {}

 private:
  std::uint64_t next_ = 1;
};
template <>
struct EnteredSlices<true> {
  std::uint64_t enter() { return next_++; }
  void leave(std::uint64_t number) {
    if (number < stored_) gone_.push_back(number);
  }
  /// Those of other workers come one after the other, and get numbers of this one.
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      const auto next = io.template get<std::uint64_t>();
      loaded_ = 0;
      if (!io.moved) next_ = stored_ = next;
    } else {
      io(next_);
    }
  }
  /// The number here of a slice that was saved as this one.
  std::uint64_t loaded(std::uint64_t number, const StateIn& from) {
    if (!from.moved) return number;
    if (number != std::exchange(loaded_, number)) entered_ = enter();
    return entered_;
  }
  /// put(from): those with numbers from `from` on.
  template <class Put>
  void save(StateChanges& changes, Put put) {
    for (const std::uint64_t n : gone_) changes.erase_all(std::tuple{StatePart::slices, InOrderOf{n}});
    gone_.clear();
    put(stored_);
    stored_ = next_;
  }

 private:
  std::uint64_t next_ = 1, stored_ = 1;
  std::uint64_t loaded_ = 0, entered_ = 0;
  std::vector<std::uint64_t> gone_;
};

/// kGrows: windows only grow, nothing is taken back one by one.
template <class Spec, class Panes, bool kGrows>
class SliceTotals {
  using Pipeline = typename Spec::Pipeline;
  using State = typename Spec::State;
  struct Total {
    State state;
    std::uint32_t slices = 0;  // that have the key
    std::uint32_t place = 0;   // in live_
    template <class Io>
    void archive(Io& io) { io(state, slices, place); }
    void clear() {
      state.clear();
      slices = 0;
    }
  };
  struct Nothing {};
  /// States that are taken back are plain numbers.
  struct Part {
    std::uint32_t number;
    std::conditional_t<kGrows, Nothing, State> state;
  };
  /// A slice that has been added.
  struct Entered {
    std::int64_t start;
    SlabArray<Part> parts;
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
          totals_.touch(part.number);
          live_.keep_if(totals_, part.number, --total.slices != 0);
        }
      live_.sweep(totals_);
    }
  }

  void enter(Pipeline& p, Eval& ev, Panes& panes, Owned<typename Panes::Pane> pane) {
    Entered* entered = nullptr;
    if constexpr (!kGrows) {
      entered = &take_in(pane->start, slices_.enter());
      entered->parts.reserve(static_cast<std::uint32_t>(pane->table.size()), slab_);
    }
    each_entry(pane->table, totals_, [&](std::uint32_t number, auto&& entry) {
      Total& total = totals_[number].value;
      if (total.slices++ == 0) live_.add(totals_, number);
      Spec::merge(p, ev, total.state, entry.value);
      if constexpr (!kGrows) entered->parts.push({number, entry.value}, slab_);
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

  /// What there is one of, which comes before all entries.
  template <class Io>
  void archive(Io& io) { io(HighestOf{start_}, slices_); }
  void save(StateChanges& changes) {
    totals_.save(changes, std::tuple{StatePart::more});
    if constexpr (!kGrows)
      slices_.save(changes, [&](std::uint64_t from) {
        for (auto at = entered_.begin(); at != entered_.end(); ++at) {
          const auto number = static_cast<std::uint64_t>(at->first.second);
          if (number < from) continue;
          for (const Part& part : static_cast<const Entered*>(at->second)->parts)
            changes.put(std::tuple{StatePart::slices, InOrderOf{number}, totals_[part.number].key}, std::tie(at->first.first, part.state));
        }
      });
  }
  void load(StatePart part, StateIn& key, StateIn& value) {
    if (part == StatePart::more) {
      if (!value.moved || is_current()) totals_.load(key, value);
      else key.raw(key.left()), value.raw(value.left());
      return;
    }
    if constexpr (!kGrows) {
      const std::uint64_t number = slices_.loaded(key.get<InOrderOf>().number, value);
      const auto start = value.get<std::int64_t>();
      void* const known = entered_[{start, static_cast<std::int64_t>(number)}];
      Entered& entered = known != nullptr ? *static_cast<Entered*>(known) : take_in(start, number);
      // The totals, whose part comes first, have all keys.
      typename Spec::Key k = key.get<typename Spec::Key>();
      entered.parts.push({totals_.find(k), {}}, slab_);
      StateTraits<typename Spec::Key>::release(k);
      value(entered.parts.back().state);
    }
  }
  void loaded() {
    if (kGrows && newest_ != kStartOfTime && newest_ < start_) totals_.clear();
    totals_.loaded();
    live_.loaded(totals_);
  }

 private:
  /// Where windows only grow, a worker's totals are of its last window, which others may have left behind.
  bool is_current() {
    if (!kGrows || start_ == newest_) return true;
    if (start_ < newest_) return false;
    totals_.clear();
    newest_ = start_;
    return true;
  }
  Entered& take_in(std::int64_t start, std::uint64_t number) {
    auto* entered = static_cast<Entered*>(entered_.take_spare());
    if (entered == nullptr) entered = new Entered;
    entered->start = start;
    entered_[{start, static_cast<std::int64_t>(number)}] = entered;
    return *entered;
  }
  void forget_first() {
    slices_.leave(static_cast<std::uint64_t>(entered_.first_key().second));
    Entered* const first = static_cast<Entered*>(entered_.take_first());
    first->parts.release(slab_);
    if (!entered_.keep_spare(first)) delete first;
  }

  using Table = StateTable<typename Spec::Key, Total>;
  Table totals_;
  LiveEntries<Table> live_;
  Slab slab_;                   // of the parts: slices come and go, and are touched in huge pages
  OrderedPointers entered_;     // Entered by their starts, then as they came
  std::int64_t start_ = kStartOfTime;  // of the last window
  std::int64_t newest_ = kStartOfTime;  // of those of the workers that were loaded
  [[no_unique_address]] EnteredSlices<is_durable<typename Spec::Key>> slices_;
};

template <class Spec, class Panes>
class SliceTables {
  using Pipeline = typename Spec::Pipeline;
  using Pane = typename Panes::Pane;
  struct Entered {
    Owned<Pane> pane;
    std::uint64_t number = 0;
  };

 public:
  void leave(Pipeline&, Eval&, Panes& panes, std::int64_t start) {
    std::size_t kept = 0;
    for (auto& e : entered_) {
      if (e.pane->start < start) {
        slices_.leave(e.number);
        panes.recycle(std::move(e.pane));
      } else {
        std::swap(entered_[kept++], e);
      }
    }
    entered_.resize(kept);
  }
  void enter(Pipeline&, Eval&, Panes&, Owned<Pane> pane) { entered_.push_back({std::move(pane), slices_.enter()}); }

  template <class F>
  void each(Pipeline& p, Eval& ev, F f) {
    merged_.clear();
    for (auto& e : entered_)
      each_entry(e.pane->table, merged_, [&](std::uint32_t number, auto&& entry) { Spec::merge(p, ev, merged_[number].value, entry.value); });
    for (std::uint32_t e = 0; e != merged_.end(); ++e) f(merged_[e].key, merged_[e].value);
  }

  template <class Io>
  void archive(Io& io) { io(slices_); }
  void save(StateChanges& changes) {
    slices_.save(changes, [&](std::uint64_t from) {
      for (auto& e : entered_)
        if (e.number >= from)
          for (std::uint32_t n = 0; n != e.pane->table.end(); ++n)
            if (auto&& entry = e.pane->table[n]; entry.live)
              changes.put(std::tuple{StatePart::slices, InOrderOf{e.number}, entry.key}, std::tie(e.pane->start, entry.value));
    });
  }
  void load(StatePart, StateIn& key, StateIn& value) {
    const std::uint64_t number = slices_.loaded(key.get<InOrderOf>().number, value);
    if (entered_.empty() || entered_.back().number != number) entered_.push_back({Owned<Pane>(new Pane), number});
    Pane& pane = *entered_.back().pane;
    value(pane.start);
    typename Spec::Key k = key.get<typename Spec::Key>();
    auto&& entry = pane.table[pane.table.find_or_add(k)];
    StateTraits<typename Spec::Key>::release(k);
    value(entry.value);
  }
  void loaded() {}

 private:
  std::vector<Entered> entered_;  // as they came
  [[no_unique_address]] EnteredSlices<is_durable<typename Spec::Key>> slices_;
  KeyTable<typename Spec::Key, typename Spec::State> merged_;
};

}  // namespace gress
