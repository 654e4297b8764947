// Calls of aggregates in an aggregate's outputs: collected, equal ones once.
#include <algorithm>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

bool ExprChecker::Impl::is_frame(const ast::Call& c) const {
  return std::any_of(c.args.begin(), c.args.end(), [](const ast::Entry& arg) {
    return arg.name && (arg.name->text == "over" || arg.name->text == "before");
  });
}

void ExprChecker::Impl::refuse_frame(const ast::Call& c) {
  for (const ast::Entry& arg : c.args) {
    if (!arg.name || (arg.name->text != "over" && arg.name->text != "before")) continue;
    report(Code::E0336, arg.range, "a frame, `" + arg.name->text + ":`, stands in `extend` only")
        .under("no rows of their own to range over here")
        .help("`extend { n: count(over: 10m) }` gives each row an aggregate over the rows before it");
    return;
  }
}

std::optional<checked::Frame> ExprChecker::Impl::frame(const ast::Entry& arg, const Env& env) {
  checked::Frame made;
  made.before = arg.name->text == "before";
  const auto* word = arg.value->as<ast::NameRef>();
  if (word != nullptr && word->name == "forever" && resolve(word->name, env, names_of(env)).what == Found::What::nothing) return made;
  ExprPtr size = require_type(expr(*arg.value, env, nullptr));
  if (is_error(size->type)) return std::nullopt;
  if (size->type->is(Kind::duration)) {
    made.span = size;
  } else if (size->type->is(Kind::i64) || size->type->is(Kind::i32)) {
    made.rows = coerce(size, i64(), "a number of rows");
  } else {
    report(Code::E0336, arg.range, "a frame is a duration, a number of rows or `forever`, found `" + to_string(size->type) + '`')
        .under('`' + to_string(size->type) + '`')
        .help("`" + arg.name->text + ": 10m`, `" + arg.name->text + ": 30` or `" + arg.name->text + ": forever`");
    return std::nullopt;
  }
  return made;
}

