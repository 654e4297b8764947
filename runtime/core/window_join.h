// `join … window`: pairs of rows of one key and window, given when it closes. What windows there are, which rows are late
// and when they close is for the windowed operators to say (window_aggregate.h, sliced_window.h, session_window.h): both
// sides go through one of them, as rows of one kind, and its state of a key are the two lists of rows.
//
// Spec (generated): as in interval_join.h without bounds; pair, left_only and right_only take the window's start and end
//   before the output row; instead of left_failed and right_failed: static bool pair_failed(Pipeline&, const LeftRow&);
//   static constexpr bool kAbsentKeys;   // without it: part of a key may be absent
#pragma once
#include <utility>
#include <type_traits>
#include <vector>

#include "runtime/core/emitter.h"
#include "runtime/core/join.h"
#include "runtime/core/kept.h"
#include "runtime/core/members.h"
#include "runtime/core/sided_rows.h"
#include "runtime/core/state_changes.h"
#include "runtime/core/watermarks.h"

namespace gress {

/// Keys of states that are saved say so: of a key made of another.
template <class Key, bool = is_durable<Key>>
struct DurableAs {
  friend bool operator==(const DurableAs&, const DurableAs&) = default;
};
template <class Key>
struct DurableAs<Key, true> {
  static constexpr bool kDurable = true;
  friend bool operator==(const DurableAs&, const DurableAs&) = default;
};

/// A key of which part may be absent. A row with such a one matches nothing, not even the session of another.
template <class Spec>
struct SidedKey : DurableAs<typename Spec::Key> {
  typename Spec::Key key{};
  std::uint64_t absent = 0;  // a number of its own if part of the key is absent
  static constexpr auto members = Members<&SidedKey::key, &SidedKey::absent>{};
  friend bool operator==(const SidedKey&, const SidedKey&) = default;
  static constexpr std::uint32_t kDense = 0;
  std::uint32_t dense() const { return 0; }
  std::uint64_t hash() const { return key.hash() + absent * 0x9e3779b97f4a7c15u; }
  /// What has no key is saved as the first worker's.
  std::uint64_t route() const {
    if (absent != 0) return 0;
    if constexpr (requires { key.route(); }) return key.route();
    else return key.hash();
  }
};

template <class Spec>
constexpr bool has_absent_keys() {
  if constexpr (requires { Spec::kAbsentKeys; }) return Spec::kAbsentKeys;
  return true;
}

/// A row of either side on its way into a window.
template <class Spec>
struct SidedRow {
  using Key = std::conditional_t<has_absent_keys<Spec>(), SidedKey<Spec>, typename Spec::Key>;
  Key key{};
  bool right = false;
  int index = 0;  // in the block it came in
  typename Spec::LeftRow left_row;
  typename Spec::RightRow right_row;
};

/// What a window keeps of a key.
template <class Spec>
struct SidedState {
  static constexpr bool kMovesAsBytes = true;
  /// `semi` and `anti` without a further condition ask only whether there is a right row.
  static constexpr bool kAsked = (Spec::kKind == JoinKind::semi || Spec::kKind == JoinKind::anti) && !Spec::kRest;
  SidedRows<typename Spec::LeftRow, std::is_empty_v<typename Spec::LeftRow>> left;
  SidedRows<typename Spec::RightRow, kAsked || std::is_empty_v<typename Spec::RightRow>> right;
  template <class Io>
  void archive(Io& io) { io(left, right); }
  void clear() {
    left.clear();
    right.clear();
  }
};

/// Windows: template of a windowed operator, over its spec.
template <class Spec, template <class> class Windows>
class WindowJoin {
 public:
  using Left = typename Spec::Left;
  using Right = typename Spec::Right;
  using LeftRow = typename Spec::LeftRow;
  using RightRow = typename Spec::RightRow;

  template <class... Form>
  explicit WindowJoin(typename Spec::Pipeline& pipeline, Form... form) : pipeline_(pipeline), emit_(pipeline), windows_(*this, form...) {}

  void left(const Left& in) {
    left_in_ = &in;
    take(in, 0, [&](int i, SidedRow<Spec>& row) {
      row.right = false;
      row.left_row = Spec::left_row(in.rows[i]);
      return Spec::left_key(pipeline_, in, i, key_of(row));
    });
  }
  void right(const Right& in) {
    right_in_ = &in;
    take(in, 1, [&](int i, SidedRow<Spec>& row) {
      row.right = true;
      if constexpr (!SidedState<Spec>::kAsked) row.right_row = Spec::right_row(in.rows[i]);
      return Spec::right_key(pipeline_, in, i, key_of(row));
    });
  }
  void left_watermark(std::int64_t t) { raise(0, t); }
  void right_watermark(std::int64_t t) { raise(1, t); }

  std::size_t open_windows() { return windows_.open_windows(); }

  void save(StateChanges& changes) {
    changes.put(StatePart::outer, std::tie(emit_, sides_, absent_));
    windows_.save(changes);
  }
  void load(StateIn& key, StateIn& value) {
    if (key.peek<StatePart>() == StatePart::outer) key.get<StatePart>(), value(emit_, sides_, absent_);
    else windows_.load(key, value);
  }
  void loaded() { windows_.loaded(); }

