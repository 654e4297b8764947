// The program's own functions and aggregates.
#include "compiler/codegen/emit_foreign.h"
#include "compiler/codegen/expr.h"

namespace gress::codegen {

using namespace dsl::checked;

namespace {

void function(Unit& u, std::size_t i) {
  const UserFunction& f = u.program.functions[i];
  ExprEnv env;
  std::string params;
  Names locals;
  for (const FunctionParam& param : f.params) {
    env.arg.push_back(locals.fresh(param.name));
    // A record may come with only the members that are read here, so its type is left open.
    const bool open = param.type->plain()->kind == Kind::record;
    params += fmt::format(", [[maybe_unused]] const {}& {}", open ? "auto" : cpp_type(u, param.type), env.arg.back());
  }
  u.functions.line("// {} {}", comment(u.where(f.range)), comment(u.sources.text(f.range)));
  u.functions.open("inline {} {}([[maybe_unused]] Eval& ev{})", cpp_type(u, f.result), u.function_names[i], params);
  u.functions.line("return {};", emit_expr(u, f.body, env));
  u.functions.close();
  u.functions.blank();
}

void aggregate(Unit& u, std::size_t i) {
  const UserAggregate& a = u.program.aggregates[i];
  const std::string& name = u.aggregate_names[i];
  if (a.foreign) return emit_foreign_aggregate(u, a, name);
  Printer& p = u.functions;
  p.line("// {} {}", comment(u.where(a.range)), comment(u.sources.text(a.range)));
  p.open("struct {}_values", name);
  std::vector<std::string> members;
  ExprEnv env;
  bool flat = true;
  for (const StateField& f : a.state) {
    members.push_back(identifier(f.name));
    p.line("{} {}{{}};", cpp_type(u, f.type), members.back());
    env.state.push_back("values." + members.back());
    env.other.push_back("theirs." + members.back());
    flat = flat && is_flat(f.type);
  }
  p.raw(members_line(name + "_values", members));
  p.close(";");
  std::string params, optional_params;
  Names locals;
  for (const FunctionParam& param : a.params) {
    env.arg.push_back(locals.fresh("arg_" + param.name));
    params += fmt::format(", [[maybe_unused]] const {}& {}", cpp_type(u, param.type), env.arg.back());
  }
  p.open("struct {}", name);
  p.line("static constexpr bool invertible = {};", a.has_retract);
  p.line("static constexpr bool exact_inverse = false;");
  p.line("static constexpr bool add_can_fail = true;");
  p.line("Held<{}_values> held{{initial()}};", name);
  p.open("static {}_values initial()", name);
  p.line("[[maybe_unused]] Eval& ev = initial_ev;");
  p.line("{}_values values;", name);
  for (std::size_t f = 0; f != a.state.size(); ++f) p.line("values.{} = {};", members[f], emit_expr(u, a.state[f].init, ExprEnv{}));
  p.line("return values;");
  p.close();
  const auto update = [&](const char* method, const std::string& with, const auto& assignments) {
    p.open("void {}([[maybe_unused]] Eval& ev{})", method, with);
    p.line("[[maybe_unused]] const auto& values = held.get();");
    if (std::string_view(method) == "merge") p.line("[[maybe_unused]] const auto& theirs = other.held.get();");
    p.line("auto next = values;");
    for (const auto& [field, value] : assignments) p.line("next.{} = {};", members[field], emit_expr(u, value, env));
    p.line("if (!ev.failed) held.{}(next);", flat ? "assign" : "replace");
    p.close();
  };
  update("add", params, a.add);
  if (a.has_retract) update("remove", params, a.retract);
  update("merge", fmt::format(", const {}& other", name), a.merge);
  p.open("{} result([[maybe_unused]] Eval& ev) const", cpp_type(u, a.result_type));
  p.line("[[maybe_unused]] const auto& values = held.get();");
  p.line("return {};", emit_expr(u, a.result, env));
  p.close();
  p.line("void clear() {{ held.assign(initial()); }}");
  print_archive(u, p, {"held"});
  p.close(";");
  p.blank();
}

/// Functions may call each other: callees first.
void visit_calls(const Program& program, ExprPtr e, std::vector<int>& seen, std::vector<std::size_t>& order);

void visit_function(const Program& program, std::size_t i, std::vector<int>& seen, std::vector<std::size_t>& order) {
  if (seen[i] != 0) return;
  seen[i] = 1;
  visit_calls(program, program.functions[i].body, seen, order);
  order.push_back(i);
}

void visit_calls(const Program& program, ExprPtr e, std::vector<int>& seen, std::vector<std::size_t>& order) {
  if (e->kind == ExprKind::user_call) visit_function(program, e->index, seen, order);
  for (ExprPtr arg : e->args) visit_calls(program, arg, seen, order);
  for (const MatchArm& arm : e->arms) {
    for (ExprPtr pattern : arm.patterns) visit_calls(program, pattern, seen, order);
    visit_calls(program, arm.value, seen, order);
  }
}

}  // namespace

void emit_functions(Unit& u) {
  std::vector<int> seen(u.program.functions.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i != u.program.functions.size(); ++i) visit_function(u.program, i, seen, order);
  for (const std::size_t i : order) function(u, i);
  for (std::size_t i = 0; i != u.program.aggregates.size(); ++i) aggregate(u, i);
}

}  // namespace gress::codegen
