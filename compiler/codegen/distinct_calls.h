// Calls of count_distinct that count the same argument, each with a `where` of its own: they share one
// agg::DistinctCounts, in which every call is a bit.
#pragma once
#include <string>
#include <vector>

#include "compiler/codegen/unit.h"

namespace gress::codegen {

class DistinctCalls {
 public:
  explicit DistinctCalls(const dsl::checked::Aggregate&);

  /// Whether the call shares the accumulator of an earlier one, and has none of its own.
  bool follows(std::size_t call) const { return first_[call] != call; }
  /// Whether several calls share the accumulator of this one.
  bool shared(std::size_t call) const { return sizes_[first_[call]] > 1; }
  /// Of a shared call: its accumulator's type, …
  std::string type(Unit&, std::size_t call) const;
  /// … whose accumulator it uses and which of the counts there is its own, …
  std::size_t first(std::size_t call) const { return first_[call]; }
  int bit(std::size_t call) const { return bits_[call]; }
  /// … and the statement that adds a row to all of them; `conditions` of all calls, empty for none.
  std::string add(const std::string& accumulator, std::size_t first, const std::string& value, const std::vector<std::string>& conditions) const;

 private:
  const dsl::checked::Aggregate& a_;
  std::vector<std::size_t> first_;  // of each call: the first one with its argument, or itself
  std::vector<int> bits_, sizes_;
};

}  // namespace gress::codegen
