// The connector `file` as data.
#pragma once
#include "runtime/connectors/connector.h"

namespace gress::connectors {

inline constexpr std::string_view kFileSourceFormats[] = {"json", "json_array", "csv", "text"};
inline constexpr std::string_view kFileSinkFormats[] = {"json", "csv", "text"};

inline constexpr OptionInfo kFileOptions[] = {
    {.name = "path",
     .type = OptionType::string,
     .doc = "files to read, by name or glob (`*`, `?`, `[…]`, `**`), each file a partition, `-` for standard input; "
            "`.gz` and `.zst` are read as what they hold",
     .on = kOnSource | kOnTable,
     .required = true},
    {.name = "path",
     .type = OptionType::string,
     .doc = "file to write, replaced at start, `-` for standard output; `.gz` and `.zst` are compressed",
     .on = kOnSink,
     .required = true,
     .per_row = PerRow::later},
};

inline constexpr ConnectorInfo kFile{
    .name = "file",
    .doc = "files and pipes, plain or compressed",
    .is_source = true,
    .is_table = true,
    .is_sink = true,
    .bounded = true,
    .rereadable = true,
    .repeats = true,
    .takes_back = true,
    .source_formats = kFileSourceFormats,
    .sink_formats = kFileSinkFormats,
    .options = kFileOptions,
    .input_class = "file::FileInput",
    .output_class = "file::FileWriter",
    .example =
        "source rides: Ride from file { path: \"rides/*.jsonl.gz\", format: json }\n"
        "sink busy to file { path: \"busy.csv\", format: csv }",
};

}  // namespace gress::connectors
