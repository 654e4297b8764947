// Where a worker is just now: at which stage, at work or waiting. Stages say so themselves, once a block, with a plain
// store; the sampler (sampler.h) looks now and then. So no clock is read where rows pass.
//
// A stage is its cell among the counters. What it calls says where it is itself, and is left again:
//   const engine::At here(runtime.presence(), counters);
#pragma once
#include <atomic>
#include <cstdint>

#include "runtime/engine/counters.h"

namespace gress::engine {

class alignas(64) Presence {
 public:
  struct Place {
    Counted* stage;  // null: at none
    bool waits;      // for what is outside: input, a target, other workers
    int worker;      // that it waits for; negative: for none
  };
  Place place() const {
    const std::uintptr_t mark = mark_.load(std::memory_order_relaxed);
    return {reinterpret_cast<Counted*>(mark & ~kWaits), (mark & kWaits) != 0, worker_.load(std::memory_order_relaxed)};
  }
  /// Grows with each wait, so that a long one is told from many.
  std::uint64_t waits() const { return waits_.get(); }

 private:
  friend class At;
  friend class Waiting;
  static constexpr std::uintptr_t kWaits = 1;

  std::atomic<std::uintptr_t> mark_{0};
  std::atomic<int> worker_{-1};
  Counter waits_;
};

/// At work at a stage, as long as this lives.
class At {
 public:
  At(Presence& presence, Counted& stage) : presence_(presence), before_(presence.mark_.load(std::memory_order_relaxed)) {
    presence.mark_.store(reinterpret_cast<std::uintptr_t>(&stage), std::memory_order_relaxed);
  }
  ~At() { presence_.mark_.store(before_, std::memory_order_relaxed); }
  At(const At&) = delete;
  At& operator=(const At&) = delete;

 private:
  Presence& presence_;
  const std::uintptr_t before_;
};

/// Waits at a stage, as long as this lives and no At within it: for what is outside, or for another worker.
class Waiting {
 public:
  Waiting(Presence& presence, Counted& stage, int worker = -1)
      : presence_(presence),
        before_(presence.mark_.load(std::memory_order_relaxed)),
        worker_(presence.worker_.load(std::memory_order_relaxed)) {
    presence.waits_.add(1);
    presence.worker_.store(worker, std::memory_order_relaxed);
    presence.mark_.store(reinterpret_cast<std::uintptr_t>(&stage) | Presence::kWaits, std::memory_order_relaxed);
  }
  ~Waiting() {
    presence_.mark_.store(before_, std::memory_order_relaxed);
    presence_.worker_.store(worker_, std::memory_order_relaxed);
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  Presence& presence_;
  const std::uintptr_t before_;
  const int worker_;
};

/// Where a worker waits that is held up there.
struct WaitsAt {
  Presence& presence;
  Counted& stage;
};

}  // namespace gress::engine
