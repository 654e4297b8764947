// One run reports as many independent errors as there are, and no more than there are.
#include <gtest/gtest.h>

#include "tests/dsl/syntax/support.h"

namespace gress::dsl {
namespace {

std::string codes(const std::string& text) {
  const Parsed parsed(text);
  return parsed.codes();
}

TEST(Recovery, AtItems) {
  EXPECT_EQ(codes("stream = x\nstream b = \nsink to file\nstream c = d\n"), "E0101 E0101 E0101");
  const Parsed parsed("type T { a: }\nstream c = d |> filter x\n");
  EXPECT_EQ(parsed.codes(), "E0101");
  EXPECT_EQ(parsed.file.items.size(), 2u);
}

TEST(Recovery, AtStages) {
  const Parsed parsed("stream s = x\n  |> filter\n  |> select { a b }\n  |> key a\n  |> aggregate n: count()\n  |> filter ok\n");
  EXPECT_EQ(parsed.codes(), "E0101 E0101 E0101");
  EXPECT_EQ(std::get<ast::StreamDecl>(parsed.file.items[0].node).stages.size(), 5u);
}

TEST(Recovery, InLists) {
  const Parsed parsed("type T {\n  a i64,\n  b: string,\n  : bool,\n  c: list<>,\n  d: i64\n  e: i64,\n}\n");
  EXPECT_EQ(parsed.codes(), "E0101 E0101 E0101 E0101");
  EXPECT_EQ(std::get<ast::TypeDecl>(parsed.file.items[0].node).fields.size(), 3u);
}

TEST(Recovery, UnclosedBracketsEndAtTheNextStageOrItem) {
  EXPECT_EQ(codes("stream s = x |> select { a, b\n  |> filter )\nstream t = u |> filter (a + b\nsink t to file { path: 'x'"),
            "E0114 E0101 E0114 E0114");
  EXPECT_EQ(codes("type T { a: i64,\nstream s = x |> filter a = b\n"), "E0114 E0116");
  EXPECT_EQ(codes("use 'x.gress' {\n  type Order,\n  fn f\nstream s = x\n"), "E0114");
}

TEST(Recovery, InterpolationsStandAlone) {
  EXPECT_EQ(codes("stream s = x |> select { a: \"{1 +} {} {b c} {d}\", e: ) }"), "E0101 E0122 E0101 E0101");
}

TEST(Recovery, Tests) {
  EXPECT_EQ(codes("test 'x' {\n  feed a [ { b: } ]\n  exepct a []\n  expect c [ 1 ]\n}\nstream s =\n"),
            "E0101 E0101 E0101 E0101");
  EXPECT_EQ(codes("test 'x' {\n  feed a [ { b: 1 }\n  expect c [ ]\n}\n"), "E0114");
}

TEST(Recovery, MisspeltItemsAreParsedAsMeant) {
  const Parsed parsed("strem s = x |> fliter y > 1 |> select { a, }\nSink s to file\n");
  EXPECT_EQ(parsed.codes(), "E0117 E0118 E0117");
  EXPECT_EQ(parsed.file.items.size(), 2u);
}

TEST(Recovery, SlipsWhoseMeaningIsClearDoNotHideOthers) {
  EXPECT_EQ(codes("stream s = x | filter a = 1 && !b || c <> 2; | select { a = 1; b }"),
            "E0116 E0116 E0116 E0116 E0116 E0116 E0116 E0116 E0116 E0116");
}

TEST(Recovery, ReportsAreBounded) {
  std::string bytes;
  for (int i = 0; i < 300000; ++i) bytes += i % 2 == 0 ? "\xFF" : "a";
  const Parsed one_line(bytes);
  EXPECT_LE(one_line.diagnostics.all().size(), 2u * max_syntax_reports);
  EXPECT_LT(one_line.human().size(), 1u << 20);
  std::string lines;
  for (int i = 0; i < 20000; ++i) lines += "strem s = x |> filter a = \"\\d{}\n";
  const Parsed many(lines);
  EXPECT_LE(many.diagnostics.all().size(), 2u * max_syntax_reports);
  many.human();
}

TEST(Recovery, AnythingGoesWithoutACrash) {
  const std::string all = read_file(test_folder() / "corpus/programs/card_velocity.gress");
  for (std::size_t cut = 0; cut < all.size(); cut += 3) {
    Parsed(all.substr(0, cut)).human();
    Parsed(all.substr(cut)).human();
    Parsed(all.substr(0, cut) + all.substr(std::min(all.size(), cut + 7))).human();
  }
}

}  // namespace
}  // namespace gress::dsl
