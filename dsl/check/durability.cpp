// Options of the pipeline about checkpoints and what they promise.
#include "dsl/check/expr_checker.h"
#include "dsl/check/source_options.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

/// The duration of `every(10s)`; null after a diagnostic.
const ast::Expr* interval(Context& c, const GivenOption& g) {
  const ast::Expr& value = bare(*g.value);
  const auto* call = value.as<ast::Call>();
  const std::string* function = call ? bare_name(*call->callee) : nullptr;
  if (function && *function == "every" && call->args.size() == 1 && call->args[0].value && !call->args[0].name) return call->args[0].value.get();
  c.report(Code::E0505, g.value->range, "the option `checkpoint` takes how often the state is saved").under("not of the form `every(…)`").help("such as `checkpoint: every(10s)`");
  return nullptr;
}

/// What is compiled into the program; another value is given at start.
void want_constant(Context& c, const GivenOption& g, ExprPtr value, const char* option) {
  if (value == nullptr || value->type->is(Kind::error) || constant_value(value)) return;
  c.report(Code::E0505, g.value->range, "the option " + quote(g.name) + " takes a constant")
      .under("known only at start")
      .help(std::string("another value can be given at start: `") + option + "`");
}

}  // namespace

void check_durability(Context& c, const Options& options) {
  if (const auto* g = options.find("checkpoint"))
    if (const ast::Expr* every = interval(c, *g)) {
      OptionValue option;
      option.name = g->name;
      option.range = g->name_range;
      option.value = c.positive(*every, Env{}, c.types().basic(Kind::duration), "the option `checkpoint`");
      want_constant(c, *g, option.value, "--checkpoint 30s");
      c.program.options.push_back(std::move(option));
    }
  for (const char* name : {"checkpoint_dir", "delivery"}) {
    const auto* g = options.find(name);
    if (g == nullptr) continue;
    if (!options.find("checkpoint"))
      c.report(Code::E0504, g->name_range, "the option " + quote(g->name) + " needs `checkpoint:`").under("no checkpoints are taken").help("add `checkpoint: every(10s)`");
    OptionValue option = option_value(c, *g, Env{}, nullptr);
    if (option.value) want_constant(c, *g, option.value, "--checkpoint-dir DIR");
    c.program.options.push_back(std::move(option));
  }
}

}  // namespace gress::dsl::detail
