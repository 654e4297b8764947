// The connector `console` as data.
#pragma once
#include "runtime/connectors/connector.h"

namespace gress::connectors {

inline constexpr std::string_view kConsoleFormats[] = {"json"};

inline constexpr ConnectorInfo kConsole{
    .name = "console",
    .doc = "rows for people: an aligned table on a terminal, JSON lines otherwise",
    .is_sink = true,
    .writes_output = true,
    .sink_formats = kConsoleFormats,
    .default_format = "json",
    .output_class = "console::ConsoleWriter",
    .example = "sink busy to console",
};

}  // namespace gress::connectors
