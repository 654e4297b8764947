// Conversions that need not be asked for, the type two values share, and what is said when there is none.
#include <algorithm>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

ExprPtr ExprChecker::Impl::convert(Conversion conversion, ExprPtr e, const Type* to) {
  Expr made;
  made.kind = ExprKind::convert;
  made.type = to;
  made.range = e->range;
  made.conversion = conversion;
  made.args = {e};
  return make(std::move(made));
}

ExprPtr ExprChecker::Impl::unwrap(ExprPtr e) {
  return e->type->is_optional() ? convert(Conversion::unwrap, e, e->type->elem) : e;
}

ExprPtr ExprChecker::Impl::absent_value(const Type* optional, Range range) {
  return literal(std::monostate{}, optional, range);
}

bool ExprChecker::Impl::widens(const Type* from, const Type* to) const {
  switch (from->kind) {
    case Kind::i32: return to->is(Kind::i64) || to->is(Kind::f64) || to->is(Kind::decimal);
    case Kind::i64: return to->is(Kind::f64) || to->is(Kind::decimal);
    case Kind::f32: return to->is(Kind::f64);
    default: return false;
  }
}

const Type* ExprChecker::Impl::common(const Type* a, const Type* b) const {
  if (a == b) return a;
  if (is_never(a)) return b;
  if (is_never(b)) return a;
  if (a->is(Kind::error)) return a;
  if (b->is(Kind::error)) return b;
  if (a->is(Kind::null)) return types.optional(b);
  if (b->is(Kind::null)) return types.optional(a);
  if (a->is_optional() || b->is_optional()) {
    const Type* joined = common(a->plain(), b->plain());
    return joined != nullptr ? types.optional(joined) : nullptr;
  }
  if (a->is_number() && b->is_number()) {
    if (widens(a, b)) return b;
    if (widens(b, a)) return a;
    // f32 beside an integer: both are exact in f64, or as near as i64 ever gets.
    return a->is(Kind::decimal) || b->is(Kind::decimal) ? nullptr : f64();
  }
  if (a->is(Kind::list) && b->is(Kind::list)) {
    if (is_never(a->elem)) return b;
    if (is_never(b->elem)) return a;
  }
  if (same_shape(a, b)) return a->is(Kind::record) && a->name.empty() ? b : a;
  return nullptr;
}

bool ExprChecker::Impl::converts(ExprPtr e, const Type* to) const {
  const Type* from = e->type;
  if (from == to || from->is(Kind::error) || to->is(Kind::error)) return true;
  if (from->is(Kind::null)) return to->is_optional();
  if (e->kind == ExprKind::literal && from->is_number() && to->plain()->is_number()) {
    return const_cast<Impl*>(this)->adapt_literal(e, to->plain(), false) != nullptr;
  }
  if (e->kind == ExprKind::list && to->plain()->is(Kind::list)) {
    return std::all_of(e->args.begin(), e->args.end(), [&](ExprPtr item) { return converts(item, to->plain()->elem); });
  }
  if (e->kind == ExprKind::record && to->plain()->is(Kind::record)) {
    const Type* record = to->plain();
    for (std::size_t i = 0; i < from->fields.size(); ++i) {
      const int at = record->field(from->fields[i].name);
      if (at < 0 || !converts(e->args[i], record->fields[static_cast<std::size_t>(at)].type)) return false;
    }
    return std::all_of(record->fields.begin(), record->fields.end(), [&](const RecordField& field) {
      return from->field(field.name) >= 0 || field.default_value != nullptr || field.type->is_optional();
    });
  }
  if (from->is_optional() && !to->is_optional()) return false;
  const Type* plain_from = from->plain();
  const Type* plain_to = to->plain();
  if (same_shape(plain_from, plain_to) || widens(plain_from, plain_to)) return true;
  if (e->kind == ExprKind::if_ || e->kind == ExprKind::match) {
    const std::size_t first = e->kind == ExprKind::if_ ? 1 : e->args.size();
    for (std::size_t i = first; i < e->args.size(); ++i) {
      if (!converts(e->args[i], to)) return false;
    }
    return std::all_of(e->arms.begin(), e->arms.end(),
                       [&](const checked::MatchArm& arm) { return converts(arm.value, to); });
  }
  return plain_from->is(Kind::list) && plain_to->is(Kind::list) && is_never(plain_from->elem);
}

