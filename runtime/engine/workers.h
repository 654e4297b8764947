// The workers of a process: what they share besides the rings between them. One of the program's Runtime and one of its
// pipeline belong to each.
//
// A pause, for checkpoints: the first worker asks for one; each reads nothing more, sends what it has (exchange.h), and
// when nothing is on its way to it any more it meets the others. When all have met, the program stands still. A worker
// that is done takes part until all are.
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
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
  void fail(std::exception_ptr why);
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  std::exception_ptr failure() {
    const std::lock_guard lock(mutex_);
    return failure_;
  }
  void ring_all() {
    for (Bell& bell : bells_) bell.ring();
  }

  // ---- pauses

  /// The number of the pause that is asked for, from 1; 0: none.
  std::uint64_t pausing() const { return pausing_.load(std::memory_order_acquire); }
  /// By the first worker, outside of one; not when all are done.
  void ask_for_pause();
  /// By the first worker, when all have met.
  void end_pause() { pausing_.store(0, std::memory_order_release); }
  /// Returns when all workers have come here. Throws Abandoned when one has failed.
  void meet();
  /// The worker is done, once.
  void set_done();
  /// Of a worker that is done: true when all are, false when a pause is asked for or `longest` microseconds have passed.
  bool wait_for_others(std::int64_t longest);

 private:
  std::deque<Bell> bells_;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::atomic<bool> failed_{false};
  std::mutex pause_mutex_;
  std::condition_variable changed_;
  std::atomic<std::uint64_t> pausing_{0};
  std::uint64_t pauses_ = 0, meetings_ = 0;
  int met_ = 0, done_ = 0;
};

}  // namespace gress::engine
