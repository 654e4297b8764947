#include <gtest/gtest.h>

#include "tests/dsl/syntax/support.h"

namespace gress::dsl {
namespace {

/// The tree of an expression, as the condition of a filter.
std::string expression(const std::string& text) {
  const Parsed parsed("stream s = x |> filter " + text);
  EXPECT_EQ(parsed.messages(), "") << text;
  std::string tree;
  for (char c : parsed.tree()) {  // on one line
    if (c == '\n') c = ' ';
    if (c != ' ' || !tree.ends_with(' ')) tree += c;
  }
  const std::size_t begin = tree.find("(filter ");
  return begin == std::string::npos ? tree : tree.substr(begin + 8, tree.size() - begin - 8 - 3);
}

std::string messages(const std::string& text) { return Parsed(text).messages(); }

TEST(Parser, Precedence) {
  EXPECT_EQ(expression("a or b and not c == d"),
            R"((or (name "a") (and (name "b") (not (eq (name "c") (name "d"))))))");
  EXPECT_EQ(expression("1 + 2 * -3 ?? 4"),
            R"((coalesce (add (number "1") (mul (number "2") (negate (number "3")))) (number "4")))");
  EXPECT_EQ(expression("a - b - c"), R"((sub (sub (name "a") (name "b")) (name "c")))");
  EXPECT_EQ(expression("a.b[0].c(d, where: e)"),
            R"((call (member "c" (index (member "b" (name "a")) (number "0"))) (name "d") (entry "where" (name "e"))))");
  EXPECT_EQ(expression("x not in [1, 2,]"), R"((not_in (name "x") (list (number "1") (number "2"))))");
  EXPECT_EQ(expression("x ?? y is not null"), R"((is_not_null (coalesce (name "x") (name "y"))))");
  EXPECT_EQ(expression("if a then 1 else if b then 2 else 3"),
            R"((if (name "a") (number "1") (if (name "b") (number "2") (number "3"))))");
  EXPECT_EQ(expression("match x { A.b | c => 1, -1 => 2 }"),
            R"((match (name "x") (arm (member "b" (name "A")) (name "c") (gives (number "1"))) )"
            R"((arm (negate (number "1")) (gives (number "2")))))");
  EXPECT_EQ(expression("[e.x for e in items if e.ok]"),
            R"((comprehension "e" (member "x" (name "e")) (name "items") (member "ok" (name "e"))))");
}

TEST(Parser, Literals) {
  EXPECT_EQ(expression("1_000"), R"((number "1000"))");
  EXPECT_EQ(expression("1e6"), R"((real "1e6"))");
  EXPECT_EQ(expression("1h30m"), R"((duration "5400000000us"))");
  EXPECT_EQ(expression("@1970-01-01T00:00:01Z"), R"((timestamp "1000000us"))");
  EXPECT_EQ(expression(R"("a\n{b}")"), R"((text (piece "a\n") (name "b")))");
  EXPECT_EQ(expression(R"("")"), "(text)");
  EXPECT_EQ(expression(R"('\d')"), R"((raw (piece "\\d")))");
  EXPECT_EQ(expression("{ a, b.c, d: 1, }.d"),
            R"((member "d" (record (name "a") (member "c" (name "b")) (entry "d" (number "1")))))");
}

TEST(Parser, WordsAreKeywordsOnlyWhereTheyMustBe) {
  EXPECT_EQ(messages("type T { key: string, window: i64, type: string, top: i64, latest: bool, match: i64, in: i64,\n"
                     "  source: string, stream: i64, filter: i64, retain: i64, within: i64, as: i64, by: i64, then: i64 }"),
            "");
  EXPECT_EQ(messages("stream s = x |> filter window > 3 and key == type |> select { type, window, match, if, in }"), "");
  EXPECT_EQ(messages("stream s = x |> filter match > 1 or match == 2 |> filter match.a |> filter (match)"), "");
  EXPECT_EQ(messages("stream s = x |> key type, window: top |> latest retain latest\nsink s to file"), "");
  EXPECT_EQ(messages("stream s = x |> filter a in in |> filter within within\n"), "test.gress:1:49: error[E0101]: `within` cannot follow here\n");
  EXPECT_EQ(messages("stream s = x |> filter\n  source is null |> filter\n  stream and test"), "");
  EXPECT_EQ(messages("stream stream = source |> filter stream > 1\nsink stream to to"), "");
  EXPECT_EQ(messages("stream s = x\n  |> match { next: a, next not not: b, not x: c } retain forever emit { next.a }"), "");
  EXPECT_EQ(messages("stream s = x |> join latest as window on a == window.b window tumbling(1m)"), "");
  EXPECT_EQ(messages("test 'x' { expect ordered [] expect ordered ordered [] feed feed [] }"), "");
}

TEST(Parser, EveryConstruct) {
  const Parsed parsed(R"(
/// the pipeline
pipeline all { checkpoint: every(10s), }
param a: list<map<string, i64?>>= []
use "x.gress" { type Order, fn f as g, stage totals }
aggregate geo(x: f64, y: f64) -> f64? {
  state { n: i64 = 0 } add { n: n + 1 } retract { n: n - 1 } merge other { n: n + other.n } result f64(n)
}
union U by a.b in c { one: One as "1", two: Two }
split s.t { a: x > 1, b: true }
stage totals(every: duration) = key a |> window tumbling(every) |> aggregate { n: count() }
stream m: Row = merge(a, b.c) |> changes |> totals |> totals(1h)
  |> window same
  |> flatten items as i
  |> rename { new: old }
  |> drop a, b
  |> time at delay 5s
  |> in_order late_to late
  |> full join x on a == b retain forever late_to l, r
  |> join y as z on a == b as_of at within 1h
  |> top 10 with ties by a desc, b asc, c as rank retain 1d
  |> match { a[3]: true, next b[1..]: x, not c[0..2]: y } within 1h
     emit { a } else emit { b } overlapping late_to l
)");
  EXPECT_EQ(parsed.messages(), "");
  EXPECT_EQ(parsed.file.items.size(), 7u);
  EXPECT_EQ(parsed.file.pipeline->doc, "the pipeline");
  EXPECT_EQ(std::get<ast::StreamDecl>(parsed.file.items[6].node).stages.size(), 13u);
}

TEST(Parser, Docs) {
  const Parsed parsed("/// one\n/// two\n// not a doc\ntype T {\n  /// field\n  a: i64,\n}\n");
  EXPECT_EQ(parsed.messages(), "");
  EXPECT_EQ(parsed.file.items[0].doc, "one\ntwo");
  EXPECT_EQ(std::get<ast::TypeDecl>(parsed.file.items[0].node).fields[0].doc, "field");
}

TEST(Parser, RangesCoverWhatWasWritten) {
  const std::string text = "stream s = x\n  |> filter a + b * c == d\nsink s to file { path: p }\n";
  const Parsed parsed(text);
  ASSERT_EQ(parsed.file.items.size(), 2u);
  const auto& stream = std::get<ast::StreamDecl>(parsed.file.items[0].node);
  EXPECT_EQ(parsed.sources.text(parsed.file.items[0].range), "stream s = x\n  |> filter a + b * c == d");
  EXPECT_EQ(parsed.sources.text(stream.stages[0].range), "filter a + b * c == d");
  EXPECT_EQ(parsed.sources.text(stream.stages[0].as<ast::Filter>()->condition->range), "a + b * c == d");
  EXPECT_EQ(parsed.sources.text(std::get<ast::SinkDecl>(parsed.file.items[1].node).options->range), "{ path: p }");
}

std::string repeat(std::string_view piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

TEST(Parser, DeepNestingIsAnErrorNotACrash) {
  for (const char* piece : {"(", "[", "{a:", "-", "not ", "f(", "a[", "\"{", "if a then ", "match a { b => ", "!", "a.b(", "{", "if "}) {
    EXPECT_NE(messages("param p: i64 = " + repeat(piece, 100000)).find("error["), std::string::npos) << piece;
  }
  EXPECT_NE(messages("param p: " + repeat("list<", 100000)).find("E0112"), std::string::npos);
  EXPECT_NE(messages("param p: i64 = 1" + repeat(" + 1", 100000)).find("E0112"), std::string::npos);
  EXPECT_NE(messages("param p: i64 = a" + repeat(".b", 100000)).find("E0112"), std::string::npos);
  EXPECT_NE(messages("param p: i64 = " + repeat("if a then 1 else ", 100000) + "2").find("E0112"), std::string::npos);
  EXPECT_EQ(messages("param p: i64 = " + repeat("(", 90) + "1" + repeat(")", 90)), "");
  EXPECT_EQ(messages("param p: i64 = 1" + repeat(" + 1", 900)), "");
  EXPECT_EQ(messages("param p: i64 = " + repeat("if a then 1 else ", 900) + "2"), "");
}

}  // namespace
}  // namespace gress::dsl
