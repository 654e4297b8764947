// The expression checker: syntax tree of an expression and what is visible → typed expression of checked.h.
//
// Every result is owned by Program::exprs. No call returns null: after a diagnostic the result has the error type,
// which goes with everything, so that one mistake is reported once.
//
// What codegen has to know beyond checked.h:
// - `calls` with a zone have it as their last argument, a string that is constant or a param;
// - calendar units (`truncate_time(t, day)`) are literals of type string, of calls of `truncate_time_unit`;
// - a missing optional argument without a default is left out of `args`;
// - `coalesce(a, b, …)` becomes coalesce nodes, `concat(a, b, …)` and text with interpolations a concat node, `count(x)`
//   a `count()` with a `where`; `min` and `max` of more than two values become nested calls;
// - decimal literals hold their digits as text without exponent and without needless zeros ("0.908", "-12");
// - literals of type T? are absent (monostate) or stand in the wrap of a plain literal.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/check/checked.h"
#include "dsl/check/scope.h"
#include "dsl/diagnostics/diagnostics.h"
#include "dsl/syntax/ast.h"

namespace gress::dsl {

class ExprChecker {
 public:
  /// `names` are those of the main file; Env::names may name others. Program::type_table must be set.
  ExprChecker(checked::Program& program, const SourceManager& sources, Diagnostics& diagnostics, const Names& names);
  ~ExprChecker();
  ExprChecker(const ExprChecker&) = delete;
  ExprChecker& operator=(const ExprChecker&) = delete;

  /// Types an expression. `expected` guides literals (`10` where a decimal is wanted), `null`, `[]`, `fail` and records;
  /// the result is not converted to it. Without `expected` an expression whose type cannot be known (`null`, `[]`,
  /// `fail("…")` alone) is an error; with it, hand the result to `coerce`.
  checked::ExprPtr check(const ast::Expr& expr, const Env& env, const Type* expected = nullptr);

  /// check, then coerce. `context` says what the value is for: "the default of `limit`", "option `path`".
  checked::ExprPtr check_as(const ast::Expr& expr, const Env& env, const Type* to, std::string_view context);

  /// check_as for conditions: a plain bool.
  checked::ExprPtr check_condition(const ast::Expr& expr, const Env& env, std::string_view context);

  /// Converts to the type where that is allowed without being asked: widening, T → T?, lifting, equal records, null,
  /// literals. Else reports what was expected in `context` and what was seen.
  checked::ExprPtr coerce(checked::ExprPtr expr, const Type* to, std::string_view context);
  /// Whether coerce would succeed.
  bool converts(checked::ExprPtr expr, const Type* to) const;

  /// The type both convert to (branches of `if`, sides of `==`): T and T? join to T?, i64 and f64 to f64 …; null if
  /// there is none.
  const Type* common_type(const Type* a, const Type* b) const;

  /// A reference to a column of a row (Scope::row and the others), for code that builds expressions itself.
  checked::ExprPtr ref(checked::Scope scope, checked::Index index, const Type* type, Range range);
  /// T? → T where the value is known to be present; other expressions are returned as they are.
  checked::ExprPtr unwrap(checked::ExprPtr expr);
  checked::ExprPtr literal(checked::Value value, const Type* type, Range range);
  /// Copies the expression into the program.
  checked::ExprPtr make(checked::Expr expr);

  /// The facts of a condition, for what follows it (a filter's row).
  Facts facts_if_true(const ast::Expr& condition, const Env& env) const;

  /// To be called for every declared fn and aggregate: warns (W0301) if it hides a built-in.
  void warn_if_hides_builtin(const ast::Name& name);

  /// After all function bodies are checked (each with Env::function set): reports those that call themselves, directly
  /// or through others (E0316). Their bodies are replaced by expressions of the error type.
  void report_recursion();

  /// `orderable`: may be compared by `<`, sorted, given to min and max. bool, numbers, text, bytes, times, uuid, enums.
  static bool is_orderable(const Type*);
  /// `==` is defined: everything but the error type.
  static bool is_comparable(const Type*);
  /// May be a key (of `key`, joins, `distinct`, maps): comparable, and no float in it.
  static bool is_key_type(const Type*);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// No column, state, argument, param or now() in it.
bool is_constant(checked::ExprPtr expr);
/// As is_constant, but params may stand in it.
bool is_param_constant(checked::ExprPtr expr);
/// The value of a constant expression, if the checker can work it out: literals and what folds to one. For T? the
/// monostate is absence.
std::optional<checked::Value> constant_value(checked::ExprPtr expr);

/// Whether a zone that the program names is in the system's database; one that a param names is looked for at start.
bool check_zone(checked::ExprPtr zone, const std::function<Diagnostic&(Code, Range, std::string)>& report);
/// Whether a time pattern has conversions, and known ones; `reading` takes fewer of them.
bool check_time_pattern(std::string_view pattern, bool reading, Range range,
                        const std::function<Diagnostic&(Code, Range, std::string)>& report);
/// Same value whenever both are evaluated in the same place: equal trees.
bool same_expr(checked::ExprPtr a, checked::ExprPtr b);

}  // namespace gress::dsl
