// Built-in functions typed by their signatures: which overload is meant, and what its variables stand for.
#include <algorithm>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

namespace {

constexpr std::string_view units[] = {"hour", "day", "week", "month", "quarter", "year"};

/// One argument: checked once, unless it is a literal, which is checked again when its parameter's type is known.
struct Argument {
  const ast::Expr* written = nullptr;
  ExprPtr value = nullptr;
  bool literal = false;
  bool unit = false;  // a bare hour, day …
};

struct Match {
  bool fits = false;
  int cost = 0;
  std::vector<std::pair<std::string, const Type*>> variables;

  const Type* of(const std::string& word) const {
    for (const auto& [name, type] : variables) {
      if (name == word) return type;
    }
    return nullptr;
  }
};

}  // namespace

ExprPtr ExprChecker::Impl::overloaded(const Function& function, const ast::Call& c, Range range, const Env& env,
                                      const Type* expected) {
  const std::vector<Signature>& forms = signatures(function);

  // A form must take the arguments' number and names; if none does, the first says what is wrong.
  std::vector<std::size_t> candidates;
  std::vector<std::vector<const ast::Expr*>> bindings(forms.size());
  const auto bind_form = [&](std::size_t f) {
    const Signature& form = forms[f];
    std::vector<std::string> param_names;
    std::size_t required = 0;
    for (const ParamSpec& param : form.params) {
      param_names.push_back(param.name);
      if (!param.may_be_left_out && !param.default_value) ++required;
    }
    if (form.repeats_last) {
      for (std::size_t i = param_names.size(); i < c.args.size(); ++i)
        param_names.push_back("#" + std::to_string(i + 1));
    }
    return bind(function.name, c, range, param_names, required, function.overloads[f].signature, bindings[f]);
  };
  const auto fits_form = [&](std::size_t f) {
    const Signature& form = forms[f];
    std::vector<bool> given(form.params.size());
    std::size_t next = 0;
    for (const ast::Entry& arg : c.args) {
      std::size_t at = form.params.size();
      if (!arg.name) {
        at = next++;
        if (at >= form.params.size() && form.repeats_last) continue;
      } else {
        for (std::size_t i = 0; i < form.params.size(); ++i) {
          if (form.params[i].name == arg.name->text) at = i;
        }
      }
      if (at >= form.params.size() || given[at]) return false;
      given[at] = true;
    }
    for (std::size_t i = 0; i < form.params.size(); ++i) {
      if (!given[i] && !form.params[i].may_be_left_out && !form.params[i].default_value) return false;
    }
    return true;
  };
  for (std::size_t f = 0; f < forms.size(); ++f) {
    if (fits_form(f) && bind_form(f)) candidates.push_back(f);
  }
  if (candidates.empty()) {
    // Of several forms the one that takes the most says it best.
    std::size_t widest = 0;
    for (std::size_t f = 0; f < forms.size(); ++f) {
      if (forms[f].params.size() > forms[widest].params.size()) widest = f;
    }
    bind_form(widest);
    for (const ast::Entry& arg : c.args) expr(*arg.value, env, nullptr);
    return error(range);
  }

  // The arguments themselves.
  bool takes_unit = false;
  for (std::size_t f : candidates) {
    for (const ParamSpec& param : forms[f].params) takes_unit = takes_unit || param.type.form == TypeSpec::Form::unit;
  }
  std::vector<Argument> args;
  const auto argument_of = [&](const ast::Expr* written) -> Argument* {
    for (Argument& arg : args) {
      if (arg.written == written) return &arg;
    }
    return nullptr;
  };
  bool broken = false;
  for (const ast::Entry& entry : c.args) {
    Argument& arg = args.emplace_back();
    arg.written = entry.value.get();
    const auto* name = arg.written->as<ast::NameRef>();
    if (takes_unit && name != nullptr && std::find(std::begin(units), std::end(units), name->name) != std::end(units)) {
      const Found found = resolve_local(name->name, env);
      arg.unit = found.what != Found::What::value || found.type == nullptr || !found.type->plain()->is(Kind::duration);
    }
    if (arg.unit) {
      arg.value = literal(name->name, string(), arg.written->range);
      continue;
    }
    arg.literal = adaptable(*arg.written, false);
    arg.value = expr(*arg.written, env, nullptr);
    broken = broken || is_error(arg.value->type);
  }
  if (broken) return error(range);

  // Whether an argument of a type goes where a type is wanted, and how far it has to go.
  const auto cost_of = [&](const Argument& arg, const Type* from, const Type* to) -> int {
    if (from == to || is_never(from)) return 0;
    if (arg.literal && from->is_number()) return adapt_literal(arg.value, to, false) != nullptr ? 1 : -1;
    if (from->is(Kind::i32) && to->is(Kind::i64)) return 1;
    if (widens(from, to)) return to->is(Kind::decimal) ? 3 : 2;
    if (same_shape(from, to)) return 1;
    return -1;
  };
  const auto spec_of = [](const Signature& form, std::size_t i) -> const ParamSpec& {
    return form.params[std::min(i, form.params.size() - 1)];
  };
  // `present`: takes T? as T, to find out whether absence is all that is wrong.
  const auto try_form = [&](std::size_t f, bool present) {
    const Signature& form = forms[f];
    Match match;
    const auto type_of = [&](const Argument& arg) { return present ? arg.value->type->plain() : arg.value->type; };
    const auto bind_variable = [&](const TypeSpec& spec, const Type* type) {
      if (!in_class(type, spec.type_class)) return false;
      const Type* known = match.of(spec.word);
      if (known == nullptr) match.variables.emplace_back(spec.word, type);
      return known == nullptr || same_shape(known, type);
    };
    // Lists and maps bind their variables first: nothing converts within them.
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t i = 0; i < bindings[f].size(); ++i) {
        if (bindings[f][i] == nullptr) continue;
        const TypeSpec& spec = spec_of(form, i).type;
        const Argument& arg = *argument_of(bindings[f][i]);
        const Type* type = type_of(arg);
        const bool container = spec.form == TypeSpec::Form::list || spec.form == TypeSpec::Form::map;
        if (arg.unit != (spec.form == TypeSpec::Form::unit)) return match;
        if (container != (pass == 0) || spec.form == TypeSpec::Form::unit) continue;
        if (container) {
          if (spec.form == TypeSpec::Form::list && !type->is(Kind::list)) return match;
          if (spec.form == TypeSpec::Form::map && !type->is(Kind::map)) return match;
          const Type* inner[] = {spec.form == TypeSpec::Form::map ? type->key : type->elem, type->elem};
          for (std::size_t a = 0; a < spec.args.size(); ++a) {
            const TypeSpec& wanted = spec.args[a];
            if (wanted.form == TypeSpec::Form::exact) {
              if (!inner[a]->is(wanted.kind) && !is_never(inner[a])) return match;
            } else if (wanted.type_class == TypeClass::any) {
              if (match.of(wanted.word) == nullptr) match.variables.emplace_back(wanted.word, inner[a]);
            } else if (!bind_variable(wanted, inner[a])) {
              return match;
            }
          }
        } else if (spec.form == TypeSpec::Form::exact) {
          if (type->is_optional() || type->is(Kind::null)) return match;
          const int cost = cost_of(arg, type, basic(spec.kind));
          if (cost < 0) return match;
          match.cost += cost;
        }
      }
    }
    // The variables of plain arguments: the type all of them convert to, literals last.
    for (std::size_t i = 0; i < bindings[f].size(); ++i) {
      const TypeSpec& spec = spec_of(form, i).type;
      if (bindings[f][i] == nullptr || spec.form != TypeSpec::Form::variable || match.of(spec.word) != nullptr)
        continue;
      const Type* type = nullptr;
      bool only_literals = true;
      for (int literals = 0; literals < 2; ++literals) {
        for (std::size_t j = i; j < bindings[f].size(); ++j) {
          const TypeSpec& other = spec_of(form, j).type;
          if (bindings[f][j] == nullptr || other.form != TypeSpec::Form::variable || other.word != spec.word) continue;
          const Argument& arg = *argument_of(bindings[f][j]);
          if (arg.literal != (literals == 1) || is_never(arg.value->type)) continue;
          const Type* seen = type_of(arg);
          if (seen->is_optional() || seen->is(Kind::null)) return match;
          if (arg.literal && type != nullptr && adapt_literal(arg.value, type, false) != nullptr) continue;
          type = type == nullptr ? seen : common(type, seen);
          if (type == nullptr) return match;
          only_literals = only_literals && arg.literal;
        }
      }
      if (type == nullptr) return match;
      if (only_literals && type->is_number() && expected != nullptr && expected->plain()->is_number() &&
          in_class(expected->plain(), spec.type_class)) {
        bool adapts = true;
        for (std::size_t j = i; j < bindings[f].size(); ++j) {
          if (bindings[f][j] != nullptr)
            adapts = adapts && cost_of(*argument_of(bindings[f][j]), type_of(*argument_of(bindings[f][j])),
                                       expected->plain()) >= 0;
        }
        if (adapts) type = expected->plain();
      }
      if (!in_class(type, spec.type_class)) {
        const bool to_float = type->is_integer() && in_class(f64(), spec.type_class);
        if (!to_float) return match;
        type = f64();
      }
      match.variables.emplace_back(spec.word, type);
    }
    for (std::size_t i = 0; i < bindings[f].size(); ++i) {
      const TypeSpec& spec = spec_of(form, i).type;
      if (bindings[f][i] == nullptr || spec.form != TypeSpec::Form::variable) continue;
      const Argument& arg = *argument_of(bindings[f][i]);
      if (type_of(arg)->is_optional() && !match.of(spec.word)->is_optional()) return match;
      const int cost = cost_of(arg, type_of(arg), match.of(spec.word));
      if (cost < 0) return match;
      match.cost += cost;
    }
    match.fits = true;
    return match;
  };
  std::size_t chosen = forms.size();
  Match best;
  for (std::size_t f : candidates) {
    const Match match = try_form(f, false);
    if (match.fits && (chosen == forms.size() || match.cost < best.cost)) {
      best = match;
      chosen = f;
    }
  }
  if (chosen == forms.size()) {
    for (std::size_t f : candidates) {
      if (!try_form(f, true).fits) continue;
      for (const Argument& arg : args) {
        if (arg.value->type->is_optional() || arg.value->type->is(Kind::null))
          plain(arg.value, "`" + std::string(function.name) + '`');
      }
      return error(range);
    }
    for (const Argument& arg : args) {
      if (arg.value->type->is(Kind::null)) return plain(arg.value, "`" + std::string(function.name) + '`');
      if (is_untyped(arg.value->type)) return require_type(arg.value);
    }
    std::string seen;
    for (const Argument& arg : args)
      seen += (seen.empty() ? "`" : ", `") + (arg.unit ? std::string("unit") : to_string(arg.value->type)) + '`';
    Diagnostic& d =
        report(Code::E0313, range,
               "`" + std::string(function.name) + "` does not take " + (seen.empty() ? "no arguments" : seen));
    for (const Argument& arg : args)
      d.at(arg.written->range, arg.unit ? "a unit" : '`' + to_string(arg.value->type) + '`');
    for (const Overload& overload : function.overloads) d.note("`" + std::string(overload.signature) + '`');
    const bool has_decimal =
        std::any_of(args.begin(), args.end(), [](const Argument& a) { return a.value->type->is(Kind::decimal); });
    if (find_aggregate(function.name) != nullptr && args.size() == 1 && !args[0].value->type->is(Kind::list)) {
      d.help("the aggregate `" + std::string(function.name) + "` stands in `aggregate { … }`");
    } else if (has_decimal) {
      d.help("decimals and floats do not mix unasked: `f64(…)` or `decimal(…)` converts");
    } else if (function.category == Category::conversion && args.size() == 1 &&
               args[0].value->type->is(Kind::boolean)) {
      d.help("choose: `if " + std::string(sources.text(args[0].written->range)) + " then 1 else 0`");
    } else if (function.category == Category::conversion && args.size() == 1 &&
               args[0].value->type->is(Kind::timestamp)) {
      d.help("the time since the epoch: `(" + std::string(sources.text(args[0].written->range)) +
             " - @1970-01-01T00:00:00Z) / 1ms`");
    } else if (function.category == Category::conversion && args.size() == 1 &&
               args[0].value->type->is(Kind::duration)) {
      d.help("divide by a unit: `" + std::string(sources.text(args[0].written->range)) + " / 1s`");
    }
    return error(range);
  }

  const Signature& form = forms[chosen];
  const auto concrete = [&](const TypeSpec& spec) -> const Type* {
    switch (spec.form) {
      case TypeSpec::Form::exact: return basic(spec.kind);
      case TypeSpec::Form::unit: return string();
      case TypeSpec::Form::variable: return best.of(spec.word);
      default: return nullptr;
    }
  };
  std::vector<ExprPtr> values;
  for (std::size_t i = 0; i < bindings[chosen].size(); ++i) {
    const ParamSpec& param = spec_of(form, i);
    if (bindings[chosen][i] == nullptr) {
      if (param.default_value) values.push_back(literal(*param.default_value, concrete(param.type), range));
      continue;
    }
    const Argument& arg = *argument_of(bindings[chosen][i]);
    const Type* to = concrete(param.type);
    ExprPtr value = arg.value;
    if (to != nullptr) {
      const bool conversion = function.category == Category::conversion && param.type.form == TypeSpec::Form::variable;
      // `decimal(0.1)`: the literal is of the type asked for.
      const Type* guide = conversion && basic(form.result.kind)->is_number() ? basic(form.result.kind) : to;
      if (arg.literal) value = expr(*arg.written, env, guide);
      if (!(conversion && value->type == guide))
        value = coerce(value, to, "argument `" + param.name + "` of `" + std::string(function.name) + '`');
    } else if (is_untyped(value->type)) {
      value = require_type(value);
    }
    if (value->type->is(Kind::error)) return error(range);
    values.push_back(value);
  }
  if (!check_roles(form, values)) return error(range);

  const Type* result =
      form.result.form == TypeSpec::Form::list
          ? types.list_of(form.result.args[0].form == TypeSpec::Form::exact ? basic(form.result.args[0].kind)
                                                                            : best.of(form.result.args[0].word))
          : concrete(form.result);
  if (form.result.optional) result = types.optional(result);
  // A value that is of the type already stays as it is.
  if (function.category == Category::conversion && values.size() == 1 && values[0]->type == result)
    return with_range(values[0], range);

  const auto call_node = [&](std::vector<ExprPtr> operands) {
    Expr made;
    made.kind = ExprKind::call;
    made.type = result;
    made.range = range;
    made.fn = &function;
    made.form = &function.overloads[chosen];
    made.args = std::move(operands);
    return make(std::move(made));
  };
  require_computable(form, values, call_node, range);
  if (function.name == "hash" && values[0]->type->is(Kind::enumeration)) values[0] = to_text(values[0]);
  if (form.repeats_last && values.size() > form.params.size()) {
    ExprPtr chained = call_node({values[0], values[1]});
    for (std::size_t i = 2; i < values.size(); ++i) chained = call_node({chained, values[i]});
    return chained;
  }
  return call_node(std::move(values));
}

}  // namespace gress::dsl
