// `if` and `match`: branches that join to one type, arms that cover every case.
#include <algorithm>
#include <deque>
#include <set>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

const Type* ExprChecker::Impl::join(std::vector<Branch>& branches, const Type* expected, std::string_view what) {
  // Typed branches first: literals take the type that those have.
  const Type* guide = nullptr;
  const auto check = [&](bool adapting) {
    for (Branch& branch : branches) {
      if (branch.value != nullptr || (expected == nullptr && !adapting && adaptable(*branch.expr))) continue;
      branch.value = expr(*branch.expr, *branch.env, expected != nullptr ? expected : guide);
    }
  };
  check(false);
  for (const Branch& branch : branches) {
    if (branch.value == nullptr) continue;
    const Type* joined = guide == nullptr ? branch.value->type : common(guide, branch.value->type);
    if (joined != nullptr) guide = joined;
  }
  check(true);
  const Branch* before = nullptr;
  const Type* type = nullptr;
  for (const Branch& branch : branches) {
    if (is_error(branch.value->type)) return nullptr;
    const Type* joined = type == nullptr ? branch.value->type : common(type, branch.value->type);
    // Records that leave out different fields of the one that is wanted.
    if (joined == nullptr && expected != nullptr && std::ranges::all_of(branches, [&](const Branch& b) { return converts(b.value, expected); })) {
      type = expected;
      break;
    }
    if (joined == nullptr) {
      const std::string a = to_string(type), b = to_string(branch.value->type);
      Diagnostic& d = report(Code::E0318, branch.value->range,
                             std::string(what) + " are of one type, found `" + a + "` and `" + b + '`')
                          .under('`' + b + '`')
                          .at(before->value->range, '`' + a + '`');
      const Type* x = type->plain();
      const Type* y = branch.value->type->plain();
      if (x->is_number() && y->is_number())
        d.help("decimals and floats do not mix unasked: convert by `decimal(…)` or `f64(…)`");
      else if (x->is(Kind::string) || y->is(Kind::string)) d.help("`string(…)` makes text of a value");
      return nullptr;
    }
    if (type == nullptr || joined != type) before = &branch;
    type = joined;
  }
  if (type == nullptr) return never();
  if (!is_untyped(type)) {
    for (Branch& branch : branches) branch.value = coerce(branch.value, type, what);
  }
  for (const Branch& branch : branches) {
    if (is_error(branch.value->type)) return nullptr;
  }
  return type;
}

ExprPtr ExprChecker::Impl::if_(const ast::If& choice, Range range, const Env& env, const Type* expected) {
  const ExprPtr condition = this->condition(*choice.condition, env, "`if`");
  const Facts yes = gress::dsl::facts_if_true(*choice.condition, env);
  const Facts no = facts_if_false(*choice.condition, env);
  std::optional<Env> then_env, else_env;
  if (!yes.empty()) then_env.emplace(env).facts.add(yes);
  if (!no.empty()) else_env.emplace(env).facts.add(no);
  std::vector<Branch> branches{{choice.then.get(), then_env ? &*then_env : &env},
                               {choice.otherwise.get(), else_env ? &*else_env : &env}};
  const Type* type = join(branches, expected, "the branches of `if`");
  if (type == nullptr || is_error(condition->type)) return error(range);
  return node(ExprKind::if_, type, range, {condition, branches[0].value, branches[1].value});
}

namespace {

/// What a pattern stands for, so that no two arms are for the same.
std::string pattern_key(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return '"' + *text;
  return "null";
}

bool is_wildcard(const ast::Expr& e) {
  const auto* name = e.as<ast::NameRef>();
  return name != nullptr && name->name == "_";
}

}  // namespace

