// `not`, `-`, `and`, `or`, arithmetic on numbers and times.
#include <algorithm>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

using ast::BinaryOp;

namespace {

std::string_view word(BinaryOp op) {
  switch (op) {
    case BinaryOp::or_: return "`or`";
    case BinaryOp::and_: return "`and`";
    case BinaryOp::eq: return "`==`";
    case BinaryOp::ne: return "`!=`";
    case BinaryOp::lt: return "`<`";
    case BinaryOp::le: return "`<=`";
    case BinaryOp::gt: return "`>`";
    case BinaryOp::ge: return "`>=`";
    case BinaryOp::in: return "`in`";
    case BinaryOp::not_in: return "`not in`";
    case BinaryOp::coalesce: return "`??`";
    case BinaryOp::add: return "`+`";
    case BinaryOp::sub: return "`-`";
    case BinaryOp::mul: return "`*`";
    case BinaryOp::div: return "`/`";
    case BinaryOp::rem: return "`%`";
  }
  return "";
}

Op arithmetic_op(BinaryOp op) {
  switch (op) {
    case BinaryOp::sub: return Op::sub;
    case BinaryOp::mul: return Op::mul;
    case BinaryOp::div: return Op::div;
    case BinaryOp::rem: return Op::rem;
    default: return Op::add;
  }
}

}  // namespace

ExprPtr ExprChecker::Impl::unary(const ast::Unary& u, Range range, const Env& env, const Type* expected) {
  if (u.op == ast::UnaryOp::not_) {
    const ExprPtr operand = condition(*u.operand, env, "`not`");
    if (is_error(operand->type)) return operand;
    if (const auto* value = std::get_if<bool>(&operand->value);
        value != nullptr && operand->kind == ExprKind::literal) {
      return literal(!*value, boolean(), range);
    }
    return node(ExprKind::not_, boolean(), range, {operand});
  }
  // The sign belongs to the literal: -9223372036854775808 fits, its digits alone do not.
  const ast::Expr* inner = u.operand.get();
  if (const auto* digits_only = inner->as<ast::Number>()) {
    return number('-' + digits_only->digits, digits_only->is_float, range, expected);
  }
  ExprPtr operand = plain(expr(*inner, env, expected), "`-`");
  if (operand->type->is(Kind::error)) return operand;
  if (!operand->type->is_number() && !operand->type->is(Kind::duration)) {
    report(Code::E0307, operand->range, "`-` takes a number or a duration, found `" + to_string(operand->type) + '`')
        .under('`' + to_string(operand->type) + '`');
    return error(range);
  }
  if (operand->kind == ExprKind::literal) {
    if (const auto* real = std::get_if<double>(&operand->value)) {
      const ExprPtr made = literal(-*real, operand->type, range);
      if (const auto known = digits.find(operand); known != digits.end()) {
        const std::string written = known->second.starts_with('-') ? known->second.substr(1) : '-' + known->second;
        digits.emplace(made, written);
      }
      return made;
    }
    if (const auto* text = std::get_if<std::string>(&operand->value)) {
      const bool negative = text->starts_with('-');
      return literal(*text == "0" ? *text : negative ? text->substr(1) : '-' + *text, operand->type, range);
    }
  }
  Expr made;
  made.kind = ExprKind::negate;
  made.type = operand->type;
  made.range = range;
  made.args = {operand};
  return fold(make(std::move(made)));
}

ExprPtr ExprChecker::Impl::binary(const ast::Binary& b, const ast::Expr& e, const Env& env, const Type* expected) {
  switch (b.op) {
    case BinaryOp::or_: case BinaryOp::and_: return logic(e, b.op, env);
    case BinaryOp::eq: case BinaryOp::ne: case BinaryOp::lt: case BinaryOp::le: case BinaryOp::gt: case BinaryOp::ge:
      return compare(b, e.range, env);
    case BinaryOp::in: case BinaryOp::not_in: return membership(b, e.range, env);
    case BinaryOp::coalesce: return coalesce(b, e.range, env, expected);
    default: return arithmetic(b, e.range, env, expected);
  }
}

ExprPtr ExprChecker::Impl::logic(const ast::Expr& e, BinaryOp op, const Env& env) {
  // A chain `a and b and c` leans left; it is checked in a loop, and each operand knows what those before it say.
  std::vector<const ast::Expr*> operands;
  const ast::Expr* at = &e;
  for (const auto* chain = e.as<ast::Binary>(); chain != nullptr && chain->op == op; chain = at->as<ast::Binary>()) {
    operands.push_back(chain->right.get());
    at = chain->left.get();
  }
  operands.push_back(at);
  std::reverse(operands.begin(), operands.end());
  Env inner = env;
  ExprPtr result = nullptr;
  bool broken = false;
  for (const ast::Expr* operand : operands) {
    const ExprPtr value = condition(*operand, inner, word(op));
    broken = broken || is_error(value->type);
    inner.facts.add(op == BinaryOp::and_ ? gress::dsl::facts_if_true(*operand, inner)
                                         : facts_if_false(*operand, inner));
    const ExprKind kind = op == BinaryOp::and_ ? ExprKind::and_ : ExprKind::or_;
    result = result == nullptr ? value : node(kind, boolean(), cover(result->range, value->range), {result, value});
  }
  return broken ? error(e.range) : result;
}

