// How many rows of an upsert block a sink writes: an update is one row.
#pragma once
#include <cstdint>

#include "runtime/core/block.h"

namespace gress {

/// same_key(a, b): whether a retract and the insert behind it are one update.
template <class Block, class SameKey>
std::uint64_t written_rows(const Block& in, SameKey same_key) {
  std::uint64_t written = static_cast<std::uint64_t>(in.count);
  for (int i = 0; i + 1 < in.count; ++i)
    if (in.op[i] == Op::retract && in.op[i + 1] == Op::insert && same_key(in.rows[i], in.rows[i + 1])) {
      --written;
      ++i;
    }
  return written;
}

}  // namespace gress
