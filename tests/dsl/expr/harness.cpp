#include "tests/dsl/expr/harness.h"

#include <gtest/gtest.h>

#include <charconv>

#include "dsl/catalog/aggregates.h"
#include "dsl/catalog/functions.h"

namespace gress::dsl::test {

using checked::Conversion;
using checked::Expr;
using checked::ExprKind;
using checked::ExprPtr;
using checked::Scope;

std::set<std::string>& Harness::seen_codes() {
  static std::set<std::string> seen;
  return seen;
}
std::set<std::string>& Harness::seen_calls() {
  static std::set<std::string> seen;
  return seen;
}
std::set<std::string>& Harness::seen_aggregates() {
  static std::set<std::string> seen;
  return seen;
}

const Type* Harness::type(const std::string& name) {
  TypeTable& types = *program.type_table;
  if (name.ends_with('?')) return types.optional(type(name.substr(0, name.size() - 1)));
  if (name.starts_with("list<")) return types.list_of(type(name.substr(5, name.size() - 6)));
  if (name.starts_with("map<string, ")) return types.map_of(types.basic(Kind::string), type(name.substr(12, name.size() - 13)));
  if (const auto found = names.types.find(name); found != names.types.end()) return found->second;
  for (int k = static_cast<int>(Kind::boolean); k <= static_cast<int>(Kind::uuid); ++k) {
    const Type* basic = types.basic(static_cast<Kind>(k));
    if (to_string(basic) == name) return basic;
  }
  return types.error();
}

Harness::Harness() : diagnostics(std::make_unique<Diagnostics>()) {
  program.type_table = std::make_shared<TypeTable>();
  TypeTable& types = *program.type_table;
  Type* status = types.declare(Kind::enumeration, "Status", {});
  status->variants = {{"automatic", "automatic", ""}, {"reviewed", "rev", ""}, {"deleted", "deleted", ""}};
  names.types["Status"] = status;
  const auto record = [&](const std::string& name, const std::vector<std::pair<std::string, std::string>>& fields) {
    Type* made = types.declare(Kind::record, name, {});
    for (const auto& [field, type_name] : fields) made->fields.push_back({field, type(type_name), field, nullptr, {}});
    names.types[name] = made;
    return made;
  };
  record("Position", {{"lon", "f64"}, {"lat", "f64"}});
  record("Reading", {{"at", "timestamp"}, {"celsius", "f64?"}});
  Type* pair = record("Pair", {{"a", "i64"}, {"b", "string"}, {"c", "i64?"}});
  Expr none;
  none.type = type("string");
  none.value = std::string("none");
  program.exprs.push_back(none);
  pair->fields[1].default_value = &program.exprs.back();
  right_ = record("Zone", {{"lon", "f64"}, {"lat", "f64"}, {"tag", "string?"}});

  const std::pair<const char*, const char*> columns[] = {
      {"a", "i64"},        {"b", "i64"},           {"n", "i32"},          {"f", "f64"},       {"g", "f32"},
      {"d", "decimal"},    {"s", "string"},        {"t", "timestamp"},    {"u", "duration"},  {"id", "uuid"},
      {"by", "bytes"},     {"ok", "bool"},         {"st", "Status"},      {"pos", "Position"}, {"xs", "list<i64>"},
      {"ss", "list<string>"}, {"ps", "list<Position>"}, {"m", "map<string, i64>"}, {"felt", "i64?"}, {"mag", "f64?"},
      {"name", "string?"}, {"cost", "decimal?"},   {"when", "timestamp?"}, {"place", "Position?"}, {"mood", "Status?"},
      {"yes", "bool?"},    {"r", "Reading"},       {"n32", "i32?"},       {"rs", "Reading?"}};
  for (const auto& [name, type_name] : columns) row.columns.push_back({name, type(type_name), name, {}});
  group.columns = {{"s", type("string"), "s", {}}, {"window_start", type("timestamp"), "window_start", {}},
                   {"window_end", type("timestamp"), "window_end", {}}};
  const std::pair<const char*, const char*> params[] = {{"limit", "f64"}, {"zone_name", "string"}, {"days", "i64"}};
  for (const auto& [name, type_name] : params) {
    names.params[name] = static_cast<checked::Index>(program.params.size());
    program.params.push_back({name, {}, {}, type(type_name), nullptr});
  }
  const auto function = [&](const char* name, std::vector<checked::FunctionParam> parameters, const char* result) {
    names.functions[name] = static_cast<checked::Index>(program.functions.size());
    program.functions.push_back({name, {}, {}, std::move(parameters), type(result), nullptr});
  };
  function("energy", {{"magnitude", type("f64")}}, "f64");
  function("label", {{"s", type("string")}, {"n", type("i64")}}, "string");
  function("first_of", {{"p", type("Position")}}, "f64");
  names.aggregates["weighted"] = 0;
  checked::UserAggregate weighted;
  weighted.name = "weighted";
  weighted.params = {{"x", type("f64")}, {"w", type("f64")}};
  weighted.result_type = type("f64");
  program.aggregates.push_back(std::move(weighted));
  names.others["flights"] = "stream";
  state = {{"count", type("i64"), nullptr}, {"seen", type("timestamp?"), nullptr}};
  checker = std::make_unique<ExprChecker>(program, sources, *diagnostics, names);
}

Env Harness::env(Mode mode) const {
  Env env;
  switch (mode) {
    case Mode::row: env.row = &row; break;
    case Mode::now:
      env.row = &row;
      env.now_allowed = true;
      break;
    case Mode::on:
      env.row = &row;
      env.right_alias = "z";
      env.right = right_;
      break;
    case Mode::aggregate:
      env.row = &row;
      env.group = &group;
      env.calls = const_cast<std::vector<checked::AggregateCall>*>(&calls);
      break;
    case Mode::merge:
      env.state = &state;
      env.other_alias = "other";
      env.other = &state;
      break;
    case Mode::then_emit:
      env.row = &row;
      env.state = &state;
      env.group = &group;
      break;
    case Mode::constant: env.hint = "options see params only"; break;
  }
  return env;
}

ExprPtr Harness::check(const std::string& expr, Mode mode, const std::string& expected) {
  calls.clear();
  const FileId file = sources.add("case.gress", "fn case() -> bool = " + expr + "\n");
  files.push_back(std::make_unique<ast::File>(parse(sources, file, *diagnostics)));
  const auto* fn = files.back()->items.empty() ? nullptr : files.back()->items[0].as<ast::FnDecl>();
  if (fn == nullptr || diagnostics->has_errors()) {
    ADD_FAILURE() << "does not parse: " << expr << '\n' << render(*diagnostics, sources, MessageFormat::human, false);
    return program.exprs.empty() ? nullptr : &program.exprs.front();
  }
  const Env visible = env(mode);
  return expected.empty() ? checker->check(*fn->body, visible) : checker->check_as(*fn->body, visible, type(expected), "the value");
}

namespace {

std::string number_text(double value) {
  char buffer[32];
  const auto [end, failure] = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

std::string literal_text(const Expr& e) {
  if (std::holds_alternative<std::monostate>(e.value)) return e.type->is(Kind::error) ? "error" : "absent";
  if (const auto* flag = std::get_if<bool>(&e.value)) return *flag ? "true" : "false";
  if (const auto* real = std::get_if<double>(&e.value)) return number_text(*real) + (e.type->is(Kind::f32) ? "f32" : "");
  if (const auto* text = std::get_if<std::string>(&e.value)) return e.type->is(Kind::decimal) ? *text + 'd' : '"' + *text + '"';
  const std::int64_t integer = std::get<std::int64_t>(e.value);
  switch (e.type->kind) {
    case Kind::duration: return std::to_string(integer) + "us";
    case Kind::timestamp: return '@' + std::to_string(integer);
    case Kind::enumeration: return e.type->name + '.' + e.type->variants[static_cast<std::size_t>(integer)].name;
    case Kind::i32: return std::to_string(integer) + "i32";
    default: return std::to_string(integer);
  }
}

constexpr const char* ops[] = {"+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">="};
constexpr const char* ariths[] = {"", "time", "between", "", "times", "over", "ratio"};

}  // namespace

std::string Harness::print(ExprPtr e) const {
  const auto list = [&](std::size_t from = 0) {
    std::string out;
    for (std::size_t i = from; i < e->args.size(); ++i) out += (i == from ? "" : ", ") + print(e->args[i]);
    return out;
  };
  switch (e->kind) {
    case ExprKind::literal: return literal_text(*e);
    case ExprKind::param: return "param " + program.params[e->index].name;
    case ExprKind::ref:
      switch (e->scope) {
        case Scope::row: return row.columns[e->index].name;
        case Scope::right: return "right." + right_->fields[e->index].name;
        case Scope::state: return "state." + state[e->index].name;
        case Scope::other: return "other." + state[e->index].name;
        case Scope::group: return "group." + group.columns[e->index].name;
        case Scope::arg: return "arg" + std::to_string(e->index);
        case Scope::agg: return "agg" + std::to_string(e->index);
      }
      return "?";
    case ExprKind::member: return print(e->args[0]) + '.' + e->args[0]->type->plain()->fields[e->index].name;
    case ExprKind::element: return print(e->args[0]) + '[' + print(e->args[1]) + ']';
    case ExprKind::negate: return '-' + print(e->args[0]);
    case ExprKind::not_: return "not " + print(e->args[0]);
    case ExprKind::arithmetic:
    case ExprKind::compare: {
      const std::string tag = e->kind == ExprKind::arithmetic ? ariths[static_cast<int>(e->arith)] : "";
      return '(' + print(e->args[0]) + ' ' + tag + ops[static_cast<int>(e->op)] + ' ' + print(e->args[1]) + ')';
    }
    case ExprKind::and_: return '(' + print(e->args[0]) + " and " + print(e->args[1]) + ')';
    case ExprKind::or_: return '(' + print(e->args[0]) + " or " + print(e->args[1]) + ')';
    case ExprKind::in_list: return '(' + print(e->args[0]) + (e->negated ? " not in [" : " in [") + list(1) + "])";
    case ExprKind::in_value: return '(' + print(e->args[0]) + (e->negated ? " not in " : " in ") + print(e->args[1]) + ')';
    case ExprKind::is_null: return '(' + print(e->args[0]) + (e->negated ? " is not null)" : " is null)");
    case ExprKind::coalesce: return '(' + print(e->args[0]) + " ?? " + print(e->args[1]) + ')';
    case ExprKind::convert: {
      constexpr const char* words[] = {"widen", "wrap", "lift", "unwrap", "reshape", "null_to"};
      const bool typed = e->conversion == Conversion::widen || e->conversion == Conversion::lift || e->conversion == Conversion::reshape;
      return std::string(words[static_cast<int>(e->conversion)]) + (typed ? '<' + to_string(e->type) + '>' : "") + '(' + print(e->args[0]) + ')';
    }
    case ExprKind::if_: return "if " + print(e->args[0]) + " then " + print(e->args[1]) + " else " + print(e->args[2]);
    case ExprKind::match: {
      std::string out = "match " + print(e->args[0]) + " {";
      for (const checked::MatchArm& arm : e->arms) {
        out += ' ';
        for (std::size_t i = 0; i < arm.patterns.size(); ++i) out += (i == 0 ? "" : " | ") + print(arm.patterns[i]);
        out += std::string(arm.patterns.empty() ? "_" : "") + " => " + print(arm.value) + ',';
      }
      return out + " }";
    }
    case ExprKind::call:
      seen_calls().insert(std::string(e->fn->name) + '/' + std::string(e->form->cpp));
      return std::string(e->form->cpp) + '(' + list() + ')';
    case ExprKind::foreign_call: return program.foreign_functions[e->index].name + '(' + list() + ')';
    case ExprKind::user_call: return program.functions[e->index].name + '(' + list() + ')';
    case ExprKind::record: {
      std::string out = "{";
      for (std::size_t i = 0; i < e->args.size(); ++i) out += (i == 0 ? " " : ", ") + e->type->fields[i].name + ": " + print(e->args[i]);
      return out + " }";
    }
    case ExprKind::list: return '[' + list() + ']';
    case ExprKind::concat: return "concat(" + list() + ')';
    case ExprKind::fail: return "fail(" + list() + ')';
  }
  return "?";
}

std::string Harness::run(const std::string& expr, Mode mode, const std::string& expected) {
  *diagnostics = Diagnostics{};
  const ExprPtr e = check(expr, mode, expected);
  std::string out;
  if (e != nullptr && !diagnostics->has_errors()) {
    out = print(e) + " : " + to_string(e->type);
    for (const checked::AggregateCall& call : calls) {
      const std::string name(call.fn != nullptr ? call.fn->name : program.aggregates[call.user].name);
      seen_aggregates().insert(name);
      out += " [" + name + '(';
      for (std::size_t i = 0; i < call.args.size(); ++i) out += (i == 0 ? "" : ", ") + print(call.args[i]);
      if (call.q != nullptr) out += " q=" + print(call.q);
      if (call.where != nullptr) out += " where " + print(call.where);
      out += ") : " + to_string(call.type) + ']';
    }
  }
  for (const Diagnostic& d : diagnostics->all()) {
    out += (out.empty() ? "!" : " !") + std::string(info(d.code).id);
    seen_codes().insert(std::string(info(d.code).id));
    EXPECT_FALSE(d.message.empty());
    EXPECT_LE(d.range.end, sources.file(d.range.file).text().size());
  }
  return out;
}

std::string Harness::explain(const std::string& expr, Mode mode, const std::string& expected) {
  *diagnostics = Diagnostics{};
  check(expr, mode, expected);
  std::string out;
  for (const Diagnostic& d : diagnostics->all()) {
    seen_codes().insert(std::string(info(d.code).id));
    out += std::string(info(d.code).id) + ' ' + d.message + "\n  `" + std::string(sources.text(d.range)) + "`: " + d.label + '\n';
    for (const Label& label : d.labels) out += "  at `" + std::string(sources.text(label.range)) + "`: " + label.text + '\n';
    for (const std::string& note : d.notes) out += "  note: " + note + '\n';
    for (const std::string& help : d.helps) out += "  help: " + help + '\n';
    for (const Fix& fix : d.fixes) out += "  fix: " + fix.title + ": `" + std::string(sources.text(fix.range)) + "` -> `" + fix.text + "`\n";
  }
  return out;
}

void expect_all(const std::vector<Case>& cases, Mode mode, const std::string& expected) {
  Harness harness;
  for (const Case& c : cases) EXPECT_EQ(harness.run(c.expr, mode, expected), c.result) << "of " << c.expr;
}

}  // namespace gress::dsl::test
