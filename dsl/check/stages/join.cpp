// join T as n on a == n.b: the lookup in a table. Joins of streams are later work (later.cpp).
#include <algorithm>

#include "dsl/check/stages/chain.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

JoinKind kind_of(ast::JoinKind kind) {
  switch (kind) {
    case ast::JoinKind::inner: return JoinKind::inner;
    case ast::JoinKind::left: return JoinKind::left;
    case ast::JoinKind::full: return JoinKind::full;
    case ast::JoinKind::semi: return JoinKind::semi;
    case ast::JoinKind::anti: return JoinKind::anti;
  }
  return JoinKind::inner;
}

/// The conditions joined by `and`, in order.
void conjuncts(const ast::Expr& e, std::vector<const ast::Expr*>& out) {
  const ast::Expr& plain = bare(e);
  if (const auto* b = plain.as<ast::Binary>(); b && b->op == ast::BinaryOp::and_) {
    conjuncts(*b->left, out);
    conjuncts(*b->right, out);
  } else {
    out.push_back(&plain);
  }
}

class On {
 public:
  On(Chain& chain, TableJoin& join, const Type* right) : chain_(chain), c_(chain.c), join_(join) {
    env_ = chain.env();
    env_.right_alias = join.alias;
    env_.right = right;
  }

  /// False when something was not understood.
  bool run(const ast::Expr& on) {
    std::vector<const ast::Expr*> parts;
    conjuncts(on, parts);
    ExprPtr rest = nullptr;
    bool good = true;
    for (const ast::Expr* part : parts) {
      auto errors = c_.diagnostics.error_count();
      if (!equality(*part)) {
        ExprPtr e = c_.diagnostics.error_count() == errors ? chain_.condition(*part, env_, "a join's `on`") : nullptr;
        if (!e || e->type->is(Kind::error)) good = false;
        else rest = rest ? both(rest, e) : e;
      }
      env_.facts.add(c_.exprs->facts_if_true(*part, env_));
    }
    join_.rest = rest;
    // `on true` says aloud that every row is meant.
    const auto* all = bare(on).as<ast::Bool>();
    if (good && !(all && all->value) && join_.rest && !mentions(*join_.rest, Scope::right) && join_.equalities.empty()) {
      c_.report(Code::E0418, on.range, "the condition says nothing of " + quote(join_.alias))
          .under("every row of the table matches, or none")
          .help("compare a field with one of the table: `a == " + join_.alias + ".b`");
      good = false;
    }
    return good;
  }

 private:
  /// `left == right`, one side over the row, the other over the table. False if it is something else, or wrong.
  bool equality(const ast::Expr& part) {
    const auto* eq = part.as<ast::Binary>();
    if (!eq || eq->op != ast::BinaryOp::eq) return false;
    // Literals take their partner's type only when both are checked together; sides that name columns need no partner.
    if (!names_something(*eq->left) || !names_something(*eq->right)) return false;
    ExprPtr a = chain_.check(*eq->left, env_), b = chain_.check(*eq->right, env_);
    if (a->type->is(Kind::error) || b->type->is(Kind::error)) return false;
    auto side = [](ExprPtr e) { return (mentions(*e, Scope::row) ? 1 : 0) | (mentions(*e, Scope::right) ? 2 : 0); };
    int sa = side(a), sb = side(b);
    if (sa == 2 && sb == 1) std::swap(a, b);
    else if (!(sa == 1 && sb == 2)) return false;
    const Type* common = c_.exprs->common_type(a->type, b->type);
    if (!common) return false;  // the comparison itself is refused below
    if (!chain_.wants_key_type(common, part.range, "a join's key")) return false;
    a = c_.exprs->coerce(a, common, "a join's key");
    b = c_.exprs->coerce(b, common, "a join's key");
    join_.equalities.push_back({a, b});
    return true;
  }
  static bool names_something(const ast::Expr& e) {
    bool found = false;
    walk(e, [&](const ast::Expr& x) { found |= x.as<ast::NameRef>() != nullptr; });
    return found;
  }
  ExprPtr both(ExprPtr a, ExprPtr b) {
    Expr e;
    e.kind = ExprKind::and_;
    e.type = c_.types().basic(Kind::boolean);
    e.range = cover(a->range, b->range);
    e.args = {a, b};
    return c_.exprs->make(std::move(e));
  }

  Chain& chain_;
  Context& c_;
  TableJoin& join_;
  Env env_;
};

}  // namespace

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
    resolve_stream(c, node.right, "a table or stream to join");  // no stream either, as later.cpp has seen
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

  TableJoin join{kind_of(node.kind), declared->index, node.alias ? node.alias->text : table.name, {}, nullptr};
  const bool adds = node.kind == ast::JoinKind::inner || node.kind == ast::JoinKind::left;
  Range alias_range = node.alias ? node.alias->range : node.right.range;
  if (chain.row.find(join.alias) >= 0) {
    c.report(Code::E0417, alias_range, "the row has a field " + quote(join.alias) + " already")
        .under("would mean the table's row and the field")
        .help("name the table's row by `as`");
    return chain.give_up();
  }
  if (adds) c.check_column_name(join.alias, alias_range);
  if (!node.on || !On(chain, join, table.type).run(*node.on)) return chain.give_up();

  Row out = chain.row;
  if (adds) {
    const Type* type = node.kind == ast::JoinKind::left ? c.types().optional(table.type) : table.type;
    out.columns.push_back({join.alias, type, join.alias, table.doc});
  }
  chain.push(stage, std::move(join), std::move(out));
  if (adds) chain.upsert_key.clear();  // a row may match several rows of the table
}

}  // namespace gress::dsl::detail
