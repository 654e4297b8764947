#include "dsl/check/stages/chain.h"

#include <algorithm>

#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

// ---------------------------------------------------------------- expressions

Env Chain::env() const {
  Env e;
  e.names = &scope->names;
  e.row = &row;
  e.asked = &asked;
  e.args = params;
  e.facts = facts;
  return e;
}

ExprPtr Chain::bind(ExprPtr e) {
  if (!arguments || !mentions(*e, Scope::arg)) return e;
  if (e->kind == ExprKind::ref && e->scope == Scope::arg) return (*arguments)[e->index];
  Expr copy = *e;
  for (auto& a : copy.args) a = bind(a);
  for (auto& arm : copy.arms) {
    for (auto& p : arm.patterns) p = bind(p);
    arm.value = bind(arm.value);
  }
  return c.exprs->make(std::move(copy));
}

ExprPtr Chain::check(const ast::Expr& expr, const Env& e, const Type* expected) { return bind(c.check(expr, e, expected)); }

ExprPtr Chain::check_as(const ast::Expr& expr, const Env& e, const Type* to, std::string_view what) {
  return bind(c.check_as(expr, e, to, what));
}

ExprPtr Chain::condition(const ast::Expr& expr, const Env& e, std::string_view what) {
  if (c.calls_unknown(expr)) return c.error_expr(expr.range);
  return bind(c.exprs->check_condition(expr, e, what));
}

ExprPtr Chain::setting(const ast::Expr& expr, const Type* to, const std::string& what) {
  Env e = env();
  e.params_only = true;
  e.hint = what + " sees params only";
  ExprPtr value = check_as(expr, e, to, what);
  if (!value->type->is(Kind::error) && !is_param_constant(value)) {
    c.report(Code::E0413, expr.range, what + " must be constant or made of params").under("depends on the row");
    return c.error_expr(expr.range);
  }
  return value;
}

ExprPtr Chain::positive(const ast::Expr& expr, const Type* to, const std::string& what, bool zero_allowed) {
  ExprPtr value = setting(expr, to, what);
  if (value->type->is(Kind::error) || c.require_positive(value, expr.range, what, zero_allowed)) return value;
  return c.error_expr(expr.range);
}

ExprPtr Chain::column(Index index, Range range) const {
  return c.exprs->ref(Scope::row, index, row.columns[index].type, range);
}

// ---------------------------------------------------------------- adding stages

int passed_column(const Expr& e) {
  const Expr* x = &e;
  if (x->kind == ExprKind::convert && x->conversion == Conversion::unwrap) x = x->args[0];
  return x->kind == ExprKind::ref && x->scope == Scope::row ? static_cast<int>(x->index) : -1;
}

Row row_of_outputs(const Row& in, const std::vector<Output>& outputs) {
  Row row;
  for (const auto& o : outputs) {
    int from = passed_column(*o.value);
    row.columns.push_back({o.name, o.value->type, o.name,
                           from >= 0 ? in.columns[static_cast<std::size_t>(from)].doc : std::string()});
  }
  return row;
}

void Chain::push(const ast::Stage& stage, StageNode node, Row out) {
  std::string word(c.sources.text(stage.keyword));
  stages.push_back({std::move(word), stage.range, row, out, std::move(node)});
  row = std::move(out);
}

void Chain::note_kinds(std::size_t from) {
  for (std::size_t i = from; i < stages.size(); ++i) {
    stages[i].kind = kind;
    stages[i].upsert_key = upsert_key;
    stages[i].has_time = has_time;
  }
}

