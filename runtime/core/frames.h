// What one aggregate of `extend` keeps for a key: the accumulated rows of its frame, kept up as rows come and leave at
// the frame's ends, or what is needed to compute them again. Rows stand in a sequence that others hold (`at(n)`, row n
// of it); a frame is the rows [begin, end of the sequence).
//
// Call (generated): Accumulator; kOver: which rows; kBefore: without the row itself; kCheapMerge: its states are small;
//   static void add(Eval&, Accumulator&, const Row&);  static void remove(Eval&, Accumulator&, const Row&);
// Failures stand in `ev`. A state that could not be kept up is `stale`, and computed again for the next row.
#pragma once
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/core/eval.h"

namespace gress {

/// The rows of a time, a number of rows, or all there have been.
enum class Over : std::uint8_t { span, rows, all };

/// The accumulator of rows [from, to).
template <class Call, class At>
void accumulate(Eval& ev, typename Call::Accumulator& into, std::uint64_t from, std::uint64_t to, At at) {
  for (std::uint64_t k = from; k != to && !ev.failed; ++k) Call::add(ev, into, at(k));
}

/// Rows that can be taken back leave no trace: one accumulator, to which each row is added and from which it is removed.
template <class Call>
class RunningFrame {
 public:
  using Accumulator = typename Call::Accumulator;
  static constexpr bool kAddsAtOnce = !Call::kBefore;  // value() adds the row; keep() or undo() must follow

  std::uint64_t begin() const { return begin_; }

  template <class At>
  void begin_at(Eval& ev, std::uint64_t begin, std::uint64_t end, At at) {
    if (begin <= begin_) return;
    if (begin >= end) {
      total_.clear();
      stale_ = false;
    } else if (!stale_) {
      for (std::uint64_t k = begin_; k < begin && !stale_; ++k) {
        Call::remove(ev, total_, at(k));
        note(ev);
      }
    }
    begin_ = begin;
  }
  template <class At, class Row>
  const Accumulator* value(Eval& ev, Accumulator&, const Row& row, std::uint64_t end, At at) {
    if (stale_) [[unlikely]] {
      total_.clear();
      accumulate<Call>(ev, total_, begin_, end, at);
      if (ev.failed) return nullptr;
      stale_ = false;
    }
    if constexpr (kAddsAtOnce) {
      Call::add(ev, total_, row);
      if (ev.failed) return nullptr;
    }
    return &total_;
  }
  template <class Row>
  void undo(Eval& ev, const Row& row) {
    if constexpr (kAddsAtOnce) {
      Call::remove(ev, total_, row);
      note(ev);
    }
  }
  /// The value for a row out of order, whose frame are the rows [from, to): the total is taken there, at a cost of the
  /// disorder, and back by put_back(). Null where computing it anew is less work.
  static constexpr bool kMoves = true;
  template <class At, class Row>
  const Accumulator* value_at(Eval& ev, const Row& row, std::uint64_t from, std::uint64_t to, std::uint64_t end, At at) {
    const std::uint64_t way = (from < begin_ ? begin_ - from : from - begin_) + (end - to);
    if (stale_ || from >= to || to < begin_ || way >= to - from) return nullptr;
    move(ev, begin_, from, to, end, at);
    if (stale_) [[unlikely]] return nullptr;
    from_ = from;
    to_ = to;
    moved_ = true;
    with_row_ = false;
    if constexpr (!Call::kBefore) {
      Call::add(ev, total_, row);
      with_row_ = !ev.failed;
    }
    return &total_;
  }
  template <class At, class Row>
  void put_back(Eval& ev, const Row& row, std::uint64_t end, At at) {
    if (!moved_) return;
    moved_ = false;
    if (with_row_) Call::remove(ev, total_, row);
    for (std::uint64_t k = to_; k != end && !ev.failed; ++k) Call::add(ev, total_, at(k));
    for (std::uint64_t k = from_; k < begin_ && !ev.failed; ++k) Call::remove(ev, total_, at(k));
    for (std::uint64_t k = begin_; k < from_ && !ev.failed; ++k) Call::add(ev, total_, at(k));
    note(ev);
  }
  /// The row of value() stays, at the end.
  template <class At, class Row>
  void keep(Eval& ev, const Row& row, std::uint64_t, At) {
    if constexpr (!kAddsAtOnce) add(ev, row);
  }
  /// A row came among those that are there, or at the end.
  template <class At, class Row>
  void insert(Eval& ev, const Row& row, std::uint64_t, std::uint64_t, At) {
    add(ev, row);
  }
  /// A row came before the frame.
  void shift() { ++begin_; }
  void prefetch() const {}
  template <class Io>
  void archive(Io& io) { io(total_, begin_, stale_); }
  void clear() {
    total_.clear();
    begin_ = 0;
    stale_ = false;
  }

