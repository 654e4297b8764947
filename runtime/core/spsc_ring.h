// A bounded ring between two threads, one that fills slots and one that empties them, in order; no locks. Slots are made
// by the one that fills them, when it first comes to them, and keep their memory. Each side keeps a copy of how far the
// other was last seen, so that the other's cache line is asked for only when the copy says full or empty (Lamport 1977;
// the copies after Giacomoni et al., FastForward, 2008).
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

#ifdef GRESS_STALLS
#include <unistd.h>
#endif

namespace gress {

/// For tests: one of both sides is late now and then.
inline void perhaps_stall() {
#ifdef GRESS_STALLS
  thread_local std::uint32_t state = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&state) >> 4) | 1;
  state ^= state << 13, state ^= state >> 17, state ^= state << 5;
  if (state % GRESS_STALLS == 0) ::usleep(state / GRESS_STALLS % 300);
#endif
}

template <class Slot>
class SpscRing {
 public:
  /// `slots`: a power of two.
  explicit SpscRing(std::uint32_t slots) : mask_(slots - 1), slots_(std::make_unique<std::unique_ptr<Slot>[]>(slots)) {}

  // ---- the producer's

  /// The slot to fill next, the same until push(); null while the ring is full.
  Slot* open() {
    if (tail_.here - tail_.seen > mask_) {
      tail_.seen = head_.at.load(std::memory_order_acquire);
      if (tail_.here - tail_.seen > mask_) return nullptr;
    }
    std::unique_ptr<Slot>& slot = slots_[tail_.here & mask_];
    if (!slot) [[unlikely]] slot = std::make_unique<Slot>();
    return slot.get();
  }
  /// Half of the ring or more is free: what a producer that found it full waits for, so as not to be woken for each slot.
  bool half_free() {
    tail_.seen = head_.at.load(std::memory_order_acquire);
    return tail_.here - tail_.seen <= (mask_ + 1) / 2;
  }
  /// True when so much has been pushed since the last time that a sleeping consumer should be told.
  bool push() {
    perhaps_stall();
    tail_.at.store(++tail_.here, std::memory_order_release);
    return (tail_.here & mask_ / 4) == 0;
  }

  // ---- the consumer's

  /// The oldest slot, the same until pop(); null while the ring is empty.
  Slot* front() {
    if (head_.here == head_.seen) {
      head_.seen = tail_.at.load(std::memory_order_acquire);
      if (head_.here == head_.seen) return nullptr;
    }
    return slots_[head_.here & mask_].get();
  }
  /// True when a sleeping producer should be told: a part of the ring is free again, or all that was seen has been taken.
  bool pop() {
    perhaps_stall();
    head_.at.store(++head_.here, std::memory_order_release);
    return (head_.here & mask_ / 4) == 0 || head_.here == head_.seen;
  }

 private:
  /// One side: how far it is, told to the other; the same for itself; how far the other was.
  struct alignas(128) Side {
    std::atomic<std::uint32_t> at{0};
    std::uint32_t here = 0;
    std::uint32_t seen = 0;
  };

  const std::uint32_t mask_;
  const std::unique_ptr<std::unique_ptr<Slot>[]> slots_;
  Side head_, tail_;
};

}  // namespace gress
