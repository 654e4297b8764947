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
inline constexpr std::string_view kDuplicatesWords[] = {"allowed"};

inline constexpr OptionInfo kCommonOptions[] = {
    {.name = "format", .type = OptionType::word, .doc = "how records look", .choices = kFormatWords},
    {.name = "time",
     .type = OptionType::expression,
     .doc = "event time of a row, a timestamp; absent: no event time",
     .on = kOnSource,
     .of_time = true},
    {.name = "watermark_delay",
     .type = OptionType::duration,
     .doc = "the watermark is the highest time seen in the partition less this",
     .on = kOnSource,
     .default_text = "0s"},
    {.name = "max_ahead",
     .type = OptionType::duration,
     .doc = "a row whose time is further ahead of the clock is invalid",
     .on = kOnSource,
     .of_time = true},
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
     .choices = kCheckWords,
     .of_records = true},
    {.name = "time_format",
     .type = OptionType::word_or_text,
     .doc = "how timestamps are read: a word or a `%` pattern; without it RFC 3339 text or epoch milliseconds",
     .on = kOnSource | kOnTable,
     .choices = kTimeFormatWords,
     .of_records = true},
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
    {.name = "duplicates",
     .type = OptionType::word,
     .doc = "`allowed`: under `delivery: exactly_once` a restart may write rows again that this sink cannot take back",
     .on = kOnSink,
     .choices = kDuplicatesWords},
    {.name = "ordered",
     .type = OptionType::boolean,
     .doc = "rows stand in the order that one worker gives them, at any number of workers",
     .on = kOnSink,
     .default_text = "false"},

    {.name = "idle",
     .type = OptionType::duration,
     .doc = "a partition that is caught up and silent for this long stops holding the watermark back; `advance(2m)`: when "
            "all are, the watermark follows the clock",
     .on = kOnSource},
    {.name = "align",
     .type = OptionType::name,
     .doc = "group of sources that are read at one pace",
     .on = kOnSource},
    {.name = "max_drift",
     .type = OptionType::duration,
     .doc = "how far this source may be ahead of the slowest of its group",
     .on = kOnSource},
    {.name = "meta",
     .type = OptionType::record,
     .doc = "fields that the connector knows beside the record",
     .on = kOnSource,
     .of_records = true},
    {.name = "changes",
     .type = OptionType::word,
     .doc = "reads the source as a changelog: `upsert`, each record replaces the one of its key; `debezium`; `op`, lines "
            "with `_op` as sinks write them",
     .on = kOnSource,
     .choices = kChangesWords,
     .of_records = true},
    {.name = "key",
     .type = OptionType::fields,
     .doc = "of a changelog: fields that tell which rows replace each other",
     .on = kOnSource,
     .of_records = true},
    {.name = "retain",
     .type = OptionType::duration,
     .doc = "of a changelog: how long the last row of a silent key is kept before it is deleted, or `forever`",
     .on = kOnSource,
     .of_records = true},
    {.name = "unknown",
     .type = OptionType::stream,
     .doc = "where records of a union go whose tag is unknown or missing: `invalid`, `skip`, or a name that declares a stream of them",
     .on = kOnSource,
     .default_text = "invalid",
     .choices = kUnknownWords,
     .of_records = true},
    {.name = "rejected",
     .type = OptionType::stream,
     .doc = "where rows go that the target refuses for good; without it they go to the pipeline's `errors`, or end the program",
     .on = kOnSink,
     .default_text = "fail",
     .choices = kFailWords,
     .of_refusals = true},
};

/// The common option of that name on that side (kOnSource …); null when there is none.
constexpr const OptionInfo* find_common_option(std::string_view name, std::uint8_t side) {
  for (const OptionInfo& o : kCommonOptions)
    if (o.name == name && takes(o, side)) return &o;
  return nullptr;
}

}  // namespace gress::connectors
