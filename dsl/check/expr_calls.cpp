// Calls: which function is meant, its arguments by place and name, user functions.
#include <algorithm>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

using What = Found::What;

namespace {

bool has_aggregate_option(const ast::Call& call) {
  for (const ast::Entry& arg : call.args) {
    if (arg.name && (arg.name->text == "where" || arg.name->text == "over" || arg.name->text == "before")) return true;
  }
  return false;
}

/// `min(a, b)` and `max(a, b)` are of values, not of rows.
bool takes_many(const Function& function) {
  const std::vector<Signature>& forms = signatures(function);
  return std::any_of(forms.begin(), forms.end(), [](const Signature& form) { return form.params.size() > 1; });
}

}  // namespace

ExprPtr ExprChecker::Impl::call(const ast::Call& c, const ast::Expr& e, const Env& env, const Type* expected) {
  const Range range = e.range;
  const auto check_args = [&] {
    // For what is wrong within the arguments; they are checked as rows' values, since where they stand is unknown.
    Env inner = env;
    if (env.calls != nullptr) {
      inner.calls = nullptr;
      inner.group = nullptr;
    }
    for (const ast::Entry& arg : c.args) {
      if (!arg.name) expr(*arg.value, inner, nullptr);
    }
  };
  if (const auto* member = c.callee->as<ast::Member>()) {
    const std::string function = member->member.text;
    std::string written = function + '(' + std::string(sources.text(member->base->range));
    for (const ast::Entry& arg : c.args) written += ", " + std::string(sources.text(arg.range));
    written += ')';
    Diagnostic& d = report(Code::E0335, c.callee->range, "values have no methods").under("not a function");
    if (find_function(function) != nullptr) {
      d.fix("functions take the value as an argument", range, written);
    }
    return error(range);
  }
  const auto* callee = c.callee->as<ast::NameRef>();
  if (callee == nullptr) {
    if (c.callee->as<ast::Error>() == nullptr) {
      report(Code::E0315, c.callee->range, "only functions are called").under("not a function");
    }
    return error(range);
  }
  const Names& known = names_of(env);
  if (const auto user = known.functions.find(callee->name); user != known.functions.end()) {
    return this->user_call(user->second, c, range, env);
  }
  if (const auto foreign = known.foreign.find(callee->name); foreign != known.foreign.end()) {
    return foreign_call(callee->name, foreign->second, c, range, env);
  }
  const auto user_aggregate = known.aggregates.find(callee->name);
  const AggregateFn* fn = user_aggregate != known.aggregates.end() ? nullptr : find_aggregate(callee->name);
  const Function* function = find_function(callee->name);
  const bool aggregate_name = fn != nullptr || user_aggregate != known.aggregates.end();
  if (aggregate_name) {
    const Index user = fn == nullptr ? user_aggregate->second : checked::kNone;
    const bool shared = fn != nullptr && function != nullptr;
    // `sum min max first last` of one argument are aggregates where aggregates may stand.
    const bool of_many = shared && c.args.size() > 1 && takes_many(*function);
    const bool meant = !shared || has_aggregate_option(c) || (env.calls != nullptr && !of_many);
    const bool framed = meant && is_frame(c);
    if (framed && env.frames == nullptr) {
      refuse_frame(c);
      return error(range);
    }
    if (framed || (meant && env.calls != nullptr)) return aggregate(fn, user, callee->name, c, range, env);
    if (meant) {
      Diagnostic& d = report(Code::E0324, range, "`" + callee->name + "` is an aggregate, and there is no group of rows here");
      d.under(env.frames != nullptr ? "over which rows?" : "not in an `aggregate`");
      if (env.frames != nullptr) d.help("say it by `over:` or `before:`, such as `over: 10m` or `before: 30`");
      else d.help("aggregates stand in `aggregate { … }`, and not within one another");
      return error(range);
    }
  }
  if (function != nullptr) return builtin(*function, c, range, env, expected);

  const Found found = resolve(callee->name, env, known);
  if (found.what != What::nothing) {
    const char* what = found.what == What::type    ? "a type"
                       : found.what == What::param ? "a param"
                       : found.what == What::other ? nullptr
                                                   : "a value";
    report(
        Code::E0315, c.callee->range,
        "`" + callee->name + "` is " + (what != nullptr ? what : "a " + std::string(found.word)) + ", not a function")
        .under("not a function");
  } else {
    unknown_function(*callee, c.callee->range, env);
  }
  check_args();
  return error(range);
}