void Chain::project(std::string word, Range range, std::vector<Output> outputs) {
  // Where each column went: first to an output of its own name, else to the first that passes it on.
  std::vector<std::vector<Index>> went(row.columns.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    int from = passed_column(*outputs[i].value);
    if (from >= 0) went[static_cast<std::size_t>(from)].push_back(static_cast<Index>(i));
  }
  for (std::size_t i = 0; i < went.size(); ++i)
    for (auto& to : went[i])
      if (outputs[to].name == row.columns[i].name) std::swap(went[i].front(), to);

  if (key) {
    for (auto& k : key->columns) {
      if (!went[k].empty()) {
        k = went[k].front();
        continue;
      }
      c.report(Code::E0406, range, "the key field " + quote(row.columns[k].name) + " is lost before the stage that groups by it")
          .under("the row goes on without it")
          .at(key->range, "the key")
          .help("keep " + quote(row.columns[k].name) + " here, or put this stage before `key`");
      give_up();
      return;
    }
  }
  std::vector<Index> kept;
  for (Index k : upsert_key) {
    if (went[k].empty()) {
      kept.clear();
      break;
    }
    kept.push_back(went[k].front());
  }
  upsert_key = std::move(kept);

  Facts next;
  for (const auto& path : facts.paths()) {
    if (!path.scope) next.add(path);
    if (path.scope != Scope::row) continue;
    int from = row.find(path.parts.front());
    if (from < 0) continue;
    for (Index to : went[static_cast<std::size_t>(from)]) {
      FactPath moved = path;
      moved.parts.front() = outputs[to].name;
      next.add(moved);
    }
  }
  facts = std::move(next);

  Row out = row_of_outputs(row, outputs);
  stages.push_back({std::move(word), range, row, out, Project{std::move(outputs)}});
  row = std::move(out);
}

std::vector<Index> Chain::take_key(const ast::Stage& stage) {
  note_ended_key(stage);
  if (!key) return {};
  auto columns = key->columns;
  ended = EndedKey{key->range, stage.keyword};
  key.reset();
  return columns;
}

std::optional<Window> Chain::take_window() {
  auto taken = std::move(window);
  window.reset();
  if (taken && taken->late_to != kNone) {
    // Late rows leave as they came to the stage that closes the window: what they were is known only here.
    Stream& late = c.program.streams[taken->late_to];
    late.row = row;
    late.late_stream = stream;
    late.late_stage = static_cast<Index>(stages.size());
    late.has_time = has_time;
  }
  window_open = false;
  return taken;
}

Diagnostic& Chain::later(Range range, const std::string& what) {
  give_up();
  return c.later(Code::E0930, range, what);
}

// ---------------------------------------------------------------- what stages ask for

bool Chain::wants_time(const ast::Stage& stage, const std::string& what) {
  if (has_time) return true;
  auto& d = c.report(Code::E0404, stage.range, what + " needs event time, and the rows here have none");
  d.under("which time?");
  if (!no_time_reason.empty()) d.at(no_time_range, no_time_reason);
  d.help("add the option `time: …` to the source, an expression that gives a row's timestamp");
  give_up();
  return false;
}

bool Chain::wants_append(const ast::Stage& stage, const std::string& what) {
  if (kind == StreamKind::append) return true;
  auto& d = c.report(Code::E0412, stage.range, what + " wants facts, and the rows here replace each other");
  d.under("takes append streams only");
  if (!upsert_reason.empty()) d.note("the rows are upserts: " + upsert_reason);
  d.help("put `|> changes` before it: each update and delete becomes a row of its own");
  give_up();
  return false;
}

bool Chain::wants_no_key(const ast::Stage& stage, const std::string& what) {
  if (!wants_no_window(stage, what)) return false;
  if (!key) return true;
  c.report(Code::E0405, stage.range, what + " does not group by the `key` before it")
      .under("has keys of its own")
      .at(key->range, "this `key` would be lost")
      .help("remove `key`, or put it after this stage");
  give_up();
  return false;
}

bool Chain::wants_no_window(const ast::Stage& stage, const std::string& what) {
  if (!window_open) return true;
  c.report(Code::E0421, stage.range, what + " cannot stand inside an open window")
      .under("the window is not closed yet")
      .at(window_range, "opened here")
      .help("close the window by `aggregate`, `top` or `latest` first; stateless stages may stand between");
  give_up();
  return false;
}

void Chain::note_ended_key(const ast::Stage& stage) {
  if (key || !ended) return;
  c.report(Code::W0401, stage.keyword,
           quote(c.sources.text(stage.keyword)) + " has no key: the `key` of line " + line_of(c, ended->key) +
               " ended with the stage of line " + line_of(c, ended->by))
      .under("one group of all rows")
      .at(ended->key, "this key")
      .at(ended->by, "was used here")
      .help("give a `key` again before this stage; or begin a stream of its own here if all rows are meant");
  ended.reset();
}

bool Chain::wants_key_type(const Type* type, Range range, const std::string& what) {
  if (type->is(Kind::error)) return false;
  if (ExprChecker::is_key_type(type)) return true;
  c.report(Code::E0407, range, what + " cannot be of type " + quote(to_string(type)))
      .under("holds a float")
      .note("keys compare exactly, and floats seldom do")
      .help("convert it, for example `i64(…)`, `decimal(…)` or `string(…)`");
  return false;
}