 private:
  template <class Row>
  void add(Eval& ev, const Row& row) {
    if (stale_) return;
    Call::add(ev, total_, row);
    note(ev);
  }
  /// From the rows [begin, end) to the rows [from, to).
  template <class At>
  void move(Eval& ev, std::uint64_t begin, std::uint64_t from, std::uint64_t to, std::uint64_t end, At at) {
    for (std::uint64_t k = to; k != end && !ev.failed; ++k) Call::remove(ev, total_, at(k));
    for (std::uint64_t k = from; k < begin && !ev.failed; ++k) Call::add(ev, total_, at(k));
    for (std::uint64_t k = begin; k < from && !ev.failed; ++k) Call::remove(ev, total_, at(k));
    note(ev);
  }
  void note(Eval& ev) {
    if (!ev.failed) [[likely]] return;
    ev.clear();
    stale_ = true;
  }
  Accumulator total_;
  std::uint64_t begin_ = 0;
  std::uint64_t from_ = 0, to_ = 0;  // where value_at() has taken the total
  bool stale_ = false, moved_ = false, with_row_ = false;
};

/// Small states that merge but do not take back (or would drift): the frame is cut in two, the older part has a state
/// for each of its rows, of it and all behind it up to the cut, the newer part one; when the older part is used up, the
/// newer becomes it. A row costs about three additions. Source: "two stacks", for instance in K. Tangwongsan, M. Hirzel,
/// S. Schneider, "Low-Latency Sliding-Window Aggregation in Worst-Case Constant Time", DEBS 2017.
template <class Call>
class MergedFrame {
 public:
  using Accumulator = typename Call::Accumulator;
  static constexpr bool kAddsAtOnce = false, kMoves = false;

  std::uint64_t begin() const { return begin_; }

  template <class At>
  void begin_at(Eval& ev, std::uint64_t begin, std::uint64_t end, At at) {
    if (begin <= begin_) return;
    if (begin < cut_) {
      older_.resize(static_cast<std::size_t>(cut_ - begin));
    } else {
      older_.clear();
      newer_.clear();
      stale_ = false;
      cut_ = end;
      for (std::uint64_t k = end; k-- > begin;) {
        Accumulator state;
        Call::add(ev, state, at(k));
        if (!older_.empty()) state.merge(ev, older_.back());
        if (ev.failed) [[unlikely]] break;
        older_.push_back(std::move(state));
      }
      note(ev);
    }
    begin_ = begin;
  }
  template <class At, class Row>
  const Accumulator* value(Eval& ev, Accumulator& scratch, const Row& row, std::uint64_t end, At at) {
    if (stale_) [[unlikely]] {
      rebuild(ev, end, at);
      if (ev.failed) return nullptr;
    }
    if (Call::kBefore && older_.empty()) return &newer_;
    scratch.clear();
    if (!older_.empty()) scratch.merge(ev, older_.back());
    if (end != cut_) scratch.merge(ev, newer_);
    if constexpr (!Call::kBefore) Call::add(ev, scratch, row);
    return &scratch;
  }
  template <class Row>
  void undo(Eval&, const Row&) {}
  template <class At, class Row>
  void keep(Eval& ev, const Row& row, std::uint64_t, At) {
    if (stale_) return;
    Call::add(ev, newer_, row);
    note(ev);
  }
  template <class At, class Row>
  void insert(Eval& ev, const Row& row, std::uint64_t place, std::uint64_t end, At at) {
    if (place >= cut_) return keep(ev, row, end, at);
    rebuild(ev, end, at);
    note(ev);
  }
  void shift() {
    ++begin_;
    ++cut_;
  }
  void prefetch() const {
    if (!older_.empty()) __builtin_prefetch(&older_.back());
  }
  template <class Io>
  void archive(Io& io) { io(older_, newer_, begin_, cut_, stale_); }
  void clear() {
    older_.clear();
    newer_.clear();
    begin_ = cut_ = 0;
    stale_ = false;
  }