void ExprChecker::Impl::unknown_function(const ast::NameRef& callee, Range range, const Env& env) {
  Diagnostic& d = report(Code::E0303, range, "there is no function `" + callee.name + '`').under("unknown function");
  if (const std::string_view hint = foreign_function_hint(callee.name); !hint.empty()) {
    d.help("here it is " + std::string(hint));
    return;
  }
  const Names& known = names_of(env);
  std::vector<std::string_view> all;
  for (const auto& [name, index] : known.functions) all.push_back(name);
  for (const auto& [name, overloads] : known.foreign) all.push_back(name);
  for (const auto& [name, index] : known.aggregates) all.push_back(name);
  for (const Function& function : functions()) all.push_back(function.name);
  for (const AggregateFn& aggregate : aggregates()) all.push_back(aggregate.name);
  if (const std::string_view near = nearest(callee.name, all); !near.empty()) {
    d.fix("did you mean `" + std::string(near) + "`?", range, std::string(near));
  } else {
    d.note("`gressc list functions` shows all of them");
  }
}

bool ExprChecker::Impl::bind(std::string_view callee, const ast::Call& c, Range range,
                             const std::vector<std::string>& names, std::size_t required, std::string_view signature,
                             std::vector<const ast::Expr*>& bound) {
  const std::string quoted = '`' + std::string(callee) + '`';
  bound.assign(names.size(), nullptr);
  std::size_t next = 0;
  for (const ast::Entry& arg : c.args) {
    std::size_t at = names.size();
    if (arg.name) {
      for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == arg.name->text) at = i;
      }
      if (at == names.size()) {
        Diagnostic& d = report(Code::E0312, arg.name->range, quoted + " has no argument `" + arg.name->text + '`')
                            .under("unknown argument");
        const std::vector<std::string_view> all(names.begin(), names.end());
        if (const std::string_view near = nearest(arg.name->text, all); !near.empty())
          d.help("did you mean `" + std::string(near) + "`?");
        if (!signature.empty()) d.note("`" + std::string(signature) + '`');
        return false;
      }
    } else {
      at = next++;
      if (at >= names.size()) {
        report(Code::E0311, arg.range,
               quoted + " takes " + std::to_string(names.size()) + (names.size() == 1 ? " argument" : " arguments") +
                   ", and this is one more")
            .under("too many")
            .note("`" + std::string(signature) + '`');
        return false;
      }
    }
    if (bound[at] != nullptr) {
      report(Code::E0312, arg.range, "argument `" + names[at] + "` is given twice")
          .under("again here")
          .at(bound[at]->range, "first here");
      return false;
    }
    bound[at] = arg.value.get();
  }
  std::string missing;
  for (std::size_t i = 0; i < required; ++i) {
    if (bound[i] == nullptr) missing += (missing.empty() ? "`" : ", `") + names[i] + '`';
  }
  if (missing.empty()) return true;
  report(Code::E0311, range, quoted + " wants " + missing + " too")
      .under("missing: " + missing)
      .note("`" + std::string(signature) + '`');
  return false;
}

ExprPtr ExprChecker::Impl::user_call(Index index, const ast::Call& c, Range range, const Env& env) {
  if (env.function != checked::kNone) calls.push_back({env.function, index, range});
  const checked::UserFunction& function = program.functions[index];
  std::vector<std::string> param_names;
  std::string signature = function.name + '(';
  for (const checked::FunctionParam& param : function.params) {
    if (!param_names.empty()) signature += ", ";
    signature += param.name + ": " + to_string(param.type);
    param_names.push_back(param.name);
  }
  signature += ") -> " + to_string(function.result);
  std::vector<const ast::Expr*> bound;
  if (!bind(function.name, c, range, param_names, param_names.size(), signature, bound)) return error(range);
  std::vector<ExprPtr> args;
  bool broken = function.result == nullptr || function.result->is(Kind::error);
  for (std::size_t i = 0; i < bound.size(); ++i) {
    const ExprPtr value = expr_as(*bound[i], env, function.params[i].type,
                                  "argument `" + function.params[i].name + "` of `" + function.name + '`');
    broken = broken || value->type->is(Kind::error);
    args.push_back(value);
  }
  if (broken) return error(range);
  Expr made;
  made.kind = ExprKind::user_call;
  made.type = function.result;
  made.range = range;
  made.index = index;
  made.args = std::move(args);
  return make(std::move(made));
}

ExprPtr ExprChecker::Impl::builtin(const Function& function, const ast::Call& c, Range range, const Env& env,
                                   const Type* expected) {
  switch (function.rule) {
    case FunctionRule::overloads: return overloaded(function, c, range, env, expected);
    case FunctionRule::coalesce: return call_coalesce(c, range, env, expected);
    case FunctionRule::fail: return call_fail(c, range, env);
    case FunctionRule::now: return call_now(c, range, env);
    case FunctionRule::regex_captures: return call_captures(function, c, range, env);
    case FunctionRule::concat: return call_concat(c, range, env);
  }
  return error(range);
}

}  // namespace gress::dsl
