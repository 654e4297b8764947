#include <gtest/gtest.h>

#include "tests/runtime/decode/run.h"
#include "tests/runtime/decode/schemas.h"

namespace gress::testing {
namespace {

using decode::JsonDecoder;

template <class Schema>
Gathered<typename Schema::Row> read(std::string_view input, Kept& kept, std::size_t piece = 0, bool learn = true) {
  JsonDecoder<Schema> decoder;
  decoder.learn_shapes(learn);
  return gather(decoder, input, piece, kept);
}
/// The only error of a one-line input, read both ways.
template <class Schema>
std::string error_of(std::string_view line) {
  Kept kept;
  const auto quick = read<Schema>(std::string(line) + "\n", kept), complete = read<Schema>(line, kept, 0, false);
  if (quick.bad.size() != 1 || complete.bad.size() != 1) return "rows came";
  EXPECT_EQ(quick.bad[0].error, complete.bad[0].error);
  return complete.bad[0].error;
}

std::string ride(int i) {
  return R"({"request_id":"r)" + std::to_string(i) + R"(","user_id":"u7","location":{"latitude":37.)" + std::to_string(1000 + i) +
         R"(,"longitude":-122.45,"area":"pier"},"timestamp":"2026-01-01T00:00:01.25Z","app":"ios"})";
}

TEST(JsonDecoder, ReadsTheUsualShape) {
  std::string input;
  for (int i = 0; i != 1000; ++i) input += ride(i) + "\n";
  Kept kept;
  const auto all = read<RideSchema>(input, kept);
  ASSERT_EQ(all.rows.size(), 1000u);
  EXPECT_TRUE(all.bad.empty());
  EXPECT_EQ(all.rows[999].latitude, 37.1999);
  EXPECT_EQ(all.rows[999].area, Text("pier"));
  EXPECT_EQ(all.rows[999].timestamp, 1767225601250000);
  EXPECT_EQ(all.records[1].second, ride(1));
  EXPECT_EQ(all.records[1].first, ride(0).size() + 1);
}

TEST(JsonDecoder, PiecesOfAnySizeGiveTheSame) {
  std::string input;
  for (int i = 0; i != 40; ++i) input += ride(i) + (i % 7 == 3 ? "\n\n \r\n" : i % 5 == 0 ? "\r\n" : "\n");
  input += "{\"oops\n";
  input += ride(41);
  Kept kept;
  const auto whole = read<RideSchema>(input, kept);
  EXPECT_EQ(whole.rows.size(), 41u);
  ASSERT_EQ(whole.bad.size(), 1u);
  EXPECT_EQ(whole.bad[0].rows_before, 40u);
  for (const std::size_t piece : {1, 2, 3, 63, 64, 65, 149, 1000})
    for (const bool learn : {false, true}) EXPECT_EQ(read<RideSchema>(input, kept, piece, learn), whole) << piece;
}

TEST(JsonDecoder, NestedOptionalEnumAndEpochTimes) {
  const std::string a = R"({"id":"x","time":1517365101235,"mag":2.3,"status":"reviewed","position":{"lon":1,"lat":-2.5},"felt":null})";
  const std::string b = R"({"time":"2018-01-31T02:18:21Z","id":"y","status":"a name that is longer than most","position":{"lat":1e2,"lon":1},"felt":3,"source":{"agency":"us"}})";
  const std::string c = R"({"id":"z","time":0,"mag":null,"status":"automatic","position":{"lat":0},"source":null})";
  std::string input;
  for (int i = 0; i != 300; ++i) input += i % 3 == 0 ? a + "\n" : i % 3 == 1 ? b + "\n" : c + "\n";
  Kept kept;
  const auto all = read<QuakeSchema>(input, kept);
  ASSERT_EQ(all.rows.size(), 300u);
  EXPECT_EQ(all, read<QuakeSchema>(input, kept, 0, false));
  const Quake& first = all.rows[297];
  EXPECT_EQ(first.time, 1517365101235000);
  EXPECT_EQ(first.magnitude, Opt<double>(2.3));
  EXPECT_EQ(first.status, Status::reviewed);
  EXPECT_EQ(first.latitude, -2.5);
  EXPECT_FALSE(first.felt.has);
  EXPECT_FALSE(first.has_source);
  const Quake& second = all.rows[298];
  EXPECT_EQ(second.time, 1517365101000000);
  EXPECT_EQ(second.status, Status::deleted);
  EXPECT_EQ(second.latitude, 100.0);
  EXPECT_EQ(second.felt, Opt<std::int64_t>(3));
  EXPECT_TRUE(second.has_source);
  EXPECT_EQ(second.agency, Opt<Text>(Text("us")));
  EXPECT_FALSE(all.rows[299].has_source);
}

TEST(JsonDecoder, EveryKind) {
  const std::string line =
      R"({"b":true,"i":-12,"f":1.1,"d":"123456789012345678901234.5","bytes":"aGVsbG8=","span":"PT1H30M","uuid":"00112233-4455-6677-8899-aabbccddeeff",)"
      R"("list":[1,2,3],"map":{"a":1,"b":2,"a":3},"points":[{"x":1},{"x":2,"y":3}],"point":{"x":4,"y":null},"seconds":1700000000,"note":"\u00e9\ud83d\ude00\n"})";
  Kept kept;
  for (const bool learn : {false, true}) {
    const auto all = read<EverySchema>(line + "\n" + line + "\n", kept, 0, learn);
    ASSERT_EQ(all.rows.size(), 2u) << (all.bad.empty() ? "" : all.bad[0].error);
    const Every& e = all.rows[1];
    EXPECT_TRUE(e.b);
    EXPECT_EQ(e.i, -12);
    EXPECT_EQ(e.f, 1.1f);
    EXPECT_EQ(e.bytes.raw, Text("hello"));
    EXPECT_EQ(e.span, 5400000000);
    EXPECT_EQ(e.uuid.hi, 0x0011223344556677u);
    ASSERT_EQ(e.list.size(), 3u);
    EXPECT_EQ(e.list.items[2], 3);
    ASSERT_EQ(e.map.size(), 2u);
    EXPECT_EQ(e.map.items[0].value, 1);
    ASSERT_EQ(e.points.size(), 2u);
    EXPECT_EQ(e.points.items[1].y, Opt<double>(3.0));
    EXPECT_TRUE(e.point.has);
    EXPECT_EQ(e.point.value.x, 4.0);
    EXPECT_EQ(e.seconds, 1700000000000000);
    EXPECT_EQ(e.standing, 7);
    EXPECT_EQ(e.note, Opt<Text>(Text("é😀\n")));
  }
}

TEST(JsonDecoder, SaysWhatIsWrong) {
  const std::string tail = R"(,"status":"automatic","position":{"lat":1}})";
  EXPECT_EQ(error_of<QuakeSchema>("not json at all"), "not an object");
  EXPECT_EQ(error_of<QuakeSchema>("[1,2]"), "not an object");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1)" + tail + " {}"), "text after the object");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x)"), "unterminated string");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1517365)"), "expected `,` or `}`, got the end of the line");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"time":1)" + tail), "missing field `id`");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1,"status":"automatic"})"), "missing field `position`");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1,"status":"automatic","position":{}})"), "missing field `position.lat`");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1,"mag":"abc")" + tail), "field `mag`: expected f64, got \"abc\"");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":null,"time":1)" + tail), "field `id`: expected string, got null");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1,"felt":1.5)" + tail), "field `felt`: expected i64, got 1.5");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1,"felt":9223372036854775808)" + tail), "field `felt`: 9223372036854775808 does not fit i64");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1,"status":"odd"})"),
            "field `status`: \"odd\" is not one of automatic, reviewed, a name that is longer than most");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1,"position":7)" + tail), "field `position`: expected record, got 7");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":"2026-02-29T00:00:00Z")" + tail),
            "field `time`: expected timestamp, got \"2026-02-29T00:00:00Z\"");
  EXPECT_EQ(error_of<QuakeSchema>("{\"id\":\"a\tb\",\"time\":1" + tail), "control character in a string at byte 9");
  EXPECT_EQ(error_of<QuakeSchema>("{\"id\":\"\xff\",\"time\":1" + tail), "a string is not valid UTF-8");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"\ud800","time":1)" + tail), "half of a surrogate pair at byte 8");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1,"unread":[1,)" + tail), "expected a value at byte 32");
  EXPECT_EQ(error_of<QuakeSchema>(R"({"id":"x","time":1,"unread":01)" + tail), "expected `,` or `}` at byte 30");
}

