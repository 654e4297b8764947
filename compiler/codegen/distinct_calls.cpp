#include "compiler/codegen/distinct_calls.h"

#include "dsl/catalog/aggregates.h"
#include "dsl/check/expr_checker.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

constexpr int kMost = 32;  // counts of one agg::DistinctCounts

bool counts_integers(const AggregateCall& call) {
  return call.fn != nullptr && call.fn->kind == dsl::AggregateKind::count_distinct && call.args[0]->type->is_integer();
}

}  // namespace

DistinctCalls::DistinctCalls(const Aggregate& a) : a_(a), first_(a.calls.size()), bits_(a.calls.size()), sizes_(a.calls.size(), 1) {
  for (std::size_t c = 0; c != a.calls.size(); ++c) {
    first_[c] = c;
    if (!counts_integers(a.calls[c])) continue;
    for (std::size_t f = 0; f != c; ++f) {
      if (follows(f) || sizes_[f] == kMost || !counts_integers(a.calls[f]) || !dsl::same_expr(a.calls[f].args[0], a.calls[c].args[0])) continue;
      first_[c] = f;
      bits_[c] = sizes_[f]++;
      break;
    }
  }
}

std::string DistinctCalls::type(Unit& u, std::size_t call) const {
  return fmt::format("agg::DistinctCounts<{}, {}>", cpp_type(u, a_.calls[call].args[0]->type), sizes_[first_[call]]);
}

std::string DistinctCalls::add(const std::string& accumulator, std::size_t first, const std::string& value,
                               const std::vector<std::string>& conditions) const {
  std::string counts;
  for (std::size_t c = first; c != first_.size(); ++c) {
    if (first_[c] != first) continue;
    if (!counts.empty()) counts += " | ";
    counts += conditions[c].empty() ? fmt::format("{}u", std::uint64_t{1} << bits_[c]) : fmt::format("static_cast<std::uint32_t>({}) << {}", conditions[c], bits_[c]);
  }
  return fmt::format("{}.add(ev, {}, {});", accumulator, value, counts);
}

}  // namespace gress::codegen
