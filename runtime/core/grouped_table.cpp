#include "runtime/core/grouped_table.h"

#include <algorithm>

namespace gress {

void HashedNumbers::grow(Slab& slab) {
  Slot* old = slots_;
  const std::uint32_t before = capacity_;
  capacity_ = before == 0 ? 4 : before * 2;
  slots_ = static_cast<Slot*>(slab.take(capacity_ * sizeof(Slot)));
  std::memset(static_cast<void*>(slots_), 0, capacity_ * sizeof(Slot));
  for (std::uint32_t i = 0; i != before; ++i)
    if (old[i].number != 0) put(old[i]);
  if (before != 0) slab.give(old, before * sizeof(Slot));
}

std::size_t count_different(std::vector<std::uint64_t>& values) {
  std::sort(values.begin(), values.end());
  return static_cast<std::size_t>(std::unique(values.begin(), values.end()) - values.begin());
}

template class KeyTable<PartKey, PartGroup>;

}  // namespace gress