TEST(JsonDecoder, TheFirstOfRepeatedNamesCounts) {
  const std::string line = R"({"location":{"latitude":1,"area":"a"},"timestamp":5,"timestamp":"junk","location":{"latitude":2,"area":"b"}})";
  Kept kept;
  for (const bool learn : {false, true}) {
    const auto all = read<RideSchema>(line + "\n" + line + "\n", kept, 0, learn);
    ASSERT_EQ(all.rows.size(), 2u);
    EXPECT_EQ(all.rows[1].latitude, 1.0);
    EXPECT_EQ(all.rows[1].timestamp, 5000);
  }
}

TEST(JsonDecoder, ARecordThatIsTooLongIsBadAndTheNextIsRead) {
  for (const std::size_t limit : {2000u, 100000u}) {
    const std::string good = ride(1);
    const std::string input = good + "\n{\"a\":\"" + std::string(3 * limit, 'x') + "\"}\n" + good + "\n";
    Kept kept;
    for (const std::size_t piece : {std::size_t{0}, std::size_t{500}, limit}) {
      decode::JsonDecoder<RideSchema> decoder(limit);
      const auto all = gather(decoder, input, piece, kept);
      ASSERT_EQ(all.rows.size(), 2u);
      ASSERT_EQ(all.bad.size(), 1u);
      EXPECT_EQ(all.bad[0].offset, good.size() + 1);
      EXPECT_EQ(all.bad[0].text.size(), 1024u);
      EXPECT_TRUE(all.bad[0].cut);
      EXPECT_EQ(all.bad[0].error, "record is longer than " + std::to_string(limit) + " bytes");
      EXPECT_EQ(all.records[1].first, input.size() - good.size() - 1);
    }
  }
}

