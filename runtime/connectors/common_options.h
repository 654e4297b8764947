// Options that every source, table or sink takes whatever its connector; see connector.h for the shape.
#pragma once
#include "runtime/connectors/connector.h"

namespace gress::connectors {

inline constexpr std::string_view kFormatWords[] = {"json", "json_array", "csv", "text"};
inline constexpr std::string_view kCheckWords[] = {"used", "all"};
inline constexpr std::string_view kTimeFormatWords[] = {"rfc3339", "epoch_s", "epoch_ms", "epoch_us"};
inline constexpr std::string_view kFailWords[] = {"fail"};
inline constexpr std::string_view kUnknownWords[] = {"invalid", "skip"};
inline constexpr std::string_view kChangesWords[] = {"upsert", "debezium", "op"};
inline constexpr std::string_view kDeletesWords[] = {"ignore"};

inline constexpr OptionInfo kCommonOptions[] = {
    {.name = "format", .type = OptionType::word, .doc = "how records look", .choices = kFormatWords},
    {.name = "time",
     .type = OptionType::expression,
     .doc = "event time of a row, a timestamp; absent: no event time",
     .on = kOnSource},
    {.name = "watermark_delay",
     .type = OptionType::duration,
     .doc = "the watermark is the highest time seen in the partition less this",
     .on = kOnSource,
     .default_text = "0s"},
    {.name = "max_ahead",
     .type = OptionType::duration,
     .doc = "a row whose time is further ahead of the clock is invalid",
     .on = kOnSource},
    {.name = "rate", .type = OptionType::rate, .doc = "reads no faster than this", .on = kOnSource},
    {.name = "invalid",
     .type = OptionType::stream,
     .doc = "where records go that cannot be read: `fail` stops the program, a name declares a stream of them",
     .on = kOnSource,
     .default_text = "fail",
     .choices = kFailWords},
    {.name = "check",
     .type = OptionType::word,
     .doc = "check the types of the fields that are used, or of all",
     .on = kOnSource,
     .default_text = "used",
     .choices = kCheckWords},
    {.name = "time_format",
     .type = OptionType::word_or_text,
     .doc = "how timestamps are read: a word or a `%` pattern; without it RFC 3339 text or epoch milliseconds",
     .on = kOnSource | kOnTable,
     .choices = kTimeFormatWords},
    {.name = "key",
     .type = OptionType::fields,
     .doc = "fields that tell rows apart; two rows of one key are an error",
     .on = kOnTable},
    {.name = "refresh", .type = OptionType::duration, .doc = "reads the table again so often", .on = kOnTable},
    {.name = "deletes",
     .type = OptionType::word,
     .doc = "`ignore`: deletes of an upsert stream are not written",
     .on = kOnSink,
     .choices = kDeletesWords},

    {.name = "idle",
     .type = OptionType::duration,
     .doc = "a partition that is silent for this long stops holding the watermark back",
     .on = kOnSource,
     .built = false},
    {.name = "align",
     .type = OptionType::string,
     .doc = "group of sources that are read at one pace",
     .on = kOnSource,
     .built = false},
    {.name = "max_drift",
     .type = OptionType::duration,
     .doc = "how far apart the sources of a group may be",
     .on = kOnSource,
     .built = false},
    {.name = "meta",
     .type = OptionType::record,
     .doc = "fields that the connector knows beside the record",
     .on = kOnSource,
     .built = false},
    {.name = "changes",
     .type = OptionType::word,
     .doc = "reads the source as a changelog",
     .on = kOnSource,
     .choices = kChangesWords,
     .built = false},
    {.name = "key", .type = OptionType::fields, .doc = "key of a changelog", .on = kOnSource, .built = false},
    {.name = "retain",
     .type = OptionType::duration,
     .doc = "how long a changelog's rows are kept",
     .on = kOnSource,
     .built = false},
    {.name = "unknown",
     .type = OptionType::stream,
     .doc = "where records of an unknown tag go",
     .on = kOnSource,
     .choices = kUnknownWords,
     .built = false},
    {.name = "rejected",
     .type = OptionType::stream,
     .doc = "where rows go that the target refuses for good",
     .on = kOnSink,
     .default_text = "fail",
     .choices = kFailWords,
     .built = false},
    {.name = "window",
     .type = OptionType::window,
     .doc = "commits a file when its window closes",
     .on = kOnSink,
     .built = false},
    {.name = "marker",
     .type = OptionType::string,
     .doc = "name of the file that says a folder is complete",
     .on = kOnSink,
     .built = false},
    {.name = "max_open",
     .type = OptionType::i64,
     .doc = "files of one sink that are open at a time",
     .on = kOnSink,
     .default_text = "100",
     .built = false},
};

/// The common option of that name on that side (kOnSource …); null when there is none.
constexpr const OptionInfo* find_common_option(std::string_view name, std::uint8_t side) {
  for (const OptionInfo& o : kCommonOptions)
    if (o.name == name && takes(o, side)) return &o;
  return nullptr;
}

}  // namespace gress::connectors
