// How many rows of an upsert block a sink writes: an update is one row.
#pragma once
#include <cstdint>
#include <cstring>

#include "runtime/core/block.h"

namespace gress {

/// same_key(a, b): whether a retract and the insert behind it are one update.
template <class Block, class SameKey>
std::uint64_t written_rows(const Block& in, SameKey same_key) {
  const auto* ops = reinterpret_cast<const unsigned char*>(&in.op[0]);
  std::uint64_t written = static_cast<std::uint64_t>(in.count);
  for (int i = 0; i < in.count; ++i) {
    const void* next = std::memchr(ops + i, static_cast<int>(Op::retract), static_cast<std::size_t>(in.count - i));
    if (next == nullptr) break;
    i = static_cast<int>(static_cast<const unsigned char*>(next) - ops);
    if (i + 1 < in.count && in.op[i + 1] == Op::insert && same_key(in.rows[i], in.rows[i + 1])) --written;
  }
  return written;
}

}  // namespace gress
