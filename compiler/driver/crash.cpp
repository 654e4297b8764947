#include "compiler/driver/crash.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <exception>

#include "compiler/toolchain/failure.h"

namespace gress::driver {

namespace {

std::atomic<const char*> current_phase{nullptr};
std::atomic<const char*> current_file{nullptr};
alignas(16) char signal_stack[64 * 1024];  // a stack overflow leaves no room on the usual one

void put(const char* text) {
  // Nothing can be done about a failing write while crashing.
  if (::write(2, text, std::strlen(text)) < 0) return;
}

[[noreturn]] void die(const char* what) {
  put("error: internal error: ");
  put(what);
  if (const char* phase = current_phase.load()) {
    put(" in phase ");
    put(phase);
  }
  if (const char* file = current_file.load()) {
    put(" of ");
    put(file);
  }
  put("; this is a bug of gressc\n  = help: please report it with the program\n");
  ::_exit(toolchain::exit_internal);
}

void on_signal(int number) {
  switch (number) {
    case SIGSEGV:
      die("invalid memory access");
    case SIGBUS:
      die("bus error");
    case SIGFPE:
      die("arithmetic trap");
    case SIGILL:
      die("illegal instruction");
    default:
      die("abort");
  }
}

}  // namespace

void crash_context(const char* phase, const char* file) {
  current_phase = phase;
  current_file = file;
}

void install_crash_handlers() {
  ::signal(SIGPIPE, SIG_IGN);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return;  // a sanitizer's own report says more
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return;
#endif
#endif
  stack_t stack{};
  stack.ss_sp = signal_stack;
  stack.ss_size = sizeof signal_stack;
  ::sigaltstack(&stack, nullptr);
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_ONSTACK | SA_RESETHAND;
  for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::sigaction(number, &action, nullptr);
}

}  // namespace gress::driver
