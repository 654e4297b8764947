// The public face of the expression checker, and what its parts share.
#include "dsl/check/expr_checker.h"

#include <algorithm>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

std::string in_backticks(std::string_view text) {
  if (text.empty() || text.size() > 48 || text.find('\n') != std::string_view::npos) return "this";
  return '`' + std::string(text) + '`';
}

ExprChecker::Impl::Impl(checked::Program& p, const SourceManager& s, Diagnostics& d, const Names& n)
    : program(p), sources(s), diagnostics(d), names(n), types(*p.type_table) {
  never_.kind = Kind::error;
  never_.name = "never";
}

std::string ExprChecker::Impl::text(Range range) const { return in_backticks(sources.text(range)); }

ExprPtr ExprChecker::Impl::node(ExprKind kind, const Type* type, Range range, std::vector<ExprPtr> args) {
  Expr e;
  e.kind = kind;
  e.type = type;
  e.range = range;
  e.args = std::move(args);
  return make(std::move(e));
}

ExprPtr ExprChecker::Impl::error(Range range) { return literal(std::monostate{}, types.error(), range); }

ExprPtr ExprChecker::Impl::literal(Value value, const Type* type, Range range) {
  Expr e;
  e.kind = ExprKind::literal;
  e.type = type;
  e.range = range;
  e.value = std::move(value);
  return make(std::move(e));
}

ExprPtr ExprChecker::Impl::ref(Scope scope, Index index, const Type* type, Range range) {
  Expr e;
  e.kind = ExprKind::ref;
  e.type = type != nullptr ? type : types.error();
  e.range = range;
  e.scope = scope;
  e.index = index;
  return make(std::move(e));
}

ExprPtr ExprChecker::Impl::with_range(ExprPtr e, Range range) {
  if (e->range == range) return e;
  Expr copy = *e;
  copy.range = range;
  const ExprPtr made = make(std::move(copy));
  if (const auto known = digits.find(e); known != digits.end()) digits.emplace(made, std::string(known->second));
  return made;
}

bool ExprChecker::Impl::is_untyped(const Type* type) const {
  switch (type->kind) {
    case Kind::null: return true;
    case Kind::error: return is_never(type);
    case Kind::list: return is_untyped(type->elem);
    case Kind::record:
      return type->name.empty() && std::any_of(type->fields.begin(), type->fields.end(),
                                               [&](const RecordField& f) { return is_untyped(f.type); });
    default: return false;
  }
}

ExprPtr ExprChecker::Impl::require_type(ExprPtr e) {
  if (!is_untyped(e->type)) return e;
  std::string what = "this has no type of its own";
  std::string help = "a typed value has to stand beside it";
  if (e->type->is(Kind::null)) {
    what = "`null` has no type here";
    help = "it needs a typed value beside it, `if c then x else null`, or a stream whose type is said, `stream x: T = …`";
  } else if (is_never(e->type)) {
    what = "`fail` has no type here";
    help = "it stands where a value of a known type is wanted: `x ?? fail(\"why\")`";
  } else if (e->type->is(Kind::list)) {
    what = "the type of this list's elements is not known";
    help = "it needs a typed list beside it: `xs ?? []`";
  }
  report(Code::E0320, e->range, what).under("of which type?").help(help);
  return error(e->range);
}

ExprPtr ExprChecker::Impl::expr(const ast::Expr& e, const Env& env, const Type* expected) {
  const Range range = e.range;
  return std::visit(
      [&](const auto& n) -> ExprPtr {
        using N = std::decay_t<decltype(n)>;
        if constexpr (std::is_same_v<N, ast::Error>) {
          return error(range);
        } else if constexpr (std::is_same_v<N, ast::Null>) {
          return literal(std::monostate{}, basic(Kind::null), range);
        } else if constexpr (std::is_same_v<N, ast::Bool>) {
          return literal(n.value, boolean(), range);
        } else if constexpr (std::is_same_v<N, ast::Number>) {
          return number(n.digits, n.is_float, range, expected);
        } else if constexpr (std::is_same_v<N, ast::DurationLit>) {
          return literal(n.micros, basic(Kind::duration), range);
        } else if constexpr (std::is_same_v<N, ast::SizeLit>) {
          return literal(n.bytes, i64(), range);
        } else if constexpr (std::is_same_v<N, ast::RateLit>) {
          report(Code::E0314, range, "a rate is no value of an expression")
              .help("rates such as `1000/s` are for options");
          return error(range);
        } else if constexpr (std::is_same_v<N, ast::TimestampLit>) {
          return literal(n.micros, basic(Kind::timestamp), range);
        } else if constexpr (std::is_same_v<N, ast::String>) {
          return text_literal(n, range, env);
        } else if constexpr (std::is_same_v<N, ast::NameRef>) {
          return name(n, e, env, expected);
        } else if constexpr (std::is_same_v<N, ast::Member>) {
          return member(n, e, env);
        } else if constexpr (std::is_same_v<N, ast::Index>) {
          return element(n, range, env);
        } else if constexpr (std::is_same_v<N, ast::Call>) {
          return call(n, e, env, expected);
        } else if constexpr (std::is_same_v<N, ast::Record>) {
          return record(n, range, env, expected);
        } else if constexpr (std::is_same_v<N, ast::List>) {
          return list(n, range, env, expected);
        } else if constexpr (std::is_same_v<N, ast::Comprehension>) {
          report(Code::E0901, range, "`[… for … in …]` is part of the language and not built yet")
              .help("`flatten list as x` gives a row for each element");
          return error(range);
        } else if constexpr (std::is_same_v<N, ast::Unary>) {
          return unary(n, range, env, expected);
        } else if constexpr (std::is_same_v<N, ast::Binary>) {
          return binary(n, e, env, expected);
        } else if constexpr (std::is_same_v<N, ast::IsNull>) {
          return is_null(n, range, env);
        } else if constexpr (std::is_same_v<N, ast::If>) {
          return if_(n, range, env, expected);
        } else if constexpr (std::is_same_v<N, ast::Match>) {
          return match(n, range, env, expected);
        } else {
          static_assert(std::is_same_v<N, ast::Paren>);
          return expr(*n.inner, env, expected);
        }
      },
      e.node);
}

