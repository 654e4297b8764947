// Workers that read one source, each its own partitions, stay near each other in event time, as one worker does that reads
// the lowest partition next: what waits for a watermark would grow with the distance. How many rows lie between two times
// nobody knows. So a worker notes where it is, and reads a number of blocks at most until the others have come there too. If
// they have not by then, it waits until they have come to where it is, so as not to wait for each block from then on.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "runtime/core/time.h"

namespace gress::engine {

/// Where each worker reads; kEndOfTime: nowhere, since it has no input just now, or none at all.
class SharedPace {
 public:
  explicit SharedPace(int workers) : at_(static_cast<std::size_t>(workers)) {}

  void set(int worker, std::int64_t at) { at_[static_cast<std::size_t>(worker)].time.store(at, std::memory_order_relaxed); }
  std::int64_t slowest_but(int worker) const {
    std::int64_t t = kEndOfTime;
    for (std::size_t w = 0; w != at_.size(); ++w)
      if (w != static_cast<std::size_t>(worker)) t = std::min(t, at_[w].time.load(std::memory_order_relaxed));
    return t;
  }

 private:
  struct alignas(64) At {
    std::atomic<std::int64_t> time{kEndOfTime};
  };
  std::deque<At> at_;
};

class Pace {
 public:
  static constexpr int kBlocks = 32;          // that a worker is ahead; twice as many at most
  static constexpr std::int64_t kLook = 200;  // microseconds until a worker that is ahead looks again

  /// Before any worker reads.
  void share(SharedPace& with, int worker) {
    shared_ = &with;
    worker_ = worker;
    with.set(worker, kStartOfTime);
  }

  /// Whether a block may be read of a partition that has come to `at`. The slowest always may.
  bool may_read(std::int64_t at) {
    if (shared_ == nullptr) [[likely]] return true;
    shared_->set(worker_, at);
    if (shared_->slowest_but(worker_) >= std::min(noted_, at)) {
      noted_ = at;
      left_ = kBlocks;
    }
    if (left_ != 0) {
      --left_;
      return true;
    }
    noted_ = at;
    return false;
  }
  /// There is nothing to read: nobody waits for this one.
  void rest() {
    if (shared_ != nullptr) [[unlikely]] shared_->set(worker_, kEndOfTime);
  }

 private:
  SharedPace* shared_ = nullptr;
  int worker_ = 0;
  std::int64_t noted_ = kStartOfTime;
  int left_ = 0;
};

}  // namespace gress::engine
