// A bounded ring between two threads, one that fills slots and one that empties them, in order; no locks. Slots keep
// their memory. Each side keeps a copy of how far the other was last seen, so that the other's cache line is asked for
// only when the copy says full or empty (Lamport 1977; the copies after Giacomoni et al., FastForward, 2008).
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>

namespace gress {

template <class Slot>
class SpscRing {
 public:
  /// `slots`: a power of two.
  explicit SpscRing(std::uint32_t slots) : mask_(slots - 1), slots_(std::make_unique<Slot[]>(slots)) {}

  // ---- the producer's

  /// The slot to fill next, the same until push(); null while the ring is full.
  Slot* open() {
    if (tail_.here - tail_.seen > mask_) {
      tail_.seen = head_.at.load(std::memory_order_acquire);
      if (tail_.here - tail_.seen > mask_) return nullptr;
    }
    return &slots_[tail_.here & mask_];
  }
  void push() { tail_.at.store(++tail_.here, std::memory_order_release); }

  // ---- the consumer's

  /// The oldest slot, the same until pop(); null while the ring is empty.
  Slot* front() {
    if (head_.here == head_.seen) {
      head_.seen = tail_.at.load(std::memory_order_acquire);
      if (head_.here == head_.seen) return nullptr;
    }
    return &slots_[head_.here & mask_];
  }
  void pop() { head_.at.store(++head_.here, std::memory_order_release); }

 private:
  /// One side: how far it is, told to the other; the same for itself; how far the other was.
  struct alignas(128) Side {
    std::atomic<std::uint32_t> at{0};
    std::uint32_t here = 0;
    std::uint32_t seen = 0;
  };

  const std::uint32_t mask_;
  const std::unique_ptr<Slot[]> slots_;
  Side head_, tail_;
};

}  // namespace gress