 private:
  static constexpr bool kOuterLeft = Spec::kKind == JoinKind::left || Spec::kKind == JoinKind::full || Spec::kKind == JoinKind::anti;
  static constexpr bool kFull = Spec::kKind == JoinKind::full;
  static constexpr bool kPairs = Spec::kKind != JoinKind::semi && Spec::kKind != JoinKind::anti;
  static constexpr std::uint64_t kRightPartition = std::uint64_t{1} << 63;

  struct Nothing {};
  /// The windows' spec: their results are given here, row by row.
  struct Inner {
    using Pipeline = WindowJoin;
    using In = Block<SidedRow<Spec>, kTime | kWatermark | kPosition>;
    using Out = Block<Nothing, 0>;
    using Key = typename SidedRow<Spec>::Key;
    using State = SidedState<Spec>;
    static const Key& key(const SidedRow<Spec>& r) { return r.key; }
    static void add(WindowJoin&, State& s, const In& in, int i) {
      const SidedRow<Spec>& r = in.rows[i];
      if (r.right) s.right.add(r.right_row);
      else s.left.add(r.left_row);
    }
    static void merge(WindowJoin&, Eval&, State& s, const State& other) {
      s.left.add_all(other.left);
      s.right.add_all(other.right);
    }
    static int rows(const State&) { return 1; }
    static bool result(WindowJoin& join, Eval&, const Key& key, const State& s, int, std::int64_t start, std::int64_t end, Nothing&) {
      if constexpr (has_absent_keys<Spec>()) join.close(key.absent != 0, s, start, end);
      else join.close(false, s, start, end);
      return false;
    }
    static void late(WindowJoin& join, const In& in, int i) {
      const SidedRow<Spec>& r = in.rows[i];
      if (r.right) Spec::right_late(join.pipeline_, *join.right_in_, r.index);
      else Spec::left_late(join.pipeline_, *join.left_in_, r.index);
    }
    static void out(WindowJoin&, Out&) {}
    static void watermark(WindowJoin& join, std::int64_t t) { join.emit_.advance(t); }
  };

  static typename Spec::Key& key_of(SidedRow<Spec>& row) {
    if constexpr (has_absent_keys<Spec>()) return row.key.key;
    else return row.key;
  }

  template <class In, class Fill>
  void take(const In& in, int side, Fill fill) {
    block_.count = 0;
    for (int i = 0; i != in.count; ++i) {
      const int o = block_.count;
      SidedRow<Spec>& row = block_.rows[o];
      row.index = i;
      const Keyed keyed = fill(i, row);
      if (keyed == Keyed::failed) [[unlikely]] continue;
      if constexpr (has_absent_keys<Spec>()) {
        row.key.absent = keyed == Keyed::absent ? ++absent_ : 0;
        if (row.key.absent != 0) row.key.key = {};
      }
      block_.time[o] = in.time_of(i);
      block_.watermark[o] = in.watermark_of(i);
      block_.position[o] = side == 0 ? in.position_of(i) : in.position_of(i) | kRightPartition;
      ++block_.count;
    }
    const std::int64_t other = sides_.lowest_but(side);
    block_.others = in.others < other ? in.others : other;
    windows_.process(block_);
    emit_.flush();
  }

  void raise(int side, std::int64_t t) {
    if (!sides_.raise(side, t)) return;
    if (sides_.lowest() == kEndOfTime) emit_.end();
    windows_.watermark(sides_.lowest());
  }

  /// Both sides' rows of one key in a window that closes.
  void close(bool absent, const SidedState<Spec>& s, std::int64_t start, std::int64_t end) {
    const std::int64_t time = window_row_time(end);
    emit_.raise(time);
    if constexpr (kFull) right_met_.assign(s.right.size(), false);
    for (std::size_t n = 0; n != s.left.size(); ++n) {
      const LeftRow& l = s.left[n];
      bool met = false;
      for (std::size_t k = 0; !absent && k != s.right.size(); ++k) {
        if constexpr (Spec::kRest) {
          const bool holds = Spec::rest(pipeline_, l, s.right[k]);
          if constexpr (Spec::kRestFails)
            if (Spec::pair_failed(pipeline_, l)) [[unlikely]] continue;
          if (!holds) continue;
        }
        met = true;
        if constexpr (!kPairs) break;
        if constexpr (kFull) right_met_[k] = true;
        Spec::pair(fn::kept(emit_.ev, l), fn::kept(emit_.ev, s.right[k]), start, end, emit_.next());
        emit_.commit(time);
      }
      if (Spec::kKind == JoinKind::semi ? met : kOuterLeft && !met) {
        Spec::left_only(fn::kept(emit_.ev, l), start, end, emit_.next());
        emit_.commit(time);
      }
    }
    if constexpr (kFull) {
      for (std::size_t k = 0; k != s.right.size(); ++k) {
        if (right_met_[k]) continue;
        Spec::right_only(fn::kept(emit_.ev, s.right[k]), start, end, emit_.next());
        emit_.commit(time);
      }
    }
  }

  typename Spec::Pipeline& pipeline_;
  Emitter<Spec> emit_;
  Watermarks<2> sides_;
  Windows<Inner> windows_;
  typename Inner::In block_;
  const Left* left_in_ = nullptr;
  const Right* right_in_ = nullptr;
  std::uint64_t absent_ = 0;
  std::vector<char> right_met_;
};

}  // namespace gress
