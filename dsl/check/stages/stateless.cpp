// filter, select, extend, drop, rename, flatten: one row in, none or more out, no state.
#include <algorithm>

#include "dsl/check/stages/chain.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

std::string stage_word(const Chain& chain, const ast::Stage& stage) { return std::string(chain.c.sources.text(stage.keyword)); }

std::vector<Output> all_columns(const Chain& chain, Range range) {
  std::vector<Output> outputs;
  for (Index i = 0; i < chain.row.columns.size(); ++i)
    outputs.push_back({chain.row.columns[i].name, chain.column(i, range), range});
  return outputs;
}

/// Index of the column, -1 after E0401.
int find_column(Chain& chain, const std::string& name, Range range) {
  int i = chain.row.find(name);
  if (i >= 0) return i;
  auto& d = chain.c.report(Code::E0401, range, "the row has no field " + quote(name));
  d.under("unknown field");
  std::vector<std::string_view> candidates;
  std::string list;
  for (const auto& column : chain.row.columns) {
    candidates.push_back(column.name);
    list += (list.empty() ? "" : ", ") + quote(column.name);
  }
  suggest(d, name, range, candidates);
  d.note("the row has " + list);
  return -1;
}

bool wants_some(Chain& chain, const ast::Stage& stage, const std::vector<Output>& outputs) {
  if (!outputs.empty()) return true;
  chain.c.report(Code::E0416, stage.range, quote(stage_word(chain, stage)) + " leaves a row without fields").under("nothing is left");
  chain.give_up();
  return false;
}

}  // namespace

void check_filter(Chain& chain, const ast::Stage& stage, const ast::Filter& node) {
  if (!node.condition) return chain.give_up();
  Env env = chain.env();
  ExprPtr condition = chain.condition(*node.condition, env, "a filter");
  push_filter(chain, stage, condition, chain.c.exprs->facts_if_true(*node.condition, env));
}

void push_filter(Chain& chain, const ast::Stage& stage, ExprPtr condition, const Facts& known) {
  chain.push(stage, Filter{condition}, chain.row);
  chain.facts.add(known);
  // Columns that are now known to be present become plain; members below them are facts of what follows.
  std::vector<Output> outputs = all_columns(chain, stage.range);
  bool narrowed = false;
  for (auto& o : outputs) {
    if (!o.value->type->is_optional() || !chain.facts.has({Scope::row, {o.name}})) continue;
    o.value = chain.c.exprs->unwrap(o.value);
    narrowed = true;
  }
  if (narrowed) chain.project(stage_word(chain, stage), stage.range, std::move(outputs));
}

void check_select(Chain& chain, const ast::Stage& stage, const ast::Select& node) {
  Env env = chain.env();
  env.now_allowed = chain.kind == StreamKind::append;
  auto outputs = check_outputs(chain, node.entries, env);
  if (wants_some(chain, stage, outputs)) chain.project(stage_word(chain, stage), stage.range, std::move(outputs));
}

void check_extend(Chain& chain, const ast::Stage& stage, const ast::Extend& node) {
  Env env = chain.env();
  env.now_allowed = chain.kind == StreamKind::append;
  auto added = check_outputs(chain, node.entries, env);
  auto outputs = all_columns(chain, stage.range);
  for (auto& a : added) {
    auto at = std::find_if(outputs.begin(), outputs.end(), [&](const Output& o) { return o.name == a.name; });
    if (at != outputs.end()) *at = std::move(a);
    else outputs.push_back(std::move(a));
  }
  if (wants_some(chain, stage, outputs)) chain.project(stage_word(chain, stage), stage.range, std::move(outputs));
}

void check_drop(Chain& chain, const ast::Stage& stage, const ast::Drop& node) {
  std::vector<bool> dropped(chain.row.columns.size());
  for (const auto& name : node.names) {
    int i = find_column(chain, name.text, name.range);
    if (i < 0) continue;
    auto at = static_cast<std::size_t>(i);
    if (dropped[at]) chain.c.report(Code::E0208, name.range, "the field " + quote(name.text) + " is dropped twice");
    dropped[at] = true;
  }
  std::vector<Output> outputs;
  for (auto& o : all_columns(chain, stage.range))
    if (!dropped[static_cast<std::size_t>(passed_column(*o.value))]) outputs.push_back(std::move(o));
  if (wants_some(chain, stage, outputs)) chain.project(stage_word(chain, stage), stage.range, std::move(outputs));
}

void check_rename(Chain& chain, const ast::Stage& stage, const ast::Rename& node) {
  auto outputs = all_columns(chain, stage.range);
  std::vector<bool> renamed(outputs.size());
  for (const auto& entry : node.entries) {
    if (!entry.value) continue;
    const std::string* old = bare_name(*entry.value);
    if (!entry.name || !old) {
      chain.c.report(Code::E0401, entry.range, "`rename` takes pairs of names").under("write `new: old`");
      continue;
    }
    int i = find_column(chain, *old, entry.value->range);
    if (i < 0) continue;
    auto at = static_cast<std::size_t>(i);
    if (renamed[at]) {
      chain.c.report(Code::E0208, entry.range, "the field " + quote(*old) + " is renamed twice");
      continue;
    }
    renamed[at] = true;
    chain.c.check_column_name(entry.name->text, entry.name->range);
    outputs[at].name = entry.name->text;
    outputs[at].range = entry.range;
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    for (std::size_t k = 0; k < outputs.size(); ++k)
      if (i != k && renamed[i] && outputs[i].name == outputs[k].name && (!renamed[k] || i > k)) {
        chain.c.report(Code::E0417, outputs[i].range, "the row has a field " + quote(outputs[i].name) + " already")
            .under("two fields of one name")
            .help("drop or rename the other one");
        return chain.give_up();
      }
  chain.project(stage_word(chain, stage), stage.range, std::move(outputs));
}

void check_flatten(Chain& chain, const ast::Stage& stage, const ast::Flatten& node) {
  if (!node.list) return chain.give_up();
  ExprPtr list = chain.check(*node.list, chain.env());
  if (list->type->is(Kind::error)) return chain.give_up();
  if (!list->type->is(Kind::list)) {
    auto& d = chain.c.report(Code::E0420, node.list->range, "`flatten` wants a list, and this is " + quote(to_string(list->type)));
    d.under("no list");
    if (list->type->plain()->is(Kind::list)) d.help("give a default for where it is absent: `" + std::string(chain.c.sources.text(node.list->range)) + " ?? []`");
    return chain.give_up();
  }
  if (chain.row.find(node.as.text) >= 0) {
    chain.c.report(Code::E0417, node.as.range, "the row has a field " + quote(node.as.text) + " already")
        .under("the elements go beside the other fields")
        .help("give another name after `as`");
    return chain.give_up();
  }
  chain.c.check_column_name(node.as.text, node.as.range);
  Row out = chain.row;
  out.columns.push_back({node.as.text, list->type->elem, node.as.text, ""});
  auto column = static_cast<Index>(out.columns.size() - 1);
  chain.push(stage, Flatten{list, column}, std::move(out));
  chain.upsert_key.clear();  // several rows of one key: the whole row tells them apart
}

}  // namespace gress::dsl::detail
