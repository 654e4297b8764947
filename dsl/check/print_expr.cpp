#include "dsl/check/print_expr.h"

#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "dsl/catalog/aggregates.h"
#include "dsl/catalog/functions.h"
#include "dsl/check/checked_names.h"

namespace gress::dsl {
namespace {

using namespace checked;

const char* symbol(Op op) {
  switch (op) {
    case Op::add: return "+";
    case Op::sub: return "-";
    case Op::mul: return "*";
    case Op::div: return "/";
    case Op::rem: return "%";
    case Op::eq: return "==";
    case Op::ne: return "!=";
    case Op::lt: return "<";
    case Op::le: return "<=";
    case Op::gt: return ">";
    case Op::ge: return ">=";
  }
  return "?";
}

std::string number(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "Infinity" : "-Infinity";
  char buffer[40];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, d).ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

class Printer {
 public:
  Printer(const Program& program, const ExprNames& names) : program_(program), names_(names) {}

  std::string print(const Expr& e) {
    switch (e.kind) {
      case ExprKind::literal: return literal(e);
      case ExprKind::param:
        return e.index < program_.params.size() ? "$" + program_.params[e.index].name : "$?";
      case ExprKind::ref: return reference(e);
      case ExprKind::member: return operand(*e.args[0]) + "." + e.args[0]->type->plain()->fields[e.index].name;
      case ExprKind::element: return operand(*e.args[0]) + "[" + print(*e.args[1]) + "]";
      case ExprKind::negate: return "-" + operand(*e.args[0]);
      case ExprKind::not_: return "not " + operand(*e.args[0]);
      case ExprKind::arithmetic:
      case ExprKind::compare: return operand(*e.args[0]) + " " + symbol(e.op) + " " + operand(*e.args[1]);
      case ExprKind::and_: return operand(*e.args[0]) + " and " + operand(*e.args[1]);
      case ExprKind::or_: return operand(*e.args[0]) + " or " + operand(*e.args[1]);
      case ExprKind::in_list:
        return operand(*e.args[0]) + (e.negated ? " not in [" : " in [") + list(e.args, 1) + "]";
      case ExprKind::in_value: return operand(*e.args[0]) + (e.negated ? " not in " : " in ") + operand(*e.args[1]);
      case ExprKind::is_null: return operand(*e.args[0]) + (e.negated ? " is not null" : " is null");
      case ExprKind::coalesce: return operand(*e.args[0]) + " ?? " + operand(*e.args[1]);
      case ExprKind::convert:
        return std::string(name(e.conversion)) + "<" + to_string(e.type) + ">(" + print(*e.args[0]) + ")";
      case ExprKind::if_:
        return "if " + print(*e.args[0]) + " then " + print(*e.args[1]) + " else " + print(*e.args[2]);
      case ExprKind::match: return match(e);
      case ExprKind::call: return std::string(e.fn->name) + "(" + list(e.args, 0) + ")";
      case ExprKind::user_call:
        return (e.index < program_.functions.size() ? program_.functions[e.index].name : "?") + "(" +
               list(e.args, 0) + ")";
      case ExprKind::foreign_call: return program_.foreign_functions[e.index].name + "(" + list(e.args, 0) + ")";
      case ExprKind::record: {
        std::string text = "{";
        for (std::size_t i = 0; i < e.args.size(); ++i)
          text += (i ? ", " : " ") + e.type->fields[i].name + ": " + print(*e.args[i]);
        return text + " }";
      }
      case ExprKind::list: return "[" + list(e.args, 0) + "]";
      case ExprKind::concat: return "concat(" + list(e.args, 0) + ")";
      case ExprKind::fail: return "fail(" + list(e.args, 0) + ")";
    }
    return "?";
  }

 private:
  std::string operand(const Expr& e) {
    switch (e.kind) {
      case ExprKind::arithmetic:
      case ExprKind::compare:
      case ExprKind::and_:
      case ExprKind::or_:
      case ExprKind::in_list:
      case ExprKind::in_value:
      case ExprKind::is_null:
      case ExprKind::coalesce:
      case ExprKind::if_:
      case ExprKind::not_:
      case ExprKind::negate: return "(" + print(e) + ")";
      default: return print(e);
    }
  }
  std::string list(const std::vector<ExprPtr>& args, std::size_t from) {
    std::string text;
    for (std::size_t i = from; i < args.size(); ++i) text += (i > from ? ", " : "") + print(*args[i]);
    return text;
  }
  std::string match(const Expr& e) {
    std::string text = "match " + operand(*e.args[0]) + " {";
    for (std::size_t i = 0; i < e.arms.size(); ++i) {
      text += i ? ", " : " ";
      const auto& arm = e.arms[i];
      if (arm.patterns.empty()) text += "_";
      for (std::size_t k = 0; k < arm.patterns.size(); ++k) text += (k ? " | " : "") + print(*arm.patterns[k]);
      text += " => " + print(*arm.value);
    }
    return text + " }";
  }

