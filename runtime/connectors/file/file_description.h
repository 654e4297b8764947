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
     .required = true,
     .names_files = true},
    {.name = "path",
     .type = OptionType::string,
     .doc = "file to write, replaced at start, `-` for standard output; `.gz` and `.zst` are compressed; by row: files, each "
            "replaced when its first row comes",
     .on = kOnSink,
     .required = true,
     .per_row = true,
     .names_files = true},
    {.name = "window",
     .type = OptionType::window,
     .doc = "with a path by row, which may speak of `window_start` and `window_end`: a file gets its name when its window closes; "
            "`tumbling(1h)`, also with `offset:`, `zone:` and `late_to:`",
     .on = kOnSink,
     .by_row_only = true},
    {.name = "marker",
     .type = OptionType::string,
     .doc = "name of an empty file that a folder gets when the windows of its files have closed",
     .on = kOnSink,
     .needs = "window",
     .by_row_only = true},
    {.name = "max_open",
     .type = OptionType::i64,
     .doc = "files of a path by row that are open at a time",
     .on = kOnSink,
     .default_text = "100",
     .by_row_only = true},
};

inline constexpr ConnectorInfo kFile{
    .name = "file",
    .doc = "files and pipes, plain or compressed",
    .is_source = true,
    .is_table = true,
    .is_sink = true,
    .ends = Ends::always,
    .rereadable = true,
    .repeats = true,
    .takes_back = true,
    .refuses = true,
    .source_formats = kFileSourceFormats,
    .sink_formats = kFileSinkFormats,
    .options = kFileOptions,
    .input_class = "file::FileInput",
    .output_class = "file::FileWriter",
    .by_row_class = "file::FilesWriter",
    .by_row_header = "runtime/connectors/file/files_writer.h",
    .example =
        "source rides: Ride from file { path: \"rides/*.jsonl.gz\", format: json }\n"
        "sink busy to file { path: \"busy.csv\", format: csv }",
};

}  // namespace gress::connectors
