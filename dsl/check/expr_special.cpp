// Built-in functions with a rule of their own, and constant arguments with a meaning: patterns, zones.
#include <algorithm>

#include "dsl/check/expr_impl.h"
#include "dsl/check/walk.h"

namespace gress::dsl {

ExprPtr ExprChecker::Impl::call_coalesce(const ast::Call& c, Range range, const Env& env, const Type* expected) {
  if (c.args.size() < 2) {
    report(Code::E0311, range, "`coalesce` takes two values or more").note("`coalesce(a: T, b: T, …) -> T`");
    for (const ast::Entry& arg : c.args) expr(*arg.value, env, nullptr);
    return error(range);
  }
  for (const ast::Entry& arg : c.args) {
    if (!arg.name) continue;
    report(Code::E0312, arg.name->range, "`coalesce` has no argument `" + arg.name->text + '`')
        .under("unknown argument");
    return error(range);
  }
  ExprPtr value = expr(*c.args[0].value, env, adaptable(*c.args[0].value) ? expected : nullptr);
  for (std::size_t i = 1; i < c.args.size(); ++i) {
    const Range before = c.args[i - 1].value->range, after = c.args[i].value->range;
    const Edit without = c.args.size() == 2 ? Edit{range, std::string(sources.text(before))} : Edit{{range.file, before.end, after.end}, ""};
    value = coalesce(value, *c.args[i].value, range, env, expected, without);
  }
  return value;
}

ExprPtr ExprChecker::Impl::call_concat(const ast::Call& c, Range range, const Env& env) {
  std::vector<ExprPtr> parts;
  bool broken = false;
  for (const ast::Entry& arg : c.args) {
    if (arg.name) {
      report(Code::E0312, arg.name->range, "`concat` has no argument `" + arg.name->text + '`')
          .under("unknown argument");
      broken = true;
    }
    const ExprPtr value = expr_as(*arg.value, env, string(), "`concat`");
    broken = broken || is_error(value->type);
    parts.push_back(value);
  }
  if (parts.size() < 2) {
    report(Code::E0311, range, "`concat` takes two texts or more").note("`concat(a: string, b: string, …) -> string`");
    broken = true;
  }
  return broken ? error(range) : node(ExprKind::concat, string(), range, std::move(parts));
}

ExprPtr ExprChecker::Impl::call_fail(const ast::Call& c, Range range, const Env& env) {
  std::vector<const ast::Expr*> bound;
  if (!bind("fail", c, range, {"why"}, 1, "fail(why: string)", bound)) return error(range);
  const ExprPtr why = expr_as(*bound[0], env, string(), "the reason of `fail`");
  if (why->type->is(Kind::error)) return error(range);
  return node(ExprKind::fail, never(), range, {why});
}

ExprPtr ExprChecker::Impl::call_now(const ast::Call& c, Range range, const Env& env) {
  std::vector<const ast::Expr*> bound;
  if (!bind("now", c, range, {}, 0, "now() -> timestamp", bound)) return error(range);
  if (!env.now_allowed) {
    report(Code::E0327, range, "`now()` stands only in `select` and `extend` of append streams")
        .under("not here")
        .help("the event time of a row is a field of it; `extend { seen: now() }` before makes the clock one too");
    return error(range);
  }
  Expr made;
  made.kind = ExprKind::call;
  made.type = basic(Kind::timestamp);
  made.range = range;
  made.fn = find_function("now");
  made.form = made.fn->overloads.data();
  return make(std::move(made));
}

bool ExprChecker::Impl::check_regex(ExprPtr pattern, int* groups) {
  if (groups != nullptr) *groups = -1;
  const std::optional<Value> value = constant_value(pattern);
  const auto* written = value ? std::get_if<std::string>(&*value) : nullptr;
  if (written == nullptr) return true;
  const RegexInfo info = inspect_regex(*written);
  if (info.error.empty()) {
    if (groups != nullptr) *groups = info.groups;
    return true;
  }
  report(Code::E0328, pattern->range, "this is no regular expression: " + info.error)
      .under("malformed")
      .note("the syntax is that of RE2: no look-around, no back references");
  return false;
}

ExprPtr ExprChecker::Impl::call_captures(const Function& function, const ast::Call& c, Range range, const Env& env) {
  std::vector<const ast::Expr*> bound;
  if (!bind("regex_captures", c, range, {"text", "pattern"}, 2, function.overloads[0].signature, bound))
    return error(range);
  const ExprPtr text = expr_as(*bound[0], env, string(), "argument `text` of `regex_captures`");
  const ExprPtr pattern = expr_as(*bound[1], env, string(), "argument `pattern` of `regex_captures`");
  if (text->type->is(Kind::error) || pattern->type->is(Kind::error)) return error(range);
  const std::optional<Value> value = constant_value(pattern);
  const auto* written = value ? std::get_if<std::string>(&*value) : nullptr;
  if (written == nullptr) {
    report(Code::E0331, pattern->range, "the pattern of `regex_captures` must be a literal: its groups are the fields")
        .under("not constant")
        .help("`regex_extract(text, pattern, group)` takes any pattern");
    return error(range);
  }
  if (!check_regex(pattern, nullptr)) return error(range);
  const RegexInfo info = inspect_regex(*written);
  if (info.named.empty()) {
    report(Code::E0328, pattern->range, "this pattern has no named groups")
        .under("no fields")
        .help("a group is named so: `(?<name>…)`");
    return error(range);
  }
  std::vector<RecordField> fields;
  for (const RegexGroup& group : info.named) {
    const Type* type = group.optional ? types.optional(string()) : string();
    fields.push_back({group.name, type, group.name, nullptr, {}});
  }
  Expr made;
  made.kind = ExprKind::call;
  made.args = {text, pattern};
  made.type = types.optional(types.record(std::move(fields)));
  made.range = range;
  made.fn = &function;
  made.form = function.overloads.data();
  return make(std::move(made));
}

bool ExprChecker::Impl::check_roles(const Signature& form, const std::vector<ExprPtr>& args) {
  bool good = true;
  int groups = -1;
  ExprPtr regex = nullptr;
  for (std::size_t i = 0; i < args.size() && i < form.params.size(); ++i) {
    const std::optional<Value> value = constant_value(args[i]);
    const auto* written = value ? std::get_if<std::string>(&*value) : nullptr;
    switch (form.params[i].type.role) {
      case TypeSpec::Role::none: break;
      case TypeSpec::Role::regex:
        good = check_regex(args[i], &groups) && good;
        regex = args[i];
        break;
      case TypeSpec::Role::zone: {
        if (!is_param_constant(args[i])) {
          report(Code::E0331, args[i]->range, "a zone must be constant, or a param").under("differs from row to row");
          good = false;
        }
        good = check_zone(args[i], [&](Code code, Range range, std::string text) -> Diagnostic& { return report(code, range, std::move(text)); }) && good;
        break;
      }
      case TypeSpec::Role::time_pattern: {
        if (written == nullptr) break;
        good = check_time_pattern(*written, form.result.kind == Kind::timestamp, args[i]->range,
                                  [&](Code code, Range range, std::string text) -> Diagnostic& { return report(code, range, std::move(text)); }) && good;
        break;
      }
    }
    if (regex == nullptr || groups < 0 || !value) continue;
    if (form.params[i].name == "group") {
      const auto* group = std::get_if<std::int64_t>(&*value);
      if (group != nullptr && (*group < 0 || *group > groups)) {
        report(Code::E0328, args[i]->range,
               "the pattern has no group " + std::to_string(*group) + ", the last is " + std::to_string(groups))
            .under("no such group")
            .at(regex->range, "this has " + std::to_string(groups) + (groups == 1 ? " group" : " groups"));
        good = false;
      }
    }
    if (form.params[i].name == "by" && written != nullptr) {
      const auto pattern = constant_value(regex);
      const std::string wrong = check_replacement(std::get<std::string>(*pattern), *written);
      if (!wrong.empty()) {
        report(Code::E0328, args[i]->range, wrong).under("in the replacement");
        good = false;
      }
    }
  }
  return good;
}

void ExprChecker::Impl::require_computable(const Signature& form, const std::vector<ExprPtr>& args,
                                           const std::function<ExprPtr(std::vector<ExprPtr>)>& call, Range range) {
  // Zones are loaded later than params are read.
  if (args.empty() || std::ranges::any_of(form.params, [](const ParamSpec& p) { return p.type.role == TypeSpec::Role::zone; })) return;
  // What others compute is theirs to answer for, and may want zones too.
  const auto calls = [](ExprPtr arg) {
    bool found = false;
    detail::walk(*arg, [&](const Expr& e) { found |= e.kind == ExprKind::call || e.kind == ExprKind::user_call || e.kind == ExprKind::foreign_call; });
    return found;
  };
  std::vector<ExprPtr> given = args;
  if (!std::ranges::all_of(given, is_constant)) {
    // A pattern, and what goes with it, is the same for all rows: tried with an empty text in the row's place.
    const bool pattern = form.params.size() > 1 && form.params[1].type.role == TypeSpec::Role::regex;
    if (!pattern || !std::all_of(given.begin() + 1, given.end(), is_param_constant)) return;
    if (std::all_of(given.begin() + 1, given.end(), is_constant)) return;  // was checked
    given[0] = literal(std::string(), string(), range);
  }
  if (std::ranges::any_of(given, calls)) return;
  program.requirements.push_back({checked::Requirement::Rule::computes, call(std::move(given)), nullptr, "this fails for every row", range});
}

}  // namespace gress::dsl
