// How a thread sleeps until another has something for it. The sleeper says that it is about to sleep, looks once more,
// and then waits for the descriptor; whoever has put something in its way rings. Ringing one that is awake is a load.
#pragma once
#include <atomic>

namespace gress::engine {

class Bell {
 public:
  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  /// After what the sleeper looks for has been stored.
  void ring() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (asleep_.load(std::memory_order_relaxed)) [[unlikely]] wake();
  }
  /// Before the last look.
  void doze() {
    asleep_.store(true, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  /// Behind the sleep, or when the last look found something.
  void rise();
  /// Until it was rung, a second at most.
  void sleep();
  /// Readable once it was rung.
  int descriptor() const { return descriptor_; }

 private:
  void wake();

  std::atomic<bool> asleep_{false};
  int descriptor_ = -1;
};

}  // namespace gress::engine
