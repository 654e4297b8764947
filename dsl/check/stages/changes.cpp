// changes: an upsert stream as facts. Adds `op: Change` and `old: Row?`.
#include "dsl/check/stages/chain.h"

namespace gress::dsl::detail {

using namespace checked;

void check_changes(Chain& chain, const ast::Stage& stage, const ast::Changes&) {
  Context& c = chain.c;
  if (!chain.wants_no_key(stage, "`changes`")) return;
  if (chain.kind == StreamKind::append) {
    c.report(Code::E0428, stage.range, "`changes` wants rows that replace each other, and the rows here are facts already")
        .under("nothing changes here")
        .help("leave it out: each row of an append stream comes once and stays");
    return chain.give_up();
  }
  Row out = chain.row;
  for (const char* name : {"op", "old"})
    if (out.find(name) >= 0) {
      c.report(Code::E0417, stage.range, "the row has a field " + quote(name) + " already")
          .under("`changes` adds `op` and `old`")
          .help("rename it before: `|> rename { … : " + std::string(name) + " }`");
      return chain.give_up();
    }
  std::vector<RecordField> fields;
  for (const Column& column : chain.row.columns) fields.push_back({column.name, column.type, column.name, nullptr, column.doc});
  const Type* old = c.types().optional(c.types().record(std::move(fields)));
  out.columns.push_back({"op", c.change, "op", "what happened to the row"});
  out.columns.push_back({"old", old, "old", "the row before; absent for an insert"});
  chain.push(stage, Changes{}, std::move(out));
  chain.kind = StreamKind::append;
  chain.upsert_key.clear();
  chain.upsert_reason.clear();
}

}  // namespace gress::dsl::detail
