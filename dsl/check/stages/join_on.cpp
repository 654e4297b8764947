#include "dsl/check/stages/join_on.h"

#include <utility>

#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

JoinKind join_kind(ast::JoinKind kind) {
  switch (kind) {
    case ast::JoinKind::inner: return JoinKind::inner;
    case ast::JoinKind::left: return JoinKind::left;
    case ast::JoinKind::full: return JoinKind::full;
    case ast::JoinKind::semi: return JoinKind::semi;
    case ast::JoinKind::anti: return JoinKind::anti;
  }
  return JoinKind::inner;
}

namespace {

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

class OnChecker {
 public:
  OnChecker(Chain& chain, const std::string& alias, const Type* right, On& on) : chain_(chain), c_(chain.c), on_(on) {
    env_ = chain.env();
    env_.right_alias = alias;
    env_.right = right;
  }

  bool run(const ast::Expr& on) {
    std::vector<const ast::Expr*> parts;
    conjuncts(on, parts);
    bool good = true;
    for (const ast::Expr* part : parts) {
      auto errors = c_.diagnostics.error_count();
      if (!equality(*part)) {
        ExprPtr e = c_.diagnostics.error_count() == errors ? chain_.condition(*part, env_, "a join's `on`") : nullptr;
        if (!e || e->type->is(Kind::error)) good = false;
        else on_.rest = on_.rest ? both(on_.rest, e) : e;
      }
      env_.facts.add(c_.exprs->facts_if_true(*part, env_));
    }
    return good;
  }

 private:
  /// `left == right`, one side over the row, the other over the right side. False if it is something else, or wrong.
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
    on_.equalities.push_back({a, b});
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
  On& on_;
  Env env_;
};

}  // namespace

bool check_on(Chain& chain, const ast::Expr& on, const std::string& alias, const Type* right, On& result) {
  return OnChecker(chain, alias, right, result).run(on);
}

bool check_alias(Chain& chain, const std::string& alias, Range range, ast::JoinKind kind) {
  if (chain.row.find(alias) >= 0) {
    chain.c.report(Code::E0417, range, "the row has a field " + quote(alias) + " already")
        .under("would mean the joined row and the field")
        .help("name the joined row by `as`");
    chain.give_up();
    return false;
  }
  const bool anti = kind == ast::JoinKind::anti;
  if (anti || kind == ast::JoinKind::semi) chain.asked.push_back({alias, anti, range});
  else chain.c.check_column_name(alias, range);
  return true;
}

}  // namespace gress::dsl::detail
