// What parses and is not built yet: told from what is wrong, so that nobody looks for a mistake of his own.
#include "dsl/check/stages/chain.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

namespace {

bool is_table(Chain& chain, const std::string& name) {
  auto at = chain.c.main().items.find(name);
  return at != chain.c.main().items.end() && at->second.real().kind == ItemKind::table;
}

/// A join with a stream: by its bound.
bool stream_join(Chain& chain, const ast::Stage& stage, const ast::Join& join) {
  Context& c = chain.c;
  auto at = c.main().items.find(join.right.stream.text);
  if (at == c.main().items.end()) return false;  // unknown: reported by check_join
  ItemKind kind = at->second.real().kind;
  if (kind != ItemKind::source && kind != ItemKind::stream && kind != ItemKind::route) return false;
  resolve_stream(c, join.right, "a table or stream to join");
  if (!chain.broken && !chain.wants_no_key(stage, "a join")) return true;
  std::string form;
  if (join.within_low) form = "`within`";
  else if (join.window) form = "`window`";
  else if (join.retain) form = "`retain`";
  else if (join.as_of) form = "`as_of`";
  if (form.empty()) {
    c.report(Code::E0408, stage.range, "a join of two streams without a bound keeps both for ever")
        .under("which rows belong together in time?")
        .help("add `within 5m`, `window tumbling(5m)`, `as_of time` or `retain 1d` (or `retain forever`, said aloud)");
    chain.give_up();
    return true;
  }
  chain.later(stage.range, "a join of two streams by " + form);
  return true;
}

/// The argument `over:` or `before:` of an aggregate in `extend`, null without one.
const ast::Entry* frame(const ast::Extend& extend) {
  const ast::Entry* found = nullptr;
  for (const auto& entry : extend.entries)
    if (entry.value)
      walk(*entry.value, [&](const ast::Expr& e) {
        if (const auto* call = e.as<ast::Call>())
          for (const auto& arg : call->args)
            if (!found && arg.name && (arg.name->text == "over" || arg.name->text == "before")) found = &arg;
      });
  return found;
}

/// `aggregate`, `latest`, `top` without a window: a state a key that is revised for ever.
bool rolling(Chain& chain, const ast::Stage& stage, const char* word, const std::optional<ast::Retain>& retain) {
  if (chain.window_open) return false;
  Context& c = chain.c;
  if (!retain) {
    if (chain.broken) return false;
    auto& d = c.report(Code::E0408, stage.range, quote(word) + " without a window keeps its state for ever");
    d.under("keeps state for ever");
    if (chain.key) d.at(chain.key->range, "a state for each of these keys");
    d.help("put `|> window tumbling(1h)` before it, or end with `retain 30d` or `retain forever`");
    chain.give_up();
    return true;
  }
  chain.later(stage.range, quote(word) + " without a window");
  return true;
}

}  // namespace

bool check_later(Chain& chain, const ast::Stage& stage) {
  const StageInfo& info = stage_info(stage);
  if (!info.built) {
    chain.later(stage.keyword, quote(info.word));
    return true;
  }
  if (const auto* join = stage.as<ast::Join>(); join && !is_table(chain, join->right.stream.text)) return stream_join(chain, stage, *join);
  if (const auto* extend = stage.as<ast::Extend>()) {
    if (const auto* f = frame(*extend)) {
      chain.later(f->range, "`extend` with `" + f->name->text + ":`");
      return true;
    }
    if (extend->retain) {
      chain.later(extend->retain->range, "`extend` with `retain`");
      return true;
    }
  }
  // A broken chain still knows whether a window is open, for the stages that differ by it.
  if (chain.broken && stage.as<ast::WindowStage>()) {
    chain.window_open = true;
    return true;
  }
  auto closes = [&](bool done) {
    if (!done && chain.broken) chain.window_open = false;
    return done;
  };
  if (const auto* a = stage.as<ast::Aggregate>()) return closes(rolling(chain, stage, "aggregate", a->retain));
  if (const auto* l = stage.as<ast::Latest>()) return closes(rolling(chain, stage, "latest", l->retain));
  if (const auto* t = stage.as<ast::Top>()) return closes(rolling(chain, stage, "top", t->retain));
  return false;
}

}  // namespace gress::dsl::detail
