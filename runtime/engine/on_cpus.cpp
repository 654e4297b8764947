#include "runtime/engine/on_cpus.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "runtime/engine/usable_cpus.h"

namespace gress::engine {

std::exception_ptr on_cpus(std::size_t count, void (*work)(void* with, std::size_t i), void* with) {
  std::atomic<std::size_t> next{0};
  std::vector<std::exception_ptr> failures(count);
  const auto some = [&] {
    for (std::size_t i; (i = next++) < count;) {
      try {
        work(with, i);
      } catch (...) {
        failures[i] = std::current_exception();
        next = count;
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t n = std::min(count, static_cast<std::size_t>(usable_cpus())); n > 1; --n) others.emplace_back(some);
    some();
  }
  const auto failed = std::ranges::find_if(failures, [](const std::exception_ptr& f) { return f != nullptr; });
  return failed == failures.end() ? nullptr : *failed;
}

}  // namespace gress::engine
