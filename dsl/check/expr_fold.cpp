// Constants: what folds while checking, and what can be asked of an expression afterwards.
#include <cmath>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

namespace {

enum class Failure { none, overflow, division_by_zero };

Failure integer_op(Op op, std::int64_t a, std::int64_t b, std::int64_t& out) {
  switch (op) {
    case Op::add: return __builtin_add_overflow(a, b, &out) ? Failure::overflow : Failure::none;
    case Op::sub: return __builtin_sub_overflow(a, b, &out) ? Failure::overflow : Failure::none;
    case Op::mul: return __builtin_mul_overflow(a, b, &out) ? Failure::overflow : Failure::none;
    default: break;
  }
  if (b == 0) return Failure::division_by_zero;
  if (b == -1) {
    // The least integer has no counterpart; its remainder is 0 all the same, as no such case is UB here.
    if (op == Op::rem) {
      out = 0;
      return Failure::none;
    }
    return __builtin_sub_overflow(std::int64_t{0}, a, &out) ? Failure::overflow : Failure::none;
  }
  out = op == Op::div ? a / b : a % b;
  return Failure::none;
}

double float_op(Op op, double a, double b) {
  switch (op) {
    case Op::add: return a + b;
    case Op::sub: return a - b;
    case Op::mul: return a * b;
    case Op::div: return a / b;
    default: return std::fmod(a, b);
  }
}

/// A product or quotient of a duration, in microseconds, rounded to the nearest.
Failure rounded(double micros, std::int64_t& out) {
  if (!(std::abs(micros) < 9.2e18)) return Failure::overflow;
  out = std::llround(micros);
  return Failure::none;
}

bool is_zero(ExprPtr e) {
  if (const auto* integer = std::get_if<std::int64_t>(&e->value)) return *integer == 0;
  if (const auto* text = std::get_if<std::string>(&e->value)) return *text == "0";
  return false;
}

template <class Leaf>
bool every_leaf(ExprPtr e, const Leaf& leaf) {
  if (!leaf(e)) return false;
  for (ExprPtr arg : e->args) {
    if (!every_leaf(arg, leaf)) return false;
  }
  for (const checked::MatchArm& arm : e->arms) {
    if (!every_leaf(arm.value, leaf)) return false;
  }
  return true;
}

}  // namespace

ExprPtr ExprChecker::Impl::fold(ExprPtr e) {
  const auto failed = [&](Failure failure) {
    const bool zero = failure == Failure::division_by_zero;
    report(Code::E0310, e->range, zero ? "division by zero" : "this overflows `" + to_string(e->type) + '`')
        .under(zero ? "always fails" : "too large");
    return error(e->range);
  };
  if (e->kind == ExprKind::negate) {
    const auto* value = std::get_if<std::int64_t>(&e->args[0]->value);
    if (e->args[0]->kind != ExprKind::literal || value == nullptr) return e;
    std::int64_t out = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, *value, &out)) return failed(Failure::overflow);
    return literal(out, e->type, e->range);
  }
  const ExprPtr a = e->args[0], b = e->args[1];
  const bool divides = e->op == Op::div || e->op == Op::rem;
  if (b->kind != ExprKind::literal) return e;
  if (divides && is_zero(b) && !b->type->is_float()) return failed(Failure::division_by_zero);
  if (a->kind != ExprKind::literal) return e;
  const auto* ai = std::get_if<std::int64_t>(&a->value);
  const auto* bi = std::get_if<std::int64_t>(&b->value);
  const auto* ad = std::get_if<double>(&a->value);
  const auto* bd = std::get_if<double>(&b->value);
  std::int64_t integer = 0;
  Failure failure = Failure::none;
  switch (e->arith) {
    case Arith::number:
      if (ad != nullptr && bd != nullptr) {
        const double real = float_op(e->op, *ad, *bd);
        if (!std::isfinite(real)) return e;  // there is no literal for it
        return literal(e->type->is(Kind::f32) ? static_cast<double>(static_cast<float>(real)) : real, e->type,
                       e->range);
      }
      if (ai == nullptr || bi == nullptr) return e;
      failure = integer_op(e->op, *ai, *bi, integer);
      if (failure == Failure::none && e->type->is(Kind::i32) && integer != static_cast<std::int32_t>(integer)) {
        failure = Failure::overflow;
      }
      break;
    case Arith::time_plus_duration: case Arith::time_minus_time: case Arith::duration_duration:
      if (ai == nullptr || bi == nullptr) return e;
      failure = integer_op(e->op, *ai, *bi, integer);
      break;
    case Arith::duration_times: case Arith::duration_over:
      if (ai == nullptr || (bi == nullptr && bd == nullptr)) return e;
      if (bi != nullptr) failure = integer_op(e->op, *ai, *bi, integer);
      else failure = rounded(float_op(e->op, static_cast<double>(*ai), *bd), integer);
      break;
    case Arith::duration_ratio:
      if (ai == nullptr || bi == nullptr) return e;
      return literal(static_cast<double>(*ai) / static_cast<double>(*bi), e->type, e->range);
  }
  if (failure != Failure::none) return failed(failure);
  return literal(integer, e->type, e->range);
}

