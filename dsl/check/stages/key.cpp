// key a, b: e
#include "dsl/check/stages/chain.h"
#include "dsl/check/walk.h"

namespace gress::dsl::detail {

using namespace checked;

void check_key(Chain& chain, const ast::Stage& stage, const ast::Key& node) {
  Context& c = chain.c;
  if (chain.window_open) {
    c.report(Code::E0421, stage.range, "`key` cannot stand inside an open window")
        .under("the window is not closed yet")
        .at(chain.window_range, "opened here")
        .help("put `key` before `window`");
    return chain.give_up();
  }
  if (chain.key) {
    c.report(Code::E0402, chain.key->range, "no stage has used this `key` when the next one comes")
        .under("groups nothing")
        .at(stage.range, "replaced here")
        .help("write one `key` with all fields: `key a, b`");
    return chain.give_up();
  }
  Key key;
  Row out = chain.row;
  std::map<std::string, Range> seen;
  bool good = true;
  for (const auto& entry : node.keys) {
    if (!entry.value) continue;
    std::string name = entry.field_name();
    Range range = entry.name ? entry.name->range : entry.range;
    ExprPtr value = chain.check(*entry.value, chain.env());
    if (value->type->is(Kind::error) || !chain.wants_key_type(value->type, entry.value->range, "a key")) {
      good = false;
      continue;
    }
    if (name.empty()) {
      good = false;
      continue;
    }
    auto [at, fresh] = seen.try_emplace(name, range);
    if (!fresh) {
      c.report(Code::E0208, range, "the key " + quote(name) + " is given twice").at(at->second, "first given here");
      continue;
    }
    int column = passed_column(*value);
    if (column >= 0 && chain.row.columns[static_cast<std::size_t>(column)].name == name) {
      key.columns.push_back(static_cast<Index>(column));
      continue;
    }
    if (chain.row.find(name) >= 0) {
      c.report(Code::E0417, range, "the row has a field " + quote(name) + " already")
          .under("a computed key is added to the row")
          .help("give the key another name, or compute the field by `extend` before");
      good = false;
      continue;
    }
    c.check_column_name(name, range);
    key.columns.push_back(static_cast<Index>(out.columns.size()));
    out.columns.push_back({name, value->type, name, ""});
    key.computed.push_back({name, value, entry.range});
  }
  if (!good) return chain.give_up();
  chain.key = Chain::PendingKey{stage.range, key.columns};
  chain.ended.reset();
  chain.push(stage, std::move(key), std::move(out));
}

}  // namespace gress::dsl::detail
