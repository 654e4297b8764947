#include "runtime/engine/workers.h"

#include <chrono>
#include <utility>

namespace gress::engine {

void Workers::fail(std::exception_ptr why) {
  {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(why);
  }
  failed_.store(true, std::memory_order_release);
  {
    const std::lock_guard lock(pause_mutex_);
    changed_.notify_all();
  }
  ring_all();
}

void Workers::ask_for_pause() {
  {
    const std::lock_guard lock(pause_mutex_);
    if (done_ == count()) return;
    pausing_.store(++pauses_, std::memory_order_release);
    changed_.notify_all();
  }
  ring_all();
}

void Workers::meet() {
  std::unique_lock lock(pause_mutex_);
  if (++met_ == count()) {
    met_ = 0;
    ++meetings_;
    changed_.notify_all();
    return;
  }
  changed_.wait(lock, [&, meeting = meetings_] { return meetings_ != meeting || failed(); });
  if (failed()) throw Abandoned{};
}

void Workers::set_done() {
  const std::lock_guard lock(pause_mutex_);
  ++done_;
  changed_.notify_all();
}

bool Workers::wait_for_others(std::int64_t longest) {
  std::unique_lock lock(pause_mutex_);
  changed_.wait_for(lock, std::chrono::microseconds(longest), [&] { return done_ == count() || pausing() != 0 || failed(); });
  if (failed()) throw Abandoned{};
  return done_ == count() && pausing() == 0;
}

}  // namespace gress::engine
