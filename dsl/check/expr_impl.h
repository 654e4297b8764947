// The parts of the expression checker, one file a topic. Shared here: the state, and how parts call each other.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dsl/catalog/aggregates.h"
#include "dsl/catalog/functions.h"
#include "dsl/catalog/functions_signature.h"
#include "dsl/check/expr_checker.h"

namespace gress::dsl {

using checked::Arith;
using checked::Conversion;
using checked::Expr;
using checked::ExprKind;
using checked::ExprPtr;
using checked::Index;
using checked::Op;
using checked::Scope;
using checked::Value;

/// Text in backticks, or "this" if it is long or spans lines.
std::string in_backticks(std::string_view text);
/// `a`, `b` and `c`; the first dozen of many.
std::string listed(const std::vector<std::string_view>& names);

class ExprChecker::Impl {
 public:
  Impl(checked::Program& program, const SourceManager& sources, Diagnostics& diagnostics, const Names& names);

  // ------------------------------------------------------------ expr_checker.cpp: state, dispatch, building
  ExprPtr expr(const ast::Expr&, const Env&, const Type* expected);
  ExprPtr expr_as(const ast::Expr&, const Env&, const Type* to, std::string_view context);
  ExprPtr condition(const ast::Expr&, const Env&, std::string_view context);
  const Names& names_of(const Env& env) const { return env.names != nullptr ? *env.names : names; }
  Diagnostic& report(Code code, Range range, std::string message) {
    return diagnostics.report(code, range, std::move(message));
  }
  ExprPtr make(Expr e) { return &program.exprs.emplace_back(std::move(e)); }
  ExprPtr node(ExprKind, const Type*, Range, std::vector<ExprPtr> args);
  ExprPtr error(Range range);
  ExprPtr literal(Value, const Type*, Range);
  ExprPtr ref(Scope, Index, const Type*, Range);
  ExprPtr with_range(ExprPtr, Range);
  std::string text(Range) const;        // in backticks
  const Type* basic(Kind kind) const { return types.basic(kind); }
  const Type* boolean() const { return basic(Kind::boolean); }
  const Type* i64() const { return basic(Kind::i64); }
  const Type* f64() const { return basic(Kind::f64); }
  const Type* string() const { return basic(Kind::string); }
  /// Of `fail` whose type is not known yet. Of the error kind, so that it goes with everything.
  const Type* never() const { return &never_; }
  bool is_never(const Type* type) const { return type == &never_; }
  bool is_error(const Type* type) const { return type->is(Kind::error) && !is_never(type); }
  /// null, fail or [] somewhere in the type, so that it is not known.
  bool is_untyped(const Type*) const;
  /// Reports an expression whose type cannot be known; error expression then.
  ExprPtr require_type(ExprPtr);

  // ------------------------------------------------------------ expr_literals.cpp
  ExprPtr number(std::string digits, bool is_float, Range, const Type* expected);
  /// A number literal as one of another type, if it fits; null if it is none or does not.
  ExprPtr adapt_literal(ExprPtr, const Type* to, bool reporting);
  ExprPtr text_literal(const ast::String&, Range, const Env&);
  /// Any value as text, for interpolation and concat.
  ExprPtr to_text(ExprPtr);
  ExprPtr list(const ast::List&, Range, const Env&, const Type* expected);
  ExprPtr record(const ast::Record&, Range, const Env&, const Type* expected);
  /// A literal, or made of literals only, that takes the type of its partner. With `branches`, also `if`, `match` and
  /// `??` of such, and `fail`. Only what adapts without `branches` may be checked twice: it holds no calls, so that
  /// nesting cannot double the work at every level.
  static bool adaptable(const ast::Expr&, bool branches = true);
  static bool has_point(const ast::Expr&);

  // ------------------------------------------------------------ expr_names.cpp
  ExprPtr name(const ast::NameRef&, const ast::Expr&, const Env&, const Type* expected);
  ExprPtr member(const ast::Member&, const ast::Expr&, const Env&);
  ExprPtr field(ExprPtr base, const ast::Name&, Range);
  ExprPtr element(const ast::Index&, Range, const Env&);
  ExprPtr narrow(ExprPtr, const ast::Expr&, const Env&);
  checked::ExprPtr asked_side(const AskedSide&, Range);
  void unknown_name(std::string_view name, Range, const Env&, const Type* expected);

  // ------------------------------------------------------------ expr_convert.cpp
  ExprPtr coerce(ExprPtr, const Type* to, std::string_view context);
  bool converts(ExprPtr, const Type* to) const;
  bool widens(const Type* from, const Type* to) const;
  const Type* common(const Type*, const Type*) const;
  ExprPtr convert(Conversion, ExprPtr, const Type* to);
  ExprPtr unwrap(ExprPtr);
  ExprPtr absent_value(const Type* optional, Range);
  void mismatch(ExprPtr, const Type* to, std::string_view context);
  /// A plain value for `what` ("`+`"); reports a T? (E0306) or null.
  ExprPtr plain(ExprPtr, std::string_view what);
  void absent_operand(ExprPtr, std::string message);
  static std::string default_text(const Type*);