TEST(JsonDecoder, ByteOrderMarkAndEmptyInput) {
  Kept kept;
  EXPECT_TRUE(read<RideSchema>("", kept).rows.empty());
  EXPECT_TRUE(read<RideSchema>("\n\n", kept).bad.empty());
  for (const std::size_t piece : {0, 1, 2}) {
    const auto all = read<RideSchema>("\xef\xbb\xbf" + ride(1), kept, piece);
    ASSERT_EQ(all.rows.size(), 1u);
    EXPECT_EQ(all.records[0].first, 3u);
  }
}

TEST(JsonDecoder, DeepNestingIsRefusedNotFatal) {
  std::string deep = R"({"a":)";
  deep += std::string(100000, '[') + std::string(100000, ']') + "}";
  EXPECT_EQ(error_of<RideSchema>(deep), "nested deeper than 1024 levels");
}

TEST(JsonArrayDecoder, ElementsAreRecords) {
  const std::string input = "\xef\xbb\xbf [ " + ride(1) + " ,\n" + ride(2) + ", {\"no\":1}, 7,\n{\n\"location\":{\"latitude\":1,\"area\":\"]}\"},\n\"timestamp\":5}]\n";
  Kept kept;
  for (const std::size_t piece : {0, 1, 7, 100}) {
    decode::JsonArrayDecoder<RideSchema> decoder;
    const auto all = gather(decoder, input, piece, kept);
    ASSERT_EQ(all.rows.size(), 3u);
    EXPECT_EQ(all.rows[2].timestamp, 5000);
    ASSERT_EQ(all.bad.size(), 2u);
    EXPECT_EQ(all.bad[0].error, "missing field `location`");
    EXPECT_EQ(all.bad[1].error, "not an object");
    EXPECT_EQ(all.bad[1].text, "7");
  }
  const auto last_error = [&](std::string_view text) {
    decode::JsonArrayDecoder<RideSchema> decoder;
    const auto all = gather(decoder, text, 0, kept);
    return all.bad.empty() ? "" : all.bad.back().error;
  };
  EXPECT_EQ(last_error("[]"), "");
  EXPECT_EQ(last_error("{}"), "not a list");
  EXPECT_EQ(last_error("["), "the list is not closed");
  EXPECT_EQ(last_error("[] 7"), "text after the list");
  EXPECT_EQ(last_error("[" + ride(1) + " 8]"), "expected `,` or `]` between elements");
}

}  // namespace
}  // namespace gress::testing
