// What windowed operators share that keep a table of keys for each stretch of time (a window, or a slice that several
// windows share): the open panes, and how the rows of a block get into them.
#pragma once
#include <bit>
#include <cstdint>
#include <set>
#include <type_traits>
#include <vector>

#include "runtime/core/combining.h"
#include "runtime/core/emitter.h"
#include "runtime/core/key_table.h"
#include "runtime/core/ordered_pointers.h"
#include "runtime/core/owned.h"
#include "runtime/core/row_bits.h"

namespace gress {

/// Which panes a checkpoint has seen, and of these the ones that have gone since.
template <bool kDurable>
struct StoredPanes {
  void gone(const std::pair<std::int64_t, std::int64_t>&) {}
  void add(const std::pair<std::int64_t, std::int64_t>&) {}
};
template <>
struct StoredPanes<true> {
  using Bounds = std::pair<std::int64_t, std::int64_t>;
  void gone(const Bounds& bounds) {
    if (known_.erase(bounds) != 0) gone_.push_back(bounds);
  }
  void add(const Bounds& bounds) { known_.insert(bounds); }
  void save(StateChanges& changes) {
    for (const auto& [end, start] : gone_) changes.erase_all(std::tuple{StatePart::entries, end, start});
    gone_.clear();
  }

 private:
  std::set<Bounds> known_;
  std::vector<Bounds> gone_;
};
template <class Pane>
constexpr bool durable_panes() {
  return is_durable<std::remove_cvref_t<decltype(std::declval<Pane&>().table[0].key)>>;
}

/// Panes by (end, start), with reuse of closed ones.
template <class PaneType>
class PaneMap {
 public:
  using Pane = PaneType;
  PaneMap() = default;
  ~PaneMap() {
    while (!panes_.empty()) delete static_cast<Pane*>(panes_.take_first());
    while (void* const p = panes_.take_spare()) delete static_cast<Pane*>(p);
  }
  Pane& get(std::int64_t start, std::int64_t end) {
    void*& p = panes_[{end, start}];
    if (p == nullptr) {
      p = panes_.take_spare();
      if (p == nullptr) p = new Pane;
      static_cast<Pane*>(p)->start = start;
      static_cast<Pane*>(p)->end = end;
    }
    return *static_cast<Pane*>(p);
  }
  bool empty() const { return panes_.empty(); }
  std::size_t size() const { return panes_.size(); }
  Pane& first() { return *static_cast<Pane*>(panes_.first()); }
  std::int64_t first_end() const { return panes_.empty() ? kEndOfTime : panes_.first_key().first; }
  Owned<Pane> take_first() {
    stored_.gone(panes_.first_key());
    return Owned<Pane>(static_cast<Pane*>(panes_.take_first()));
  }
  void recycle(Owned<Pane> p) {
    p->table.clear();
    if (panes_.keep_spare(p.get())) p.release();
  }
  class Iterator {
   public:
    explicit Iterator(OrderedPointers::Map::const_iterator at) : at_(at) {}
    Pane& operator*() const { return *static_cast<Pane*>(at_->second); }
    Pane* operator->() const { return static_cast<Pane*>(at_->second); }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    OrderedPointers::Map::const_iterator at_;
  };
  Iterator begin() const { return Iterator(panes_.begin()); }
  Iterator end() const { return Iterator(panes_.end()); }
  /// The first pane that ends at `end` or later.
  Iterator from(std::int64_t end) const { return Iterator(panes_.from({end, kStartOfTime})); }

  /// Entries are StatePart::entries, end, start, and then again a part: entries of the table, or what else a pane has.
  void save(StateChanges& changes) {
    stored_.save(changes);
    for (auto at = panes_.begin(); at != panes_.end(); ++at) {
      Pane& pane = *static_cast<Pane*>(at->second);
      const std::tuple prefix{StatePart::entries, at->first.first, at->first.second};
      pane.table.save(changes, std::tuple_cat(prefix, std::tuple{StatePart::entries}));
      if constexpr (requires(StateOut& out) { pane.archive(out); }) changes.put(std::tuple_cat(prefix, std::tuple{StatePart::rest}), pane);
      stored_.add(at->first);
    }
  }
  /// As TableChanges'.
  std::uint32_t save_ahead(StateChanges& changes, std::uint32_t most) {
    stored_.save(changes);  // one that is gone may have come again
    std::uint32_t said = 0;
    for (auto at = panes_.begin(); at != panes_.end() && said != most; ++at) {
      const std::tuple prefix{StatePart::entries, at->first.first, at->first.second, StatePart::entries};
      const std::uint32_t n = static_cast<Pane*>(at->second)->table.save_ahead(changes, prefix, most - said);
      if (n != 0) stored_.add(at->first);
      said += n;
    }
    return said;
  }
  /// `key` behind its part.
  void load(StateIn& key, StateIn& value) {
    const auto end = key.get<std::int64_t>(), start = key.get<std::int64_t>();
    stored_.add({end, start});
    Pane& pane = get(start, end);
    if (key.get<StatePart>() == StatePart::entries) pane.table.load(key, value);
    else if constexpr (requires { pane.archive(value); }) pane.archive(value);
  }
  void loaded() {
    for (Pane& pane : *this) pane.table.loaded();
  }
  /// As load().
  static bool show_entry(StateIn& key, StateIn& value, ShownState& to) {
    to.windowed = true;
    to.end = key.get<std::int64_t>();
    to.start = key.get<std::int64_t>();
    return key.get<StatePart>() == StatePart::entries && decltype(Pane::table)::show_entry(key, value, to);
  }

