#include <gtest/gtest.h>

#include "tests/runtime/decode/run.h"
#include "tests/runtime/decode/schemas.h"

namespace gress::testing {
namespace {

template <class Schema>
Gathered<typename Schema::Row> read(std::string_view input, Kept& kept, std::size_t piece = 0, bool quick = true) {
  decode::CsvDecoder<Schema> decoder;
  decoder.use_short_loops(quick);
  return gather(decoder, input, piece, kept);
}
const std::string kHeader = "scheduled,delay,distance,origin,destination\n";

std::string error_of(std::string_view line) {
  Kept kept;
  const std::string input = kHeader + std::string(line);
  const auto quick = read<FlightSchema>(input + "\n", kept), complete = read<FlightSchema>(input, kept, 0, false);
  if (quick.bad.size() != 1 || complete.bad.size() != 1) return "rows came";
  EXPECT_EQ(quick.bad[0].error, complete.bad[0].error);
  return complete.bad[0].error;
}

TEST(CsvDecoder, ReadsTheUsualLines) {
  std::string input = kHeader;
  for (int i = 0; i != 1000; ++i) input += "2001-01-01T00:03:" + std::to_string(10 + i % 50) + "Z,-" + std::to_string(i) + ",1946,LAX,ATL\n";
  Kept kept;
  const auto all = read<FlightSchema>(input, kept);
  ASSERT_EQ(all.rows.size(), 1000u);
  EXPECT_EQ(all.rows[999].scheduled, 978307439000000);
  EXPECT_EQ(all.rows[999].delay, -999);
  EXPECT_EQ(all.rows[999].distance, 1946);
  EXPECT_EQ(all.rows[999].origin, Text("LAX"));
  EXPECT_EQ(all.rows[999].destination, Text("ATL"));
}

TEST(CsvDecoder, AnyColumnOrderAndExtraColumns) {
  const std::string input = "\xef\xbb\xbf" "x,destination,\"origin\",distance,delay,y,scheduled\r\n1,ATL,LAX,5,6,,2001-01-01T00:00:00Z\r\n";
  Kept kept;
  for (const std::size_t piece : {0, 1, 2, 30}) {
    const auto all = read<FlightSchema>(input, kept, piece);
    ASSERT_EQ(all.rows.size(), 1u) << all.header_error;
    EXPECT_EQ(all.rows[0].origin, Text("LAX"));
    EXPECT_EQ(all.rows[0].delay, 6);
    EXPECT_EQ(all.records[0].second, "1,ATL,LAX,5,6,,2001-01-01T00:00:00Z");
  }
}

TEST(CsvDecoder, HeadersThatDoNotFit) {
  Kept kept;
  EXPECT_EQ(read<FlightSchema>("scheduled,dealy,distance,origin,destination\n", kept).header_error,
            "no column `delay` in the header, which has `scheduled`, `dealy`, `distance`, `origin`, `destination`; did you mean `dealy`?");
  EXPECT_EQ(read<FlightSchema>("scheduled,delay,distance,origin,origin,destination\n", kept).header_error,
            "column `origin` stands twice in the header");
  EXPECT_EQ(read<FlightSchema>("", kept).header_error, "");
  EXPECT_EQ(read<FlatSchema>("b,i,f,d,bytes,span,uuid,seconds\n", kept).header_error, "");
}

TEST(CsvDecoder, QuotesLineEndsAndBlankLines) {
  const std::string row = "2001-01-01T00:00:00Z,1,2,";
  const std::string input = kHeader + row + "\"a\nb\",\"say \"\"hi\"\"\"\r\n\r\n\n" + row + "LAX,ATL\r\n" + row + "5\" pipe,\"x\"\n" + row + ",\"\"";
  Kept kept;
  const auto whole = read<FlightSchema>(input, kept);
  ASSERT_EQ(whole.rows.size(), 4u);
  EXPECT_EQ(whole.rows[0].origin, Text("a\nb"));
  EXPECT_EQ(whole.rows[0].destination, Text("say \"hi\""));
  EXPECT_EQ(whole.rows[1].destination, Text("ATL"));
  EXPECT_EQ(whole.rows[2].origin, Text("5\" pipe"));
  EXPECT_EQ(whole.rows[3].origin, Text());
  for (const std::size_t piece : {1, 2, 3, 10, 64})
    for (const bool quick : {false, true}) EXPECT_EQ(read<FlightSchema>(input, kept, piece, quick), whole) << piece;
}

TEST(CsvDecoder, AbsenceAndDefaults) {
  const std::string input =
      "b,i,f,d,bytes,span,uuid,y,seconds,note\n"
      "TRUE,-7,1.5,12.50,aGk=,1h30m,00112233-4455-6677-8899-aabbccddeeff,,1700000000,\n"
      "false,+7,NaN,1,,PT0S,00112233-4455-6677-8899-aabbccddeeff,2.5,-1,\"\"\n";
  Kept kept;
  for (const bool quick : {false, true}) {
    const auto all = read<FlatSchema>(input, kept, 0, quick);
    ASSERT_EQ(all.rows.size(), 2u) << all.header_error << (all.bad.empty() ? "" : all.bad[0].error);
    EXPECT_TRUE(all.rows[0].b);
    EXPECT_FALSE(all.rows[0].point.value.y.has);
    EXPECT_FALSE(all.rows[0].note.has);
    EXPECT_EQ(all.rows[0].standing, 7);
    EXPECT_EQ(all.rows[0].span, 5400000000);
    EXPECT_EQ(all.rows[1].i, 7);
    EXPECT_EQ(all.rows[1].point.value.y, Opt<double>(2.5));
    EXPECT_EQ(all.rows[1].note, Opt<Text>(Text()));
    EXPECT_EQ(all.rows[1].seconds, -1000000);
  }
}

TEST(CsvDecoder, SaysWhatIsWrong) {
  EXPECT_EQ(error_of("2001-01-01T00:00:00Z,1,2,LAX"), "line has 4 fields, the header has 5");
  EXPECT_EQ(error_of("2001-01-01T00:00:00Z,1,2,LAX,ATL,"), "line has 6 fields, the header has 5");
  EXPECT_EQ(error_of("2001-01-01T00:00:00Z,x,2,LAX,ATL"), "field `delay`: expected i64, got \"x\"");
  EXPECT_EQ(error_of("2001-01-01T00:00:00Z,,2,LAX,ATL"), "field `delay`: expected i64, got \"\"");
  EXPECT_EQ(error_of("2001-01-01T00:00:00Z,1,99999999999999999999,LAX,ATL"), "field `distance`: 99999999999999999999 does not fit i64");
  EXPECT_EQ(error_of("2001-13-01T00:00:00Z,1,2,LAX,ATL"), "field `scheduled`: expected timestamp, got \"2001-13-01T00:00:00Z\"");
  EXPECT_EQ(error_of("2001-01-01T00:00:00,1,2,LAX,ATL"), "field `scheduled`: expected timestamp, got \"2001-01-01T00:00:00\"");
  EXPECT_EQ(error_of("2001-01-01T00:00:00Z,1,2,\"LAX\"X,ATL"), "text after a closing quote");
  EXPECT_EQ(error_of("2001-01-01T00:00:00Z,1,2,LAX,\"ATL"), "the quote that opens field 5 is not closed before the end of the data");
  EXPECT_EQ(error_of("2001-01-01T00:00:00Z,1,2,L\xff X,ATL"), "line is not valid UTF-8");
  EXPECT_EQ(error_of(std::string("2001-01-01T00:00:00Z,1,2,L\0X,ATL", 33)), "line holds a NUL byte");
}

TEST(CsvDecoder, LinesThatEndInCarriageReturnsAlone) {
  const std::string lines[] = {"scheduled,delay,distance,origin,destination\r2001-01-01T00:00:00Z,1,2,LAX,ATL\r",
                               "\"scheduled\",\"delay\",\"distance\",\"origin\",\"destination\"\r\"2001-01-01T00:00:00Z\",1,2,LAX,\"ATL\"",
                               "scheduled,delay,distance,origin,destination,note\r2001-01-01T00:00:00Z,1,2,LAX,ATL,\r\n"};
  Kept kept;
  for (const std::string& text : lines)
    for (const std::size_t piece : {0, 1, 50}) {
      const std::string error = read<FlightSchema>(text, kept, piece).header_error;
      EXPECT_TRUE(error.starts_with("the header line holds a carriage return (CR) that no line feed (LF) follows")) << error;
    }
  EXPECT_EQ(read<FlightSchema>("scheduled,delay,distance,origin,destination,\"no\rte\"\r\n", kept).header_error, "");
  EXPECT_EQ(read<FlightSchema>("scheduled,delay,distance,origin,destination\r", kept).header_error, "");
}

TEST(CsvDecoder, PartsOfCharactersAreNoSeparators) {
  // The second byte of each of these is that of a separator but for its high bit.
  for (const char* text : {"\xd0\xac", "\xc2\x8a", "\xc2\xa2"}) {
    const std::string mark(text);
    EXPECT_EQ(error_of("2001-01-01T00:00:00Z,1,2,LAX" + mark + "ATL"), "line has 4 fields, the header has 5");
    Kept kept;
    const auto all = read<FlightSchema>(kHeader + "2001-01-01T00:00:00Z,1,2," + mark + ",ATL\n", kept);
    ASSERT_EQ(all.rows.size(), 1u);
    EXPECT_EQ(all.rows[0].origin, Text(mark));
  }
}

TEST(CsvDecoder, SaysWhereAQuoteOpensThatIsNeverClosed) {
  Kept kept;
  const auto all = read<FlightSchema>(kHeader + "2001-01-01T00:00:00Z,1,2,\"L\nA\nX\",\"ATL\nand more", kept);
  ASSERT_FALSE(all.bad.empty());
  EXPECT_EQ(all.bad[0].error, "the quote that opens field 5, in line 3 of the record, is not closed before the end of the data");
  EXPECT_EQ(read<FlightSchema>("scheduled,delay,\"distance\n1,2,3", kept).header_error,
            "the header: the quote that opens field 3 is not closed before the end of the data");
}

TEST(CsvDecoder, AQuoteThatIsNeverClosedCostsItsLine) {
  const std::string good = "2001-01-01T00:00:00Z,1,2,LAX,ATL\n";
  const std::string input = kHeader + good + "2001-01-01T00:00:00Z,1,2,LAX,\"ATL\n" + good + good;
  Kept kept;
  for (const std::size_t piece : {0, 1, 50}) {
    const auto all = read<FlightSchema>(input, kept, piece);
    EXPECT_EQ(all.rows.size(), 3u);
    ASSERT_EQ(all.bad.size(), 1u);
    EXPECT_EQ(all.bad[0].rows_before, 1u);
    EXPECT_EQ(all.bad[0].text, "2001-01-01T00:00:00Z,1,2,LAX,\"ATL");
  }
}

TEST(CsvDecoder, ARecordThatIsTooLongIsBadAndTheNextIsRead) {
  const std::string good = "2001-01-01T00:00:00Z,1,2,LAX,ATL\n";
  const std::string input = kHeader + good + "2001-01-01T00:00:00Z,1,2,LAX," + std::string(9000, 'x') + "\n" + good;
  Kept kept;
  for (const std::size_t piece : {0, 500, 3000}) {
    decode::CsvDecoder<FlightSchema> decoder(3000);
    const auto all = gather(decoder, input, piece, kept);
    EXPECT_EQ(all.rows.size(), 2u);
    ASSERT_EQ(all.bad.size(), 1u);
    EXPECT_TRUE(all.bad[0].cut);
    EXPECT_EQ(all.bad[0].text.size(), 1024u);
    EXPECT_EQ(all.records[1].first, input.size() - good.size());
  }
}

struct Line {
  Text line;
};
struct LineSchema {
  using Row = Line;
  static constexpr auto fields = decode::fields(decode::field<wire::String>("line", &Line::line));
};

TEST(TextDecoder, LinesAreRows) {
  Kept kept;
  for (const std::size_t piece : {0, 1, 5}) {
    decode::TextDecoder<LineSchema> decoder;
    const auto all = gather(decoder, "\xef\xbb\xbfone\r\n\ntwo and more than fifteen bytes\n\xff\nlast", piece, kept);
    ASSERT_EQ(all.rows.size(), 3u);
    EXPECT_EQ(all.rows[0].line, Text("one"));
    EXPECT_EQ(all.rows[1].line, Text("two and more than fifteen bytes"));
    EXPECT_EQ(all.rows[2].line, Text("last"));
    ASSERT_EQ(all.bad.size(), 1u);
    EXPECT_EQ(all.bad[0].error, "line is not valid UTF-8");
    EXPECT_EQ(all.bad[0].rows_before, 2u);
  }
}

}  // namespace
}  // namespace gress::testing
