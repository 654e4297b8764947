// Comparison, membership, absence.
#include "dsl/check/expr_impl.h"

namespace gress::dsl {

using ast::BinaryOp;

namespace {

Op compare_op(BinaryOp op) {
  switch (op) {
    case BinaryOp::ne: return Op::ne;
    case BinaryOp::lt: return Op::lt;
    case BinaryOp::le: return Op::le;
    case BinaryOp::gt: return Op::gt;
    case BinaryOp::ge: return Op::ge;
    default: return Op::eq;
  }
}

constexpr std::string_view signs[] = {"`+`", "`-`", "`*`", "`/`", "`%`", "`==`", "`!=`", "`<`", "`<=`", "`>`", "`>=`"};

}  // namespace

ExprPtr ExprChecker::Impl::compare(const ast::Binary& b, Range range, const Env& env) {
  auto [left, right] = operands(*b.left, *b.right, env, nullptr);
  const Op op = compare_op(b.op);
  const std::string_view sign = signs[static_cast<std::size_t>(op)];
  const bool equality = op == Op::eq || op == Op::ne;
  if (is_error(left->type) || is_error(right->type)) return error(range);
  if (!equality) {
    left = plain(left, sign);
    right = plain(right, sign);
    if (is_error(left->type) || is_error(right->type)) return error(range);
  }
  if (is_never(left->type) && is_never(right->type)) return require_type(with_range(left, range));
  const bool left_null = left->type->is(Kind::null), right_null = right->type->is(Kind::null);
  if (left_null || right_null) {
    const ExprPtr other = left_null ? right : left;
    if (other->type->is_optional()) {
      Expr made;
      made.kind = ExprKind::is_null;
      made.type = boolean();
      made.range = range;
      made.negated = op == Op::ne;
      made.args = {other};
      return make(std::move(made));
    }
    report(Code::W0302, range, text(other->range) + " is never absent")
        .under(op == Op::eq ? "always false" : "always true");
    return literal(op == Op::ne, boolean(), range);
  }
  const Type* type = common(left->type, right->type);
  if (type == nullptr) {
    const Type* l = left->type;
    const Type* r = right->type;
    const bool mixes = l->plain()->is_number() && r->plain()->is_number();
    Diagnostic& d = report(mixes ? Code::E0308 : Code::E0307, range,
                           mixes ? std::string(sign) + " between `" + to_string(l) + "` and `" + to_string(r) +
                                       "`: decimals and floats do not mix unasked"
                                 : std::string(sign) + " compares values of one type, found `" + to_string(l) +
                                       "` and `" + to_string(r) + '`')
                        .at(left->range, '`' + to_string(l) + '`')
                        .at(right->range, '`' + to_string(r) + '`');
    const ExprPtr enumeration = l->plain()->is(Kind::enumeration)   ? left
                                : r->plain()->is(Kind::enumeration) ? right
                                                                    : nullptr;
    const ExprPtr other = enumeration == left ? right : left;
    if (mixes) {
      const ExprPtr floating = l->plain()->is_float() ? left : right;
      d.help("convert one: `decimal(" + std::string(sources.text(floating->range)) + ")`");
    } else if (enumeration != nullptr && other->kind == ExprKind::literal && other->type->is(Kind::string)) {
      const Type* of = enumeration->type->plain();
      for (const EnumVariant& variant : of->variants) {
        const std::string& text = std::get<std::string>(other->value);
        if (variant.name != text && variant.wire != text) continue;
        const std::string full = of->name + '.' + variant.name;
        d.fix("write `" + full + '`', other->range, full);
      }
    } else if (enumeration != nullptr && other->type->is(Kind::string)) {
      d.help("the wire name of an enum is `string(" + std::string(sources.text(enumeration->range)) + ")`");
    } else if ((l->plain()->is(Kind::timestamp) && r->plain()->is(Kind::string)) ||
               (r->plain()->is(Kind::timestamp) && l->plain()->is(Kind::string))) {
      d.help("a time is written `@2026-01-31T12:00:00Z`, or made of text by `timestamp(text)`");
    } else if ((l->plain()->is(Kind::duration) && r->plain()->is_number()) ||
               (r->plain()->is(Kind::duration) && l->plain()->is_number())) {
      d.help("a duration has a unit: `5s`, `30m`, or `x / 1s` is a number");
    }
    return error(range);
  }
  if (is_untyped(type)) return require_type(left);
  if (!equality && !is_orderable(type)) {
    report(Code::E0319, range, "`" + to_string(type) + "` has no order").under(std::string(sign) + " needs one")
        .note("ordered are bool, numbers, text, bytes, times, uuid and enums");
    return error(range);
  }
  left = coerce(left, type, sign);
  right = coerce(right, type, sign);
  if (is_error(left->type) || is_error(right->type)) return error(range);
  Expr made;
  made.kind = ExprKind::compare;
  made.type = boolean();
  made.range = range;
  made.op = op;
  made.args = {left, right};
  return make(std::move(made));
}

ExprPtr ExprChecker::Impl::membership(const ast::Binary& b, Range range, const Env& env) {
  const bool negated = b.op == BinaryOp::not_in;
  const std::string_view sign = negated ? "`not in`" : "`in`";
  ExprPtr left = expr(*b.left, env, nullptr);
  const ast::Expr* right_side = b.right.get();
  while (const auto* paren = right_side->as<ast::Paren>()) right_side = paren->inner.get();
  Expr made;
  made.type = boolean();
  made.range = range;
  made.negated = negated;
  if (const auto* list = right_side->as<ast::List>()) {
    bool broken = is_error(left->type);
    if (!broken) left = plain(left, sign);
    broken = broken || is_error(left->type);
    std::vector<ExprPtr> items;
    const Type* type = broken ? types.error() : left->type;
    for (const auto& item : list->items) {
      ExprPtr value = expr(*item, env, broken ? nullptr : left->type);
      if (!is_error(value->type)) value = plain(value, sign);
      if (is_error(value->type)) broken = true;
      if (broken) continue;
      const Type* joined = common(type, value->type);
      if (joined == nullptr) {
        mismatch(value, type, sign);
        broken = true;
        continue;
      }
      type = joined;
      items.push_back(value);
    }
    if (broken) return error(range);
    if (is_untyped(type)) return require_type(left);
    made.kind = ExprKind::in_list;
    made.args.push_back(coerce(left, type, sign));
    for (ExprPtr item : items) made.args.push_back(coerce(item, type, sign));
    for (ExprPtr arg : made.args) {
      if (is_error(arg->type)) return error(range);
    }
    return make(std::move(made));
  }
  ExprPtr right = expr(*right_side, env, nullptr);
  right = require_type(right);
  if (is_error(left->type) || is_error(right->type)) return error(range);
  left = plain(left, sign);
  right = plain(right, sign);
  if (is_error(left->type) || is_error(right->type)) return error(range);
  const Type* elem = right->type->is(Kind::list)  ? right->type->elem
                     : right->type->is(Kind::map) ? right->type->key
                                                  : nullptr;
  if (elem == nullptr) {
    Diagnostic& d = report(Code::E0307, right->range,
                           std::string(sign) + " takes a list or a map, found `" + to_string(right->type) + '`')
                        .under('`' + to_string(right->type) + '`');
    if (right->type->is(Kind::string)) {
      d.help("part of a text: `contains(" + std::string(sources.text(right->range)) + ", " +
             std::string(sources.text(left->range)) + ")`");
    }
    return error(range);
  }
  left = coerce(left, elem, right->type->is(Kind::list) ? "the list's element" : "the map's key");
  if (is_error(left->type)) return error(range);
  made.kind = ExprKind::in_value;
  made.args = {left, right};
  return make(std::move(made));
}

ExprPtr ExprChecker::Impl::is_null(const ast::IsNull& test, Range range, const Env& env) {
  const ExprPtr operand = expr(*test.operand, env, nullptr);
  if (is_error(operand->type)) return error(range);
  if (is_never(operand->type)) return require_type(operand);
  if (!operand->type->is_optional()) {
    const bool null = operand->type->is(Kind::null);
    const bool result = null != test.negated;
    report(Code::W0302, range, null ? "`null` is always absent" : text(operand->range) + " is never absent here")
        .under(result ? "always true" : "always false");
    return literal(result, boolean(), range);
  }
  Expr made;
  made.kind = ExprKind::is_null;
  made.type = boolean();
  made.range = range;
  made.negated = test.negated;
  made.args = {operand};
  return make(std::move(made));
}

ExprPtr ExprChecker::Impl::coalesce(const ast::Binary& b, Range range, const Env& env, const Type* expected) {
  const bool left_adapts = adaptable(*b.left);
  const Edit without{{range.file, b.left->range.end, range.end}, ""};
  return coalesce(expr(*b.left, env, left_adapts ? expected : nullptr), *b.right, range, env, expected, without);
}

ExprPtr ExprChecker::Impl::coalesce(ExprPtr left, const ast::Expr& right_side, Range range, const Env& env,
                                    const Type* expected, const Edit& without) {
  if (is_error(left->type)) {
    expr(right_side, env, expected);
    return error(range);
  }
  const bool null = left->type->is(Kind::null);
  if (!left->type->is_optional()) {
    Diagnostic& d = report(Code::W0303, range,
                           null ? "`null` is always absent: its default is meant"
                                : text(left->range) + " is never absent: its default is never used");
    if (!null && !is_never(left->type)) d.fix("remove it", without.range, without.text);
  }
  const Type* guide = null || is_never(left->type) ? expected : left->type->plain();
  const ExprPtr right = expr(right_side, env, guide);
  if (is_error(right->type)) return error(range);
  if (null) return right;
  if (is_never(left->type)) return left;
  const Type* type = common(left->type->plain(), right->type);
  if (type == nullptr) {
    report(Code::E0318, range,
           "`??` joins `" + to_string(left->type->plain()) + "` and `" + to_string(right->type) +
               "`, which have no type in common")
        .at(left->range, '`' + to_string(left->type) + '`')
        .at(right->range, '`' + to_string(right->type) + '`');
    return error(range);
  }
  if (!left->type->is_optional()) return left;
  const ExprPtr from = coerce(left, types.optional(type), "`??`");
  const ExprPtr to = coerce(right, type, "`??`");
  if (is_error(from->type) || is_error(to->type)) return error(range);
  return node(ExprKind::coalesce, type, range, {from, to});
}

}  // namespace gress::dsl
