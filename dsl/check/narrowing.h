// Narrowing: which values of type T? are known to be present at a place (language.md §3, Absence).
// A fact speaks of a column, argument, state field or param, or of a member below one: `x`, `r.celsius`. It knows its root
// by scope and name, so that facts can follow a row through stages that leave the column as it is.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/check/checked.h"
#include "dsl/syntax/ast.h"

namespace gress::dsl {

struct Env;

/// `parts[0]` is the name of the root in its scope, the rest are members. For Scope::right the parts begin with the
/// field of the right record (the alias is not among them). Params stand in no scope.
struct FactPath {
  std::optional<checked::Scope> scope;
  std::vector<std::string> parts;
  friend bool operator==(const FactPath&, const FactPath&) = default;
};

/// A set of paths known to be present.
class Facts {
 public:
  bool has(const FactPath& path) const;
  /// Adds the path and the paths above it: `a.b` is present only if `a` is.
  void add(const FactPath& path);
  void add(const Facts& other);
  /// Keeps what both hold.
  void intersect(const Facts& other);
  /// Removes the facts about a column and what is below it (it was replaced, dropped or renamed).
  void forget(checked::Scope scope, std::string_view root);
  bool empty() const { return paths_.empty(); }
  const std::vector<FactPath>& paths() const { return paths_; }

 private:
  std::vector<FactPath> paths_;
};

/// What is known when the condition is true, or false. Conditions that say nothing give no facts. Unknown names are
/// ignored: `check` reports them.
Facts facts_if_true(const ast::Expr& condition, const Env& env);
Facts facts_if_false(const ast::Expr& condition, const Env& env);

/// The path of `x`, `a.b.c` (parentheses ignored) whose root is a visible column, argument, state field or param.
bool fact_path(const ast::Expr& expr, const Env& env, FactPath& path);

}  // namespace gress::dsl
