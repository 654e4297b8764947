// The connector `nexmark` as data: the one place that says its cases and their fields. Their order is that of
// rows.h, which numbers the columns.
#pragma once
#include "runtime/connectors/connector.h"

namespace gress::connectors {

inline constexpr FieldInfo kNexmarkPerson[] = {
    {.name = "id", .type = FieldType::i64, .doc = "from 1000 on"},
    {.name = "name", .type = FieldType::string},
    {.name = "email", .type = FieldType::string},
    {.name = "credit_card", .type = FieldType::string, .doc = "four groups of four digits"},
    {.name = "city", .type = FieldType::string},
    {.name = "state", .type = FieldType::string, .doc = "one of AZ, CA, ID, OR, WA, WY"},
    {.name = "at", .type = FieldType::timestamp},
    {.name = "extra", .type = FieldType::string, .doc = "letters that bring the row to some 200 bytes"},
};

inline constexpr FieldInfo kNexmarkAuction[] = {
    {.name = "id", .type = FieldType::i64, .doc = "from 1000 on"},
    {.name = "item_name", .type = FieldType::string},
    {.name = "description", .type = FieldType::string},
    {.name = "initial_bid", .type = FieldType::i64},
    {.name = "reserve", .type = FieldType::i64},
    {.name = "at", .type = FieldType::timestamp},
    {.name = "expires", .type = FieldType::timestamp},
    {.name = "seller", .type = FieldType::i64, .doc = "id of a person"},
    {.name = "category", .type = FieldType::i64, .doc = "10 to 14"},
    {.name = "extra", .type = FieldType::string, .doc = "letters that bring the row to some 500 bytes"},
};

inline constexpr FieldInfo kNexmarkBid[] = {
    {.name = "auction", .type = FieldType::i64, .doc = "id of an auction"},
    {.name = "bidder", .type = FieldType::i64, .doc = "id of a person"},
    {.name = "price", .type = FieldType::i64, .doc = "log-uniform, 100 to 1e8"},
    {.name = "channel", .type = FieldType::string},
    {.name = "url", .type = FieldType::string},
    {.name = "at", .type = FieldType::timestamp},
    {.name = "extra", .type = FieldType::string, .doc = "letters that bring the row to some 100 bytes"},
};

inline constexpr CaseInfo kNexmarkCases[] = {
    {.name = "person", .type = "Person", .doc = "1 of 50 events", .fields = kNexmarkPerson},
    {.name = "auction", .type = "Auction", .doc = "3 of 50 events", .fields = kNexmarkAuction},
    {.name = "bid", .type = "Bid", .doc = "46 of 50 events", .fields = kNexmarkBid},
};

inline constexpr OptionInfo kNexmarkOptions[] = {
    {.name = "events",
     .type = OptionType::i64,
     .doc = "how many events there are; without it there is no end",
     .on = kOnSource,
     .ends = true},
    {.name = "event_rate",
     .type = OptionType::i64,
     .doc = "events a second of event time: 100 is sparse, 10000000 dense",
     .on = kOnSource,
     .default_text = "10000"},
    {.name = "seed", .type = OptionType::i64, .doc = "other random parts for another one", .on = kOnSource, .default_text = "1"},
    {.name = "out_of_order",
     .type = OptionType::i64,
     .doc = "events come shuffled in groups of so many",
     .on = kOnSource,
     .default_text = "1"},
};

inline constexpr ConnectorInfo kNexmark{
    .name = "nexmark",
    .doc = "the auctions of the Nexmark benchmark, made while reading: a union of persons, auctions and bids",
    .is_source = true,
    .repeats = true,
    .options = kNexmarkOptions,
    .cases = kNexmarkCases,
    .time = "at",
    .input_class = "nexmark::MarketSource",
    .header = "runtime/connectors/nexmark/market_source.h",
    .example = "source market from nexmark { events: 1_000_000, event_rate: 100, watermark_delay: 4s }\n"
               "stream dear = market.bid |> filter price > 1_000_000",
};

}  // namespace gress::connectors