ExprPtr ExprChecker::Impl::coerce(ExprPtr e, const Type* to, std::string_view context) {
  const Type* from = e->type;
  if (from == to || is_error(from)) return e;
  if (to->is(Kind::error)) return is_never(from) ? error(e->range) : e;
  if (is_never(from) && e->kind == ExprKind::fail) {
    Expr copy = *e;
    copy.type = to;
    return make(std::move(copy));
  }
  if (from->is(Kind::null)) {
    if (to->is_optional()) return absent_value(to, e->range);
    mismatch(e, to, context);
    return error(e->range);
  }
  if (!converts(e, to)) {
    mismatch(e, to, context);
    return error(e->range);
  }
  const Type* plain_to = to->plain();
  // Branches that had no type of their own, or literals, convert one by one.
  if ((e->kind == ExprKind::if_ || e->kind == ExprKind::match) &&
      (is_untyped(from) || !same_shape(from->plain(), plain_to))) {
    Expr copy = *e;
    copy.type = to;
    for (std::size_t i = e->kind == ExprKind::if_ ? 1 : e->args.size(); i < copy.args.size(); ++i) {
      copy.args[i] = coerce(copy.args[i], to, context);
    }
    for (checked::MatchArm& arm : copy.arms) arm.value = coerce(arm.value, to, context);
    return make(std::move(copy));
  }
  if (to->is_optional() && !from->is_optional()) {
    // What was just unwrapped because it is present goes back as it was.
    if (e->kind == ExprKind::convert && e->conversion == Conversion::unwrap && e->args[0]->type == to)
      return e->args[0];
    const ExprPtr inner = coerce(e, plain_to, context);
    return is_error(inner->type) ? inner : convert(Conversion::wrap, inner, to);
  }
  if (from->is_optional()) return convert(Conversion::lift, e, to);
  if (e->kind == ExprKind::literal && from->is_number()) {
    const ExprPtr adapted = adapt_literal(e, to, true);
    return adapted != nullptr ? adapted : error(e->range);
  }
  if (e->kind == ExprKind::list) {
    Expr copy = *e;
    copy.type = to;
    for (ExprPtr& item : copy.args) item = coerce(item, to->elem, context);
    return make(std::move(copy));
  }
  if (e->kind == ExprKind::record) {
    Expr copy = *e;
    copy.type = to;
    copy.args.clear();
    for (const RecordField& field : to->fields) {
      const int at = from->field(field.name);
      if (at >= 0) {
        copy.args.push_back(coerce(e->args[static_cast<std::size_t>(at)], field.type, "field `" + field.name + '`'));
      } else {
        copy.args.push_back(field.default_value != nullptr ? field.default_value : absent_value(field.type, e->range));
      }
    }
    return make(std::move(copy));
  }
  if (same_shape(from, to)) return convert(Conversion::reshape, e, to);
  if (from->is_integer() && to->is_float() && e->kind == ExprKind::arithmetic && e->op == Op::div) {
    report(Code::W0304, e->range, "this division of integers truncates before it becomes `" + to_string(to) + '`')
        .under("`7 / 2` is 3 here")
        .help("divide floats: `f64(" + std::string(sources.text(e->args[0]->range)) + ") / " +
              std::string(sources.text(e->args[1]->range)) + '`');
  }
  return convert(Conversion::widen, e, to);
}

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string ExprChecker::Impl::default_text(const Type* type) {
  switch (type->plain()->kind) {
    case Kind::boolean: return "false";
    case Kind::i32: case Kind::i64: case Kind::decimal: return "0";
    case Kind::f32: case Kind::f64: return "0.0";
    case Kind::string: return "\"\"";
    case Kind::duration: return "0s";
    case Kind::list: return "[]";
    case Kind::enumeration: return type->plain()->name + '.' + type->plain()->variants.front().name;
    default: return "fail(\"it is absent\")";
  }
}