 private:
  template <class At>
  void rebuild(Eval& ev, std::uint64_t end, At at) {
    older_.clear();
    newer_.clear();
    cut_ = begin_;
    accumulate<Call>(ev, newer_, begin_, end, at);
    stale_ = ev.failed;
  }
  void note(Eval& ev) {
    if (!ev.failed) [[likely]] return;
    ev.clear();
    stale_ = true;
  }
  std::vector<Accumulator> older_;  // its last: of rows [begin_, cut_)
  Accumulator newer_;               // of rows [cut_, end)
  std::uint64_t begin_ = 0, cut_ = 0;
  bool stale_ = false;
};

/// Large states: computed for each row from the rows of its frame.
template <class Call>
class RecomputedFrame {
 public:
  using Accumulator = typename Call::Accumulator;
  static constexpr bool kAddsAtOnce = false, kMoves = false;
  std::uint64_t begin() const { return begin_; }
  template <class At>
  void begin_at(Eval&, std::uint64_t begin, std::uint64_t, At) {
    begin_ = begin;
  }
  template <class At, class Row>
  const Accumulator* value(Eval& ev, Accumulator& scratch, const Row& row, std::uint64_t end, At at) {
    scratch.clear();
    accumulate<Call>(ev, scratch, begin_, end, at);
    if constexpr (!Call::kBefore)
      if (!ev.failed) Call::add(ev, scratch, row);
    return &scratch;
  }
  template <class Row>
  void undo(Eval&, const Row&) {}
  template <class At, class Row>
  void keep(Eval&, const Row&, std::uint64_t, At) {}
  template <class At, class Row>
  void insert(Eval&, const Row&, std::uint64_t, std::uint64_t, At) {}
  void shift() { ++begin_; }
  void prefetch() const {}
  template <class Io>
  void archive(Io& io) { io(begin_); }
  void clear() { begin_ = 0; }

 private:
  std::uint64_t begin_ = 0;
};

/// All rows there have been: nothing leaves. `kMayFail`: a row may be taken back after its value was asked for.
template <class Call, bool kMayFail>
class WholeFrame {
 public:
  using Accumulator = typename Call::Accumulator;
  static constexpr bool kExact = Accumulator::exact_inverse;
  static constexpr bool kAddsAtOnce = !Call::kBefore && (kExact || !kMayFail);

  template <class At, class Row>
  const Accumulator* value(Eval& ev, Accumulator& scratch, const Row& row, std::uint64_t, At) {
    if (broken_) [[unlikely]] {
      ev.fail("an aggregate over all rows of the key has failed before");
      return nullptr;
    }
    if constexpr (kAddsAtOnce) {
      Call::add(ev, total_, row);
      return ev.failed ? nullptr : &total_;
    } else if constexpr (Call::kBefore) {
      return &total_;
    } else {
      scratch.clear();
      scratch.merge(ev, total_);
      Call::add(ev, scratch, row);
      return &scratch;
    }
  }
  template <class Row>
  void undo(Eval& ev, const Row& row) {
    if constexpr (kAddsAtOnce && kExact) {
      Call::remove(ev, total_, row);
      note(ev);
    }
  }
  template <class At, class Row>
  void keep(Eval& ev, const Row& row, std::uint64_t, At) {
    if constexpr (!kAddsAtOnce) {
      Call::add(ev, total_, row);
      note(ev);
    }
  }
  void prefetch() const {}
  template <class Io>
  void archive(Io& io) { io(total_, broken_); }
  void clear() {
    total_.clear();
    broken_ = false;
  }

 private:
  void note(Eval& ev) {
    if (!ev.failed) [[likely]] return;
    ev.clear();
    broken_ = true;
  }
  Accumulator total_;
  bool broken_ = false;
};

template <class Call, bool kMayFail>
using Frame = std::conditional_t<
    Call::kOver == Over::all, WholeFrame<Call, kMayFail>,
    std::conditional_t<Call::Accumulator::exact_inverse, RunningFrame<Call>,
                       std::conditional_t<Call::kCheapMerge, MergedFrame<Call>, RecomputedFrame<Call>>>>;

}  // namespace gress
