// Output side of a stateful operator: fills blocks of result rows with their lanes, hands full ones on, and keeps the
// operator's output watermark, which rises just before the rows of each window so that what follows does not depend
// on how far one step of the input's watermark went.
#pragma once

#include "runtime/core/block.h"
#include "runtime/core/eval.h"
#include "runtime/core/hash.h"
#include "runtime/core/members.h"
#include "runtime/core/place.h"

namespace gress {

/// Who a row of a changelog is: what it was inserted with, which its retract repeats.
struct Stamp {
  std::int64_t time = 0;
  std::uint64_t position = 0;
  static constexpr auto members = Members<&Stamp::time, &Stamp::position>{};
};

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
  void set_pair([[maybe_unused]] RowPair pair) {
    if constexpr (Out::has(kPair)) block_.pair[block_.count] = pair;
  }
  void commit(std::int64_t time, Op op = Op::insert) {
    const int i = block_.count++;
    if constexpr (Out::has(kTime)) block_.time[i] = time;
    if constexpr (Out::has(kWatermark)) block_.watermark[i] = watermark_;
    if constexpr (Out::has(kPosition)) block_.position[i] = place(block_.rows[i]);
    if constexpr (Out::has(kOp)) block_.op[i] = op;
    if (block_.full()) flush();
  }
  /// Many rows of one event time, with what counts them held near.
  class Rows {
   public:
    Rows(Emitter& emitter, std::int64_t time) : emitter_(emitter), time_(time), count_(emitter.block_.count) {}
    Rows(const Rows&) = delete;
    ~Rows() { put_back(); }
    Row& next() { return emitter_.block_.rows[count_]; }
    [[gnu::always_inline]] void commit() {
      Out& block = emitter_.block_;
      if constexpr (Out::has(kTime)) block.time[count_] = time_;
      if constexpr (Out::has(kWatermark)) block.watermark[count_] = emitter_.watermark_;
      if constexpr (Out::has(kPosition)) block.position[count_] = emitter_.place(block.rows[count_]);
      if constexpr (Out::has(kOp)) block.op[count_] = Op::insert;
      if (++count_ == kBlock) hand_on();
    }

   private:
    [[gnu::noinline]] void hand_on() {
      put_back();
      emitter_.flush();
      count_ = 0;
    }
    void put_back() { emitter_.block_.count = count_; }
    Emitter& emitter_;
    std::int64_t time_;
    int count_;
  };

  /// The same with lanes of the caller's; the watermark is that of what caused the row.
  void commit(const Stamp& stamp, std::int64_t watermark, Op op) {
    const int i = block_.count++;
    if constexpr (Out::has(kTime)) block_.time[i] = stamp.time;
    if constexpr (Out::has(kWatermark)) block_.watermark[i] = watermark;
    if constexpr (Out::has(kPosition)) block_.position[i] = stamp.position;
    if constexpr (Out::has(kOp)) block_.op[i] = op;
    if (block_.full()) flush();
  }
  void commit(const Stamp& stamp, Op op = Op::insert) { commit(stamp, watermark_, op); }
  /// Of the row in next(), which will be taken back by it.
  Stamp stamp(std::int64_t time) { return {time, place(next())}; }
  /// A fact that is judged by another watermark than the operator's, one that is not below it, as it is made of rows that come
  /// from several partitions in any order.
  void commit_judged(std::int64_t time, std::int64_t watermark) {
    commit({time, kNoPartition << 48 | place(next())}, watermark, Op::insert);
  }
  /// Room for so many rows in one block: a retract and its insert are never parted. To be asked for before a change that
  /// may begin with an insert, which would otherwise become one change with a retract that stands alone before it.
  void reserve(int rows) {
    if (block_.count + rows > kBlock) return flush();
    if (lone_retract(block_)) flush();
  }
  /// The same for a change that begins with a retract.
  void room(int rows) {
    if (block_.count + rows > kBlock) flush();
  }
  /// The row behind next(), after reserve(2).
  Row& after_next() { return block_.rows[block_.count + 1]; }
  /// Lowest watermark of what else feeds the consumers, for rows that carry their own partition's.
  void set_others(std::int64_t t) { block_.others = t; }
  void flush() {
    if (block_.count == 0) return;
    Spec::out(pipeline_, block_);
    block_.count = 0;
    ev.expect_clear();
    ev.arena.reset();
  }
  /// Raises what the rows that follow carry.
  void raise(std::int64_t watermark) {
    if (watermark > watermark_) watermark_ = watermark;
  }
  /// No more comes. The rows that this brings still carry what they are judged by, but are no watermark of the consumers: how
  /// many of them a worker gives hangs on its share of the keys, and at the end nothing runs out that is kept for a time.
  void end() { block_.others = told_; }
  /// Flushes and tells the consumers.
  void advance(std::int64_t watermark) {
    flush();
    raise(watermark);
    if (watermark_ > told_) {
      told_ = watermark_;
      Spec::watermark(pipeline_, told_);
    }
  }
  typename Spec::Pipeline& pipeline() const { return pipeline_; }

  /// Between two steps, when nothing waits in the block.
  template <class Io>
  void archive(Io& io) { io(watermark_, told_, sequence_); }

 private:
  /// What tells rows of one time apart. One worker's rows are in the order in which they come; where there may be several,
  /// which do not know of each other's, the rows themselves decide, so that ties end alike at any number.
  [[gnu::always_inline]] std::uint64_t place([[maybe_unused]] const Row& row) {
    if constexpr (!Out::has(kPosition)) return 0;
    else if constexpr (requires { Spec::Pipeline::kSeveral; }) return fn::key_hash(row) >> 16;
    else return sequence_++;
  }

  typename Spec::Pipeline& pipeline_;
  Out block_;
  std::int64_t watermark_ = kStartOfTime;
  std::int64_t told_ = kStartOfTime;
  std::uint64_t sequence_ = 0;
};

/// Event time of the rows of a window: its last microsecond.
inline std::int64_t window_row_time(std::int64_t end) { return end == kEndOfTime ? kEndOfTime - 1 : end - 1; }

}  // namespace gress
