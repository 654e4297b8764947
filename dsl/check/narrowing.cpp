#include "dsl/check/narrowing.h"

#include <algorithm>

#include "dsl/check/scope.h"

namespace gress::dsl {

bool Facts::has(const FactPath& path) const { return std::find(paths_.begin(), paths_.end(), path) != paths_.end(); }

void Facts::add(const FactPath& path) {
  FactPath above{path.scope, {}};
  for (const std::string& part : path.parts) {
    above.parts.push_back(part);
    if (!has(above)) paths_.push_back(above);
  }
}

void Facts::add(const Facts& other) {
  for (const FactPath& path : other.paths_) {
    if (!has(path)) paths_.push_back(path);
  }
}

void Facts::intersect(const Facts& other) {
  std::erase_if(paths_, [&](const FactPath& path) { return !other.has(path); });
}

void Facts::forget(checked::Scope scope, std::string_view root) {
  std::erase_if(paths_, [&](const FactPath& path) { return path.scope == scope && path.parts.front() == root; });
}

bool fact_path(const ast::Expr& expr, const Env& env, FactPath& path) {
  if (const auto* paren = expr.as<ast::Paren>()) return fact_path(*paren->inner, env, path);
  if (const auto* member = expr.as<ast::Member>()) {
    // The alias of the right side is no part of the path: `n.x` is column x of the right row.
    const auto* base = member->base->as<ast::NameRef>();
    const Found::What what = base != nullptr ? resolve_local(base->name, env).what : Found::What::nothing;
    if (what == Found::What::right_alias || what == Found::What::other_alias) {
      path = {what == Found::What::right_alias ? checked::Scope::right : checked::Scope::other, {member->member.text}};
      return true;
    }
    if (!fact_path(*member->base, env, path)) return false;
    path.parts.push_back(member->member.text);
    return true;
  }
  const auto* name = expr.as<ast::NameRef>();
  if (name == nullptr) return false;
  const Found found = env.names != nullptr ? resolve(name->name, env, *env.names) : resolve_local(name->name, env);
  path = {{}, {name->name}};
  if (found.what == Found::What::value) path.scope = found.scope;
  return found.what == Found::What::value || found.what == Found::What::param;
}

namespace {

/// What is known if `expr` is `truth`.
Facts facts_if(const ast::Expr& expr, const Env& env, bool truth) {
  if (const auto* paren = expr.as<ast::Paren>()) return facts_if(*paren->inner, env, truth);
  if (const auto* unary = expr.as<ast::Unary>()) {
    return unary->op == ast::UnaryOp::not_ ? facts_if(*unary->operand, env, !truth) : Facts{};
  }
  Facts facts;
  if (const auto* test = expr.as<ast::IsNull>()) {
    FactPath path;
    if (test->negated == truth && fact_path(*test->operand, env, path)) facts.add(path);
    return facts;
  }
  const auto* binary = expr.as<ast::Binary>();
  if (binary == nullptr || (binary->op != ast::BinaryOp::and_ && binary->op != ast::BinaryOp::or_)) return facts;
  const ast::BinaryOp op = binary->op;
  // A chain of one operator leans left; walked in a loop, it costs no stack.
  std::vector<const ast::Expr*> operands;
  const ast::Expr* at = &expr;
  for (const ast::Binary* chain = binary; chain != nullptr && chain->op == op; chain = at->as<ast::Binary>()) {
    operands.push_back(chain->right.get());
    at = chain->left.get();
  }
  operands.push_back(at);
  // A true `and` and a false `or` say what all operands say; the others, what every single one says.
  const bool all = (op == ast::BinaryOp::and_) == truth;
  for (std::size_t i = operands.size(); i-- > 0;) {
    if (all) {
      facts.add(facts_if(*operands[i], env, truth));
    } else if (i + 1 == operands.size()) {
      facts = facts_if(*operands[i], env, truth);
    } else if (!facts.empty()) {
      facts.intersect(facts_if(*operands[i], env, truth));
    }
  }
  return facts;
}

}  // namespace

Facts facts_if_true(const ast::Expr& condition, const Env& env) { return facts_if(condition, env, true); }
Facts facts_if_false(const ast::Expr& condition, const Env& env) { return facts_if(condition, env, false); }

}  // namespace gress::dsl
