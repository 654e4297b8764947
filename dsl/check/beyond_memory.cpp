// `state_memory`: whether the state of each stage can be kept on disk (docs/decisions/0024).
#include <algorithm>

#include "dsl/catalog/aggregates.h"
#include "dsl/check/expr_checker.h"
#include "dsl/check/many_keys.h"
#include "dsl/check/program.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

constexpr const char* kGrows = "the values that one key keeps";

/// Whether what one key keeps grows with the rows; where they may be taken back, most aggregates keep all values.
bool grows(const Aggregate& aggregate, bool updates) {
  return std::ranges::any_of(aggregate.calls, [&](const AggregateCall& call) {
    if (call.fn == nullptr) return false;
    switch (call.fn->kind) {
      case AggregateKind::count_distinct:
      case AggregateKind::quantile:
      case AggregateKind::collect: return true;
      case AggregateKind::count:
      case AggregateKind::sum:
      case AggregateKind::avg: return false;
      default: return updates;
    }
  });
}

/// What of a stage has to stay in memory, as a part of a sentence; null: nothing that grows with the keys. `updates`: of
/// its input.
const char* stays_in_memory(const Stage& stage, bool updates) {
  // Of many keys each is an entry, whatever it keeps.
  const auto windows = [](const auto& s) { return s.window && !s.keys.empty(); };
  if (const auto* s = stage.as<Aggregate>()) {
    if (s->window) return windows(*s) ? "windows" : nullptr;
    return !many_keys(stage.in, s->keys) && grows(*s, updates) ? kGrows : nullptr;
  }
  if (const auto* s = stage.as<Latest>()) {
    if (s->window) return windows(*s) ? "windows" : nullptr;
    return !many_keys(stage.in, s->keys) && updates ? kGrows : nullptr;
  }
  if (const auto* s = stage.as<Top>()) {
    if (s->window) return windows(*s) ? "windows" : nullptr;
    return !many_keys(stage.in, s->keys) && updates ? kGrows : nullptr;
  }
  if (const auto* s = stage.as<Features>()) return many_keys(stage.in, s->keys) ? nullptr : "rows of frames";
  if (stage.as<StreamJoin>() != nullptr) return "rows that wait for their match";
  if (stage.as<InOrder>() != nullptr) return "rows that wait for their turn";
  return nullptr;
}

}  // namespace

void check_beyond_memory(Context& c) {
  const auto said = std::ranges::find(c.program.options, "state_memory", &OptionValue::name);
  if (said == c.program.options.end()) return;
  const auto report = [&](Range range, const std::string& whose, const char* what) {
    c.report(Code::E0933, range, "the option `state_memory` does not bound " + whose + " yet")
        .under(std::string(what) + " are held in memory")
        .at(said->range, "asked for here")
        .note("it bounds changelog sources, `distinct`, `scan`, `extend` with frames, and `aggregate`, `latest` and `top` without a window")
        .help("leave out `state_memory:`: state is then held in memory, however much it is");
  };
  for (const Stream& stream : c.program.streams) {
    if (stream.inputs.empty()) continue;
    bool updates = c.program.streams[stream.inputs[0]].kind == StreamKind::upsert;
    for (const Stage& stage : stream.stages) {
      if (const char* what = stays_in_memory(stage, updates)) report(stage.range, "this " + quote(stage.word), what);
      updates = stage.kind == StreamKind::upsert;
    }
  }
}

}  // namespace gress::dsl::detail
