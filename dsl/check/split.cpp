// `split`: declared streams, each a filter of the same rows; the first true condition takes a row.
#include "dsl/check/split.h"

#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

bool is_true(const ast::Expr* e) {
  const auto* word = e ? bare(*e).as<ast::Bool>() : nullptr;
  return word && word->value;
}

ExprPtr combined(Context& c, ExprKind kind, std::vector<ExprPtr> args, Range range) {
  Expr e;
  e.kind = kind;
  e.type = c.types().basic(Kind::boolean);
  e.range = range;
  e.args = std::move(args);
  return c.exprs->make(std::move(e));
}

}  // namespace

void check_split(Context& c, const ast::SplitDecl& split, const std::string& from) {
  if (split.routes.empty()) return;
  for (std::size_t i = 0; i + 1 < split.routes.size(); ++i)
    if (is_true(split.routes[i].value.get())) {
      c.report(Code::E0219, split.routes[i].range, "the streams behind " + quote(split.routes[i].field_name()) + " would get no rows")
          .under("takes every row that comes so far")
          .at(split.routes[i + 1].range, "never reached")
          .help("`true` stands last");
      return;
    }
  const ast::Entry& last = split.routes.back();
  if (is_true(last.value.get())) return;
  const Range end{last.range.file, last.range.end, last.range.end};
  c.report(Code::E0219, last.range, "rows of " + quote(from) + " for which no condition holds have no way to go")
      .under("the last condition must be `true`")
      .fix("say where the rest goes", end, ", rest: true");
}

void check_route(Chain& chain, const ast::SplitDecl& split, std::size_t route, const ast::Stage& stage, SplitConditions& known) {
  Context& c = chain.c;
  Env env = chain.env();
  if (known.empty())
    for (const auto& r : split.routes)
      known.push_back(r.value ? chain.condition(*r.value, env, "a condition of `split`") : c.error_expr(r.range));
  const Range range = split.routes[route].range;
  ExprPtr condition = is_true(split.routes[route].value.get()) && route != 0 ? nullptr : known[route];
  for (std::size_t k = route; k-- != 0;) {
    ExprPtr other = combined(c, ExprKind::not_, {known[k]}, known[k]->range);
    condition = condition ? combined(c, ExprKind::and_, {other, condition}, range) : other;
  }
  for (ExprPtr e : known)
    if (e->type->is(Kind::error)) return chain.give_up();
  Facts facts;
  if (split.routes[route].value) facts = c.exprs->facts_if_true(*split.routes[route].value, env);
  push_filter(chain, stage, condition, facts);
}

}  // namespace gress::dsl::detail