  std::string literal(const Expr& e) {
    const Type* type = e.type->plain();
    if (std::holds_alternative<std::monostate>(e.value)) return "null";
    if (auto* b = std::get_if<bool>(&e.value)) return *b ? "true" : "false";
    if (auto* d = std::get_if<double>(&e.value)) return number(*d);
    if (auto* s = std::get_if<std::string>(&e.value)) return type->is(Kind::decimal) ? *s + "m" : print_text(*s);
    auto i = std::get<std::int64_t>(e.value);
    if (type->is(Kind::duration)) return print_duration(i);
    if (type->is(Kind::timestamp)) return print_timestamp(i);
    if (type->is(Kind::enumeration) && static_cast<std::size_t>(i) < type->variants.size())
      return type->name + "." + type->variants[static_cast<std::size_t>(i)].name;
    return std::to_string(i);
  }

  std::string reference(const Expr& e) {
    auto from = [&](const std::vector<std::string>& names, const std::string& before) {
      return e.index < names.size() ? before + names[e.index] : before + "#" + std::to_string(e.index);
    };
    auto column = [&](const Row* row, const std::string& before) {
      if (row && e.index < row->columns.size()) return before + row->columns[e.index].name;
      return before + "#" + std::to_string(e.index);
    };
    switch (e.scope) {
      case Scope::row: return column(names_.row, "");
      case Scope::right: return column(names_.right, "right.");
      case Scope::state: return from(names_.state, "state.");
      case Scope::other: return from(names_.state, "other.");
      case Scope::arg: return from(names_.args, "");
      case Scope::group: return from(names_.group, "");
      case Scope::agg:
        if (names_.calls && e.index < names_.calls->size())
          return print_call(program_, (*names_.calls)[e.index], names_);
        return "agg#" + std::to_string(e.index);
    }
    return "?";
  }

  const Program& program_;
  const ExprNames& names_;
};

}  // namespace

std::string print_expr(const Program& program, const Expr& e, const ExprNames& names) {
  return Printer(program, names).print(e);
}

std::string print_call(const Program& program, const AggregateCall& call, const ExprNames& names) {
  std::string text = call.fn ? std::string(call.fn->name)
                     : call.user < program.aggregates.size() ? program.aggregates[call.user].name
                                                             : "?";
  text += "(";
  bool first = true;
  auto add = [&](const std::string& part) {
    text += (first ? "" : ", ") + part;
    first = false;
  };
  for (ExprPtr a : call.args) add(print_expr(program, *a, names));
  if (call.q) add(print_expr(program, *call.q, names));
  if (call.where) add("where: " + print_expr(program, *call.where, names));
  return text + ")";
}

std::string print_duration(std::int64_t micros) {
  if (micros == 0) return "0s";
  std::string text = micros < 0 ? "-" : "";
  // Magnitude without overflow at the smallest value.
  std::uint64_t left = micros < 0 ? 0 - static_cast<std::uint64_t>(micros) : static_cast<std::uint64_t>(micros);
  struct Unit { std::uint64_t micros; const char* name; };
  constexpr Unit units[] = {{86'400'000'000, "d"}, {3'600'000'000, "h"}, {60'000'000, "m"}, {1'000'000, "s"},
                            {1'000, "ms"},         {1, "us"}};
  for (const auto& unit : units) {
    if (auto n = left / unit.micros) text += std::to_string(n) + unit.name;
    left %= unit.micros;
  }
  return text;
}

std::string print_timestamp(std::int64_t micros) {
  using namespace std::chrono;
  sys_time<microseconds> at{microseconds{micros}};
  auto day = floor<days>(at);
  year_month_day date{day};
  hh_mm_ss clock{at - day};
  std::string text = fmt::format("@{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (auto fraction = clock.subseconds().count()) {
    std::string digits = fmt::format("{:06}", fraction);
    digits.erase(digits.find_last_not_of('0') + 1);
    text += "." + digits;
  }
  return text + "Z";
}

std::string print_text(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '{': out += "\\{"; break;
      case '}': out += "\\}"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '\0': out += "\\0"; break;
      default: out += c;
    }
  }
  return out + "\"";
}

}  // namespace gress::dsl