  // ------------------------------------------------------------ expr_operators.cpp, expr_compare.cpp
  ExprPtr unary(const ast::Unary&, Range, const Env&, const Type* expected);
  ExprPtr binary(const ast::Binary&, const ast::Expr&, const Env&, const Type* expected);
  ExprPtr logic(const ast::Expr&, ast::BinaryOp, const Env&);
  ExprPtr arithmetic(const ast::Binary&, Range, const Env&, const Type* expected);
  ExprPtr compare(const ast::Binary&, Range, const Env&);
  ExprPtr membership(const ast::Binary&, Range, const Env&);
  ExprPtr is_null(const ast::IsNull&, Range, const Env&);
  ExprPtr coalesce(const ast::Binary&, Range, const Env&, const Type* expected);
  /// `without`: how the program would be written if the default on the right were left out.
  struct Edit {
    Range range;
    std::string text;
  };
  ExprPtr coalesce(ExprPtr left, const ast::Expr& right, Range, const Env&, const Type* expected, const Edit& without);
  /// Both operands; what adapts is checked after its partner.
  std::pair<ExprPtr, ExprPtr> operands(const ast::Expr& left, const ast::Expr& right, const Env&, const Type* expected);
  ExprPtr arithmetic_node(Op, Arith, const Type*, Range, ExprPtr left, ExprPtr right);

  // ------------------------------------------------------------ expr_branches.cpp
  struct Branch {
    const ast::Expr* expr;
    const Env* env;
    ExprPtr value = nullptr;
  };
  ExprPtr if_(const ast::If&, Range, const Env&, const Type* expected);
  ExprPtr match(const ast::Match&, Range, const Env&, const Type* expected);
  /// Checks the branches, converts them to their common type and returns it; null after a diagnostic.
  const Type* join(std::vector<Branch>&, const Type* expected, std::string_view what);

  // ------------------------------------------------------------ expr_calls.cpp, expr_overloads.cpp, expr_special.cpp
  ExprPtr call(const ast::Call&, const ast::Expr&, const Env&, const Type* expected);
  ExprPtr user_call(Index, const ast::Call&, Range, const Env&);
  ExprPtr foreign_call(std::string_view name, const std::vector<Index>& overloads, const ast::Call&, Range, const Env&);  // expr_foreign.cpp
  ExprPtr builtin(const Function&, const ast::Call&, Range, const Env&, const Type* expected);
  ExprPtr overloaded(const Function&, const ast::Call&, Range, const Env&, const Type* expected);
  void unknown_function(const ast::NameRef&, Range callee, const Env&);
  /// Arguments by parameter, null where left out; false after a diagnostic. The last of `names` takes all further
  /// positional ones if `repeats`.
  bool bind(std::string_view callee, const ast::Call&, Range, const std::vector<std::string>& names,
            std::size_t required, std::string_view signature, std::vector<const ast::Expr*>& bound);
  ExprPtr call_coalesce(const ast::Call&, Range, const Env&, const Type* expected);
  ExprPtr call_concat(const ast::Call&, Range, const Env&);
  ExprPtr call_fail(const ast::Call&, Range, const Env&);
  ExprPtr call_now(const ast::Call&, Range, const Env&);
  ExprPtr call_captures(const Function&, const ast::Call&, Range, const Env&);
  /// What is known of constant arguments: patterns, zones, group numbers. False after a diagnostic.
  bool check_roles(const Signature&, const std::vector<ExprPtr>& args);
  bool check_regex(ExprPtr pattern, int* groups);
  /// What fails for its constants or params alone is refused at start, not row by row.
  void require_computable(const Signature&, const std::vector<ExprPtr>& args, const std::function<ExprPtr(std::vector<ExprPtr>)>& call, Range);

  // ------------------------------------------------------------ expr_aggregates.cpp
  ExprPtr aggregate(const AggregateFn*, Index user, std::string_view name, const ast::Call&, Range, const Env&);
  bool is_frame(const ast::Call&) const;
  void refuse_frame(const ast::Call&);
  /// What `over:` or `before:` says; nothing after a diagnostic. It may still depend on the row.
  std::optional<checked::Frame> frame(const ast::Entry&, const Env&);

  // ------------------------------------------------------------ expr_fold.cpp
  /// The value of an operation on literals: the expression itself if it does not fold; reports overflow (E0310).
  ExprPtr fold(ExprPtr arithmetic);

  checked::Program& program;
  const SourceManager& sources;
  Diagnostics& diagnostics;
  const Names& names;
  TypeTable& types;
  /// Digits of number literals as written, with their sign: a literal that becomes a decimal later loses nothing.
  std::unordered_map<ExprPtr, std::string> digits;
  struct CallEdge {
    Index from, to;
    Range range;
  };
  std::vector<CallEdge> calls;

 private:
  Type never_;
};

/// Canonical decimal text ("0.908", "-12", "0") of digits with sign, point and exponent. False if it has more than 28
/// significant digits or does not fit.
bool decimal_text(std::string_view digits, std::string& out);

// ---------------------------------------------------------------- expr_regex.cpp (RE2), expr_zone.cpp (date/tz)

struct RegexGroup {
  std::string name;
  int number = 0;         // as RE2 counts, from 1
  bool optional = false;  // may take no part in a match
};
struct RegexInfo {
  std::string error;      // empty: it is well-formed
  int groups = 0;
  std::vector<RegexGroup> named;
};
RegexInfo inspect_regex(std::string_view pattern);
/// Empty if `by` may stand in regex_replace: no `\3` beyond the pattern's groups.
std::string check_replacement(std::string_view pattern, std::string_view by);

}  // namespace gress::dsl
