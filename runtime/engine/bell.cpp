#include "runtime/engine/bell.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "runtime/engine/failure.h"

namespace gress::engine {

Bell::Bell() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (descriptor_ < 0) throw Failure(Exit::io, "no_descriptor", "cannot make an event descriptor: " + error_text(errno));
}

Bell::~Bell() { ::close(descriptor_); }

void Bell::wake() {
  if (!asleep_.exchange(false, std::memory_order_relaxed)) return;
  const std::uint64_t one = 1;
  // It can only fail when it is rung already.
  [[maybe_unused]] const ssize_t n = ::write(descriptor_, &one, sizeof one);
}

void Bell::sleep() {
  pollfd polled{descriptor_, POLLIN, 0};
  ::poll(&polled, 1, 1'000);
}

void Bell::rise() {
  asleep_.store(false, std::memory_order_relaxed);
  std::uint64_t count;
  [[maybe_unused]] const ssize_t n = ::read(descriptor_, &count, sizeof count);
}

}  // namespace gress::engine
