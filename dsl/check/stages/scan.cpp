// scan { s: i64 = 0 } update { s: e } emit { … } [when e] [retain d [then emit { … } [when e]]]
#include <algorithm>
#include <utility>

#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

/// The rows of `then emit` go the way of those of `emit`: same fields, same types, in that order.
std::vector<Output> like(Chain& chain, const std::vector<Output>& emit, std::vector<Output> then, Range range) {
  std::vector<Output> ordered;
  for (const auto& o : emit) {
    auto at = std::find_if(then.begin(), then.end(), [&](const Output& t) { return t.name == o.name; });
    if (at == then.end()) {
      chain.c.report(Code::E0414, range, "`then emit` gives no field " + quote(o.name))
          .under("rows of another shape")
          .at(o.range, "`emit` gives it")
          .help("both give rows of one stream, so both list the same fields");
      continue;
    }
    Output t = *at;
    t.value = chain.c.exprs->coerce(t.value, o.value->type, "the field " + quote(o.name) + " of `emit`");
    ordered.push_back(std::move(t));
  }
  for (const auto& t : then)
    if (std::none_of(emit.begin(), emit.end(), [&](const Output& o) { return o.name == t.name; }))
      chain.c.report(Code::E0414, t.range, "`emit` gives no field " + quote(t.name))
          .under("only here")
          .help("both give rows of one stream, so both list the same fields");
  return ordered;
}

void bind_all(Chain& chain, std::vector<std::pair<Index, ExprPtr>>& list) {
  for (auto& [field, value] : list) value = chain.bind(value);
}

/// In `update`, `emit` and `when` the name is the state's, and the row's field is out of reach.
void note_hidden_fields(Chain& chain, const std::vector<ast::StateField>& state) {
  for (const auto& f : state)
    if (chain.row.find(f.name.text) != -1)
      chain.c.report(Code::W0403, f.name.range, "the state field " + quote(f.name.text) + " hides the row's field " + quote(f.name.text))
          .under("in this stage the name is the state's")
          .help("call the state otherwise, as `kept_" + f.name.text + "`, or the field before: `rename { row_" + f.name.text + ": " + f.name.text + " }`");
}

}  // namespace

void check_scan(Chain& chain, const ast::Stage& stage, const ast::Scan& node) {
  Context& c = chain.c;
  if (!chain.wants_no_window(stage, "`scan`")) return;
  if (!chain.wants_append(stage, "`scan`")) return;
  if (chain.key && !node.retain) {
    c.report(Code::E0408, stage.range, "`scan` keeps a state for each key that ever came")
        .under("keeps state for ever")
        .at(chain.key->range, "the key")
        .help("add `retain 30d` to forget keys that fall silent, or say `retain forever`");
    return chain.give_up();
  }
  if (node.retain && node.retain->duration && !chain.wants_time(stage, "`retain`")) return;

  Scan scan;
  scan.keys = chain.take_key(stage);
  Env outer;
  outer.names = &chain.scope->names;
  outer.args = chain.params;
  outer.hint = "the first value of a state sees params only";
  scan.state = check_state(c, node.state, outer, *chain.scope);
  for (auto& f : scan.state) {
    f.init = chain.bind(f.init);
    if (f.name.starts_with('_'))
      c.report(Code::E0209, stage.range, "the name " + quote(f.name) + " is reserved").under("names beginning with `_` belong to the language");
  }
  note_hidden_fields(chain, node.state);
  Env env = chain.env();
  env.state = &scan.state;
  scan.update = check_update(c, node.update, env, scan.state);
  bind_all(chain, scan.update);
  scan.emit = check_outputs(chain, node.emit.entries, env);
  if (node.emit.when) scan.when = chain.condition(*node.emit.when, env, "`when`");
  if (node.retain) {
    if (node.retain->duration) scan.retain = chain.positive(*node.retain->duration, c.types().basic(Kind::duration), "`retain`");
    else scan.retain_forever = true;
  }
  if (scan.emit.empty()) {
    c.report(Code::E0416, stage.range, "`scan` emits rows without fields").under("nothing to emit");
    return chain.give_up();
  }
  if (node.then_emit) {
    if (scan.retain_forever || !node.retain)
      c.report(Code::E0423, node.then_emit->range, "`then emit` comes when `retain` runs out, which it never does")
          .under("would never happen")
          .help("give a duration: `retain 30d then emit { … }`");
    Row group;
    for (Index i : scan.keys) group.columns.push_back(chain.row.columns[i]);
    Env then;
    then.names = &chain.scope->names;
    then.args = chain.params;
    then.state = &scan.state;
    then.group = &group;
    then.hint = "`then emit` sees the state and the key fields: there is no row when a key falls silent";
    // The rows of `emit` say of which type a `null` is.
    std::vector<RecordField> fields;
    for (const auto& o : scan.emit) fields.push_back({.name = o.name, .type = o.value->type, .wire = {}, .doc = {}});
    const Type* declared = std::exchange(chain.wanted, c.types().record(std::move(fields)));
    auto outputs = check_outputs(chain, node.then_emit->entries, then);
    chain.wanted = declared;
    scan.then_emit = like(chain, scan.emit, std::move(outputs), node.then_emit->range);
    if (node.then_emit->when) scan.then_when = chain.condition(*node.then_emit->when, then, "`when`");
  }
  Row out = row_of_outputs(chain.row, scan.emit);
  chain.push(stage, std::move(scan), std::move(out));
  chain.forget_row();
}

}  // namespace gress::dsl::detail
