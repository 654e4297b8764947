// The checked program as one JSON object: complete, for tools and the reference interpreter. `null` stands for every
// absent index or expression. Unless said otherwise a field has the name and meaning it has in checked.h.
//
//   {"name", "doc", "type_table": [TYPE…], "types": [INDEX…], "params", "functions", "aggregates", "sources", "tables",
//    "streams", "sinks", "tests", "errors": INDEX|null, "options": [OPTION]}
//
// TYPE, always by its index in "type_table":
//   {"kind": "i64"} · {"kind": "optional"|"list", "elem": INDEX} · {"kind": "map", "key": INDEX, "elem": INDEX}
//   {"kind": "record", "name", "fields": [{"name", "type", "wire", "default": EXPR|null, "doc"}]}
//   {"kind": "enum", "name", "variants": [{"name", "wire"}]}             names are "" for anonymous records
// EXPR: {"kind", "type", "line", …} and by kind
//   literal: "value" (null, true/false, an integer, a float as number or "NaN" "Infinity" "-Infinity", text; decimals
//            as text; enum variants, timestamps and durations as integers)
//   param: "index", "name" · user_call: "index" · ref: "scope", "index" · member: "index", "name" · match: "arms": [{"patterns":
//   [EXPR], "value": EXPR}] · arithmetic: "op", "arith" · compare: "op" · convert: "conversion" · in_list, in_value,
//   is_null: "negated" · call: "fn" (name in the language), "cpp"; and "args": [EXPR] for every kind but literal,
//   param and ref. "line" is the 1-based line of the source text.
// ROW: [{"name", "type", "wire", "doc"}]          OUTPUT: {"name", "value": EXPR}
// WINDOW: {"kind", "unit", "size", "every", "gap", "max", "zone", "offset", "late", "late_to", "emit", "emit_every",
//   "processing_time", "retain_forever", "retain"}
// STAGE: {"stage": KIND, "word", "line", "in": ROW, "out": ROW, …} and by KIND
//   filter: "condition" · project: "outputs" · flatten: "list", "column" · key: "computed": [OUTPUT], "columns"
//   table_join: "kind", "table", "alias", "equalities": [{"left", "right"}], "rest"
//   aggregate: "window", "keys", "calls": [{"fn" (null for a user's), "user", "args", "where", "q", "type"}], "outputs"
//   top: "window", "keys", "count", "with_ties", "by": [{"value", "descending"}], "rank" ("" for none)
//   latest: "window", "keys" · distinct: "keys": [EXPR], "within"
//   scan: "keys", "state": [{"name", "type", "init"}], "update": [{"field": INDEX, "value"}], "emit": [OUTPUT], "when",
//     "retain_forever", "retain", "then_emit", "then_when"
// OPTION: {"name", "value": EXPR|null, "word"}
// Test step: {"step": "feed", "stream", "table", "rows"} · {"step": "advance", "source", "to"} ·
//   {"step": "expect", "stream", "ordered", "has_op", "ops": [TEXT|null], "rows"}; rows are lists of {"column", "value"}.
#pragma once
#include <string>

#include "dsl/check/checked.h"
#include "dsl/source/source.h"

namespace gress::dsl {

std::string checked_json(const checked::Program&, const SourceManager&);

}  // namespace gress::dsl