 private:
  OrderedPointers panes_;
  [[no_unique_address]] StoredPanes<durable_panes<PaneType>()> stored_;
};

/// The panes that rows went to lately, found by time without a branch that depends on which: with some disorder times
/// alternate between a few. A cell of time, no wider than the first pane was, knows the pane that it begins in and one
/// that begins in it.
template <class PaneType>
class RecentPanes {
 public:
  /// A pane and the times of its rows.
  struct Known {
    std::int64_t start = kEndOfTime, end = kEndOfTime;
    PaneType* pane = nullptr;
  };
  /// Null when the pane of the time is not known.
  const Known* find(std::int64_t t) const {
    const Known* cell = cells_[cell_of(t)];
    const Known& known = cell[t >= cell[1].start];
    return t >= known.start && t < known.end && known.pane != nullptr ? &known : nullptr;
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
/// and a pane takes those rows of its time whose partition's watermark lies in [from, end), or before `end` where it has
/// no `from`.
template <class Windows, class Spec, class Pane>
class PanedWindow {
 public:
  using Pipeline = typename Spec::Pipeline;
  using In = typename Spec::In;
  using Key = std::remove_cvref_t<decltype(Spec::key(std::declval<const typename In::Row&>()))>;

  explicit PanedWindow(Pipeline& pipeline) : emitter_(pipeline) {}

  void process(const In& in) { take(in, Rows{}); }
  /// Rows that stand for those that were added to states beside them.
  template <class Partials>
  void merge(const In& in, const Partials& partials) {
    take(in, Merged<Partials>{partials, emitter_.ev});
  }

  void watermark(std::int64_t t) {
    if (t == kEndOfTime) emitter_.end();
    if (t >= trigger_ || t == kEndOfTime) self().close(t);
    emitter_.advance(t);
  }

 protected:
  Emitter<Spec> emitter_;
  PaneMap<Pane> panes_;
  RecentPanes<Pane> recent_;
  std::int64_t trigger_ = kEndOfTime;  // the first watermark that closes a window

 private:
  Windows& self() { return static_cast<Windows&>(*this); }

  /// What is done with a row that has a pane, and with one that has none any more.
  struct Rows {
    [[gnu::always_inline]] void add(Pipeline& p, auto& state, const In& in, int i) const { Spec::add(p, state, in, i); }
    void late(Pipeline& p, const In& in, int row) const { Spec::late(p, in, row); }
  };
  template <class Partials>
  struct Merged {
    const Partials& partials;
    Eval& ev;
    void add(Pipeline& p, auto& state, const In&, int row) const { Spec::merge(p, ev, state, partials.states[row]); }
    void late(Pipeline& p, const In& in, int row) const {
      for (std::uint32_t n = partials.rows[row]; n != 0; --n) Spec::late(p, in, row);
    }
  };

  template <class Adding>
  void take(const In& in, const Adding& adding) {
    int i = 0;
    while (i < in.count) {
      if (in.watermark_before(i) >= trigger_) [[unlikely]] self().close(in.watermark_before(i));
      i = add_segment(in, i, adding);
    }
  }

  /// First row after i before which a window closes.
  int segment_end(const In& in, int i) const {
    if (in.watermark_before(in.count - 1) < trigger_) [[likely]] return in.count;
    int end = i + 1;
    while (end < in.count && in.watermark_before(end) < trigger_) ++end;
    return end;
  }

  /// Where the rows of a block go: rows of one pane together, as far as there are few panes; the rows behind those one
  /// by one.
  struct Places {
    struct Group {
      Pane* pane;
      RowBits rows;
    };
    struct Single {
      Pane* pane;
      std::uint16_t row;
    };
    static constexpr int kGroups = 8;
    Group groups[kGroups];
    Single singles[kBlock];
    int grouped = 0, single = 0;
  };

  static Interval64 taken(const Pane& pane) {
    if constexpr (requires { pane.from; }) return {pane.from, pane.end};
    else return {kStartOfTime, pane.end};
  }
  static const std::int64_t* watermarks(const In& in) {
    if constexpr (In::has(kWatermark)) return in.watermark.items;
    else return nullptr;
  }

  /// Adds the rows from i on up to the next close, pane by pane.
  template <class Adding>
  int add_segment(const In& in, int i, const Adding& adding) {
    Places to;
    int end = segment_end(in, i);
    place(in, i, end, to, adding);
    RowBits kept = RowBits::between(i, end);
    if constexpr (requires { &Spec::sound; }) drop_unsound(in, to, kept);
    for (int g = 0; g != to.grouped; ++g) {
      std::uint16_t rows[kBlock + 64];
      const int n = (to.groups[g].rows & kept).write(rows);
      if (n != 0) add_rows(*to.groups[g].pane, in, rows, n, adding);
    }
    for (int k = 0; k != to.single; ++k)
      if (kept.has(to.singles[k].row)) add_rows(*to.singles[k].pane, in, &to.singles[k].row, 1, adding);
    return end;
  }

  /// What stands still while nothing is added to a table.
  static decltype(auto) entries_of(auto& table) {
    if constexpr (requires { table.entries(); }) return table.entries();
    else return (table);
  }

  /// First all entries, then the adding.
  template <class Adding>
  [[gnu::noinline]] void add_rows(Pane& pane, const In& in, const std::uint16_t* rows, int n, const Adding& adding) {
    typename Spec::Pipeline& p = emitter_.pipeline();
    if constexpr (Key::kDense == 1) {
      auto& state = pane.table[pane.table.find_or_add(Key{})].value;
      for (int k = 0; k < n; ++k) adding.add(p, state, in, rows[k]);
    } else {
      std::uint32_t entries[kBlock];
      pane.table.find_all(0, n, [&](int k) { return Spec::key(in.rows[rows[k]]); }, [](int) { return true; }, entries);
      auto&& all = entries_of(pane.table);
      for (int k = 0; k < n; ++k) adding.add(p, all[entries[k]].value, in, rows[k]);
    }
  }

  /// Finds the panes of the rows [i, end); `end` comes nearer when a pane is opened that closes before, and rows behind it
  /// are not to be added.
  template <class Adding>
  void place(const In& in, int i, int& end, Places& to, const Adding& adding) {
    RowBits left = RowBits::between(i, end);
    while (left.any()) {
      const int r = left.first();
      const std::int64_t t = in.time_of(r), own = in.watermark_of(r);
      auto* known = recent_.find(t);
      Pane* pane = known != nullptr && taken(*known->pane).has(own) ? known->pane : nullptr;
      if (pane == nullptr) [[unlikely]] {
        pane = self().open(t, own);
        if (pane == nullptr) {
          if (self().late(t, own)) adding.late(emitter_.pipeline(), in, r);
          left.remove(RowBits::only(r));
          continue;
        }
        end = segment_end(in, r);
        left = left & RowBits::between(r, end);
        known = recent_.find(t);
      }
      if (to.grouped != Places::kGroups && to.single == 0 && known != nullptr && known->pane == pane) {
        auto& group = to.groups[to.grouped++];
        group.pane = pane;
        if constexpr (In::has(kTime)) group.rows = rows_inside(left, in.time.items, {known->start, known->end}, watermarks(in), taken(*pane));
        else group.rows = left;  // a window that ends with the input
        left.remove(group.rows);
      } else {
        to.singles[to.single++] = {pane, static_cast<std::uint16_t>(r)};
        left.remove(RowBits::only(r));
      }
    }
  }

  /// Asks of all rows that have a pane, in their order, and takes the unsound ones out of `kept`.
  void drop_unsound(const In& in, const Places& to, RowBits& kept) {
    RowBits all = RowBits::between(0, 0);
    for (int g = 0; g != to.grouped; ++g) all.add(to.groups[g].rows);
    for (int k = 0; k != to.single; ++k) all.add(RowBits::only(to.singles[k].row));
    for (all = all & kept; all.any();) {
      const int r = all.first();
      if (!Spec::sound(emitter_.pipeline(), in, r)) kept.remove(RowBits::only(r));
      all.remove(RowBits::only(r));
    }
  }
};

}  // namespace gress
