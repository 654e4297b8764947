// Counters of the same thing, of which there is one a worker, as one.
#pragma once
#include <cstdint>
#include <vector>

#include "runtime/engine/counters.h"

namespace gress::engine {

inline bool same_thing(const Counted& a, const Counted& b) { return a.name == b.name && a.line == b.line; }

/// Calls body(group) for each thing, in the order of their first cells; a group is a vector of pointers to its cells.
template <class Cells, class Body>
void by_thing(const Cells& cells, Body body) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    bool first = true;
    for (std::size_t k = 0; k < i; ++k) first = first && !same_thing(cells[k], cells[i]);
    if (!first) continue;
    std::vector<const typename Cells::value_type*> group;
    for (std::size_t k = i; k < cells.size(); ++k)
      if (same_thing(cells[k], cells[i])) group.push_back(&cells[k]);
    body(group);
  }
}

template <class Group, class Get>
std::uint64_t total(const Group& group, Get get) {
  std::uint64_t n = 0;
  for (const auto* c : group) n += static_cast<std::uint64_t>(get(*c));
  return n;
}

}  // namespace gress::engine
