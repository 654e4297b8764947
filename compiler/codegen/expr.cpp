#include "compiler/codegen/expr.h"

#include <algorithm>

#include "compiler/codegen/emit_foreign.h"
#include "dsl/catalog/functions.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

struct Writer {
  Unit& u;
  const ExprEnv& env;

  std::string w(ExprPtr e) { return emit_expr(u, e, env); }
  std::string type(ExprPtr e) { return cpp_type(u, e->type); }

  std::string list(const std::vector<ExprPtr>& args, std::size_t from = 0) {
    std::string out;
    for (std::size_t i = from; i < args.size(); ++i) out += (i == from ? "" : ", ") + w(args[i]);
    return out;
  }

  std::string integer(std::int64_t v, const char* of) {
    if (v == std::numeric_limits<std::int64_t>::min()) return "std::numeric_limits<std::int64_t>::min()";
    return fmt::format("{}{{{}}}", of, v);
  }

  std::string decimal(const std::string& digits) {
    // Digits without exponent; scale = digits behind the point.
    std::string coefficient;
    int scale = 0;
    bool point = false;
    for (const char c : digits) {
      if (c == '.') {
        point = true;
        continue;
      }
      coefficient += c;
      scale += point ? 1 : 0;
    }
    if (coefficient.size() <= 18) return fmt::format("decimal_literal({}, {})", coefficient[0] == '-' ? "-" + trim(coefficient.substr(1)) : trim(coefficient), scale);
    return fmt::format("fn::to_decimal(ev, {})", text_literal(digits));
  }
  static std::string trim(const std::string& digits) {
    const std::size_t at = digits.find_first_not_of('0');
    return at == std::string::npos ? "0" : digits.substr(at);
  }

  std::string literal_of(ExprPtr e) {
    const Type* t = e->type;
    if (std::holds_alternative<std::monostate>(e->value)) return fmt::format("{}{{}}", cpp_type(u, t));
    switch (t->kind) {
      case Kind::boolean: return std::get<bool>(e->value) ? "true" : "false";
      case Kind::i32: return fmt::format("std::int32_t{{{}}}", std::get<std::int64_t>(e->value));
      case Kind::i64:
      case Kind::timestamp:
      case Kind::duration: return integer(std::get<std::int64_t>(e->value), "std::int64_t");
      case Kind::f32: return fmt::format("float({})", number(std::get<double>(e->value)));
      case Kind::f64: return fmt::format("double{{{}}}", number(std::get<double>(e->value)));
      case Kind::decimal:
        if (const auto* i = std::get_if<std::int64_t>(&e->value)) return fmt::format("decimal_literal({}, 0)", *i);
        return decimal(std::get<std::string>(e->value));
      case Kind::string: return text_literal(std::get<std::string>(e->value));
      case Kind::bytes: return fmt::format("Bytes{{{}}}", text_literal(std::get<std::string>(e->value)));
      case Kind::uuid: return fmt::format("fn::to_uuid(ev, {})", text_literal(std::get<std::string>(e->value)));
      case Kind::enumeration:
        return cpp_type(u, t) + "::" + identifier(t->variants[static_cast<std::size_t>(std::get<std::int64_t>(e->value))].name);
      default: return fmt::format("{}{{}}", cpp_type(u, t));
    }
  }
  static std::string number(double v) {
    std::string s = fmt::format("{}", v);
    return s.find_first_of(".en") == std::string::npos ? s + ".0" : s;
  }

  const std::string& ref(ExprPtr e) {
    switch (e->scope) {
      case Scope::row: return env.row.at(e->index);
      case Scope::right: return env.right.at(e->index);
      case Scope::state: return env.state.at(e->index);
      case Scope::arg: return env.arg.at(e->index);
      case Scope::group: return env.group.at(e->index);
      case Scope::agg: return env.agg.at(e->index);
      case Scope::other: return env.other.at(e->index);
    }
    return env.row.at(e->index);
  }

