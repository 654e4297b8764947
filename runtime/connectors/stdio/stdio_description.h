// The connectors `stdin` and `stdout` as data.
#pragma once
#include "runtime/connectors/connector.h"

namespace gress::connectors {

inline constexpr std::string_view kStdinFormats[] = {"json", "json_array", "csv", "text"};
inline constexpr std::string_view kStdoutFormats[] = {"json", "csv", "text"};

inline constexpr ConnectorInfo kStdin{
    .name = "stdin",
    .doc = "standard input, plain or compressed with gzip or zstd",
    .is_source = true,
    .is_table = true,
    .ends = Ends::always,
    .reads_input = true,
    .source_formats = kStdinFormats,
    .input_class = "stdio::StdinInput",
    .example = "source lines: Line from stdin { format: text }",
};

inline constexpr ConnectorInfo kStdout{
    .name = "stdout",
    .doc = "standard output, which several sinks may share: whole lines",
    .is_sink = true,
    .writes_output = true,
    .sink_formats = kStdoutFormats,
    .output_class = "stdio::StdoutWriter",
    .example = "sink busy to stdout { format: json }",
};

}  // namespace gress::connectors
