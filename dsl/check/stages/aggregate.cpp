// aggregate { n: count() }
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

bool check_aggregate_outputs(Chain& chain, const ast::Stage& stage, const ast::Aggregate& node, Aggregate& aggregate,
                             Row& group, Row& out) {
  Context& c = chain.c;
  // What outputs see beside aggregates: the key fields, then the bounds of the window.
  std::vector<std::string> taken;
  const Type* timestamp = c.types().basic(Kind::timestamp);
  for (Index i : aggregate.keys) group.columns.push_back(chain.row.columns[i]);
  if (aggregate.window && has_bounds(*aggregate.window)) {
    for (const char* name : {"window_start", "window_end"}) {
      if (group.find(name) >= 0) {
        c.report(Code::E0417, stage.range, "the key has a field " + quote(name) + ", and so has the window")
            .under("two fields of one name")
            .at(aggregate.window->range, "the window")
            .help("give the key another name: `key start: " + std::string(name) + "`");
        chain.give_up();
        return false;
      }
      group.columns.push_back({name, timestamp, name, ""});
    }
  }
  for (const auto& column : group.columns) taken.push_back(column.name);

  Env env = chain.env();
  env.group = &group;
  env.calls = &aggregate.calls;
  aggregate.outputs = check_outputs(chain, node.entries, env, taken);
  for (auto& call : aggregate.calls) {
    for (auto& a : call.args) a = chain.bind(a);
    if (call.where) call.where = chain.bind(call.where);
    if (call.q) call.q = chain.bind(call.q);
  }
  out = group;
  for (const auto& o : aggregate.outputs) out.columns.push_back({o.name, o.value->type, o.name, ""});
  if (!out.columns.empty()) return true;
  c.report(Code::E0416, stage.range, "`aggregate` leaves a row without fields").under("nothing is left");
  chain.give_up();
  return false;
}

void check_aggregate(Chain& chain, const ast::Stage& stage, const ast::Aggregate& node) {
  if (node.retain) {
    chain.c.report(Code::E0423, node.retain->range, "`retain` has no place behind a window, which bounds the state already")
        .under("not expected")
        .at(chain.window_range, "the window");
    return chain.give_up();
  }
  Aggregate aggregate;
  aggregate.window = chain.take_window();
  aggregate.keys = chain.take_key(stage);
  Row group, out;
  if (!check_aggregate_outputs(chain, stage, node, aggregate, group, out)) return;
  std::vector<Index> key;
  for (Index i = 0; i < group.columns.size(); ++i) key.push_back(i);
  Window window = *aggregate.window;
  chain.push(stage, std::move(aggregate), std::move(out));
  chain.forget_row();
  set_window_kind(chain, window, std::move(key), "aggregate");
}

}  // namespace gress::dsl::detail
