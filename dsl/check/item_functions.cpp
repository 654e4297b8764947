// Functions and user aggregates: first all signatures, then all bodies, so that they may call each other in any order.
#include <algorithm>

#include "dsl/check/program.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;

std::vector<FunctionParam> parameters(Context& c, FileScope& scope, const std::vector<ast::FnParam>& list) {
  std::vector<FunctionParam> params;
  std::map<std::string, Range> seen;
  for (const auto& p : list) {
    auto [at, fresh] = seen.try_emplace(p.name.text, p.name.range);
    if (!fresh)
      c.report(Code::E0208, p.name.range, "the parameter " + quote(p.name.text) + " is given twice")
          .at(at->second, "first given here");
    params.push_back({p.name.text, c.resolve_type(*p.type, scope)});
  }
  return params;
}

void fill_state(Context& c, FileScope& scope, const std::vector<ast::StateField>& fields, UserAggregate& aggregate) {
  Env env;
  env.names = &scope.names;
  aggregate.state = check_state(c, fields, env, scope);
}

/// The state of one side would go on without what the other has counted.
void note_unmerged(Context& c, const ast::AggregateDecl& decl) {
  for (const auto& field : decl.state) {
    const auto merged = [&](const ast::Entry& entry) { return entry.field_name() == field.name.text; };
    if (std::any_of(decl.merge.begin(), decl.merge.end(), merged)) continue;
    c.report(Code::W0404, decl.merge_name.range, "`merge` says nothing of the state field " + quote(field.name.text))
        .under("what " + quote(decl.merge_name.text + "." + field.name.text) + " holds is lost")
        .at(field.name.range, "the field")
        .help("say how two states become one: `merge " + decl.merge_name.text + " { …, " + field.name.text + ": … }`; "
              "to keep one side on purpose, `" + field.name.text + ": " + field.name.text + "`");
  }
}

void check_aggregate(Context& c, FileScope& scope, const ast::AggregateDecl& decl, Index index) {
  UserAggregate aggregate = c.program.aggregates[index];
  fill_state(c, scope, decl.state, aggregate);
  Env env;
  env.names = &scope.names;
  env.state = &aggregate.state;
  env.args = &aggregate.params;
  aggregate.add = check_update(c, decl.add, env, aggregate.state);
  if (decl.retract) {
    aggregate.has_retract = true;
    aggregate.retract = check_update(c, *decl.retract, env, aggregate.state);
  }
  Env merge;
  merge.names = &scope.names;
  merge.state = &aggregate.state;
  merge.other_alias = decl.merge_name.text;
  merge.other = &aggregate.state;
  aggregate.merge = check_update(c, decl.merge, merge, aggregate.state);
  note_unmerged(c, decl);
  Env result;
  result.names = &scope.names;
  result.state = &aggregate.state;
  if (decl.result)
    aggregate.result = c.check_as(*decl.result, result, aggregate.result_type, "the result of " + quote(decl.name.text));
  c.program.aggregates[index] = std::move(aggregate);
}

}  // namespace

std::vector<StateField> check_state(Context& c, const std::vector<ast::StateField>& fields, const Env& env,
                                    FileScope& scope) {
  std::vector<StateField> state;
  std::map<std::string, Range> seen;
  for (const auto& f : fields) {
    auto [at, fresh] = seen.try_emplace(f.name.text, f.name.range);
    if (!fresh) {
      c.report(Code::E0208, f.name.range, "the state field " + quote(f.name.text) + " is given twice")
          .at(at->second, "first given here");
      continue;
    }
    StateField field;
    field.name = f.name.text;
    field.type = c.resolve_type(*f.type, scope);
    if (f.init) field.init = c.setting(*f.init, env, field.type, "the first value of " + quote(field.name));
    else field.init = c.error_expr(f.range);
    state.push_back(std::move(field));
  }
  return state;
}

