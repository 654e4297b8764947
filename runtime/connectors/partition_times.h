// The watermarks of a source's partitions and the source's own, their minimum. With `idle:` a partition that is caught
// up and silent leaves the minimum until its next row, which is then judged by the source's watermark.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/connectors/source_time.h"
#include "runtime/core/state_io.h"

namespace gress {

class PartitionTimes {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  PartitionTimes(std::size_t partitions, const SourceTime& time) : time_(time), partitions_(partitions) {}

  /// One more, which begins at the source's watermark.
  void add() { partitions_.push_back({.watermark = told_}); }

  /// What the next row of the partition is judged by.
  std::int64_t of(std::uint32_t p) const { return partitions_[p].watermark; }
  void set(std::uint32_t p, std::int64_t watermark) { partitions_[p].watermark = watermark; }
  void end(std::uint32_t p) {
    partitions_[p].watermark = kEndOfTime;
    partitions_[p].idle = false;
  }
  bool idle(std::uint32_t p) const { return partitions_[p].idle; }
  bool holds(std::uint32_t p) const { return !partitions_[p].idle && partitions_[p].watermark != kEndOfTime; }

  /// Lowest of all partitions that hold the watermark, but one.
  std::int64_t lowest_but(std::uint32_t but) const {
    std::int64_t t = kEndOfTime;
    for (std::uint32_t p = 0; p != partitions_.size(); ++p)
      if (p != but && partitions_[p].watermark < t && !partitions_[p].idle) t = partitions_[p].watermark;
    return t;
  }
  /// Raises the source's watermark to what its partitions allow; true if it rose.
  bool raise() {
    std::int64_t t = lowest_but(kNone);
    if (t == kEndOfTime && all_idle()) t = highest_idle();
    return raise_to(t);
  }
  bool raise_to(std::int64_t t) {
    if (t <= told_) return false;
    told_ = t;
    return true;
  }
  std::int64_t told() const { return told_; }

  /// Of one partition, and of the source.
  void save(std::uint32_t p, StateOut& out) { out(partitions_[p].watermark, partitions_[p].idle); }
  template <class Io>
  void archive(Io& io) { io(told_); }
  /// `further`: of what is known and what is read the one that has come further.
  void load(std::uint32_t p, StateIn& in, bool further) {
    const auto watermark = in.get<std::int64_t>();
    const bool idle = in.get<bool>();
    if (further && watermark <= partitions_[p].watermark) return;
    partitions_[p].watermark = watermark;
    partitions_[p].idle = idle;
  }
  /// A partition that is new to a source which has come as far as it has: its rows are judged by that.
  void join(std::uint32_t p) { partitions_[p].watermark = told_; }

  // ---- silence; `now` by steady_micros()

  bool watches() const { return time_.idle != kEndOfTime; }
  /// The partition had nothing to read. When it will be idle if this goes on; kEndOfTime when it is already.
  std::int64_t silent(std::uint32_t p, std::int64_t now) {
    Partition& partition = partitions_[p];
    if (partition.idle) return kEndOfTime;
    if (partition.silent_since < 0) partition.silent_since = now;
    if (now - partition.silent_since < time_.idle) return partition.silent_since + time_.idle;
    partition.idle = true;
    return kEndOfTime;
  }
  /// The partition has rows: it holds the watermark again.
  void active(std::uint32_t p) {
    Partition& partition = partitions_[p];
    partition.silent_since = -1;
    if (!partition.idle) return;
    partition.idle = clocked_ = false;
    if (partition.watermark < told_) partition.watermark = told_;
  }
  /// No partition holds the watermark, and not all have ended.
  bool all_idle() const {
    bool any = false;
    for (const Partition& p : partitions_) {
      if (!p.idle && p.watermark != kEndOfTime) return false;
      any = any || p.idle;
    }
    return any;
  }
  /// Where the clock has brought the watermark since all partitions are idle. Before the first row there is nothing to
  /// go on from.
  std::int64_t by_clock(std::int64_t now) {
    if (!clocked_) {
      clocked_ = true;
      idle_since_ = now;
      idle_from_ = told_;
    }
    return add_saturated(idle_from_, now - idle_since_);
  }

  // ---- for people: who holds the watermark

  /// The partition whose watermark is the source's; kNone when none holds it.
  std::uint32_t holder() const {
    std::uint32_t found = kNone;
    for (std::uint32_t p = 0; p != partitions_.size(); ++p)
      if (!partitions_[p].idle && partitions_[p].watermark != kEndOfTime &&
          (found == kNone || partitions_[p].watermark < partitions_[found].watermark))
        found = p;
    return found;
  }
  /// Of the partitions that have not ended.
  std::int64_t highest() const {
    std::int64_t t = kStartOfTime;
    for (const Partition& p : partitions_)
      if (p.watermark != kEndOfTime && p.watermark > t) t = p.watermark;
    return t;
  }

 private:
  struct Partition {
    std::int64_t watermark = kStartOfTime;
    std::int64_t silent_since = -1;
    bool idle = false;
  };

  std::int64_t highest_idle() const {
    std::int64_t t = kStartOfTime;
    for (const Partition& p : partitions_)
      if (p.idle && p.watermark > t) t = p.watermark;
    return t;
  }

  SourceTime time_;
  std::vector<Partition> partitions_;
  std::int64_t told_ = kStartOfTime;
  bool clocked_ = false;  // the two below are known
  std::int64_t idle_since_ = 0, idle_from_ = kStartOfTime;
};

}  // namespace gress
