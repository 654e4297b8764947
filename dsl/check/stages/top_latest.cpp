// top 10 by e desc as rank · latest; both keep the row's fields and set the window's bounds.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

bool no_retain(Chain& chain, const std::optional<ast::Retain>& retain) {
  if (!retain) return true;
  chain.c.report(Code::E0423, retain->range, "`retain` has no place behind a window, which bounds the state already")
      .under("not expected")
      .at(chain.window_range, "the window");
  chain.give_up();
  return false;
}

void add_bounds(const Row& out, const Window& window, std::vector<Index>& key) {
  if (!has_bounds(window)) return;
  for (const char* name : {"window_start", "window_end"}) {
    int i = out.find(name);
    if (i >= 0) key.push_back(static_cast<Index>(i));
  }
}

/// Set in place, the window's bounds would replace a key field of that name: its groups could not be told apart.
bool key_is_no_bound(Chain& chain, const ast::Stage& stage, const Window& window, const std::vector<Index>& keys) {
  if (!has_bounds(window)) return true;
  for (Index i : keys) {
    const std::string& name = chain.row.columns[i].name;
    if (name != "window_start" && name != "window_end") continue;
    chain.c.report(Code::E0417, stage.range, "the key has a field " + quote(name) + ", and so has the window")
        .under("two fields of one name")
        .at(window.range, "the window")
        .help("give the key another name: `key start: " + name + "`");
    chain.give_up();
    return false;
  }
  return true;
}

}  // namespace

bool check_top_outputs(Chain& chain, const ast::Stage& stage, const ast::Top& node, Top& top, Row& out, std::vector<Index>& key) {
  Context& c = chain.c;
  top.with_ties = node.with_ties;
  const Type* i64 = c.types().basic(Kind::i64);
  top.count = node.count ? chain.positive(*node.count, i64, "the number of rows") : c.error_expr(stage.range);
  for (const auto& order : node.by) {
    if (!order.value) continue;
    ExprPtr value = chain.check(*order.value, chain.env());
    if (!value->type->is(Kind::error) && !ExprChecker::is_orderable(value->type->plain())) {
      c.report(Code::E0424, order.value->range, "rows cannot be ordered by " + quote(to_string(value->type))).under("has no order");
      continue;
    }
    top.by.push_back({value, order.descending});
  }
  if (node.rank) {
    if (out.find(node.rank->text) >= 0) {
      c.report(Code::E0417, node.rank->range, "the row has a field " + quote(node.rank->text) + " already")
          .under("the rank is added to the row")
          .help("give another name after `as`");
      chain.give_up();
      return false;
    }
    c.check_column_name(node.rank->text, node.rank->range);
    top.rank = node.rank->text;
    key.push_back(static_cast<Index>(out.columns.size()));
    out.columns.push_back({top.rank, i64, top.rank, ""});
  }
  // Without a rank, or with rows that share one, only the whole row tells rows apart.
  if (!node.rank || node.with_ties) key.clear();
  return true;
}

void check_top(Chain& chain, const ast::Stage& stage, const ast::Top& node) {
  if (!no_retain(chain, node.retain)) return;
  Top top;
  top.window = chain.take_window();
  top.keys = chain.take_key(stage);
  const Window window = *top.window;
  if (!key_is_no_bound(chain, stage, window, top.keys)) return;
  Row out = with_bounds(chain, window, chain.row);
  std::vector<Index> key = top.keys;
  add_bounds(out, window, key);
  if (!check_top_outputs(chain, stage, node, top, out, key)) return;
  chain.push(stage, std::move(top), std::move(out));
  chain.facts.forget(Scope::row, "window_start");
  chain.facts.forget(Scope::row, "window_end");
  set_window_kind(chain, window, std::move(key), "top");
}

void check_latest(Chain& chain, const ast::Stage& stage, const ast::Latest& node) {
  if (!no_retain(chain, node.retain)) return;
  Latest latest;
  latest.window = chain.take_window();
  latest.keys = chain.take_key(stage);
  const Window window = *latest.window;
  if (!key_is_no_bound(chain, stage, window, latest.keys)) return;
  Row out = with_bounds(chain, window, chain.row);
  std::vector<Index> key = latest.keys;
  add_bounds(out, window, key);
  chain.push(stage, std::move(latest), std::move(out));
  chain.facts.forget(Scope::row, "window_start");
  chain.facts.forget(Scope::row, "window_end");
  set_window_kind(chain, window, std::move(key), "latest");
}

}  // namespace gress::dsl::detail
