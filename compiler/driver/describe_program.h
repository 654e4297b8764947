// A checked program described for people and tools: params, sources, streams with their kinds and keys, sinks.
#pragma once
#include <string>

#include "compiler/plan/plan.h"
#include "dsl/check/json_writer.h"
#include "dsl/source/source.h"

namespace gress::driver {

/// One JSON object, also embedded in the executable for its `--describe`:
///   {"pipeline", "doc", "params": [{"name", "type", "default": text as written or null, "doc"}],
///    "sources": [{"name", "connector", "format", "doc", "columns": COLUMNS}], "tables": likewise,
///    "streams": [{"name", "doc", "kind": "append"|"upsert", "key": [NAME…], "event_time": BOOL, "columns": COLUMNS}],
///    "sinks": [{"name", "stream", "connector", "format"}]}        COLUMNS: [{"name", "type", "doc"}]
std::string describe_json(const plan::Plan&, const dsl::SourceManager&);
std::string describe_text(const dsl::checked::Program&, const dsl::SourceManager&);

/// One stream of them: its kind, key and columns.
void describe_stream(dsl::JsonWriter&, const dsl::checked::Stream&);
std::string describe_stream(const dsl::checked::Stream&);
/// `(fare: f64, kind: Kind) -> bool`
std::string signature(const std::vector<dsl::checked::FunctionParam>&, const dsl::Type* result);

}  // namespace gress::driver