void ExprChecker::Impl::absent_operand(ExprPtr e, std::string message) {
  const std::string operand(sources.text(e->range));
  Diagnostic& d = report(Code::E0306, e->range, std::move(message)).under("may be absent");
  if (!e->type->is_optional()) return;
  const std::string whole = operand + " ?? " + default_text(e->type);
  ExprPtr base = e;
  while (base->kind == ExprKind::member) base = base->args[0];
  const bool is_path = base->kind == ExprKind::ref;  // only of these is presence known behind a test
  if (operand.size() <= 48 && operand.find('\n') == std::string::npos) {
    if (is_path) d.help("see to it that it is there: `filter " + operand + " is not null`");
    d.fix(is_path ? "or give a default" : "give a default", e->range, '(' + whole + ')');
  } else {
    d.help("give a default: `… ?? " + default_text(e->type) + '`');
  }
}

ExprPtr ExprChecker::Impl::plain(ExprPtr e, std::string_view what) {
  if (e->type->is(Kind::null)) {
    report(Code::E0306, e->range, std::string(what) + " wants plain values, and `null` is always absent")
        .under("absent");
    return error(e->range);
  }
  if (!e->type->is_optional()) return e;
  absent_operand(e, std::string(what) + " wants plain values, and " + text(e->range) + " may be absent");
  return error(e->range);
}

