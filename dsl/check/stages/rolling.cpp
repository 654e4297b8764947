// aggregate, top and latest without a window: a state a key that is revised with each row, and kept by `retain`.
#include "dsl/catalog/aggregates.h"
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

/// How long the state is kept; false after a diagnostic. `word` is the stage's.
bool bounded(Chain& chain, const ast::Stage& stage, const char* word, const std::optional<ast::Retain>& given, Retain& retain) {
  if (!given) {
    auto& d = chain.c.report(Code::E0408, stage.range, quote(word) + " without a window keeps its state for ever");
    d.under("keeps state for ever");
    if (chain.key) d.at(chain.key->range, "a state for each of these keys");
    if (chain.kind == StreamKind::append) d.help("put `|> window tumbling(1h)` before it, or end with `retain 30d` or `retain forever`");
    else d.help("end with `retain 30d` or `retain forever`");
    chain.give_up();
    return false;
  }
  if (!given->duration) {
    retain.forever = true;
    return true;
  }
  if (!chain.wants_time(stage, "`retain`")) return false;
  retain.duration = chain.positive(*given->duration, chain.c.types().basic(Kind::duration), "`retain`");
  return true;
}

void revise(Chain& chain, const char* word, std::vector<Index> key) {
  chain.kind = StreamKind::upsert;
  chain.upsert_key = std::move(key);
  chain.upsert_reason = quote(word) + " without a window gives a row again when it changes";
}

/// Over upserts a row that is replaced is taken back: built-in aggregates can, user aggregates say how by `retract`.
bool retractable(Chain& chain, const Aggregate& aggregate) {
  if (chain.kind == StreamKind::append) return true;
  bool good = true;
  for (const AggregateCall& call : aggregate.calls) {
    if (call.fn != nullptr || call.user == kNone) continue;
    const UserAggregate& user = chain.c.program.aggregates[call.user];
    if (user.has_retract) continue;
    auto& d = chain.c.report(Code::E0427, call.range, "the rows here replace each other, and " + quote(user.name) + " cannot take a row back");
    d.under("has no `retract`");
    d.at(user.range, "the aggregate");
    if (!chain.upsert_reason.empty()) d.note("the rows are upserts: " + chain.upsert_reason);
    d.help(user.foreign ? "say how a row is taken back: `void retract(…)` with the parameters of `add`, in the header"
                        : "say how a row is taken back: `retract { … }` behind its `add`");
    good = false;
  }
  if (!good) chain.give_up();
  return good;
}

}  // namespace

void check_rolling_aggregate(Chain& chain, const ast::Stage& stage, const ast::Aggregate& node) {
  Aggregate aggregate;
  if (!bounded(chain, stage, "aggregate", node.retain, aggregate.retain)) return;
  aggregate.keys = chain.take_key(stage);
  Row group, out;
  if (!check_aggregate_outputs(chain, stage, node, aggregate, group, out) || !retractable(chain, aggregate)) return;
  std::vector<Index> key;
  for (Index i = 0; i < group.columns.size(); ++i) key.push_back(i);
  chain.push(stage, std::move(aggregate), std::move(out));
  chain.forget_row();
  revise(chain, "aggregate", std::move(key));
}

void check_rolling_top(Chain& chain, const ast::Stage& stage, const ast::Top& node) {
  Top top;
  if (!bounded(chain, stage, "top", node.retain, top.retain)) return;
  top.keys = chain.take_key(stage);
  Row out = chain.row;
  std::vector<Index> key = top.keys;
  if (!check_top_outputs(chain, stage, node, top, out, key)) return;
  chain.push(stage, std::move(top), std::move(out));
  revise(chain, "top", std::move(key));
}

void check_rolling_latest(Chain& chain, const ast::Stage& stage, const ast::Latest& node) {
  Latest latest;
  if (!bounded(chain, stage, "latest", node.retain, latest.retain)) return;
  latest.keys = chain.take_key(stage);
  std::vector<Index> key = latest.keys;
  chain.push(stage, std::move(latest), chain.row);
  revise(chain, "latest", std::move(key));
}

}  // namespace gress::dsl::detail