  std::string member(ExprPtr e) {
    const Type* base = e->args[0]->type;
    const std::string field = identifier(base->plain()->fields[e->index].name);
    if (!base->is_optional()) return fmt::format("{}.{}", postfix(e->args[0]), field);
    return fmt::format("fn::member(ev, {}, [&](const auto& v) {{ return v.{}; }})", w(e->args[0]), field);
  }
  /// Something a `.` may follow.
  std::string postfix(ExprPtr e) {
    if (e->kind == ExprKind::ref || e->kind == ExprKind::member) return w(e);
    return "(" + w(e) + ")";
  }

  std::string compare(ExprPtr e) {
    const std::string a = operand(e->args[0]), b = operand(e->args[1]);
    const Kind kind = e->args[0]->type->kind;
    const bool three_way = kind == Kind::string || kind == Kind::bytes;
    switch (e->op) {
      case dsl::checked::Op::eq: return fmt::format("({} == {})", a, b);
      case dsl::checked::Op::ne: return fmt::format("!({} == {})", a, b);
      case dsl::checked::Op::lt: return fmt::format("({} < {})", a, b);
      case dsl::checked::Op::gt: return three_way ? fmt::format("({} < {})", b, a) : fmt::format("({} > {})", a, b);
      case dsl::checked::Op::le: return three_way ? fmt::format("!({} < {})", b, a) : fmt::format("({} <= {})", a, b);
      default: return three_way ? fmt::format("!({} < {})", a, b) : fmt::format("({} >= {})", a, b);
    }
  }
  std::string operand(ExprPtr e) { return w(e); }

  std::string arithmetic(ExprPtr e) {
    const std::string a = w(e->args[0]), b = w(e->args[1]);
    static constexpr const char* kNames[] = {"add", "sub", "mul", "div", "rem"};
    const char* op = kNames[static_cast<int>(e->op)];
    switch (e->arith) {
      case Arith::number: return fmt::format("fn::{}(ev, {}, {})", op, a, b);
      case Arith::time_plus_duration:
      case Arith::time_minus_time:
      case Arith::duration_duration: return fmt::format("fn::{}_time(ev, {}, {})", op, a, b);
      case Arith::duration_times: return fmt::format("fn::mul_duration(ev, {}, {})", a, b);
      case Arith::duration_over: return fmt::format("fn::div_duration(ev, {}, {})", a, b);
      case Arith::duration_ratio: return fmt::format("fn::ratio(ev, {}, {})", a, b);
    }
    return "";
  }

  std::string widen(const std::string& x, const Type* from, const Type* to) {
    if (from == to) return x;
    if (to->kind == Kind::decimal) return fmt::format("fn::to_decimal(ev, {})", x);
    return fmt::format("static_cast<{}>({})", cpp_type(u, to), x);
  }

  std::string convert(ExprPtr e) {
    ExprPtr from = e->args[0];
    const std::string x = w(from);
    switch (e->conversion) {
      case Conversion::widen: return widen(x, from->type, e->type);
      case Conversion::wrap:
        // T → U? may widen on the way.
        return fmt::format("{}({})", type(e), same_value(from->type, e->type->elem) ? x : widen(x, from->type, e->type->elem));
      case Conversion::lift:
        if (same_value(from->type->elem, e->type->elem)) return x;
        return fmt::format("fn::lift(ev, {}, [&](const auto& v) {{ return {}; }})", x, widen("v", from->type->elem, e->type->elem));
      case Conversion::unwrap: return postfix(from) + ".value";
      case Conversion::reshape: return x;
      case Conversion::null_to: return fmt::format("{}{{}}", type(e));
    }
    return x;
  }
  bool same_value(const Type* a, const Type* b) { return a == b || cpp_type(u, a) == cpp_type(u, b); }

  std::string match(ExprPtr e) {
    std::string out = fmt::format("[&] {{ const auto& subject = {}; return ", w(e->args[0]));
    std::string tail;
    for (std::size_t i = 0; i != e->arms.size(); ++i) {
      const MatchArm& arm = e->arms[i];
      // The checker has seen that all values are covered: the last arm needs no test.
      if (arm.patterns.empty() || i + 1 == e->arms.size()) {
        out += branch(arm.value, "an arm of `match`");
        break;
      }
      std::string test;
      for (ExprPtr p : arm.patterns) test += fmt::format("{}subject == {}", test.empty() ? "" : " || ", w(p));
      out += fmt::format("{} ? {} : ", test, branch(arm.value, "an arm of `match`"));
    }
    return out + "; }()";
  }