ExprPtr ExprChecker::Impl::match(const ast::Match& match, Range range, const Env& env, const Type* expected) {
  const ExprPtr subject = require_type(expr(*match.subject, env, nullptr));
  const Type* type = subject->type;
  const Type* plain_type = type->plain();
  bool broken = is_error(type);
  if (!broken && (plain_type->is(Kind::record) || plain_type->is(Kind::list) || plain_type->is(Kind::map))) {
    report(Code::E0307, subject->range,
           "`match` takes a bool, a number, text, a time or an enum, found `" + to_string(type) + '`')
        .under('`' + to_string(type) + '`');
    broken = true;
  }
  FactPath path;
  const bool narrows = !broken && type->is_optional() && fact_path(*match.subject, env, path);
  std::optional<Env> present;
  if (narrows) present.emplace(env).facts.add(path);

  std::set<std::string, std::less<>> seen;
  bool wildcard = false, null_seen = false;
  std::size_t cases = 0;  // of an enum, bool, and null
  if (!broken) {
    cases = plain_type->is(Kind::enumeration) ? plain_type->variants.size() : plain_type->is(Kind::boolean) ? 2 : 0;
    if (cases != 0 && type->is_optional()) ++cases;
  }
  std::vector<checked::MatchArm> arms;
  std::vector<Branch> branches;
  for (const ast::Arm& arm : match.arms) {
    checked::MatchArm& made = arms.emplace_back();
    bool any_null = false, all_wild = false;
    for (const ast::ExprPtr& written : arm.patterns) {
      const ast::Expr& p = *written;
      if (wildcard || (cases != 0 && seen.size() == cases)) {
        report(Code::W0305, p.range, "this can never be reached")
            .under(wildcard ? "after `_`" : "all cases are covered before");
        continue;
      }
      if (is_wildcard(p)) {
        all_wild = true;
        continue;
      }
      ExprPtr value = nullptr;
      if (const auto* name = p.as<ast::NameRef>()) {
        const int at = broken ? -1 : plain_type->variant(name->name);
        if (at >= 0) value = literal(static_cast<std::int64_t>(at), plain_type, p.range);
        if (value == nullptr && !broken) {
          Diagnostic& d =
              plain_type->is(Kind::enumeration)
                  ? report(Code::E0304, p.range, "`" + plain_type->name + "` has no variant `" + name->name + '`')
                        .under("unknown variant")
                  : report(Code::E0321, p.range, "a pattern is a literal or `_`, found the name `" + name->name + '`')
                        .under("no literal");
          std::vector<std::string_view> all;
          for (const EnumVariant& variant : plain_type->variants) all.push_back(variant.name);
          if (const std::string_view near = nearest(name->name, all); !near.empty()) {
            d.fix("did you mean `" + std::string(near) + "`?", p.range, std::string(near));
          } else if (resolve(name->name, env, names_of(env)).what != Found::What::nothing) {
            d.help("values that are not constant are compared: `if x == " + name->name + " then … else …`");
          } else if (!all.empty()) {
            d.note("its variants: " + listed(all));
          }
        }
        if (value == nullptr) {
          broken = true;
          continue;
        }
      } else {
        value = expr(p, env, broken ? nullptr : plain_type);
      }
      if (broken || is_error(value->type)) {
        broken = true;
        continue;
      }
      if (value->type->is(Kind::null)) {
        if (!type->is_optional()) {
          report(Code::W0302, p.range, text(subject->range) + " is never absent").under("this can never be reached");
          continue;
        }
        any_null = true;
        value = absent_value(type, p.range);
      } else {
        value = coerce(value, plain_type, "a pattern of this `match`");
        if (is_error(value->type)) {
          broken = true;
          continue;
        }
        if (value->kind != ExprKind::literal) {
          report(Code::E0321, p.range, "a pattern is a variant, a literal or `_`").under("no literal");
          broken = true;
          continue;
        }
      }
      if (!seen.insert(pattern_key(value->value)).second) {
        report(Code::W0305, p.range, "this can never be reached").under("it stands in an arm before");
        continue;
      }
      made.patterns.push_back(
          type->is_optional() && !value->type->is_optional() ? convert(Conversion::wrap, value, type) : value);
    }
    if (all_wild) {
      made.patterns.clear();
      wildcard = true;
    }
    // What was matched is there, unless it was absence.
    const bool here = narrows && !any_null && (!all_wild || null_seen);
    null_seen = null_seen || any_null;
    branches.push_back({arm.value.get(), here ? &*present : &env});
    const bool dead = !all_wild && made.patterns.empty();
    if (dead && !broken) made.patterns.push_back(nullptr);  // marked, taken out below
  }
  const Type* joined = join(branches, expected, "the arms of `match`");
  if (!broken && !wildcard && (cases == 0 || seen.size() < cases)) {
    std::string missing;
    const auto add = [&](const std::string& name) { missing += (missing.empty() ? "`" : ", `") + name + '`'; };
    if (plain_type->is(Kind::enumeration)) {
      for (std::size_t i = 0; i < plain_type->variants.size(); ++i) {
        if (!seen.contains(std::to_string(i))) add(plain_type->variants[i].name);
      }
    }
    if (plain_type->is(Kind::boolean)) {
      for (const char* name : {"true", "false"}) {
        if (!seen.contains(name)) add(name);
      }
    }
    if (cases == 0) add("_");
    if (type->is_optional() && cases != 0 && !seen.contains("null")) add("null");
    report(Code::E0317, subject->range, "this `match` does not cover every `" + to_string(type) + '`')
        .under("missing: " + missing)
        .help("add the arms, or `_ => …` for all others");
    broken = true;
  }
  if (broken || joined == nullptr) return error(range);
  Expr made;
  made.kind = ExprKind::match;
  made.type = joined;
  made.range = range;
  made.args = {subject};
  for (std::size_t i = 0; i < arms.size(); ++i) {
    if (!arms[i].patterns.empty() && arms[i].patterns.front() == nullptr) continue;
    arms[i].value = branches[i].value;
    made.arms.push_back(std::move(arms[i]));
  }
  return make(std::move(made));
}

}  // namespace gress::dsl
