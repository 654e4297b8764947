// Random rows and random ways of merging them.
#pragma once
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "runtime/core/aggregates/aggregate.h"
#include "runtime/core/value.h"

namespace gress::test {

using Random = std::mt19937_64;

inline std::int64_t between(Random& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

/// Texts of 0 to 40 bytes out of `kinds` different ones; the strings outlive the texts made of them.
inline std::vector<std::string> random_texts(Random& random, std::size_t count, std::int64_t kinds) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i != count; ++i) {
    const std::int64_t kind = between(random, 0, kinds - 1);
    texts.push_back(kind == 0 ? ""
                              : std::string(static_cast<std::size_t>(kind * 7919 % 37), '.') + std::to_string(kind));
  }
  return texts;
}

/// Adds rows 0 … n - 1 to up to `parts` accumulators at random and merges those in random order; `add(a, i)`.
template <class A, class Add>
A merged_at_random(Random& random, std::size_t n, std::size_t parts, Add add) {
  Eval ev;
  std::vector<A> accumulators(parts);
  for (std::size_t i = 0; i != n; ++i)
    add(accumulators[static_cast<std::size_t>(between(random, 0, static_cast<std::int64_t>(parts) - 1))], i);
  while (accumulators.size() > 1) {
    const auto last = static_cast<std::int64_t>(accumulators.size()) - 1;
    const auto from = static_cast<std::size_t>(between(random, 0, last));
    std::swap(accumulators[from], accumulators.back());
    const A other = std::move(accumulators.back());
    accumulators.pop_back();
    accumulators[static_cast<std::size_t>(between(random, 0, last - 1))].merge(ev, other);
  }
  return std::move(accumulators.front());
}

}  // namespace gress::test
