// What a program tells a Prometheus server: its counters in the text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
#pragma once
#include <cstdint>
#include <string>

#include "runtime/engine/counters.h"
#include "runtime/engine/program_info.h"
#include "runtime/engine/runtime.h"

namespace gress::engine {

/// Times are in seconds, as Prometheus wants them. `runtime`: null while its counters are still being made; `checkpoints`: null
/// without any. Any thread may ask.
std::string metrics_text(const ProgramInfo& program, const Runtime* runtime, const CheckpointCounters* checkpoints, double uptime);

}  // namespace gress::engine