  std::string regex(ExprPtr pattern) {
    if (pattern->kind != ExprKind::literal) return fmt::format("fn::dynamic_regex(ev, {})", w(pattern));
    const std::string text = std::get<std::string>(pattern->value);
    auto it = u.regexes.find(text);
    if (it == u.regexes.end()) {
      it = u.regexes.emplace(text, u.global_names.take("regex_" + std::to_string(u.regexes.size() + 1))).first;
      u.globals.line("inline const fn::Regex {}{{std::string_view({}, {})}};", it->second, literal(text), text.size());
    }
    return it->second;
  }

  std::string call(ExprPtr e) {
    const dsl::Function& f = *e->fn;
    if (f.rule == dsl::FunctionRule::now) return "ev.now";
    if (f.rule == dsl::FunctionRule::regex_captures) {
      const Type* record = e->type->plain();
      std::string groups;
      for (const dsl::RecordField& field : record->fields) groups += ", " + literal(field.name);
      std::string build;
      for (std::size_t i = 0; i != record->fields.size(); ++i)
        build += fmt::format("{}groups[{}]{}", i == 0 ? "" : ", ", i, record->fields[i].type->is_optional() ? "" : ".value");
      const std::string name = cpp_type(u, record);
      return fmt::format(
          "[&] {{ Opt<Text> groups[{}]; return fn::regex_capture(ev, {}, {}, groups, {}) ? Opt<{}>({}{{{}}}) : Opt<{}>(); }}()",
          record->fields.size(), w(e->args[0]), regex(e->args[1]), record->fields.size(), name, name, build, name);
    }
    if (f.name == "format_time" && e->args.size() == 2 && e->args[1]->kind == ExprKind::literal)
      return fmt::format("{}(ev, {})", time_format(u, std::get<std::string>(e->args[1]->value)), w(e->args[0]));
    std::string args;
    const bool zoned = takes_zone(e);
    for (std::size_t i = 0; i != e->args.size(); ++i) {
      args += ", ";
      if (f.category == dsl::Category::regex && i == 1) {
        args += regex(e->args[i]);
      } else if (zoned && i + 1 == e->args.size()) {
        args += zone_global(u, e->args[i]);
      } else if (i == 1 && e->form->cpp.ends_with("_unit")) {
        args += "fn::CalendarUnit::" + std::get<std::string>(e->args[i]->value);
      } else {
        args += w(e->args[i]);
      }
    }
    if (e->args.size() == 1 && f.name == "string" && e->args[0]->type->kind == Kind::enumeration)
      return fmt::format("fn::enum_text({})", w(e->args[0]));
    return fmt::format("fn::{}(ev{})", e->form->cpp, args);
  }
  /// The signature of the chosen overload names the parameter: its last one is `zone`.
  bool takes_zone(ExprPtr e) {
    const std::string_view signature = e->form->signature;
    const std::size_t zone = signature.find("zone");
    return zone != std::string_view::npos &&
           e->args.size() == static_cast<std::size_t>(std::ranges::count(signature.substr(0, zone), ',')) + 1;
  }