bool is_constant(ExprPtr e) {
  return every_leaf(e, [](ExprPtr at) {
    return at->kind != ExprKind::ref && at->kind != ExprKind::param &&
           !(at->kind == ExprKind::call && at->fn->rule == FunctionRule::now);
  });
}

bool is_param_constant(ExprPtr e) {
  return every_leaf(e, [](ExprPtr at) {
    return at->kind != ExprKind::ref && !(at->kind == ExprKind::call && at->fn->rule == FunctionRule::now);
  });
}

std::optional<Value> constant_value(ExprPtr e) {
  if (e->type->is(Kind::error)) return std::nullopt;
  if (e->kind == ExprKind::literal) return e->value;
  if (e->kind == ExprKind::convert) {
    const std::optional<Value> inner = constant_value(e->args[0]);
    if (!inner || std::holds_alternative<std::monostate>(*inner)) return inner;
    switch (e->conversion) {
      case Conversion::wrap: case Conversion::unwrap: case Conversion::reshape: return inner;
      case Conversion::widen: case Conversion::lift: {
        const auto* integer = std::get_if<std::int64_t>(&*inner);
        if (integer == nullptr) return std::holds_alternative<double>(*inner) ? inner : std::nullopt;
        if (e->type->plain()->is_float()) return static_cast<double>(*integer);
        if (e->type->plain()->is(Kind::decimal)) return std::to_string(*integer);
        return inner;
      }
      default: return std::nullopt;
    }
  }
  if (e->kind == ExprKind::if_ && is_constant(e)) {
    const std::optional<Value> chosen = constant_value(e->args[0]);
    const bool* value = chosen ? std::get_if<bool>(&*chosen) : nullptr;
    if (value != nullptr) return constant_value(e->args[*value ? 1 : 2]);
  }
  return std::nullopt;
}

bool same_expr(ExprPtr a, ExprPtr b) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr) return false;
  if (a->kind != b->kind || a->type != b->type || a->value != b->value || a->scope != b->scope ||
      a->index != b->index || a->op != b->op || a->arith != b->arith || a->conversion != b->conversion ||
      a->negated != b->negated || a->fn != b->fn || a->form != b->form || a->args.size() != b->args.size() ||
      a->arms.size() != b->arms.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a->args.size(); ++i) {
    if (!same_expr(a->args[i], b->args[i])) return false;
  }
  for (std::size_t i = 0; i < a->arms.size(); ++i) {
    if (a->arms[i].patterns.size() != b->arms[i].patterns.size() || !same_expr(a->arms[i].value, b->arms[i].value))
      return false;
    for (std::size_t j = 0; j < a->arms[i].patterns.size(); ++j) {
      if (!same_expr(a->arms[i].patterns[j], b->arms[i].patterns[j])) return false;
    }
  }
  return true;
}

}  // namespace gress::dsl