// ---------------------------------------------------------------- records

namespace {

ExprPtr check_output(Chain& chain, const ast::Entry& entry, const Env& env, const std::string& name) {
  const int at = chain.wanted != nullptr ? chain.wanted->field(name) : -1;
  if (at < 0) return chain.check(*entry.value, env);
  const Type* type = chain.wanted->fields[static_cast<std::size_t>(at)].type;
  const ExprPtr value = chain.check(*entry.value, env, type);
  if (passed_column(*value) >= 0) return value;
  // What is of another type is left to the check of the whole row.
  if (!chain.c.exprs->converts(value, type)) return chain.check(*entry.value, env);
  return chain.c.exprs->coerce(value, type, "the field " + quote(name));
}

}  // namespace

std::vector<Output> check_outputs(Chain& chain, const std::vector<ast::Entry>& entries, const Env& env,
                                  const std::vector<std::string>& taken) {
  Context& c = chain.c;
  std::vector<Output> outputs;
  std::map<std::string, Range> seen;
  for (const auto& entry : entries) {
    if (!entry.value) continue;
    std::string name = entry.field_name();
    Range range = entry.name ? entry.name->range : entry.range;
    ExprPtr value = check_output(chain, entry, env, name);
    if (name.empty()) continue;  // the parser has reported it
    auto [at, fresh] = seen.try_emplace(name, range);
    if (!fresh) {
      c.report(Code::E0208, range, "the field " + quote(name) + " is given twice").at(at->second, "first given here");
      continue;
    }
    if (std::find(taken.begin(), taken.end(), name) != taken.end()) {
      c.report(Code::E0417, range, "the row has a field " + quote(name) + " already")
          .under("given again")
          .help("name it otherwise");
      continue;
    }
    c.check_column_name(name, range);
    outputs.push_back({std::move(name), value, entry.range});
  }
  return outputs;
}

// ---------------------------------------------------------------- one stage, and the end

namespace {

bool is_stream(Context& c, const std::string& name) {
  auto at = c.main().items.find(name);
  if (at == c.main().items.end()) return false;
  const ItemKind kind = at->second.real().kind;
  return kind == ItemKind::source || kind == ItemKind::stream || kind == ItemKind::route;
}

}  // namespace

void check_stage(Chain& chain, const ast::Stage& stage) {
  if (check_later(chain, stage) || chain.broken) return;
  const std::size_t first = chain.stages.size();
  std::visit(
      [&](const auto& node) {
        using T = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<T, ast::Key>) check_key(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Filter>) check_filter(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Select>) check_select(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Extend>) frame_of(node) || node.retain ? check_features(chain, stage, node) : check_extend(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Drop>) check_drop(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Rename>) check_rename(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Flatten>) check_flatten(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::WindowStage>) check_window_stage(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Aggregate>) chain.window_open ? check_aggregate(chain, stage, node) : check_rolling_aggregate(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Scan>) check_scan(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Join>) is_stream(chain.c, node.right.stream.text) ? check_stream_join(chain, stage, node) : check_join(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Distinct>) check_distinct(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Latest>) chain.window_open ? check_latest(chain, stage, node) : check_rolling_latest(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Top>) chain.window_open ? check_top(chain, stage, node) : check_rolling_top(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Time>) check_time(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::InOrder>) check_in_order(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::Changes>) check_changes(chain, stage, node);
        else if constexpr (std::is_same_v<T, ast::UseStage>) check_use_stage(chain, stage, node);
      },
      stage.node);
  if (!stage.as<ast::UseStage>()) chain.note_kinds(first);
}

void check_end(Chain& chain) {
  if (chain.broken) return;
  Context& c = chain.c;
  if (chain.window_open) {
    c.report(Code::E0403, chain.window_range, "the window is never closed")
        .under("opened here")
        .help("close it by `aggregate { … }`, `top n by …` or `latest`");
    chain.give_up();
  } else if (chain.key) {
    c.report(Code::E0402, chain.key->range, "the chain ends, and no stage has used this `key`")
        .under("groups nothing")
        .help("a keyed stage comes after `key`: `window` … `aggregate`, `scan`, `latest`, `top`");
    chain.give_up();
  }
}

}  // namespace gress::dsl::detail