std::vector<std::pair<Index, ExprPtr>> check_update(Context& c, const std::vector<ast::Entry>& entries, const Env& env,
                                                    const std::vector<StateField>& state) {
  std::vector<std::pair<Index, ExprPtr>> update;
  std::map<std::string, Range> seen;
  for (const auto& entry : entries) {
    if (!entry.value) continue;
    std::string name = entry.field_name();
    Range range = entry.name ? entry.name->range : entry.range;
    auto [at, fresh] = seen.try_emplace(name, range);
    if (!fresh) {
      c.report(Code::E0216, range, "the state field " + quote(name) + " is updated twice").at(at->second, "first updated here");
      continue;
    }
    Index index = kNone;
    for (std::size_t i = 0; i < state.size(); ++i)
      if (state[i].name == name) index = static_cast<Index>(i);
    if (index == kNone) {
      auto& d = c.report(Code::E0216, range, "there is no state field " + quote(name));
      d.under("not part of the state");
      std::vector<std::string_view> candidates;
      for (const auto& s : state) candidates.push_back(s.name);
      suggest(d, name, range, candidates);
      continue;
    }
    update.emplace_back(index, c.check_as(*entry.value, env, state[index].type, "the state field " + quote(name)));
  }
  return update;
}

void check_functions(Context& c) {
  struct Pending { FileScope* scope; const ast::Item* item; Index index; };
  std::vector<Pending> functions, aggregates;
  for (auto& scope : c.files)
    for (const auto& item : scope->file->items) {
      const auto* fn = item.as<ast::FnDecl>();
      const auto* aggregate = item.as<ast::AggregateDecl>();
      if (!fn && !aggregate) continue;
      const ast::Name& name = fn ? fn->name : aggregate->name;
      auto at = scope->items.find(name.text);
      if (at == scope->items.end() || at->second.item != &item) continue;  // a duplicate
      if (scope->main) c.exprs->warn_if_hides_builtin(name);
      if (fn) {
        UserFunction f;
        f.name = unique_name(c.program.functions, fn->name.text);
        f.doc = item.doc;
        f.range = fn->name.range;
        f.params = parameters(c, *scope, fn->params);
        f.result = c.resolve_type(*fn->result, *scope);
        at->second.index = static_cast<Index>(c.program.functions.size());
        functions.push_back({scope.get(), &item, at->second.index});
        c.program.functions.push_back(std::move(f));
      } else {
        UserAggregate a;
        a.name = unique_name(c.program.aggregates, aggregate->name.text);
        a.doc = item.doc;
        a.range = aggregate->name.range;
        a.params = parameters(c, *scope, aggregate->params);
        a.result_type = c.resolve_type(*aggregate->result_type, *scope);
        at->second.index = static_cast<Index>(c.program.aggregates.size());
        aggregates.push_back({scope.get(), &item, at->second.index});
        c.program.aggregates.push_back(std::move(a));
      }
    }
  declare_foreign_functions(c);
  for (auto& scope : c.files)
    for (auto& [name, declared] : scope->items) {
      const Declared& d = declared.real();
      if (d.kind == ItemKind::function && d.index != kNone) scope->names.functions[name] = d.index;
      if (d.kind == ItemKind::aggregate && d.index != kNone) scope->names.aggregates[name] = d.index;
    }
  for (const auto& p : functions) {
    const auto& decl = *p.item->as<ast::FnDecl>();
    // The vector does not grow any more, but expressions hold indices only, so a copy of the parameters is enough.
    auto params = c.program.functions[p.index].params;
    Env env;
    env.names = &p.scope->names;
    env.args = &params;
    env.function = p.index;
    env.hint = "a function sees its parameters and the program's params";
    if (decl.body)
      c.program.functions[p.index].body =
          c.check_as(*decl.body, env, c.program.functions[p.index].result, "the result of " + quote(decl.name.text));
  }
  c.exprs->report_recursion();
  for (const auto& p : aggregates) check_aggregate(c, *p.scope, *p.item->as<ast::AggregateDecl>(), p.index);
}

}  // namespace gress::dsl::detail
