#include "dsl/catalog/stages.h"

#include <variant>

namespace gress::dsl {
namespace {

constexpr bool kStateless = true, kStateful = false, kKeyed = true, kUnkeyed = false, kLater = false;

constexpr StageInfo kStages[] = {
    {"key", "key a, b: e", "groups the next keyed stage by these fields; computed ones are added", kStateful, kUnkeyed},
    {"filter", "filter e", "keeps the rows where `e` is true", kStateless},
    {"select", "select { a, b: e }", "exactly these fields", kStateless},
    {"extend", "extend { c: e, n: count(over: 10m) } [retain d]", "adds fields, or replaces them in place; with frames, over the rows before", kStateless},
    {"drop", "drop a, b", "removes fields", kStateless},
    {"rename", "rename { new: old }", "renames fields in place", kStateless},
    {"flatten", "flatten e as x", "one row for each element of a list, in field `x`", kStateless},
    {"time", "time e [delay d]", "sets the event time of what follows", kStateful, kUnkeyed},
    {"in_order", "in_order [late_to N]", "holds rows until the watermark reaches them, then gives them in time order",
     kStateful, kUnkeyed},
    {"changes", "changes", "an upsert stream as facts: adds `op` and `old`", kStateful, kUnkeyed},
    {"window", "window tumbling(5m)", "groups rows by time or count; closed by `aggregate`, `top` or `latest`",
     kStateful, kKeyed},
    {"aggregate", "aggregate { n: count() } [retain d]", "one row a key and window", kStateful, kKeyed},
    {"scan", "scan { s: i64 = 0 } update { s: e } emit { … } [when e] [retain d [then emit { … } [when e]]]",
     "custom state a key", kStateful, kKeyed},
    {"join", "[left|full|semi|anti] join S as n on a == n.b [within … | window … | retain … | as_of …]", "the matching rows of a stream or table, as field `n`", kStateful,
     kUnkeyed},
    {"distinct", "distinct a, b within 1h", "drops rows seen less than this long ago", kStateful, kUnkeyed},
    {"latest", "latest [retain d]", "the last row of each key and window", kStateful, kKeyed},
    {"top", "top 10 [with ties] by e desc, f [as rank] [retain d]", "the ranked rows of each key and window", kStateful,
     kKeyed},
    {"match", "match { a: e, b: e } within 1h emit { … }", "sequences of rows of a key", kStateful, kKeyed, kLater},
    {"", "name(args)", "a stage definition", kStateless},
};
static_assert(std::size(kStages) == std::variant_size_v<decltype(ast::Stage::node)>,
              "an entry for each alternative of ast::Stage, in the same order");

}  // namespace

std::span<const StageInfo> stages() { return kStages; }

const StageInfo& stage_info(const ast::Stage& stage) { return kStages[stage.node.index()]; }

const StageInfo* find_stage(std::string_view word) {
  for (const auto& stage : kStages)
    if (!word.empty() && stage.word == word) return &stage;
  return nullptr;
}

}  // namespace gress::dsl
