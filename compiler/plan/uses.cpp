#include "compiler/plan/uses.h"

#include <algorithm>
#include <optional>

#include "dsl/catalog/aggregates.h"
#include "dsl/catalog/functions.h"
#include "dsl/check/expr_checker.h"
#include "dsl/check/walk.h"

namespace gress::plan {

using namespace dsl::checked;

void Use::add(const Use& other) {
  whole = whole || other.whole;
  present = present || other.present;
  for (const auto& [index, use] : other.members) members[index].add(use);
}

namespace {

const Use kWhole{true, false, {}};

/// Which element of a list that is a column of the row, if the index is written in the program and small.
std::optional<std::uint32_t> element_of_column(ExprPtr expr) {
  constexpr std::int64_t kMost = 31;
  const Expr& list = *expr->args[0];
  if (list.kind != ExprKind::ref || list.scope != Scope::row || list.type->kind != dsl::Kind::list) return {};
  const auto* index = std::get_if<std::int64_t>(&expr->args[1]->value);
  if (expr->args[1]->kind != ExprKind::literal || index == nullptr || *index < 0 || *index > kMost) return {};
  return static_cast<std::uint32_t>(*index);
}

/// Where reads of columns and of a function's parameters are noted; null where the scope cannot occur.
struct Reader {
  const Program& program;
  Uses* row;
  Uses* right;
  Uses* args;
  bool elements = false;

  /// A value reached through `expr` is used as `use`; everything else the expression needs is read too.
  void read(ExprPtr expr, const Use& use) {
    switch (expr->kind) {
      case ExprKind::ref:
        if (Uses* uses = expr->scope == Scope::row     ? row
                         : expr->scope == Scope::right ? right
                         : expr->scope == Scope::arg   ? args
                                                       : nullptr)
          (*uses)[expr->index].add(use);
        return;
      case ExprKind::member: {
        Use inner;
        inner.members[expr->index] = use;
        return read(expr->args[0], inner);
      }
      case ExprKind::convert:
        if (expr->conversion == Conversion::unwrap || expr->conversion == Conversion::reshape ||
            expr->conversion == Conversion::wrap)
          return read(expr->args[0], use);
        break;
      case ExprKind::is_null: {
        Use present;
        present.present = true;
        return read(expr->args[0], present);
      }
      case ExprKind::element:
        if (const std::optional<std::uint32_t> at = element_of_column(expr); elements && at) {
          Use inner;
          inner.members[*at] = kWhole;
          return read(expr->args[0], inner);
        }
        break;
      case ExprKind::user_call:
        return read_call(expr);
      default:
        break;
    }
    for (ExprPtr arg : expr->args) read(arg, kWhole);
    for (const MatchArm& arm : expr->arms) {
      for (ExprPtr pattern : arm.patterns) read(pattern, kWhole);
      read(arm.value, kWhole);
    }
  }

