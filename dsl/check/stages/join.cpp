// join T as n on a == n.b: the lookup in a table (stream_join.cpp joins streams).
#include "dsl/check/stages/join_on.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

void check_join(Chain& chain, const ast::Stage& stage, const ast::Join& node) {
  Context& c = chain.c;
  const Declared* declared = nullptr;
  if (auto at = c.main().items.find(node.right.stream.text); at != c.main().items.end()) declared = &at->second.real();
  if (!declared) {
    const ast::Name& name = node.right.stream;
    auto& d = c.report(Code::E0202, name.range, "there is no table or stream " + quote(name.text));
    d.under("unknown name");
    std::vector<std::string_view> candidates;
    for (const auto& [other, item] : c.main().items)
      if (item.kind == ItemKind::table || item.kind == ItemKind::source || item.kind == ItemKind::stream || item.kind == ItemKind::route)
        candidates.push_back(other);
    suggest(d, name.text, name.range, candidates);
    return chain.give_up();
  }
  if (declared->kind != ItemKind::table) {
    resolve_stream(c, node.right, "a table or stream to join");  // no stream either: says what it is
    return chain.give_up();
  }
  if (!chain.wants_no_key(stage, "a join")) return;
  if (declared->index == kNone) return chain.give_up();
  const Table& table = c.program.tables[declared->index];
  if (node.right.case_)
    c.report(Code::E0203, node.right.range, "a table has no cases").under("`.` follows a stream of a union");
  if (node.kind == ast::JoinKind::full) {
    c.report(Code::E0419, stage.keyword, "a table cannot be joined `full`")
        .under("a table has no end at which its unmatched rows would come")
        .help("use `left join`, which keeps every row of the stream");
    return chain.give_up();
  }
  const ast::Expr* bound = node.within_low ? node.within_low.get() : node.as_of ? node.as_of.get() : nullptr;
  if (bound || node.window || node.retain || node.late_to) {
    Range range = bound ? bound->range : node.window ? node.window->range : node.retain ? node.retain->range : node.late_to->range;
    c.report(Code::E0419, range, "a join with a table takes no bound in time")
        .under("the whole table is at hand")
        .at(table.range, quote(table.name) + " is a table")
        .help("leave out `within`, `window`, `retain`, `as_of` and `late_to`");
    return chain.give_up();
  }
  if (table.type->is(Kind::error)) return chain.give_up();

  TableJoin join{join_kind(node.kind), declared->index, node.alias ? node.alias->text : table.name, {}, nullptr};
  const bool adds = node.kind == ast::JoinKind::inner || node.kind == ast::JoinKind::left;
  if (!check_alias(chain, join.alias, node.alias ? node.alias->range : node.right.range, node.kind)) return;
  On on;
  if (!node.on || !check_on(chain, *node.on, join.alias, table.type, on)) return chain.give_up();
  // `on true` says aloud that every row is meant.
  const auto* all = bare(*node.on).as<ast::Bool>();
  if (!(all && all->value) && on.rest && !mentions(*on.rest, Scope::right) && on.equalities.empty()) {
    c.report(Code::E0418, node.on->range, "the condition says nothing of " + quote(join.alias))
        .under("every row of the table matches, or none")
        .help("compare a field with one of the table: `a == " + join.alias + ".b`");
    return chain.give_up();
  }
  join.equalities = std::move(on.equalities);
  join.rest = on.rest;

  Row out = chain.row;
  if (adds) {
    const Type* type = node.kind == ast::JoinKind::left ? c.types().optional(table.type) : table.type;
    out.columns.push_back({join.alias, type, join.alias, table.doc});
  }
  chain.push(stage, std::move(join), std::move(out));
  if (adds) chain.upsert_key.clear();  // a row may match several rows of the table
}

}  // namespace gress::dsl::detail