  std::string write(ExprPtr e) {
    switch (e->kind) {
      case ExprKind::literal: return literal_of(e);
      case ExprKind::param: return "params." + identifier(u.program.params[e->index].name);
      case ExprKind::ref: return ref(e);
      case ExprKind::member: return member(e);
      case ExprKind::element: return fmt::format("fn::element(ev, {}, {})", w(e->args[0]), w(e->args[1]));
      case ExprKind::negate: return fmt::format("fn::neg(ev, {})", w(e->args[0]));
      case ExprKind::not_: return "!" + parens(e->args[0]);
      case ExprKind::arithmetic: return arithmetic(e);
      case ExprKind::compare: return compare(e);
      case ExprKind::and_: return fmt::format("({} && {})", w(e->args[0]), w(e->args[1]));
      case ExprKind::or_: return fmt::format("({} || {})", w(e->args[0]), w(e->args[1]));
      case ExprKind::in_list: return fmt::format("{}fn::one_of({})", e->negated ? "!" : "", list(e->args));
      case ExprKind::in_value: return fmt::format("{}fn::holds(ev, {}, {})", e->negated ? "!" : "", w(e->args[1]), w(e->args[0]));
      case ExprKind::is_null:
        if (!e->args[0]->type->is_optional()) return e->negated ? "true" : "false";
        return fmt::format("{}{}.has", e->negated ? "" : "!", postfix(e->args[0]));
      case ExprKind::coalesce:
        if (!e->args[0]->type->is_optional()) return w(e->args[0]);
        if (e->args[1]->kind == ExprKind::literal || e->args[1]->kind == ExprKind::ref)
          return fmt::format("fn::value_or({}, {})", w(e->args[0]), w(e->args[1]));
        return fmt::format("fn::coalesce({}, [&] {{ return {}; }})", w(e->args[0]), w(e->args[1]));
      case ExprKind::convert: return convert(e);
      case ExprKind::if_: return fmt::format("({} ? {} : {})", w(e->args[0]), branch(e->args[1], "then"), branch(e->args[2], "else"));
      case ExprKind::match: return match(e);
      case ExprKind::call: return call(e);
      case ExprKind::user_call:
        return fmt::format("{}(ev{}{})", u.function_names[e->index], e->args.empty() ? "" : ", ", list(e->args));
      case ExprKind::foreign_call: {
        std::vector<std::string> args;
        for (ExprPtr arg : e->args) args.push_back(w(arg));
        return foreign_call(u, e, args);
      }
      case ExprKind::record: return fmt::format("{}{{{}}}", type(e), list(e->args));
      case ExprKind::list:
        return fmt::format("fn::make_list<{}>(ev, {{{}}})", cpp_type(u, e->type->elem), list(e->args));
      case ExprKind::concat: return fmt::format("fn::concat(ev{}{})", e->args.empty() ? "" : ", ", list(e->args));
      case ExprKind::fail: return fmt::format("fn::fail<{}>(ev, {})", type(e), w(e->args[0]));
    }
    return "";
  }
  std::string branch(ExprPtr e, const char* what) { return cover_branch(u, e->range, what, w(e)); }
  std::string parens(ExprPtr e) {
    const std::string x = w(e);
    return x.front() == '(' || e->kind == ExprKind::ref || e->kind == ExprKind::call ? x : "(" + x + ")";
  }
};

}  // namespace

std::string emit_expr(Unit& u, ExprPtr e, const ExprEnv& env) { return Writer{u, env}.write(e); }

std::vector<std::string> columns_of(const Row& row, const std::string& name) {
  std::vector<std::string> out;
  for (const Column& c : row.columns) out.push_back(name + "." + identifier(c.name));
  return out;
}

std::string emit_option(Unit& u, ExprPtr e, const std::string& missing) {
  return e == nullptr ? missing : emit_expr(u, e, ExprEnv{});
}

std::string time_format(Unit& u, const std::string& pattern) {
  auto it = u.time_formats.find(pattern);
  if (it == u.time_formats.end()) {
    it = u.time_formats.emplace(pattern, u.global_names.take("time_format_" + std::to_string(u.time_formats.size() + 1))).first;
    u.globals.line("inline constinit thread_local fn::TimeFormat {}{{{}}};", it->second, literal(pattern));
  }
  return it->second;
}

std::string zone_global(Unit& u, ExprPtr e) {
  const std::string text = emit_expr(u, e, ExprEnv{});
  auto it = u.zones.find(text);
  if (it == u.zones.end()) it = u.zones.emplace(text, u.global_names.take("zone_" + std::to_string(u.zones.size() + 1))).first;
  return "*" + it->second;
}

}  // namespace gress::codegen
