// Rows that are added up before they change the worker (docs/decisions/0020-two-phase-aggregation.md). A slot of an
// exchange then holds one row for each key and pane, the first that came, and beside it the state to which that row and
// all that came after it were added. The receiver places the row as it would any, and merges the state.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>

#include "runtime/core/block.h"
#include "runtime/core/hash.h"
#include "runtime/core/row_bits.h"

namespace gress {

/// Beside the rows of a block, by row: what it stands for.
template <class State>
struct Partials {
  State states[kBlock];
  std::uint32_t rows[kBlock];  // that were added
  bool present = false;        // without: the rows are as they came
};

/// The pane, named by its bounds, of rows whose time and whose partition's watermark lie in these. Whatever their
/// watermarks are raised to on the way, they are late together or go to one pane together.
struct PanePlace {
  Interval64 times{0, 0}, watermarks{0, 0};
  std::int64_t start = 0, end = 0;
  bool has(std::int64_t time, std::int64_t watermark) const { return times.has(time) && watermarks.has(watermark); }
};

/// What a sender knows of the slot that is open for a receiver: which of its rows stands for a key and pane, and, over
/// many slots, whether enough rows come to each.
class Combiner {
 public:
  static constexpr int kNone = -1;

  PanePlace place;  // of the last row

  void begin_slot() { std::fill_n(index_, kPlaces, std::uint16_t{0}); }
  /// The row of the slot that stands for rows of this hash and `place`; same(n): its key is theirs. Else it is noted that
  /// row `next` will, and kNone given; not if `next` has no room.
  template <class Same>
  [[gnu::always_inline]] int find(std::uint64_t hash, int next, const Same& same) {
    std::size_t at = fn::combine(hash, static_cast<std::uint64_t>(place.start ^ place.end << 1)) % kPlaces;
    for (; index_[at] != 0; at = (at + 1) % kPlaces) {
      const int n = index_[at] - 1;
      if (panes_[n].start == place.start && panes_[n].end == place.end && same(n)) [[likely]] return n;
    }
    if (next != kBlock) {
      index_[at] = static_cast<std::uint16_t>(next + 1);
      panes_[next] = {place.start, place.end};
    }
    return kNone;
  }

  /// Whether the next slot is to be filled so.
  bool wanted() const { return rest_ <= 0; }
  /// So many rows have come to the slot.
  void added(std::int64_t rows) { rows_ += rows; }
  /// It goes, with so many partials.
  void end_slot(std::int64_t partials) {
    partials_ += partials;
    if (partials_ < kJudged) return;
    if (rows_ < kWorth * partials_) {
      rest_ = pause_;
      pause_ = std::min(pause_ * 2, kLongest);
    } else {
      pause_ = kShortest;
    }
    rows_ = partials_ = 0;
  }
  /// A slot of so many rows goes that was filled otherwise.
  void passed(std::int64_t rows) { rest_ -= rows; }

 private:
  static constexpr std::size_t kPlaces = std::bit_ceil(std::size_t{4} * kBlock);
  /// Rows that have to come to one for it to be cheaper than sending them, and the partials by which that is judged.
  static constexpr std::int64_t kWorth = 3, kJudged = 256;
  /// Rows until the next try, twice as many after each that was not worth it.
  static constexpr std::int64_t kShortest = 1 << 14, kLongest = 1 << 20;
  struct Bounds {
    std::int64_t start, end;
  };
  std::uint16_t index_[kPlaces];  // row of the slot + 1
  Bounds panes_[kBlock];          // by row of the slot
  std::int64_t rows_ = 0, partials_ = 0;
  std::int64_t rest_ = 0, pause_ = kShortest;
};

}  // namespace gress
