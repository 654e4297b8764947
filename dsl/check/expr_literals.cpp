// Literals, and the values written with brackets: numbers that take the type of their partner, text, lists, records.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

namespace {

constexpr int decimal_digits = 28;

/// Parses an integer with sign. False if it does not fit.
bool parse_integer(std::string_view digits, std::int64_t& value) {
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return failure == std::errc{} && end == digits.data() + digits.size();
}

/// False if the number is too large for a double.
bool parse_double(std::string_view digits, double& value) {
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure == std::errc::result_out_of_range) {
    // Too small is zero, too large an error: from_chars leaves the value alone in both cases.
    std::string text;
    if (decimal_text(digits, text)) {
      value = 0;
      return true;
    }
    const std::size_t e = digits.find_first_of("eE");
    value = 0;
    return e != std::string_view::npos && e + 1 < digits.size() && digits[e + 1] == '-';
  }
  return failure == std::errc{};
}

}  // namespace

bool decimal_text(std::string_view digits, std::string& out) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  std::int64_t exponent = 0;
  if (const std::size_t e = digits.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view written = digits.substr(e + 1);
    if (written.starts_with('+')) written.remove_prefix(1);
    if (!parse_integer(written, exponent) || std::abs(exponent) > 1000) return false;
    digits = digits.substr(0, e);
  }
  std::string all;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] == '.') exponent -= static_cast<std::int64_t>(digits.size() - i - 1);
    else all += digits[i];
  }
  all.erase(0, std::min(all.find_first_not_of('0'), all.size()));
  while (!all.empty() && all.back() == '0') {
    all.pop_back();
    ++exponent;
  }
  if (all.empty()) {
    out = "0";
    return true;
  }
  const std::int64_t size = static_cast<std::int64_t>(all.size());
  if (size > decimal_digits || size + exponent > decimal_digits || exponent < -decimal_digits) return false;
  out = negative ? "-" : "";
  if (exponent >= 0) {
    out += all + std::string(static_cast<std::size_t>(exponent), '0');
  } else if (size + exponent > 0) {
    out += all.substr(0, static_cast<std::size_t>(size + exponent)) + '.' +
           all.substr(static_cast<std::size_t>(size + exponent));
  } else {
    out += "0." + std::string(static_cast<std::size_t>(-exponent - size), '0') + all;
  }
  return true;
}

ExprPtr ExprChecker::Impl::number(std::string written, bool is_float, Range range, const Type* expected) {
  Kind want = expected != nullptr ? expected->plain()->kind : Kind::i64;
  const bool number_wanted = expected != nullptr && expected->plain()->is_number();
  if (!number_wanted || (is_float && (want == Kind::i64 || want == Kind::i32))) want = is_float ? Kind::f64 : Kind::i64;
  const auto out_of_range = [&](const char* limits) {
    report(Code::E0309, range, in_backticks(written) + " does not fit `" + to_string(basic(want)) + "`").under(limits);
    return error(range);
  };
  Value value;
  switch (want) {
    case Kind::i32: case Kind::i64: {
      std::int64_t integer = 0;
      const bool fits = parse_integer(written, integer);
      if (want == Kind::i32 && (!fits || integer != static_cast<std::int32_t>(integer))) {
        return out_of_range("i32 goes from -2147483648 to 2147483647");
      }
      if (!fits) return out_of_range("i64 goes from -9223372036854775808 to 9223372036854775807");
      value = integer;
      break;
    }
    case Kind::decimal: {
      std::string text;
      if (!decimal_text(written, text))
        return out_of_range("decimal literals have at most 28 digits on either side of the point");
      value = std::move(text);
      break;
    }
    default: {
      double real = 0;
      if (!parse_double(written, real)) return out_of_range("too large");
      if (want == Kind::f32) {
        if (std::abs(real) > std::numeric_limits<float>::max()) return out_of_range("too large");
        real = static_cast<float>(real);
      }
      value = real;
    }
  }
  const ExprPtr made = literal(std::move(value), basic(want), range);
  digits.emplace(made, std::move(written));
  return made;
}

