// What a failing `expect` says.
#include <gtest/gtest.h>

#include "runtime/testing/collected.h"
#include "runtime/testing/coverage.h"
#include "runtime/testing/junit.h"

namespace gress::testing {
namespace {

Collected rows(std::vector<std::vector<std::string>> values) {
  Collected c{"busy", {"k", "n"}, false, {}, {}};
  for (auto& v : values) c.rows.push_back({Op::insert, std::move(v)});
  return c;
}
ExpectedRow row(std::string k, std::string n) { return {"", {{0, std::move(k)}, {1, std::move(n)}}}; }
Expectation expect(std::vector<ExpectedRow> list, bool ordered = false) { return {"p.gress:7", ordered, false, std::move(list)}; }

TEST(Differences, none) {
  EXPECT_EQ(differences(rows({{"1", "2"}, {"3", "4"}}), expect({row("3", "4"), row("1", "2")})), "");
  EXPECT_EQ(differences(rows({{"1", "2"}, {"3", "4"}}), expect({row("1", "2"), row("3", "4")}, true)), "");
  EXPECT_EQ(differences(rows({}), expect({})), "");
}

TEST(Differences, a_row_may_fit_several) {
  EXPECT_EQ(differences(rows({{"1", "2"}, {"1", "3"}}), expect({{"", {{0, "1"}}}, row("1", "2")})), "");
}

TEST(Differences, nearest_row_side_by_side) {
  EXPECT_EQ(differences(rows({{"\"a\"", "7"}, {"\"b\"", "1"}}), expect({row("\"a\"", "8"), row("\"b\"", "1")})),
            "p.gress:7: stream `busy`: 2 rows expected, 2 came\n"
            "      - missing, and beside it the nearest of the rows that came:\n"
            "             expected  came\n"
            "          k  \"a\"       \"a\"\n"
            "        ! n  8         7\n");
}

TEST(Differences, nothing_near) {
  EXPECT_EQ(differences(rows({{"\"z\"", "7"}}), expect({row("\"a\"", "8")})),
            "p.gress:7: stream `busy`: 1 row expected, 1 came\n"
            "      - missing: { k: \"a\", n: 8 }\n"
            "      + unexpected: { k: \"z\", n: 7 }\n");
}

TEST(Differences, order) {
  const std::string said = differences(rows({{"1", "1"}, {"2", "2"}}), expect({row("2", "2"), row("1", "1")}, true));
  EXPECT_NE(said.find("all of them came, in another order"), std::string::npos) << said;
  // One row too many does not spoil those behind it.
  EXPECT_EQ(differences(rows({{"0", "0"}, {"1", "1"}, {"2", "2"}}), expect({row("1", "1"), row("2", "2")}, true)),
            "p.gress:7: stream `busy`: 2 rows expected, 3 came\n"
            "      + unexpected 1: { k: 0, n: 0 }\n");
}

TEST(Differences, upserts) {
  Collected c{"totals", {"k", "n"}, true, {0}, {}};
  c.rows = {{Op::insert, {"1", "5"}}, {Op::retract, {"1", "5"}}, {Op::insert, {"1", "6"}, true}, {Op::insert, {"2", "1"}}, {Op::retract, {"2", "1"}}};
  EXPECT_EQ(differences(c, expect({row("1", "6")})), "");
  Expectation changes{"p.gress:7", true, true, {{"upsert", {{1, "5"}}}, {"upsert", {{1, "6"}}}, {"upsert", {{1, "1"}}}, {"delete", {{0, "2"}}}}};
  EXPECT_EQ(differences(c, changes), "");
  changes.rows[3].op = "upsert";
  EXPECT_NE(differences(c, changes).find("! _op  \"upsert\"  \"delete\""), std::string::npos) << differences(c, changes);
}

TEST(Differences, a_delete_in_a_block_before_the_insert) {
  Collected c{"totals", {"k", "n"}, true, {0}, {}};
  c.rows = {{Op::retract, {"1", "5"}}, {Op::insert, {"1", "6"}, false}};
  EXPECT_EQ(differences(c, {"p.gress:7", true, true, {{"delete", {{1, "5"}}}, {"upsert", {{1, "6"}}}}}), "");
}

TEST(Junit, is_escaped) {
  const std::string xml = junit_suite("a<b.gress", {{"says \"no\"\x01", "a.gress:3", 0.5, "", false}, {"two", "a.gress:9", 0.25, "1 < 2\nmore", false}});
  EXPECT_NE(xml.find("<testsuite name=\"a&lt;b.gress\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"0.750000\">"), std::string::npos) << xml;
  EXPECT_NE(xml.find("name=\"says &quot;no&quot;?\" file=\"a.gress\" line=\"3\" time=\"0.500000\"/>"), std::string::npos) << xml;
  EXPECT_NE(xml.find("<failure message=\"1 &lt; 2\">1 &lt; 2&#10;more</failure>"), std::string::npos) << xml;
}

TEST(Coverage, in_the_order_of_the_program) {
  static constexpr Point kPoints[] = {{9, 3, "b", "later"}, {2, 5, "a", "`filter` drops a row"}, {4, 1, "", "else"}};
  const bool reached[] = {false, false, true};
  EXPECT_EQ(coverage_text("p.gress", kPoints, reached),
            "coverage: 1 of 3 places reached (33 %); no test reaches\n"
            "  p.gress:2:5  a: `filter` drops a row\n"
            "  p.gress:9:3  b: later\n");
  EXPECT_EQ(coverage_json("p.gress", std::span(kPoints).first(1), reached),
            "{\"file\":\"p.gress\",\"total\":1,\"reached\":0,\"points\":[{\"line\":9,\"column\":3,\"in\":\"b\",\"what\":\"later\",\"reached\":false}]}\n");
}

}  // namespace
}  // namespace gress::testing