ExprPtr ExprChecker::Impl::aggregate(const AggregateFn* fn, Index user, std::string_view name, const ast::Call& c,
                                     Range range, const Env& env) {
  const std::string quoted = '`' + std::string(name) + '`';
  // The arguments see the rows, and no other aggregates.
  Env rows = env;
  rows.calls = nullptr;
  rows.group = nullptr;
  rows.frames = nullptr;

  // `where:` is every aggregate's, a frame `extend`'s; the rest is bound by place and name.
  checked::AggregateCall made;
  made.fn = fn;
  made.user = user;
  made.range = range;
  std::vector<const ast::Entry*> given;
  bool broken = false;
  const ast::Entry* framed = nullptr;
  checked::Frame frame_;
  for (const ast::Entry& arg : c.args) {
    if (env.frames != nullptr && arg.name && (arg.name->text == "over" || arg.name->text == "before")) {
      if (framed != nullptr) {
        report(Code::E0312, arg.range, "an aggregate has one frame").under("a second one").at(framed->range, "the first one");
        broken = true;
        continue;
      }
      framed = &arg;
      const std::optional<checked::Frame> found = frame(arg, rows);
      if (found) frame_ = *found;
      broken = broken || !found;
      continue;
    }
    if (!arg.name || arg.name->text != "where") {
      given.push_back(&arg);
      continue;
    }
    if (made.where != nullptr) {
      report(Code::E0312, arg.range, "`where` is given twice").under("again here").at(made.where->range, "first here");
      broken = true;
      continue;
    }
    made.where = condition(*arg.value, rows, "`where:`");
    broken = broken || is_error(made.where->type);
    rows.facts.add(gress::dsl::facts_if_true(*arg.value, rows));
  }
  const checked::UserAggregate* declared = fn == nullptr ? &program.aggregates[user] : nullptr;
  std::vector<std::string> names_;
  std::size_t required = 0;
  std::string signature;
  if (declared != nullptr) {
    signature = declared->name + '(';
    for (const checked::FunctionParam& param : declared->params) {
      if (!names_.empty()) signature += ", ";
      signature += param.name + ": " + to_string(param.type);
      names_.push_back(param.name);
    }
    signature += ") -> " + to_string(declared->result_type);
    required = names_.size();
  } else {
    signature = fn->signature;
    names_.push_back("x");
    if (fn->has_key) names_.push_back("key");
    if (fn->has_q) names_.push_back("q");
    required = fn->argument == AggregateArgument::none ? 0 : names_.size();
  }
  std::vector<const ast::Expr*> bound(names_.size(), nullptr);
  std::size_t next = 0;
  for (const ast::Entry* arg : given) {
    std::size_t at = names_.size();
    if (arg->name)
      at = static_cast<std::size_t>(std::find(names_.begin(), names_.end(), arg->name->text) - names_.begin());
    else if (next < names_.size()) at = next++;
    if (at == names_.size()) {
      Diagnostic& d = arg->name
                          ? report(Code::E0312, arg->name->range, quoted + " has no argument `" + arg->name->text + '`')
                                .under("unknown argument")
                          : report(Code::E0311, arg->range,
                                   quoted + " takes " + std::to_string(names_.size()) +
                                       (names_.size() == 1 ? " argument" : " arguments") + ", and this is one more")
                                .under("too many");
      d.note('`' + signature + '`').note("every aggregate takes `where: condition` too");
      broken = true;
    } else if (bound[at] != nullptr) {
      report(Code::E0312, arg->range, "argument `" + names_[at] + "` is given twice")
          .under("again here")
          .at(bound[at]->range, "first here");
      broken = true;
    } else {
      bound[at] = arg->value.get();
    }
  }
  std::string missing;
  for (std::size_t i = 0; i < required; ++i) {
    if (bound[i] == nullptr) missing += (missing.empty() ? "`" : ", `") + names_[i] + '`';
  }
  if (!missing.empty() && !broken) {
    report(Code::E0311, range, quoted + " wants " + missing + " too")
        .under("missing: " + missing)
        .note('`' + signature + '`');
    broken = true;
  }

  bool optional = false;  // an argument may be absent
  if (declared != nullptr) {
    for (std::size_t i = 0; i < bound.size(); ++i) {
      if (bound[i] == nullptr) continue;
      const Type* type = declared->params[i].type;
      ExprPtr value = expr(*bound[i], rows, type);
      // Rows of which an argument is absent are skipped, by user aggregates too.
      const bool skips = value->type->is_optional() && !type->is_optional();
      value = coerce(value, skips ? types.optional(type) : type, "argument `" + names_[i] + "` of " + quoted);
      broken = broken || value->type->is(Kind::error);
      made.args.push_back(value);
    }
    if (declared->result_type == nullptr || declared->result_type->is(Kind::error)) broken = true;
    made.type = declared->result_type;
  } else {
    if (bound[0] != nullptr) {
      ExprPtr x = require_type(expr(*bound[0], rows, nullptr));
      const Type* plain_type = x->type->plain();
      optional = x->type->is_optional();
      const auto refuse = [&](const char* wanted) {
        Diagnostic& d =
            report(Code::E0313, x->range, quoted + " wants " + wanted + ", found `" + to_string(x->type) + '`')
                .under('`' + to_string(x->type) + '`');
        if (plain_type->is(Kind::decimal)) d.help("convert it: `f64(" + std::string(sources.text(x->range)) + ")`");
        if (plain_type->is(Kind::duration))
          d.help("a duration counts as `" + std::string(sources.text(x->range)) + " / 1s`");
        if (plain_type->is(Kind::boolean))
          d.help("rows are counted by `count(where: " + std::string(sources.text(x->range)) + ")`");
        d.note('`' + signature + '`');
        broken = true;
      };
      const auto widen_to = [&](const Type* type) { x = coerce(x, optional ? types.optional(type) : type, quoted); };
      if (!is_error(x->type)) {
        switch (fn->argument) {
          case AggregateArgument::none: case AggregateArgument::value: break;
          case AggregateArgument::ordered:
            if (!is_orderable(plain_type)) refuse("a type with an order");
            break;
          case AggregateArgument::summable:
            if (!plain_type->is_number() && !plain_type->is(Kind::duration)) refuse("numbers or durations");
            else if (plain_type->is(Kind::i32)) widen_to(i64());
            else if (plain_type->is(Kind::f32)) widen_to(f64());
            break;
          case AggregateArgument::number:
            if (!plain_type->is_number()) refuse("numbers");
            else if (plain_type->is(Kind::i32)) widen_to(i64());
            else if (plain_type->is(Kind::f32)) widen_to(f64());
            break;
          case AggregateArgument::floating:
            if (!plain_type->is_number() || plain_type->is(Kind::decimal)) refuse("numbers that are no decimals");
            else if (!plain_type->is(Kind::f64)) widen_to(f64());
            break;
          case AggregateArgument::boolean:
            if (!plain_type->is(Kind::boolean)) refuse("a condition");
            break;
        }
      }
      broken = broken || is_error(x->type);
      if (fn->kind != AggregateKind::count) {
        made.args.push_back(x);
      } else if (optional && !broken) {
        // count(x) is count(where: x is not null).
        Expr test;
        test.kind = ExprKind::is_null;
        test.type = boolean();
        test.range = x->range;
        test.negated = true;
        test.args = {x};
        const ExprPtr present = make(std::move(test));
        made.where = made.where == nullptr ? present : node(ExprKind::and_, boolean(), range, {made.where, present});
      }
    }
    if (fn->has_key && bound[1] != nullptr) {
      const ExprPtr key = require_type(expr(*bound[1], rows, nullptr));
      if (is_error(key->type)) {
        broken = true;
      } else if (!is_orderable(key->type->plain())) {
        report(Code::E0319, key->range, "`" + to_string(key->type) + "` has no order").under(quoted + " needs one");
        broken = true;
      }
      optional = optional || key->type->is_optional();
      made.args.push_back(key);
    }
    if (fn->has_q && bound[1] != nullptr) {
      made.q = expr_as(*bound[1], rows, f64(), "the quantile `q`");
      if (!is_error(made.q->type) && !is_param_constant(made.q)) {
        report(Code::E0413, made.q->range, "the quantile `q` must be constant or made of params, from 0 to 1")
            .under("depends on the row")
            .note('`' + signature + '`');
        broken = true;
      }
      broken = broken || is_error(made.q->type);
      const std::optional<Value> value = constant_value(made.q);
      const double* q = value ? std::get_if<double>(&*value) : nullptr;
      if (q != nullptr && !(*q >= 0 && *q <= 1)) {
        report(Code::E0309, made.q->range, "a quantile lies between 0 and 1").under("out of range");
        broken = true;
      }
      if (!value && !broken) {
        using Rule = checked::Requirement::Rule;
        program.requirements.push_back({Rule::not_negative, made.q, nullptr, "a quantile must not be below 0", made.q->range});
        program.requirements.push_back({Rule::not_above, made.q, literal(1.0, f64(), made.q->range), "a quantile must not be above 1", made.q->range});
      }
    }
    if (!broken) {
      const Type* argument = made.args.empty() ? nullptr : made.args[0]->type->plain();
      switch (fn->result) {
        case AggregateResult::i64: made.type = i64(); break;
        case AggregateResult::same: made.type = argument; break;
        case AggregateResult::sum: made.type = argument; break;
        case AggregateResult::average: made.type = argument->is(Kind::decimal) ? argument : f64(); break;
        case AggregateResult::f64: made.type = f64(); break;
        case AggregateResult::list: made.type = types.list_of(argument); break;
        case AggregateResult::boolean: made.type = boolean(); break;
      }
      const bool may_be_absent =
          fn->always_optional || (fn->absent_without_rows && (optional || made.where != nullptr || frame_.before));
      if (may_be_absent) made.type = types.optional(made.type);
    }
  }
  if (broken) return error(range);
  const auto same_call = [&](const checked::AggregateCall& other) {
    if (other.fn != made.fn || other.user != made.user || other.args.size() != made.args.size()) return false;
    if (!same_expr(other.where, made.where) || !same_expr(other.q, made.q)) return false;
    for (std::size_t i = 0; i < made.args.size(); ++i) {
      if (!same_expr(other.args[i], made.args[i])) return false;
    }
    return true;
  };
  const Type* type = made.type;
  if (framed != nullptr) {
    std::vector<checked::FramedCall>& all = *env.frames;
    const auto found = std::find_if(all.begin(), all.end(), [&](const checked::FramedCall& other) {
      return other.frame.before == frame_.before && same_expr(other.frame.span, frame_.span) &&
             same_expr(other.frame.rows, frame_.rows) && same_call(other.call);
    });
    const auto index = static_cast<Index>(found - all.begin());
    if (found == all.end()) all.push_back({std::move(made), frame_});
    return ref(Scope::agg, index, type, range);
  }
  std::vector<checked::AggregateCall>& all = *env.calls;
  const auto found = std::find_if(all.begin(), all.end(), same_call);
  const auto index = static_cast<Index>(found - all.begin());
  if (found == all.end()) all.push_back(std::move(made));
  return ref(Scope::agg, index, type, range);
}

}  // namespace gress::dsl
