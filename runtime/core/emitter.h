// Output side of a stateful operator: fills blocks of result rows with their lanes, hands full ones on, and keeps the
// operator's output watermark, which rises just before the rows of each window so that what follows does not depend
// on how far one step of the input's watermark went.
#pragma once
#include "runtime/core/block.h"
#include "runtime/core/eval.h"

namespace gress {

/// Spec::Out is the block type; Spec::out(pipeline, block) consumes it; Spec::watermark(pipeline, t) follows the rows.
template <class Spec>
class Emitter {
 public:
  using Out = typename Spec::Out;
  using Row = typename Out::Row;
  explicit Emitter(typename Spec::Pipeline& pipeline) : pipeline_(pipeline) {}

  /// For results computed while emitting; emptied when a block has gone.
  Eval ev;

  /// The row to fill next; commit() makes it count.
  Row& next() { return block_.rows[block_.count]; }
  void commit(std::int64_t time, Op op = Op::insert) {
    const int i = block_.count++;
    if constexpr (Out::has(kTime)) block_.time[i] = time;
    if constexpr (Out::has(kWatermark)) block_.watermark[i] = watermark_;
    if constexpr (Out::has(kPosition)) block_.position[i] = sequence_++;
    if constexpr (Out::has(kOp)) block_.op[i] = op;
    if (block_.full()) flush();
  }
  /// Room for so many rows in one block (a retract and its insert are never parted).
  void reserve(int rows) {
    if (block_.count + rows > kBlock) flush();
  }
  void flush() {
    if (block_.count == 0) return;
    Spec::out(pipeline_, block_);
    block_.count = 0;
    ev.arena.reset();
  }
  /// Raises what the rows that follow carry.
  void raise(std::int64_t watermark) {
    if (watermark > watermark_) watermark_ = watermark;
  }
  /// Flushes and tells the consumers.
  void advance(std::int64_t watermark) {
    flush();
    raise(watermark);
    if (watermark_ > told_) {
      told_ = watermark_;
      Spec::watermark(pipeline_, told_);
    }
  }
  typename Spec::Pipeline& pipeline() { return pipeline_; }

 private:
  typename Spec::Pipeline& pipeline_;
  Out block_;
  std::int64_t watermark_ = kStartOfTime;
  std::int64_t told_ = kStartOfTime;
  std::uint64_t sequence_ = 0;
};

/// Event time of the rows of a window: its last microsecond.
inline std::int64_t window_row_time(std::int64_t end) { return end == kEndOfTime ? kEndOfTime - 1 : end - 1; }

}  // namespace gress
