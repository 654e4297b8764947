// The watermarks of partitions, and the lowest of those that hold it: of which neither has ended nor is idle. There may be
// many thousand, of which few move: the lowest stands at the root of a tree of minima, and what changes one partition, or
// asks for the lowest of the others, walks up from it. Where other workers read further ones, and none of these holds it,
// it goes with theirs.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/core/shared_watermark.h"
#include "runtime/core/time.h"

namespace gress {

class PartitionWatermarks {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  explicit PartitionWatermarks(std::size_t partitions = 0) { resize(partitions, kStartOfTime); }

  /// Other workers read others; null: there are none. What this one says begins with the next change.
  void share(SharedWatermark* with, int worker) {
    shared_ = with;
    worker_ = worker;
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(partitions_.size()); }
  /// Not fewer than before; further ones begin at `watermark`.
  void resize(std::size_t partitions, std::int64_t watermark) {
    const std::size_t before = partitions_.size();
    partitions_.resize(partitions, {.watermark = watermark});
    if (partitions <= leaves_) {
      for (std::size_t p = before; p != partitions; ++p) hold(p);
      return;
    }
    while (leaves_ < partitions) leaves_ *= 2;
    lowest_.assign(2 * leaves_, kEndOfTime);
    for (std::size_t p = 0; p != partitions; ++p) lowest_[leaves_ + p] = held(partitions_[p]);
    for (std::size_t i = leaves_ - 1; i != 0; --i) lowest_[i] = std::min(lowest_[2 * i], lowest_[2 * i + 1]);
  }

  /// kEndOfTime: it has ended.
  std::int64_t of(std::uint32_t p) const { return partitions_[p].watermark; }
  bool idle(std::uint32_t p) const { return partitions_[p].idle; }
  bool holds(std::uint32_t p) const { return lowest_[leaves_ + p] != kEndOfTime; }
  void set(std::uint32_t p, std::int64_t watermark) {
    partitions_[p].watermark = watermark;
    hold(p);
    say();
  }
  void set_idle(std::uint32_t p, bool idle) {
    idle_ += static_cast<std::size_t>(idle) - static_cast<std::size_t>(partitions_[p].idle);
    partitions_[p].idle = idle;
    hold(p);
    say();
  }
  void end(std::uint32_t p) {
    partitions_[p].watermark = kEndOfTime;
    set_idle(p, false);
  }

  /// kEndOfTime when none holds.
  std::int64_t lowest() const { return lowest_[1]; }
  std::int64_t lowest_but(std::uint32_t p) const {
    std::int64_t t = kEndOfTime;
    for (std::size_t i = leaves_ + p; i != 1; i /= 2) t = std::min(t, lowest_[i ^ 1]);
    return t;
  }
  bool all_ended() const { return lowest() == kEndOfTime && idle_ == 0; }
  /// No partition holds, and not all have ended.
  bool all_idle() const { return lowest() == kEndOfTime && idle_ != 0; }

  /// The lowest of all workers' partitions that hold the watermark; kEndOfTime when none does.
  std::int64_t lowest_of_all() const { return shared_ == nullptr ? lowest() : shared_->lowest(); }

  /// The whole's watermark: the lowest, or as far as the idle ones have come when there is nothing else. True if it rose.
  bool raise() { return raise_to(all_idle() ? without_own() : lowest()); }
  bool raise_to(std::int64_t t) {
    if (t <= told_) return false;
    told_ = t;
    say();
    return true;
  }
  std::int64_t told() const { return told_; }
  template <class Io>
  void archive(Io& io) { io(told_); }

  /// One that was idle has rows: it holds again, and these are judged by what the others have come to. False if it was not.
  bool wake(std::uint32_t p) {
    if (!partitions_[p].idle) return false;
    partitions_[p].watermark = std::max(partitions_[p].watermark, told_);
    set_idle(p, false);
    return true;
  }

 private:
  struct Partition {
    std::int64_t watermark = kStartOfTime;
    bool idle = false;
  };

  static std::int64_t held(const Partition& p) { return p.idle ? kEndOfTime : p.watermark; }
  void hold(std::size_t p) {
    std::size_t i = leaves_ + p;
    lowest_[i] = held(partitions_[p]);
    for (; i != 1; i /= 2) {
      const std::int64_t t = std::min(lowest_[i], lowest_[i ^ 1]);
      if (lowest_[i / 2] == t) return;
      lowest_[i / 2] = t;
    }
  }
  void say() {
    if (shared_ != nullptr) [[unlikely]] shared_->say(worker_, lowest(), idle_ != 0 ? told_ : kStartOfTime);
  }
  /// Where it is when no partition of this worker holds it.
  std::int64_t without_own() const {
    if (const std::int64_t t = lowest_of_all(); t != kEndOfTime) return t;
    std::int64_t t = shared_ == nullptr ? kStartOfTime : shared_->furthest_idle();
    for (const Partition& p : partitions_)
      if (p.idle) t = std::max(t, p.watermark);
    return t;
  }

  std::vector<Partition> partitions_;
  std::size_t leaves_ = 1, idle_ = 0;
  std::vector<std::int64_t> lowest_ = {kEndOfTime, kEndOfTime};  // [1] of all, [2i] and [2i + 1] below [i]
  std::int64_t told_ = kStartOfTime;
  SharedWatermark* shared_ = nullptr;
  int worker_ = 0;
};

}  // namespace gress
