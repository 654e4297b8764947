// What sources of partitions have in common beyond record_partitions.h, where it hangs on the rows: a step, and who is told
// of watermarks and of partitions.
//
// Self, the source:
//   Read read_block(std::uint32_t p, std::int64_t allowed, Eval&);  // of one partition: data (handed on), end, idle or stopped
//   bool close(std::uint32_t p);                                    // it is read to its end; false: there is another piece
//   void grown();                                                   // there are more partitions
// Spec (generated): Pipeline, Block, kName, kHasTime,
//   static void out(Pipeline&, const Block&);  static void watermark(Pipeline&, std::int64_t t);
//   static void partitions_changed(Pipeline&, std::uint32_t p);  // optional: one has ended, fallen silent, or has rows again
#pragma once
#include <cstdint>
#include <utility>

#include "runtime/connectors/record_partitions.h"
#include "runtime/core/eval.h"
#include "runtime/engine/clock.h"
#include "runtime/engine/run.h"

namespace gress {

template <class Self, class Spec, PartitionedInput Input>
class PartitionedSource : public RecordPartitions<Input> {
  using Base = RecordPartitions<Input>;

 public:
  using Pipeline = typename Spec::Pipeline;
  using Block = typename Spec::Block;

  /// An idle source is taken along by others.
  void follow(std::int64_t t) {
    if (times_.raise_to(t)) tell_on();
  }

  /// Reads and hands on about one block. `ev` is the pipeline's, emptied before the call.
  engine::Step step(Eval& ev) {
    const engine::At here(this->runtime_.presence(), input_->counters());
    if (this->restored_) [[unlikely]] tell_restored();
    if (input_->done()) return finish();
    if constexpr (requires { input_->grows(); })
      if (input_->grows()) come();
    const std::int64_t allowed = this->limiter_.allowance(this->runtime_);
    if (allowed == 0) return engine::Step::idle;
    this->look_again();
    for (;;) {
      const std::uint32_t p = this->next_partition();
      if (p == Base::kNone) {
        this->pace_.rest();
        if (this->rest()) tell_on();
        return engine::Step::idle;
      }
      if (!this->may_read(p)) return engine::Step::idle;
      const Read read = self().read_block(p, allowed, ev);
      if (read == Read::data) return engine::Step::more;
      if (read == Read::end) return end_partition(p);
      if (read == Read::stopped) return engine::Step::idle;
      if (this->found_nothing(p, read)) {
        tell();
        changed(p);
      }
    }
  }

 protected:
  template <class... Of>
  explicit PartitionedSource(Pipeline& pipeline, Of&&... of) : Base(std::forward<Of>(of)...), pipeline_(pipeline) {}

  using Base::input_, Base::times_;

  void tell() {
    if (times_.raise()) tell_on();
  }
  /// The partition has rows.
  void wake(std::uint32_t p) {
    if constexpr (Spec::kHasTime)
      if (times_.watches() && times_.active(p)) changed(p);
  }
  /// What times of rows may not lie behind.
  std::int64_t latest(const Eval& ev) const {
    const std::int64_t ahead = this->time_.max_ahead;
    return ahead == kEndOfTime ? kEndOfTime : add_saturated(clock_.latest(ev.now), ahead);
  }

  Pipeline& pipeline_;
  Block block_;
  std::uint32_t current_ = 0;  // whose rows are on their way

 private:
  Self& self() { return static_cast<Self&>(*this); }

  void tell_on() {
    input_->counters().watermark.set(times_.told());
    Spec::watermark(pipeline_, times_.told());
  }
  /// What was told of the watermark may be more, or new, where there are others to tell.
  [[gnu::cold, gnu::noinline]] void tell_restored() {
    this->restored_ = false;
    tell();
  }
  void changed([[maybe_unused]] std::uint32_t p) {
    if constexpr (requires { Spec::partitions_changed(pipeline_, p); }) Spec::partitions_changed(pipeline_, p);
  }
  [[gnu::cold, gnu::noinline]] void come() {
    const std::uint32_t before = this->partitions();
    this->grow();
    self().grown();
    for (std::uint32_t p = before; p != this->partitions(); ++p) changed(p);
  }
  [[gnu::cold, gnu::noinline]] engine::Step end_partition(std::uint32_t p) {
    if (!self().close(p)) return engine::Step::more;
    this->end(p);
    tell();
    changed(p);
    return input_->done() ? finish() : engine::Step::more;
  }
  engine::Step finish() {
    this->pace_.rest();
    this->done_ = true;
    return engine::Step::done;
  }

  engine::Clock clock_;
};

}  // namespace gress