ExprPtr ExprChecker::Impl::adapt_literal(ExprPtr e, const Type* to, bool reporting) {
  if (e->kind != ExprKind::literal || !e->type->is_number() || !to->is_number()) return nullptr;
  if (e->type->kind == to->kind) return e;
  if (to->is_integer() && !e->type->is_integer()) return nullptr;
  std::string written;
  if (const auto known = digits.find(e); known != digits.end()) {
    written = known->second;
  } else if (const auto* integer = std::get_if<std::int64_t>(&e->value)) {
    written = std::to_string(*integer);
  } else if (const auto* text = std::get_if<std::string>(&e->value)) {
    written = *text;
  } else if (to->is_float()) {
    const double real = std::get<double>(e->value);
    return literal(to->is(Kind::f32) ? static_cast<double>(static_cast<float>(real)) : real, to, e->range);
  } else {
    return nullptr;  // a float worked out from others has no exact digits
  }
  if (!reporting) {
    std::int64_t integer = 0;
    std::string text;
    if (to->is_integer() && (!parse_integer(written, integer) ||
                             (to->is(Kind::i32) && integer != static_cast<std::int32_t>(integer)))) {
      return nullptr;
    }
    if (to->is(Kind::decimal) && !decimal_text(written, text)) return nullptr;
    return e;
  }
  return number(written, !e->type->is_integer(), e->range, to);
}

bool ExprChecker::Impl::adaptable(const ast::Expr& e, bool branches) {
  if (e.as<ast::Number>() != nullptr || e.as<ast::Null>() != nullptr) return true;
  if (const auto* paren = e.as<ast::Paren>()) return adaptable(*paren->inner, branches);
  if (const auto* unary = e.as<ast::Unary>()) {
    return unary->op == ast::UnaryOp::negate && adaptable(*unary->operand, branches);
  }
  if (const auto* binary = e.as<ast::Binary>()) {
    switch (binary->op) {
      case ast::BinaryOp::add: case ast::BinaryOp::sub: case ast::BinaryOp::mul: case ast::BinaryOp::div:
      case ast::BinaryOp::rem: return adaptable(*binary->right, branches) && adaptable(*binary->left, branches);
      case ast::BinaryOp::coalesce:
        return branches && adaptable(*binary->right, branches) && adaptable(*binary->left, branches);
      default: return false;
    }
  }
  if (const auto* list = e.as<ast::List>()) {
    return std::all_of(list->items.begin(), list->items.end(),
                       [&](const auto& item) { return adaptable(*item, branches); });
  }
  if (!branches) return false;
  if (const auto* call = e.as<ast::Call>()) {
    const auto* callee = call->callee->as<ast::NameRef>();
    return callee != nullptr && callee->name == "fail";
  }
  if (const auto* choice = e.as<ast::If>()) return adaptable(*choice->then) && adaptable(*choice->otherwise);
  if (const auto* match = e.as<ast::Match>()) {
    return std::all_of(match->arms.begin(), match->arms.end(),
                       [&](const ast::Arm& arm) { return adaptable(*arm.value); });
  }
  if (const auto* record = e.as<ast::Record>()) {
    return std::any_of(record->entries.begin(), record->entries.end(),
                       [&](const ast::Entry& entry) { return adaptable(*entry.value); });
  }
  return false;
}

bool ExprChecker::Impl::has_point(const ast::Expr& e) {
  if (const auto* number = e.as<ast::Number>()) return number->is_float;
  if (const auto* paren = e.as<ast::Paren>()) return has_point(*paren->inner);
  if (const auto* unary = e.as<ast::Unary>()) return has_point(*unary->operand);
  if (const auto* binary = e.as<ast::Binary>()) return has_point(*binary->right) || has_point(*binary->left);
  return false;
}

// ---------------------------------------------------------------- text

ExprPtr ExprChecker::Impl::text_literal(const ast::String& string, Range range, const Env& env) {
  std::vector<ExprPtr> parts;
  std::string plain_text;
  const auto flush = [&] {
    if (plain_text.empty()) return;
    parts.push_back(literal(std::move(plain_text), this->string(), range));
    plain_text.clear();
  };
  bool broken = false;
  for (const ast::StringPart& part : string.parts) {
    if (part.expr == nullptr) {
      plain_text += part.text;
      continue;
    }
    const ExprPtr value = to_text(expr(*part.expr, env, nullptr));
    broken = broken || value->type->is(Kind::error);
    if (value->kind == ExprKind::literal && value->type->is(Kind::string)) {
      plain_text += std::get<std::string>(value->value);
      continue;
    }
    flush();
    parts.push_back(value);
  }
  if (broken) return error(range);
  if (parts.empty()) return literal(std::move(plain_text), this->string(), range);
  flush();
  return node(ExprKind::concat, this->string(), range, std::move(parts));
}

