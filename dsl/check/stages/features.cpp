// extend { n: count(over: 10m), usual: avg(x, before: 30) } retain 30d: aggregates over the rows of the key before each.
#include <algorithm>

#include "dsl/check/stages/chain.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

/// The first argument `over:` or `before:` in the stage, null without one.
const ast::Entry* frame_of(const ast::Extend& extend) {
  const ast::Entry* found = nullptr;
  for (const auto& entry : extend.entries)
    if (entry.value)
      walk(*entry.value, [&](const ast::Expr& e) {
        if (const auto* call = e.as<ast::Call>())
          for (const auto& arg : call->args)
            if (!found && arg.name && (arg.name->text == "over" || arg.name->text == "before")) found = &arg;
      });
  return found;
}

namespace {

/// The size of a frame, a setting that is more than zero.
ExprPtr frame_size(Chain& chain, ExprPtr size) {
  size = chain.bind(size);
  if (size->type->is(Kind::error)) return size;
  if (!is_param_constant(size)) {
    chain.c.report(Code::E0413, size->range, "the size of a frame must be constant or made of params").under("depends on the row");
    return chain.c.error_expr(size->range);
  }
  return chain.c.require_positive(size, size->range, "a frame") ? size : chain.c.error_expr(size->range);
}

/// What was known of members of columns that are passed on.
Facts kept_facts(const Chain& chain, const std::vector<Output>& added) {
  Facts kept;
  for (const auto& path : chain.facts.paths()) {
    const auto replaces = [&](const Output& o) { return o.name == path.parts.front(); };
    if (!path.scope || (path.scope == Scope::row && std::ranges::none_of(added, replaces))) kept.add(path);
  }
  return kept;
}

}  // namespace

void check_features(Chain& chain, const ast::Stage& stage, const ast::Extend& node) {
  Context& c = chain.c;
  if (!frame_of(node)) {
    c.report(Code::E0423, node.retain->range, "`retain` has no place here: this `extend` keeps no rows")
        .under("not expected")
        .help("an `extend` keeps rows for aggregates with a frame: `count(over: 10m)`, `last(x, before: 1)`");
    return chain.give_up();
  }
  const std::string what = "`extend` with frames";
  if (!chain.wants_no_window(stage, what) || !chain.wants_append(stage, what)) return;

  Features features;
  Env env = chain.env();
  env.frames = &features.calls;
  env.now_allowed = true;
  const auto errors = c.diagnostics.error_count();
  auto added = check_outputs(chain, node.entries, env);
  bool spans = false, kept = false;  // frames of a duration; frames that only `retain` bounds
  for (auto& [call, frame] : features.calls) {
    for (auto& a : call.args) a = chain.bind(a);
    if (call.where) call.where = chain.bind(call.where);
    if (call.q) call.q = chain.bind(call.q);
    if (frame.span) frame.span = frame_size(chain, frame.span);
    if (frame.rows) frame.rows = frame_size(chain, frame.rows);
    (frame.span ? spans : kept) = true;
  }
  if (spans && !chain.wants_time(stage, "a frame of a duration")) return;
  if (node.retain && node.retain->duration && !chain.wants_time(stage, "`retain`")) return;
  if (c.diagnostics.error_count() != errors) return chain.give_up();
  if (chain.key && kept && !node.retain) {
    c.report(Code::E0408, stage.range, "`extend` keeps rows for each key that ever came")
        .under("keeps state for ever")
        .at(chain.key->range, "the key")
        .note("frames of a duration bound themselves; those of a number of rows, and `forever`, do not")
        .help("add `retain 30d` to forget keys that fall silent, or say `retain forever`");
    return chain.give_up();
  }
  if (node.retain) {
    if (node.retain->duration) features.retain.duration = chain.positive(*node.retain->duration, c.types().basic(Kind::duration), "`retain`");
    else features.retain.forever = true;
  }
  features.keys = chain.take_key(stage);

  Facts facts = kept_facts(chain, added);
  std::vector<Output> outputs;
  for (Index i = 0; i < chain.row.columns.size(); ++i) outputs.push_back({chain.row.columns[i].name, chain.column(i, stage.range), stage.range});
  for (auto& a : added) {
    auto at = std::find_if(outputs.begin(), outputs.end(), [&](const Output& o) { return o.name == a.name; });
    if (at != outputs.end()) *at = std::move(a);
    else outputs.push_back(std::move(a));
  }
  Row out = row_of_outputs(chain.row, outputs);
  features.outputs = std::move(outputs);
  chain.push(stage, std::move(features), std::move(out));
  chain.facts = std::move(facts);
}

}  // namespace gress::dsl::detail
