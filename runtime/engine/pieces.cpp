#include "runtime/engine/pieces.h"

#include "runtime/engine/workers.h"

namespace gress::engine {

std::uint64_t Pieces::first_record(std::uint32_t number) const {
  for (;;) {
    const std::uint32_t known = known_.load(std::memory_order_acquire);
    if (known == number) return record_.load(std::memory_order_relaxed);
    if (known == kNobody) throw Abandoned{};
    known_.wait(known, std::memory_order_acquire);
  }
}

void Pieces::tell_next(std::uint32_t number, std::uint64_t record) {
  record_.store(record, std::memory_order_relaxed);
  known_.store(number + 1, std::memory_order_release);
  known_.notify_all();
}

void Pieces::give_up() {
  known_.store(kNobody, std::memory_order_release);
  known_.notify_all();
}

}  // namespace gress::engine
