// Walks over syntax trees and checked expressions, for questions such as "does a column stand in it".
#pragma once
#include <type_traits>

#include "dsl/check/checked.h"
#include "dsl/syntax/ast.h"

namespace gress::dsl::detail {

/// Calls `f` for the expression and everything below it, parents first.
template <class F>
void walk(const ast::Expr& expr, F&& f) {
  f(expr);
  auto below = [&](const ast::ExprPtr& e) { if (e) walk(*e, f); };
  auto entries = [&](const std::vector<ast::Entry>& list) { for (const auto& e : list) below(e.value); };
  std::visit(
      [&](const auto& n) {
        using T = std::decay_t<decltype(n)>;
        if constexpr (std::is_same_v<T, ast::String>) {
          for (const auto& part : n.parts) below(part.expr);
        } else if constexpr (std::is_same_v<T, ast::Member>) {
          below(n.base);
        } else if constexpr (std::is_same_v<T, ast::Index>) {
          below(n.base), below(n.index);
        } else if constexpr (std::is_same_v<T, ast::Call>) {
          below(n.callee), entries(n.args);
        } else if constexpr (std::is_same_v<T, ast::Record>) {
          entries(n.entries);
        } else if constexpr (std::is_same_v<T, ast::List>) {
          for (const auto& e : n.items) below(e);
        } else if constexpr (std::is_same_v<T, ast::Comprehension>) {
          below(n.item), below(n.list), below(n.condition);
        } else if constexpr (std::is_same_v<T, ast::Unary> || std::is_same_v<T, ast::IsNull>) {
          below(n.operand);
        } else if constexpr (std::is_same_v<T, ast::Binary>) {
          below(n.left), below(n.right);
        } else if constexpr (std::is_same_v<T, ast::If>) {
          below(n.condition), below(n.then), below(n.otherwise);
        } else if constexpr (std::is_same_v<T, ast::Match>) {
          below(n.subject);
          for (const auto& arm : n.arms) {
            for (const auto& p : arm.patterns) below(p);
            below(arm.value);
          }
        } else if constexpr (std::is_same_v<T, ast::Paren>) {
          below(n.inner);
        }
      },
      expr.node);
}

/// The same for a checked expression.
template <class F>
void walk(const checked::Expr& expr, F&& f) {
  f(expr);
  for (checked::ExprPtr a : expr.args) walk(*a, f);
  for (const auto& arm : expr.arms) {
    for (checked::ExprPtr p : arm.patterns) walk(*p, f);
    walk(*arm.value, f);
  }
}

/// Some reference to this scope stands in it.
inline bool mentions(const checked::Expr& expr, checked::Scope scope) {
  bool found = false;
  walk(expr, [&](const checked::Expr& e) { found |= e.kind == checked::ExprKind::ref && e.scope == scope; });
  return found;
}

/// The expression without the parentheses around it.
inline const ast::Expr& bare(const ast::Expr& expr) {
  const ast::Expr* e = &expr;
  while (const auto* p = e->as<ast::Paren>()) e = p->inner.get();
  return *e;
}

/// The name that an expression consists of, null if it is anything else.
inline const std::string* bare_name(const ast::Expr& expr) {
  const auto* n = bare(expr).as<ast::NameRef>();
  return n ? &n->name : nullptr;
}

}  // namespace gress::dsl::detail