ExprPtr ExprChecker::Impl::expr_as(const ast::Expr& e, const Env& env, const Type* to, std::string_view context) {
  return coerce(expr(e, env, to), to, context);
}

ExprPtr ExprChecker::Impl::condition(const ast::Expr& e, const Env& env, std::string_view context) {
  return coerce(expr(e, env, boolean()), boolean(), context);
}

// ---------------------------------------------------------------- public

ExprChecker::ExprChecker(checked::Program& program, const SourceManager& sources, Diagnostics& diagnostics,
                         const Names& names)
    : impl_(std::make_unique<Impl>(program, sources, diagnostics, names)) {}
ExprChecker::~ExprChecker() = default;

ExprPtr ExprChecker::check(const ast::Expr& expr, const Env& env, const Type* expected) {
  const ExprPtr e = impl_->expr(expr, env, expected);
  return expected != nullptr ? e : impl_->require_type(e);
}

ExprPtr ExprChecker::check_as(const ast::Expr& expr, const Env& env, const Type* to, std::string_view context) {
  return impl_->expr_as(expr, env, to, context);
}

ExprPtr ExprChecker::check_condition(const ast::Expr& expr, const Env& env, std::string_view context) {
  return impl_->condition(expr, env, context);
}

ExprPtr ExprChecker::coerce(ExprPtr expr, const Type* to, std::string_view context) {
  return impl_->coerce(expr, to, context);
}
bool ExprChecker::converts(ExprPtr expr, const Type* to) const { return impl_->converts(expr, to); }
const Type* ExprChecker::common_type(const Type* a, const Type* b) const { return impl_->common(a, b); }
ExprPtr ExprChecker::ref(Scope scope, Index index, const Type* type, Range range) {
  return impl_->ref(scope, index, type, range);
}
ExprPtr ExprChecker::unwrap(ExprPtr expr) { return impl_->unwrap(expr); }
ExprPtr ExprChecker::literal(Value value, const Type* type, Range range) {
  return impl_->literal(std::move(value), type, range);
}
ExprPtr ExprChecker::make(Expr expr) { return impl_->make(std::move(expr)); }

Facts ExprChecker::facts_if_true(const ast::Expr& condition, const Env& env) const {
  return gress::dsl::facts_if_true(condition, env);
}

void ExprChecker::warn_if_hides_builtin(const ast::Name& name) {
  const bool is_function = find_function(name.text) != nullptr;
  if (!is_function && find_aggregate(name.text) == nullptr) return;
  impl_->report(Code::W0301, name.range,
                "`" + name.text + "` hides the built-in " + (is_function ? "function" : "aggregate") + " of that name")
      .help("another name keeps both");
}

void ExprChecker::report_recursion() {
  std::map<Index, std::vector<const Impl::CallEdge*>> edges;
  for (const Impl::CallEdge& edge : impl_->calls) edges[edge.from].push_back(&edge);
  enum : char { unseen, open, done };
  std::vector<char> state(impl_->program.functions.size(), unseen);
  struct Step {
    Index function;
    std::size_t next = 0;
  };
  for (Index start = 0; start < state.size(); ++start) {
    if (state[start] != unseen) continue;
    std::vector<Step> path{{start}};
    state[start] = open;
    while (!path.empty()) {
      Step& step = path.back();
      const std::vector<const Impl::CallEdge*>& out = edges[step.function];
      if (step.next == out.size()) {
        state[step.function] = done;
        path.pop_back();
        continue;
      }
      const Impl::CallEdge& edge = *out[step.next++];
      if (edge.to >= state.size() || state[edge.to] == done) continue;
      if (state[edge.to] == unseen) {
        state[edge.to] = open;
        path.push_back({edge.to});
        continue;
      }
      // The path from the called function to here is a cycle.
      const auto first = std::find_if(path.begin(), path.end(), [&](const Step& s) { return s.function == edge.to; });
      std::string through;
      for (auto it = first + 1; it < path.end(); ++it) {
        through += (through.empty() ? " through `" : ", `") + impl_->program.functions[it->function].name + '`';
      }
      const checked::UserFunction& called = impl_->program.functions[edge.to];
      impl_->report(Code::E0316, edge.range, "`" + called.name + "` calls itself" + through)
          .under("this closes the circle")
          .at(called.range, "declared here")
          .help("functions do not recurse; lists are taken apart by `flatten`, state is kept by `scan`");
      for (auto it = first; it < path.end(); ++it) {
        checked::UserFunction& function = impl_->program.functions[it->function];
        function.body = impl_->error(function.range);
      }
    }
  }
}

bool ExprChecker::is_orderable(const Type* type) { return in_class(type, TypeClass::ordered); }

bool ExprChecker::is_comparable(const Type* type) { return !type->is(Kind::error); }

bool ExprChecker::is_key_type(const Type* type) {
  switch (type->kind) {
    case Kind::f32: case Kind::f64: case Kind::null: return false;
    case Kind::optional: case Kind::list: return is_key_type(type->elem);
    case Kind::map: return is_key_type(type->key) && is_key_type(type->elem);
    case Kind::record:
      return std::all_of(type->fields.begin(), type->fields.end(),
                         [](const RecordField& f) { return is_key_type(f.type); });
    default: return true;
  }
}

}  // namespace gress::dsl
