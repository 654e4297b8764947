// The workers of a process: what they share besides the rings between them. One of the program's Runtime and one of its
// pipeline belong to each.
#pragma once
#include <atomic>
#include <deque>
#include <exception>
#include <mutex>

#include "runtime/engine/bell.h"

namespace gress::engine {

inline constexpr int kKeyGroups = 256;
inline constexpr int kMostWorkers = 256;

/// Owner of a key by its hash: the key group is what key tables do not use of it.
inline int owner_of(std::uint64_t hash, int workers) {
  return static_cast<int>((hash >> 56) * static_cast<unsigned>(workers) / kKeyGroups);
}

/// Thrown where a worker would wait for another when the program ends because of a failure elsewhere.
struct Abandoned {};

class Workers {
 public:
  explicit Workers(int count) : bells_(static_cast<std::size_t>(count)) {}

  int count() const { return static_cast<int>(bells_.size()); }
  Bell& bell(int worker) { return bells_[static_cast<std::size_t>(worker)]; }

  /// The first failure counts; all others stop where they are.
  void fail(std::exception_ptr why) {
    {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::move(why);
    }
    failed_.store(true, std::memory_order_release);
    ring_all();
  }
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  std::exception_ptr failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
  }
  void ring_all() {
    for (Bell& bell : bells_) bell.ring();
  }

 private:
  std::deque<Bell> bells_;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
};

}  // namespace gress::engine
