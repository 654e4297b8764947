// |> totals(1h): a stage definition, its stages checked as if they stood here. Parameters are replaced in the checked
// expressions; errors show the definition and the place of use.
#include <algorithm>

#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

/// Arguments in the order of the parameters; false after a diagnostic.
bool arguments(Chain& chain, const ast::UseStage& use, const ast::StageDecl& decl, const std::vector<FunctionParam>& params,
               std::vector<ExprPtr>& values) {
  Context& c = chain.c;
  values.assign(params.size(), nullptr);
  bool good = true, misnamed = false;
  std::size_t next = 0;
  for (const auto& arg : use.args) {
    if (!arg.value) continue;
    std::size_t at = params.size();
    if (arg.name) {
      for (std::size_t i = 0; i < params.size(); ++i)
        if (params[i].name == arg.name->text) at = i;
    } else {
      at = next++;
    }
    if (at >= params.size() || values[at]) {
      const std::string problem = !arg.name             ? " takes fewer arguments"
                                  : at == params.size() ? " has no parameter " + quote(arg.name->text)
                                                        : " is given its argument " + quote(arg.name->text) + " twice";
      auto& report = c.report(Code::E0425, arg.range, "the stage " + quote(decl.name.text) + problem)
                         .under("not expected")
                         .at(decl.name.range, "defined with " + std::to_string(params.size()) + (params.size() == 1 ? " parameter" : " parameters"));
      if (arg.name && at == params.size()) {
        misnamed = true;
        std::vector<std::string_view> candidates;
        for (const auto& param : params) candidates.push_back(param.name);
        suggest(report, arg.name->text, arg.name->range, candidates);
      }
      good = false;
      continue;
    }
    values[at] = chain.setting(*arg.value, params[at].type, "the argument " + quote(params[at].name));
  }
  for (std::size_t i = 0; i < params.size() && !misnamed; ++i) {
    if (values[i]) continue;
    c.report(Code::E0425, use.name.range, "the stage " + quote(decl.name.text) + " needs its argument " + quote(params[i].name))
        .under("missing")
        .at(decl.name.range, "defined here");
    good = false;
  }
  return good;
}

}  // namespace

void check_use_stage(Chain& chain, const ast::Stage& stage, const ast::UseStage& node) {
  if (node.name.text.empty()) return chain.give_up();  // the parser has reported it
  Context& c = chain.c;
  auto at = chain.scope->items.find(node.name.text);
  const Declared* d = at == chain.scope->items.end() ? nullptr : &at->second.real();
  if (d && d->kind == ItemKind::foreign) return chain.give_up();
  if (!d || d->kind != ItemKind::stage) {
    auto& report = c.report(Code::E0118, node.name.range, "there is no stage " + quote(node.name.text));
    report.under(d ? a_word(d->kind) + ", not a stage" : "unknown stage");
    std::vector<std::string_view> candidates;
    for (const auto& s : stages())
      if (!s.word.empty()) candidates.push_back(s.word);
    for (const auto& [name, other] : chain.scope->items)
      if (other.real().kind == ItemKind::stage) candidates.push_back(name);
    suggest(report, node.name.text, node.name.range, candidates);
    return chain.give_up();
  }
  const auto& decl = *d->item->as<ast::StageDecl>();
  if (std::find(chain.expanding.begin(), chain.expanding.end(), &decl) != chain.expanding.end()) {
    c.report(Code::E0204, node.name.range, "the stage " + quote(decl.name.text) + " uses itself")
        .under("leads back to its own definition")
        .at(decl.name.range, "defined here");
    return chain.give_up();
  }
  std::vector<FunctionParam> params;
  for (const auto& p : decl.params) params.push_back({p.name.text, c.resolve_type(*p.type, *d->home)});
  std::vector<ExprPtr> values;
  if (!arguments(chain, node, decl, params, values)) return chain.give_up();

  auto* scope = chain.scope;
  auto* outer_params = chain.params;
  auto* outer_arguments = chain.arguments;
  chain.scope = d->home;
  chain.params = &params;
  chain.arguments = &values;
  chain.expanding.push_back(&decl);
  const std::size_t first = c.diagnostics.all().size();
  for (const auto& inner : decl.stages) check_stage(chain, inner);
  c.diagnostics.label_since(first, stage.range, "used here");
  chain.expanding.pop_back();
  chain.scope = scope;
  chain.params = outer_params;
  chain.arguments = outer_arguments;
}

}  // namespace gress::dsl::detail
