// Calls of functions of C++ headers: the overload is chosen by the types of the language.
#include <algorithm>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

using checked::ForeignFunction;

namespace {

std::string signature(const ForeignFunction& f) {
  std::string text = f.name + '(';
  for (std::size_t i = 0; i < f.params.size(); ++i)
    text +=
        (i == 0 ? "" : ", ") + f.params[i].name + ": " + to_string(f.params[i].type) + (i < f.required ? "" : " = …");
  return text + ") -> " + to_string(f.result);
}

/// Whether the arguments have places by number and names; where each one goes.
bool fits(const ForeignFunction& f, const ast::Call& c, std::vector<std::size_t>& places) {
  std::vector<bool> given(f.params.size());
  std::size_t next = 0;
  places.clear();
  for (const ast::Entry& arg : c.args) {
    std::size_t at = f.params.size();
    if (!arg.name) at = next++;
    for (std::size_t i = 0; arg.name && i < f.params.size(); ++i)
      if (f.params[i].name == arg.name->text) at = i;
    if (at >= f.params.size() || given[at]) return false;
    given[at] = true;
    places.push_back(at);
  }
  // What C++ has a default for is left out at the end only.
  for (std::size_t i = 0; i < f.params.size(); ++i)
    if (!given[i] &&
        (i < f.required || std::find(given.begin() + static_cast<std::ptrdiff_t>(i), given.end(), true) != given.end()))
      return false;
  return true;
}

}  // namespace

ExprPtr ExprChecker::Impl::foreign_call(std::string_view name, const std::vector<Index>& overloads, const ast::Call& c,
                                        Range range, const Env& env) {
  const auto made = [&](Index index, std::vector<ExprPtr> args) {
    const ForeignFunction& f = program.foreign_functions[index];
    if (f.deleted) {
      report(Code::E0313, range, "the `" + std::string(name) + "` that takes these arguments is deleted")
          .under("C++ refuses the call")
          .at(f.range, "deleted here")
          .help("convert an argument, as in `f64(x)`");
      return error(range);
    }
    Expr e;
    e.kind = ExprKind::foreign_call;
    e.type = f.result;
    e.range = range;
    e.index = index;
    e.args = std::move(args);
    return make(std::move(e));
  };
  if (overloads.size() == 1) {
    const ForeignFunction& f = program.foreign_functions[overloads[0]];
    const std::size_t before = diagnostics.all().size();
    std::vector<std::string> names;
    for (const checked::FunctionParam& param : f.params) names.push_back(param.name);
    std::vector<const ast::Expr*> bound;
    std::vector<ExprPtr> args;
    bool broken = !bind(name, c, range, names, f.required, signature(f), bound);
    for (std::size_t i = 0; i < bound.size() && !broken; ++i) {
      if (bound[i] == nullptr) continue;
      if (args.size() != i) {
        report(Code::E0311, range,
               "`" + std::string(name) + "` wants `" + names[args.size()] + "` before `" + names[i] + '`')
            .under("missing: `" + names[args.size()] + '`')
            .note("C++ gives its defaults to the last parameters only")
            .note('`' + signature(f) + '`');
        broken = true;
        break;
      }
      args.push_back(
          expr_as(*bound[i], env, f.params[i].type, "argument `" + names[i] + "` of `" + std::string(name) + '`'));
    }
    for (ExprPtr arg : args) broken = broken || arg->type->is(Kind::error);
    if (!broken) return made(overloads[0], std::move(args));
    diagnostics.label_since(before, f.range, "`" + std::string(name) + "` in C++");
    return error(range);
  }

  std::vector<ExprPtr> values;
  bool broken = false;
  for (const ast::Entry& arg : c.args) {
    values.push_back(require_type(expr(*arg.value, env, nullptr)));
    broken = broken || is_error(values.back()->type);
  }
  if (broken) return error(range);
  // How far the arguments have to go; -1: too far.
  const auto cost = [&](const ForeignFunction& f, const std::vector<std::size_t>& places) {
    int all = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Type* from = values[i]->type;
      const Type* to = f.params[places[i]].type;
      if (same_shape(from, to)) continue;
      if (!converts(values[i], to)) return -1;
      all += from->is_optional() == to->is_optional() ? from->is_integer() && to->is_integer() ? 1 : 2 : 4;
    }
    return all;
  };
  int best = -1;
  std::vector<Index> chosen;
  std::vector<std::size_t> places, chosen_places;
  for (const Index index : overloads) {
    if (!fits(program.foreign_functions[index], c, places)) continue;
    const int far = cost(program.foreign_functions[index], places);
    if (far < 0 || (best >= 0 && far > best)) continue;
    if (far != best) chosen.clear();
    best = far;
    chosen.push_back(index);
    chosen_places = places;
  }
  if (chosen.size() != 1) {
    std::string types;
    for (ExprPtr value : values) types += (types.empty() ? "`" : ", `") + to_string(value->type) + '`';
    Diagnostic& d =
        report(Code::E0313, range,
               chosen.empty() ? "no `" + std::string(name) + "` takes " + (types.empty() ? "no arguments" : types)
                              : "more than one `" + std::string(name) + "` takes " + types);
    d.under(chosen.empty() ? "no overload fits" : "which one?");
    for (const Index index : chosen.empty() ? overloads : chosen) {
      const ForeignFunction& f = program.foreign_functions[index];
      d.at(f.range, '`' + signature(f) + '`');
    }
    if (!chosen.empty()) d.help("convert an argument, as in `f64(x)`");
    return error(range);
  }
  const ForeignFunction& f = program.foreign_functions[chosen[0]];
  std::vector<ExprPtr> args(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    args[chosen_places[i]] = coerce(values[i], f.params[chosen_places[i]].type, f.name);
  return made(chosen[0], std::move(args));
}

}  // namespace gress::dsl
