#pragma once
#include <string>

#include "runtime/engine/program_info.h"
#include "runtime/engine/runtime.h"

namespace gress::engine {

/// How a run came to its end.
struct Ending {
  double seconds = 0;
  int signal = 0;  // that stopped it; 0: none
  bool failed = false;
};

/// Rows in per source, rows out per sink, late and failed rows per operator, aligned for people; ends with a newline.
std::string summary_text(const ProgramInfo& program, const Runtime& runtime, const Ending& ending);
/// The same as one JSON object: {"time","level","event":"summary","program","seconds","stopped_by","sources":[…],
/// "sinks":[…],"operators":[…],"open_windows_dropped"}.
std::string summary_json(const ProgramInfo& program, const Runtime& runtime, const Ending& ending);

}  // namespace gress::engine
