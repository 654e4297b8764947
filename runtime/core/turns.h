// The order of rows over several exchanges (docs/decisions/0028-order-over-exchanges.md). The first exchange numbers the
// rows that a worker sends (TurnNumbers); stages that give a row for a row hand the number on. Rows that meet at a later
// exchange come from several workers: they wait until each of these has said that it has nothing before them left
// (ReachedTurns), and go on by number (HeldRows).
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/core/block.h"
#include "runtime/core/eval.h"
#include "runtime/core/kept.h"
#include "runtime/core/ring.h"

namespace gress {

/// Who has numbered it: a worker, or, one more than there are, the pieces of a file.
inline std::size_t origin_of(Turn turn) { return static_cast<std::size_t>(turn >> kTurnBits); }

/// Of an exchange that does nothing with turns.
struct NoTurns {
  NoTurns(int, int) {}
};

/// What a sender numbers its rows with, in the order in which it sends them. Rows of a piece are numbered behind those of
/// the pieces before it, whoever reads these.
class TurnNumbers {
 public:
  TurnNumbers(int me, int workers)
      : own_((static_cast<Turn>(me) << kTurnBits) + 1), pieces_(static_cast<Turn>(workers) << kTurnBits), next_(own_) {}

  /// Of a row of the block that is being sent.
  Turn of(int row) const { return next_ + static_cast<Turn>(row); }
  /// The block has been sent.
  void given(int rows) { next_ += static_cast<Turn>(rows); }
  /// All below it have been sent.
  Turn bound() const { return next_; }

  void begin_piece(std::uint32_t number) {
    own_ = next_;
    next_ = of_piece(number);
    end_ = of_piece(number + 1);
  }
  /// The bound is behind the piece; leave_pieces() when that was told.
  void end_piece() { next_ = end_; }
  void leave_pieces() { next_ = own_; }

 private:
  /// From 1. A piece has fewer than 2^24 rows.
  Turn of_piece(std::uint32_t number) const { return pieces_ + (static_cast<Turn>(number) << 24); }
  Turn own_, pieces_, next_, end_ = 0;
};

/// How far a sender is in what others have numbered, by origin.
class ReachedTurns {
 public:
  ReachedTurns(int, int workers) {
    for (int origin = 0; origin <= workers; ++origin) turns_.push_back(static_cast<Turn>(origin) << kTurnBits);
  }
  /// False when that was known.
  bool reach(Turn turn) {
    Turn& reached = turns_[origin_of(turn)];
    if (turn <= reached) return false;
    reached = turn;
    return true;
  }
  const std::vector<Turn>& reached() const { return turns_; }
 private:
  std::vector<Turn> turns_;
};

/// Rows that have come from several workers and wait for their turns.
template <class In>
class HeldRows {
 public:
  HeldRows(int, int workers)
      : workers_(static_cast<std::size_t>(workers)),
        origins_(workers_ + 1),
        waiting_(workers_ * origins_),
        reached_(workers_ * origins_, 0) {
    for (std::size_t origin = 0; origin != origins_; ++origin) released_.push_back(static_cast<Turn>(origin) << kTurnBits);
  }

  /// Takes a block's rows over. Those of one sender and origin come in their order.
  void hold(int from, const In& in) {
    Batch* const batch = fresh();
    batch->text.arena.reset();
    batch->left = in.count;
    for (int i = 0; i != in.count; ++i) {
      batch->rows.rows[i] = in.rows[i];
      fn::keep(batch->text, batch->rows.rows[i]);
      batch->rows.take_lanes(i, in, i);
      const Turn turn = in.turn[i];
      if ((turn & kNumber) == 0) at_once_.push_back({turn, batch, i});
      else of(static_cast<std::size_t>(from), origin_of(turn)).push_back({turn, batch, i});
    }
  }
  /// Of turns below these the sender has nothing left.
  void passed(int from, const std::vector<Turn>& turns) {
    std::ranges::copy(turns, reached_.begin() + static_cast<std::ptrdiff_t>(from) * static_cast<std::ptrdiff_t>(origins_));
  }
  /// process(block) for the rows whose turn it is, in order; `others`: the operator's watermark by now.
  template <class Process>
  void release(std::int64_t others, Process process) {
    ready_.others = others;
    while (!at_once_.empty()) give(at_once_, process);
    for (std::size_t origin = 0; origin != origins_; ++origin) {
      Turn bound = reached_[origin];
      for (std::size_t from = 1; from != workers_; ++from) bound = std::min(bound, reached_[from * origins_ + origin]);
      if (bound <= released_[origin]) continue;
      released_[origin] = bound;
      while (Ring<Note>* const next = lowest(origin, bound)) give(*next, process);
    }
    hand_on(process);
  }
  /// By origin, below which turns all rows have been released.
  const std::vector<Turn>& released() const { return released_; }

 private:
  static constexpr Turn kNumber = (Turn{1} << kTurnBits) - 1;
  struct Batch {
    In rows;
    Eval text;     // what they refer to
    int left = 0;  // that have not been given
  };
  struct Note {
    Turn turn = 0;
    Batch* batch = nullptr;
    int row = 0;
  };

  Ring<Note>& of(std::size_t from, std::size_t origin) { return waiting_[from * origins_ + origin]; }
  Batch* fresh() {
    if (spare_.empty()) return batches_.emplace_back(std::make_unique<Batch>()).get();
    Batch* const batch = spare_.back();
    spare_.pop_back();
    return batch;
  }
  /// Where the row stands whose turn is next; null when that is not below the bound.
  Ring<Note>* lowest(std::size_t origin, Turn bound) {
    Ring<Note>* found = nullptr;
    for (std::size_t from = 0; from != workers_; ++from) {
      Ring<Note>& ring = of(from, origin);
      if (ring.empty() || ring.front().turn >= bound) continue;
      found = &ring;
      bound = ring.front().turn;
    }
    return found;
  }
  template <class Process>
  void give(Ring<Note>& from, Process& process) {
    const Note note = from.front();
    from.pop_front();
    ready_.rows[ready_.count] = note.batch->rows.rows[note.row];
    ready_.take_lanes(ready_.count, note.batch->rows, note.row);
    given_[ready_.count++] = note.batch;
    if (ready_.full()) hand_on(process);
  }
  template <class Process>
  void hand_on(Process& process) {
    if (ready_.count == 0) return;
    process(ready_);
    for (int i = 0; i != ready_.count; ++i)
      if (--given_[i]->left == 0) spare_.push_back(given_[i]);
    ready_.count = 0;
  }

  const std::size_t workers_, origins_;
  std::vector<Ring<Note>> waiting_;  // by sender and origin
  std::vector<Turn> reached_;        // the same
  std::vector<Turn> released_;       // by origin
  Ring<Note> at_once_;               // that stand in no order
  std::vector<std::unique_ptr<Batch>> batches_;
  std::vector<Batch*> spare_;
  static_assert(!std::is_pointer_v<decltype(In::rows)>, "rows of a source are numbered, not put in order");
  In ready_;
  Batch* given_[kBlock];
};

}  // namespace gress