  /// A function reads of its arguments what its body reads of its parameters.
  void read_call(ExprPtr call) {
    const UserFunction& fn = program.functions[call->index];
    Uses params(fn.params.size());
    Reader{program, nullptr, nullptr, &params}.read(fn.body, kWhole);
    // A parameter that is not read is evaluated all the same.
    for (std::size_t i = 0; i != call->args.size(); ++i) read(call->args[i], params[i].any() ? params[i] : kWhole);
  }
};

/// `clamp(x, 0, 100)`: its limits are written in the program, the lower one first.
bool clamps_safely(ExprPtr call) {
  const auto limit = [&](std::size_t i) { return dsl::constant_value(call->args[i]); };
  if (call->fn->name != "clamp") return false;
  const auto low = limit(1), high = limit(2);
  if (!low || !high || low->index() != high->index()) return false;
  if (const auto* n = std::get_if<std::int64_t>(&*low)) return *n <= std::get<std::int64_t>(*high);
  if (const auto* x = std::get_if<double>(&*low)) return *x <= std::get<double>(*high);
  return false;
}

}  // namespace

void add_uses(const Program& program, ExprPtr expr, const Use& use, Uses& row, Uses* right) {
  Reader{program, &row, right, nullptr}.read(expr, use);
}
void add_element_uses(const Program& program, ExprPtr expr, const Use& use, Uses& row) {
  Reader{program, &row, nullptr, nullptr, true}.read(expr, use);
}
void add_uses(const Program& program, ExprPtr expr, Uses& row, Uses* right) {
  add_uses(program, expr, kWhole, row, right);
}

/// `x / 7`, `x % 7` of integers: not by zero, and nothing overflows.
bool divides_safely(ExprPtr expr) {
  if ((expr->op != Op::div && expr->op != Op::rem) || expr->arith != Arith::number || expr->args[1]->kind != ExprKind::literal) return false;
  const auto* by = std::get_if<std::int64_t>(&expr->args[1]->value);
  return by != nullptr && expr->type->kind != dsl::Kind::decimal && *by != 0 && *by != -1;
}

bool is_pure(const Program& program, ExprPtr expr) {
  bool pure = true;
  dsl::detail::walk(*expr, [&](const Expr& e) {
    if (e.kind == ExprKind::foreign_call || (e.fn != nullptr && e.fn->rule == dsl::FunctionRule::now)) pure = false;
    if (e.kind == ExprKind::user_call) pure = pure && is_pure(program, program.functions[e.index].body);
  });
  return pure;
}

bool may_fail(const Program& program, ExprPtr expr) {
  switch (expr->kind) {
    case ExprKind::fail:
      return true;
    case ExprKind::arithmetic:
      if (!divides_safely(expr) && (!expr->type->is_float() || expr->arith != Arith::number)) return true;
      break;
    case ExprKind::negate:
      if (!expr->type->is_float()) return true;
      break;
    case ExprKind::call: {
      if (expr->fn == nullptr) return true;
      // A pattern that is written in the program has been checked.
      if (expr->fn->name == "format_time" && expr->args[1]->kind == ExprKind::literal) break;
      if (!clamps_safely(expr) && expr->form->fails == dsl::Fails::sometimes) return true;
      break;
    }
    case ExprKind::foreign_call:
      if (program.foreign_functions[expr->index].may_fail) return true;
      break;
    case ExprKind::user_call:
      if (may_fail(program, program.functions[expr->index].body)) return true;
      break;
    default:
      break;
  }
  for (ExprPtr arg : expr->args)
    if (may_fail(program, arg)) return true;
  for (const MatchArm& arm : expr->arms)
    if (may_fail(program, arm.value)) return true;
  return false;
}

bool add_may_fail(const Program& program, const AggregateCall& call) {
  if (call.fn == nullptr) {
    if (const auto& foreign = program.aggregates[call.user].foreign) return foreign->add_fails;
    for (const auto& [field, value] : program.aggregates[call.user].add)
      if (may_fail(program, value)) return true;
    return false;
  }
  const bool sums = call.fn->kind == dsl::AggregateKind::sum || call.fn->kind == dsl::AggregateKind::avg;
  return sums && call.args[0]->type->plain()->kind == dsl::Kind::decimal;
}

bool merge_may_fail(const Program& program, const AggregateCall& call) {
  if (call.fn != nullptr) return add_may_fail(program, call);
  const UserAggregate& a = program.aggregates[call.user];
  if (a.foreign) return a.foreign->merge_throws;
  return std::ranges::any_of(a.merge, [&](const auto& assigned) { return may_fail(program, assigned.second); });
}

bool result_may_fail(const Program& program, const AggregateCall& call) {
  if (call.fn == nullptr) {
    const UserAggregate& a = program.aggregates[call.user];
    return a.foreign ? a.foreign->result_fails : may_fail(program, a.result);
  }
  const bool sums = call.fn->kind == dsl::AggregateKind::sum || call.fn->kind == dsl::AggregateKind::avg;
  return sums && !call.args[0]->type->plain()->is_float();
}

std::vector<std::uint32_t> where_columns(const Program& program, const Sink& sink) {
  const Row row = row_of_options(program, sink);
  Uses uses(row.columns.size());
  if (sink.by_row)
    for (const OptionValue& o : sink.options)
      if (o.value != nullptr) add_uses(program, o.value, uses);
  std::vector<std::uint32_t> columns;
  for (std::uint32_t i = 0; i != uses.size(); ++i)
    if (uses[i].any() && !(sink.window && (row.columns[i].name == "window_start" || row.columns[i].name == "window_end"))) columns.push_back(i);
  return columns;
}

}  // namespace gress::plan
