// Pieces of work that do not hang on each other, on all CPUs.
#pragma once
#include <cstddef>
#include <exception>

namespace gress::engine {

/// work(with, i) for each i below `count`, several at a time, this thread's too, none any more once one has failed. Why the first
/// failed, if one did.
std::exception_ptr on_cpus(std::size_t count, void (*work)(void* with, std::size_t i), void* with);

/// The same for work(i).
template <class Work>
std::exception_ptr on_cpus(std::size_t count, Work work) {
  return on_cpus(count, [](void* with, std::size_t i) { (*static_cast<Work*>(with))(i); }, &work);
}

}  // namespace gress::engine
