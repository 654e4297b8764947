// Pieces of work that do not hang on each other, on all CPUs.
#pragma once
#include <cstddef>
#include <exception>
#include <functional>

namespace gress::engine {

/// work(i) for each i below `count`, several at a time, this thread's too, none any more once one has failed. Why the first
/// failed, if one did.
std::exception_ptr on_cpus(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace gress::engine
