// The connector `kafka` as data.
#pragma once
#include "runtime/connectors/connector.h"

namespace gress::connectors {

/// Of the librdkafka that programs are linked to; defined by a file that list_properties.cpp writes.
std::span<const PropertyInfo> kafka_properties();

inline constexpr std::string_view kKafkaFormats[] = {"json", "text"};
inline constexpr std::string_view kKafkaStarts[] = {"earliest", "latest", "group"};
inline constexpr std::string_view kKafkaUntils[] = {"latest"};
inline constexpr std::string_view kKafkaLogins[] = {"plain", "scram_sha_256", "scram_sha_512"};
inline constexpr std::string_view kKafkaCompressions[] = {"none", "gzip", "snappy", "lz4", "zstd"};
inline constexpr std::string_view kKafkaPartitioners[] = {"murmur2", "crc32", "fnv1a", "random"};

// Order and names are those of kafka::SourceOptions and kafka::SinkOptions.
inline constexpr OptionInfo kKafkaOptions[] = {
    {.name = "brokers",
     .type = OptionType::string,
     .doc = "where to ask first: `host:port`, several with commas between",
     .on = kOnSource | kOnSink,
     .required = true},
    {.name = "topic",
     .type = OptionType::string,
     .doc = "topic to read, all its partitions, those too that are added later",
     .on = kOnSource,
     .required = true},
    {.name = "topic",
     .type = OptionType::string,
     .doc = "topic to write",
     .on = kOnSink,
     .required = true,
     .per_row = true},
    {.name = "start",
     .type = OptionType::word_or_time,
     .doc = "where reading begins: `earliest`, `latest`, `group`, where the group of `group:` has come to (and `earliest` where "
            "it has not been), or a timestamp, the first message of that time or later",
     .on = kOnSource,
     .default_text = "earliest",
     .choices = kKafkaStarts},
    {.name = "until",
     .type = OptionType::word,
     .doc = "`latest`: the program reads what is there when it starts, and ends; without it, it goes on",
     .on = kOnSource,
     .choices = kKafkaUntils,
     .ends = true},
    {.name = "group",
     .type = OptionType::string,
     .doc = "consumer group whose committed offsets follow what was read; partitions are not shared with its members",
     .on = kOnSource},
    {.name = "discover",
     .type = OptionType::duration,
     .doc = "how often new partitions are looked for",
     .on = kOnSource,
     .default_text = "30s"},
    {.name = "key",
     .type = OptionType::fields,
     .doc = "fields that make the message's key: one as its text, several as a JSON object; an upsert stream has those that tell "
            "its rows apart",
     .on = kOnSink},
    {.name = "headers",
     .type = OptionType::record,
     .doc = "headers of the message by name, texts made of the row; one that is absent is left out",
     .on = kOnSink,
     .per_row = true},
    {.name = "partitioner",
     .type = OptionType::word,
     .doc = "how a key finds its partition; `murmur2` is that of Java clients",
     .on = kOnSink,
     .default_text = "murmur2",
     .choices = kKafkaPartitioners},
    {.name = "transactional_id",
     .type = OptionType::string,
     .doc = "under `delivery: exactly_once`: the name under which brokers keep the program's transactions, the same at each "
            "start, another for each program that runs at the same time; `gress-NAME` of the pipeline's name unless said",
     .on = kOnSink},
    {.name = "compression",
     .type = OptionType::word,
     .doc = "how batches are compressed",
     .on = kOnSink,
     .default_text = "none",
     .choices = kKafkaCompressions},
    {.name = "tls",
     .type = OptionType::boolean,
     .doc = "encrypts, and checks the brokers' certificates",
     .on = kOnSource | kOnSink,
     .default_text = "false"},
    {.name = "tls_ca",
     .type = OptionType::string,
     .doc = "file of the certificates that are trusted; without it those of the system",
     .on = kOnSource | kOnSink,
     .needs = "tls"},
    {.name = "tls_certificate",
     .type = OptionType::string,
     .doc = "file of our own certificate",
     .on = kOnSource | kOnSink,
     .needs = "tls_key"},
    {.name = "tls_key",
     .type = OptionType::string,
     .doc = "file of its private key",
     .on = kOnSource | kOnSink,
     .needs = "tls"},
    {.name = "sasl",
     .type = OptionType::word,
     .doc = "how to log in",
     .on = kOnSource | kOnSink,
     .choices = kKafkaLogins,
     .needs = "user"},
    {.name = "user", .type = OptionType::string, .doc = "who logs in", .on = kOnSource | kOnSink, .needs = "password"},
    {.name = "password",
     .type = OptionType::string,
     .doc = "best a param, given at start",
     .on = kOnSource | kOnSink,
     .needs = "sasl"},
    {.name = "connect_timeout",
     .type = OptionType::duration,
     .doc = "how long the brokers are tried at start before the program gives up, and how long a transaction's commit waits "
            "for an answer before it is asked for anew",
     .on = kOnSource | kOnSink,
     .default_text = "30s"},
    {.name = "librdkafka",
     .type = OptionType::record,
     .doc = "properties of the client library, `_` for the points in their names: `librdkafka: { linger_ms: 20 }`",
     .on = kOnSource | kOnSink,
     .properties = &kafka_properties},
};

inline constexpr MetaInfo kKafkaMeta[] = {
    {.name = "timestamp", .type = FieldType::timestamp, .doc = "the message's own time"},
    {.name = "key", .type = FieldType::string, .optional = true, .doc = "the message's key"},
    {.name = "partition", .type = FieldType::i64, .doc = "from 0"},
    {.name = "offset", .type = FieldType::i64, .doc = "of the message in its partition"},
    {.name = "topic", .type = FieldType::string, .doc = "name of the topic"},
    {.name = "header",
     .type = FieldType::string,
     .optional = true,
     .named = true,
     .doc = "the last header of that name: `header(\"trace\")`"},
};

inline constexpr ConnectorInfo kKafka{
    .name = "kafka",
    .doc = "topics of Apache Kafka, and of what speaks its protocol",
    .is_source = true,
    .is_sink = true,
    .network = true,
    .repeats = true,
    .transactions = true,
    .refuses = true,
    .source_formats = kKafkaFormats,
    .sink_formats = kKafkaFormats,
    .options = kKafkaOptions,
    .messages = true,
    .meta = kKafkaMeta,
    .input_class = "kafka::KafkaInput",
    .output_class = "kafka::KafkaWriter",
    .header = "runtime/connectors/kafka/kafka.h",
    .example =
        "source payments: Payment from kafka { brokers: \"127.0.0.1:9092\", topic: \"payments\", format: json, time: at }\n"
        "sink totals to kafka { brokers: \"127.0.0.1:9092\", topic: \"totals\", format: json, key: account }",
};

}  // namespace gress::connectors
