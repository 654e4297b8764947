#include "compiler/codegen/slice_states.h"

#include <algorithm>

#include "compiler/plan/uses.h"
#include "dsl/catalog/aggregates.h"

namespace gress::codegen {

using namespace dsl::checked;
using dsl::AggregateKind;

namespace {

/// The program's own: its fields of fixed size are all that a state holds.
SliceStates of_user(const UserAggregate& a) {
  if (a.foreign) return SliceStates::large;
  const bool flat = std::all_of(a.state.begin(), a.state.end(), [](const StateField& f) { return is_flat(f.type); });
  return flat ? SliceStates::small : SliceStates::large;
}

SliceStates of_call(const Unit& u, const AggregateCall& call) {
  if (plan::merge_may_fail(u.program, call)) return SliceStates::fallible;
  if (call.fn == nullptr) return of_user(u.program.aggregates[call.user]);
  switch (call.fn->kind) {
    case AggregateKind::count:
    case AggregateKind::any:
    case AggregateKind::all: return SliceStates::exact;
    case AggregateKind::sum:
    case AggregateKind::avg: {
      // Floats are not subtracted: what is left would depend on what has gone.
      return call.args[0]->type->plain()->is_float() ? SliceStates::small : SliceStates::exact;
    }
    case AggregateKind::min:
    case AggregateKind::max:
    case AggregateKind::first:
    case AggregateKind::last:
    case AggregateKind::min_by:
    case AggregateKind::max_by:
    case AggregateKind::stddev:
    case AggregateKind::variance: return SliceStates::small;
    case AggregateKind::count_distinct:
    case AggregateKind::approx_count_distinct:
    case AggregateKind::quantile:
    case AggregateKind::approx_quantile:
    case AggregateKind::collect: return SliceStates::large;
  }
  return SliceStates::large;
}

}  // namespace

SliceStates slice_states(const Unit& u, const Stage& stage) {
  if (const auto* a = stage.as<Aggregate>()) {
    SliceStates all = SliceStates::exact;
    for (const AggregateCall& call : a->calls) all = std::max(all, of_call(u, call));
    return all;
  }
  return stage.as<Top>() != nullptr ? SliceStates::large : SliceStates::small;  // rows ranked; the latest one
}

const char* name(SliceStates states) {
  switch (states) {
    case SliceStates::exact: return "exact";
    case SliceStates::small: return "small";
    case SliceStates::large: return "large";
    case SliceStates::fallible: return "fallible";
  }
  return "";
}

}  // namespace gress::codegen