std::pair<ExprPtr, ExprPtr> ExprChecker::Impl::operands(const ast::Expr& left, const ast::Expr& right, const Env& env,
                                                        const Type* expected) {
  const bool left_adapts = adaptable(left), right_adapts = adaptable(right);
  if (left_adapts == right_adapts) {
    const Type* guide = left_adapts ? expected : nullptr;
    const ExprPtr l = expr(left, env, guide);
    return {l, expr(right, env, guide)};
  }
  const ExprPtr typed = expr(left_adapts ? right : left, env, nullptr);
  const ast::Expr& other = left_adapts ? left : right;
  const Type* guide = typed->type->plain();
  // `pieces * 0.5` where a decimal is wanted: a literal with a point beside an integer is free to be one.
  if (guide->is_integer() && expected != nullptr && expected->plain()->is(Kind::decimal) && has_point(other)) {
    guide = expected->plain();
  }
  const ExprPtr adapted = expr(other, env, guide);
  return left_adapts ? std::pair{adapted, typed} : std::pair{typed, adapted};
}

ExprPtr ExprChecker::Impl::arithmetic_node(Op op, Arith arith, const Type* type, Range range, ExprPtr left,
                                           ExprPtr right) {
  if (is_error(left->type) || is_error(right->type)) return error(range);
  Expr made;
  made.kind = ExprKind::arithmetic;
  made.type = type;
  made.range = range;
  made.op = op;
  made.arith = arith;
  made.args = {left, right};
  return fold(make(std::move(made)));
}

ExprPtr ExprChecker::Impl::arithmetic(const ast::Binary& b, Range range, const Env& env, const Type* expected) {
  auto [left, right] = operands(*b.left, *b.right, env, expected);
  const std::string_view sign = word(b.op);
  if (is_error(left->type) || is_error(right->type)) return error(range);
  left = plain(left, sign);
  right = plain(right, sign);
  if (is_error(left->type) || is_error(right->type)) return error(range);
  if (is_never(left->type) && is_never(right->type)) return require_type(with_range(left, range));
  if (is_never(left->type)) left = coerce(left, right->type, sign);
  if (is_never(right->type)) right = coerce(right, left->type, sign);

  const Type* l = left->type;
  const Type* r = right->type;
  const Op op = arithmetic_op(b.op);
  const Type* timestamp = basic(Kind::timestamp);
  const Type* duration = basic(Kind::duration);
  const bool additive = op == Op::add || op == Op::sub;

  if (l->is_number() && r->is_number()) {
    const Type* type = common(l, r);
    if (type == nullptr) {
      const Range floating = l->is_float() ? left->range : right->range;
      const std::string operand(sources.text(floating));
      report(Code::E0308, range, std::string(sign) + " between `" + to_string(l) + "` and `" + to_string(r) +
                                     "`: decimals and floats do not mix unasked")
          .at(left->range, '`' + to_string(l) + '`')
          .at(right->range, '`' + to_string(r) + '`')
          .note("`decimal(…)` is exact in its digits, `f64(…)` is not")
          .fix("convert one", floating, "decimal(" + operand + ')');
      return error(range);
    }
    return arithmetic_node(op, Arith::number, type, range, coerce(left, type, sign), coerce(right, type, sign));
  }
  // A duration takes the numbers i64, f64 and decimal.
  const auto as_factor = [&](ExprPtr number) {
    if (number->type->is(Kind::i32)) return coerce(number, i64(), sign);
    if (number->type->is(Kind::f32)) return coerce(number, f64(), sign);
    return number;
  };
  if (additive && l == timestamp && r == duration) {
    return arithmetic_node(op, Arith::time_plus_duration, timestamp, range, left, right);
  }
  if (op == Op::add && l == duration && r == timestamp) {
    return arithmetic_node(op, Arith::time_plus_duration, timestamp, range, right, left);
  }
  if (op == Op::sub && l == timestamp && r == timestamp) {
    return arithmetic_node(op, Arith::time_minus_time, duration, range, left, right);
  }
  if (l == duration && r == duration) {
    if (additive) return arithmetic_node(op, Arith::duration_duration, duration, range, left, right);
    if (op == Op::div) return arithmetic_node(op, Arith::duration_ratio, f64(), range, left, right);
  }
  if (op == Op::mul && l == duration && r->is_number()) {
    return arithmetic_node(op, Arith::duration_times, duration, range, left, as_factor(right));
  }
  if (op == Op::mul && l->is_number() && r == duration) {
    return arithmetic_node(op, Arith::duration_times, duration, range, right, as_factor(left));
  }
  if (op == Op::div && l == duration && r->is_number()) {
    return arithmetic_node(op, Arith::duration_over, duration, range, left, as_factor(right));
  }

  Diagnostic& d =
      report(Code::E0307, range, std::string(sign) + " does not take `" + to_string(l) + "` and `" + to_string(r) + '`')
          .at(left->range, '`' + to_string(l) + '`')
          .at(right->range, '`' + to_string(r) + '`');
  const std::string a(sources.text(left->range)), c(sources.text(right->range));
  if (op == Op::add && (l->is(Kind::string) || r->is(Kind::string))) {
    d.help("text is put together by `concat(a, b)`, or in place: `\"{a}{b}\"`");
  } else if (additive && (l == timestamp || l == duration) && r->is_number()) {
    d.help("a duration has a unit: `" + c + " * 1s`");
  } else if (op == Op::add && l == timestamp && r == timestamp) {
    d.help("`a - b` of two times is a duration");
  } else if (l->is(Kind::boolean) || r->is(Kind::boolean)) {
    d.help("a bool counts as `if b then 1 else 0`");
  } else if (l->is(Kind::string) && r->is_number()) {
    d.help("a number out of text: `" + to_string(r) + '(' + a + ")`");
  } else if (r->is(Kind::string) && l->is_number()) {
    d.help("a number out of text: `" + to_string(l) + '(' + c + ")`");
  }
  return error(range);
}

}  // namespace gress::dsl