ExprPtr ExprChecker::Impl::to_text(ExprPtr e) {
  if (is_never(e->type)) return coerce(e, string(), "text");
  if (is_error(e->type)) return e;
  if (e->type->is_optional() || e->type->is(Kind::null)) {
    std::string shown = text(e->range);
    Diagnostic& d = report(Code::E0306, e->range, "text wants plain values, and " + shown + " may be absent")
                        .under("may be absent");
    if (e->type->is_optional()) {
      const std::string fallback = e->type->elem->is(Kind::string) ? " ?? \"\"" : " ?? …";
      d.help("give a default: `" + std::string(sources.text(e->range)) + fallback + '`');
    }
    return error(e->range);
  }
  std::string_view cpp = "to_text";
  switch (e->type->kind) {
    case Kind::string: return e;
    case Kind::timestamp: cpp = "to_text_timestamp"; break;
    case Kind::duration: cpp = "to_text_duration"; break;
    case Kind::list: case Kind::map: case Kind::record: {
      Diagnostic& d = report(Code::E0332, e->range, "`" + to_string(e->type) + "` has no text form").under("not text");
      if (e->type->is(Kind::list) && e->type->elem->is(Kind::string)) {
        d.help("`join(list, \", \")` makes one text of it");
      } else if (e->type->is(Kind::record)) {
        d.help("take its fields one by one: `{x.name}`");
      }
      return error(e->range);
    }
    default: break;
  }
  Expr call;
  call.kind = ExprKind::call;
  call.type = string();
  call.range = e->range;
  call.fn = find_function("string");
  call.form = &*std::ranges::find(call.fn->overloads, cpp, &Overload::cpp);
  call.args = {e};
  return make(std::move(call));
}

// ---------------------------------------------------------------- lists and records

ExprPtr ExprChecker::Impl::list(const ast::List& list, Range range, const Env& env, const Type* expected) {
  const Type* wanted = expected != nullptr && expected->plain()->is(Kind::list) ? expected->plain()->elem : nullptr;
  std::vector<Branch> items;
  for (const auto& item : list.items) items.push_back({item.get(), &env});
  if (items.empty()) return node(ExprKind::list, types.list_of(never()), range, {});
  const Type* elem = join(items, wanted, "elements of a list");
  if (elem == nullptr) return error(range);
  std::vector<ExprPtr> values;
  for (const Branch& item : items) {
    if (is_error(item.value->type)) return error(range);
    values.push_back(item.value);
  }
  return node(ExprKind::list, types.list_of(elem), range, std::move(values));
}

ExprPtr ExprChecker::Impl::record(const ast::Record& record, Range range, const Env& env, const Type* expected) {
  const Type* wanted = expected != nullptr && expected->plain()->is(Kind::record) ? expected->plain() : nullptr;
  std::vector<RecordField> fields;
  std::vector<ExprPtr> values;
  std::set<std::string, std::less<>> seen;
  bool broken = false;
  for (const ast::Entry& entry : record.entries) {
    const std::string field_name = entry.field_name();
    const int at = wanted != nullptr ? wanted->field(field_name) : -1;
    const Type* type = at >= 0 ? wanted->fields[static_cast<std::size_t>(at)].type : nullptr;
    ExprPtr value = expr(*entry.value, env, type);
    if (type != nullptr && converts(value, type)) value = coerce(value, type, "field `" + field_name + '`');
    if (!seen.insert(field_name).second) {
      report(Code::E0333, entry.range, "two fields of one name: `" + field_name + '`').under("again here");
      broken = true;
      continue;
    }
    broken = broken || is_error(value->type);
    fields.push_back({field_name, value->type, field_name, nullptr, {}});
    values.push_back(value);
  }
  if (broken) return error(range);
  return node(ExprKind::record, types.record(std::move(fields)), range, std::move(values));
}

}  // namespace gress::dsl
