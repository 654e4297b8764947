// The watermarks of a source's partitions and the source's own, their minimum. With `idle:` a partition that is caught
// up and silent leaves the minimum until its next row, which is then judged by the source's watermark.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/connectors/source_time.h"
#include "runtime/core/partition_watermarks.h"
#include "runtime/core/state_io.h"

namespace gress {

class PartitionTimes : public PartitionWatermarks {
 public:
  PartitionTimes(std::size_t partitions, const SourceTime& time)
      : PartitionWatermarks(partitions), time_(time), silent_since_(partitions, kNever) {}

  /// One more, which begins at the source's watermark.
  void add() {
    resize(size() + 1, told());
    silent_since_.push_back(kNever);
  }

  /// Of one partition.
  void save(std::uint32_t p, StateOut& out) const { out(of(p), idle(p)); }
  /// `further`: of what is known and what is read the one that has come further.
  void load(std::uint32_t p, StateIn& in, bool further) {
    const auto watermark = in.get<std::int64_t>();
    const bool idle = in.get<bool>();
    if (further && watermark <= of(p)) return;
    set(p, watermark);
    set_idle(p, idle);
  }
  /// A partition that is new to a source which has come as far as it has: its rows are judged by that.
  void join(std::uint32_t p) { set(p, told()); }

  // ---- silence; `now` by steady_micros()

  bool watches() const { return time_.idle != kEndOfTime; }
  /// The partition had nothing to read. When it will be idle if this goes on; kEndOfTime when it is already.
  std::int64_t silent(std::uint32_t p, std::int64_t now) {
    if (idle(p)) return kEndOfTime;
    std::int64_t& since = silent_since_[p];
    if (since == kNever) since = now;
    if (now - since < time_.idle) return since + time_.idle;
    set_idle(p, true);
    return kEndOfTime;
  }
  /// The partition has rows: it holds the watermark. True if it did not before.
  bool active(std::uint32_t p) {
    silent_since_[p] = kNever;
    if (!wake(p)) return false;
    clocked_ = false;
    return true;
  }
  /// All partitions are idle, and those of other workers: nothing holds the watermark.
  bool nothing_holds() const { return all_idle() && lowest_of_all() == kEndOfTime; }
  /// All partitions are idle: the watermark goes with other workers', or, when nothing holds it, with the clock if it is to.
  /// Before the first row there is nothing to go on from. True if it rose.
  bool drift(std::int64_t now) {
    const bool rose = raise();
    if (!time_.by_clock || !nothing_holds()) {
      clocked_ = false;
      return rose;
    }
    if (!clocked_) {
      clocked_ = true;
      idle_since_ = now;
      idle_from_ = told();
    }
    return raise_to(add_saturated(idle_from_, now - idle_since_)) || rose;
  }

  // ---- for people: who holds the watermark

  /// The partition whose watermark is the source's; kNone when none holds it.
  std::uint32_t holder() const {
    if (lowest() == kEndOfTime) return kNone;
    std::uint32_t p = 0;
    while (!holds(p) || of(p) != lowest()) ++p;
    return p;
  }
  /// Of the partitions that have not ended.
  std::int64_t highest() const {
    std::int64_t t = kStartOfTime;
    for (std::uint32_t p = 0; p != size(); ++p)
      if (of(p) != kEndOfTime) t = std::max(t, of(p));
    return t;
  }

 private:
  static constexpr std::int64_t kNever = -1;

  SourceTime time_;
  std::vector<std::int64_t> silent_since_;
  bool clocked_ = false;  // the two below are known
  std::int64_t idle_since_ = 0, idle_from_ = kStartOfTime;
};

}  // namespace gress
