#include "runtime/engine/signals.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace gress::engine::signals {
namespace {

std::atomic<int> g_stop{0};
std::atomic<bool> g_checkpoint{false};
int g_wake = -1;

void wake() {
  const std::uint64_t one = 1;
  if (g_wake >= 0) [[maybe_unused]]
    const ssize_t n = ::write(g_wake, &one, sizeof one);
}

extern "C" void gress_on_stop_signal(int signal) {
  const int saved = errno;
  if (g_stop.load(std::memory_order_relaxed) != 0 && signal == SIGINT) _exit(128 + signal);
  g_stop.store(signal, std::memory_order_relaxed);
  wake();
  errno = saved;
}

extern "C" void gress_on_checkpoint_signal(int) {
  const int saved = errno;
  g_checkpoint.store(true, std::memory_order_relaxed);
  errno = saved;
}

}  // namespace

void listen_for_checkpoints() {
  struct sigaction action = {};
  action.sa_handler = gress_on_checkpoint_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, nullptr);
}

bool take_checkpoint_request() { return g_checkpoint.exchange(false, std::memory_order_relaxed); }

void install() {
  if (g_wake < 0) g_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action = {};
  action.sa_handler = gress_on_stop_signal;
  sigemptyset(&action.sa_mask);
  // Without SA_RESTART: a wait for input, or for the reader of a named pipe, ends.
  sigaction(SIGTERM, &action, nullptr);
  // A shell starts background jobs with SIGINT ignored; that stays.
  struct sigaction current = {};
  sigaction(SIGINT, nullptr, &current);
  if (current.sa_handler != SIG_IGN) sigaction(SIGINT, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
  sigaction(SIGXFSZ, &action, nullptr);  // a file larger than the process may write: writing says so
}

int stop_requested() { return g_stop.load(std::memory_order_relaxed); }

void request_stop() {
  g_stop.store(SIGTERM, std::memory_order_relaxed);
  wake();
}

int wake_fd() { return g_wake; }

const char* name(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

void forget() {
  g_stop.store(0, std::memory_order_relaxed);
  std::uint64_t ignored;
  if (g_wake >= 0) [[maybe_unused]]
    const ssize_t n = ::read(g_wake, &ignored, sizeof ignored);
}

}  // namespace gress::engine::signals
