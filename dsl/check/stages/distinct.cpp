// distinct a, b within 1h
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

void check_distinct(Chain& chain, const ast::Stage& stage, const ast::Distinct& node) {
  Context& c = chain.c;
  if (!chain.wants_no_key(stage, "`distinct`")) return;
  if (!chain.wants_append(stage, "`distinct`")) return;
  if (!chain.wants_time(stage, "`distinct … within`")) return;
  Distinct distinct;
  std::map<std::string, Range> seen;
  for (const auto& entry : node.keys) {
    if (!entry.value) continue;
    ExprPtr value = chain.check(*entry.value, chain.env());
    if (!chain.wants_key_type(value->type, entry.value->range, "a key of `distinct`")) {
      if (!value->type->is(Kind::error)) return chain.give_up();
      continue;
    }
    std::string name = entry.field_name();
    if (!name.empty()) {
      auto [at, fresh] = seen.try_emplace(name, entry.range);
      if (!fresh) {
        c.report(Code::E0208, entry.range, "the key " + quote(name) + " is given twice").at(at->second, "first given here");
        continue;
      }
    }
    distinct.keys.push_back(value);
  }
  if (!node.within) return chain.give_up();
  distinct.within = chain.positive(*node.within, c.types().basic(Kind::duration), "`within`");
  chain.push(stage, std::move(distinct), chain.row);
}

}  // namespace gress::dsl::detail