void ExprChecker::Impl::mismatch(ExprPtr e, const Type* to, std::string_view context) {
  const Type* from = e->type;
  const std::string wanted = to_string(to), seen = to_string(from);
  const std::string where = context.empty() ? "here" : std::string(context);
  if (from->is(Kind::null)) {
    report(Code::E0305, e->range, where + " wants `" + wanted + "`, and `null` is no plain value")
        .under("absent")
        .help("a type that may be absent is written `" + wanted + "?`");
    return;
  }
  const Type* plain_from = from->plain();
  const Type* plain_to = to->plain();
  const bool only_absent = from->is_optional() && !to->is_optional() &&
                           (same_shape(plain_from, plain_to) || widens(plain_from, plain_to));
  if (only_absent) {
    absent_operand(e, where + " wants a plain `" + wanted + "`, and " + text(e->range) + " may be absent");
    return;
  }
  const std::string operand(sources.text(e->range));
  const auto suggest = [&](Diagnostic& d, const char* function) {
    const std::string call = std::string(function) + '(' + operand + ')';
    if (operand.size() > 48 || operand.find('\n') != std::string::npos) {
      d.help("`" + std::string(function) + "(…)` converts it");
    } else {
      d.fix("convert it: `" + call + '`', e->range, call);
    }
  };
  if (e->kind == ExprKind::literal && plain_from->is_integer() && plain_to->is_number()) {
    adapt_literal(e, plain_to, true);  // reports what does not fit
    return;
  }
  const bool mixes = (plain_from->is(Kind::decimal) && plain_to->is_float()) ||
                     (plain_from->is_float() && plain_to->is(Kind::decimal));
  if (mixes) {
    Diagnostic& d =
        report(Code::E0308, e->range,
               where + " wants `" + wanted + "`, found `" + seen + "`; decimals and floats do not mix unasked")
            .under("`" + seen + '`');
    if (!from->is_optional()) suggest(d, plain_to->is(Kind::decimal) ? "decimal" : to_string(plain_to).c_str());
    return;
  }
  if (e->kind == ExprKind::record && plain_to->is(Kind::record)) {
    const std::string name = plain_to->name.empty() ? "`" + wanted + '`' : '`' + plain_to->name + '`';
    bool said = false;
    for (std::size_t i = 0; i < from->fields.size(); ++i) {
      const int at = plain_to->field(from->fields[i].name);
      if (at >= 0) {
        if (is_error(coerce(e->args[i], plain_to->fields[static_cast<std::size_t>(at)].type,
                            "field `" + from->fields[i].name + '`')
                         ->type))
          said = true;
        continue;
      }
      Diagnostic& d = report(Code::E0302, e->args[i]->range, name + " has no field `" + from->fields[i].name + '`')
                          .under("unknown field");
      std::vector<std::string_view> all;
      for (const RecordField& field : plain_to->fields) all.push_back(field.name);
      if (const std::string_view near = nearest(from->fields[i].name, all); !near.empty())
        d.help("did you mean `" + std::string(near) + "`?");
      said = true;
    }
    std::string missing;
    for (const RecordField& field : plain_to->fields) {
      if (from->field(field.name) >= 0 || field.default_value != nullptr || field.type->is_optional()) continue;
      missing += (missing.empty() ? "`" : ", `") + field.name + '`';
    }
    if (!missing.empty()) {
      report(Code::E0334, e->range, "a " + name + " without " + missing).under("missing: " + missing);
      said = true;
    }
    if (said) return;
  }
  if (e->kind == ExprKind::list && plain_to->is(Kind::list)) {
    for (ExprPtr item : e->args) {
      if (is_error(coerce(item, plain_to->elem, "an element of " + where)->type)) return;
    }
  }
  Diagnostic& d =
      report(Code::E0305, e->range, where + " wants `" + wanted + "`, found `" + seen + '`').under("`" + seen + '`');
  if (from->is_optional()) return;
  if (const auto* written = e->kind == ExprKind::literal ? std::get_if<std::string>(&e->value) : nullptr;
      written != nullptr && (plain_to->is_number() || plain_to->is(Kind::duration))) {
    // Text that reads as such a literal was meant to be one; other text has no value of the type.
    const bool literal = !written->empty() && is_digit(written->front()) &&
                         written->find_first_not_of("0123456789._dhmsu") == std::string::npos &&
                         (plain_to->is(Kind::duration) != is_digit(written->back()));
    if (literal) d.fix("write it without quotes", e->range, *written);
  } else if (plain_to->is(Kind::string) && in_class(plain_from, TypeClass::ordered)) {
    suggest(d, "string");
  } else if (plain_to->is_number() && (plain_from->is_number() || plain_from->is(Kind::string))) {
    suggest(d, to_string(plain_to).c_str());
  } else if (plain_from->is(Kind::string) && (plain_to->is(Kind::timestamp) || plain_to->is(Kind::duration) ||
                                              plain_to->is(Kind::uuid) || plain_to->is(Kind::bytes))) {
    suggest(d, to_string(plain_to).c_str());
  } else if (plain_to->is(Kind::enumeration) && plain_from->is(Kind::string) && !plain_to->variants.empty()) {
    d.help("its values are written `" + plain_to->name + '.' + plain_to->variants.front().name + '`');
  } else if (plain_to->is(Kind::duration) && plain_from->is_number()) {
    d.help("a duration has a unit: `" + (e->kind == ExprKind::literal ? operand + "s`" : operand + " * 1s`"));
  } else if (plain_from->is(Kind::duration) && plain_to->is_number()) {
    d.help("divide it by a unit: `" + operand + " / 1s`");
  } else if (plain_to->is(Kind::map) && plain_from->is(Kind::record)) {
    d.help("there are no literals of maps: they come with the rows of a source");
  } else if (plain_to->is(Kind::boolean) && plain_from->is_number()) {
    d.help("compare it: `" + operand + " != 0`");
  } else if (plain_to->is_integer() && plain_from->is(Kind::boolean)) {
    d.help("choose: `if " + operand + " then 1 else 0`");
  }
}

}  // namespace gress::dsl
