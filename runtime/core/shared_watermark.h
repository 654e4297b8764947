// A watermark of partitions that several workers read: what each says of its own, for those of which none holds it any
// more, and which then go with the others.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "runtime/core/time.h"

namespace gress {

class SharedWatermark {
 public:
  explicit SharedWatermark(int workers) : said_(static_cast<std::size_t>(workers)) {}

  /// By one worker: the lowest of its partitions that hold the watermark, kEndOfTime when none does; and how far it has
  /// come where it has idle ones, else kStartOfTime.
  void say(int worker, std::int64_t lowest, std::int64_t idle) {
    Said& said = said_[static_cast<std::size_t>(worker)];
    said.idle.store(idle, std::memory_order_relaxed);
    said.lowest.store(lowest, std::memory_order_release);
  }
  /// Of all workers; kEndOfTime when no partition holds it.
  std::int64_t lowest() const {
    std::int64_t t = kEndOfTime;
    for (const Said& said : said_) t = std::min(t, said.lowest.load(std::memory_order_acquire));
    return t;
  }
  /// As far as one with idle partitions has come.
  std::int64_t furthest_idle() const {
    std::int64_t t = kStartOfTime;
    for (const Said& said : said_) t = std::max(t, said.idle.load(std::memory_order_relaxed));
    return t;
  }

 private:
  struct alignas(64) Said {
    std::atomic<std::int64_t> lowest{kStartOfTime}, idle{kStartOfTime};
  };
  std::deque<Said> said_;
};

}  // namespace gress
