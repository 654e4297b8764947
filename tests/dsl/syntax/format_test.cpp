#include <gtest/gtest.h>

#include "dsl/format/format.h"
#include "tests/dsl/syntax/support.h"

namespace gress::dsl {
namespace {

std::string formatted(const std::string& text) {
  const Parsed parsed(text);
  EXPECT_FALSE(parsed.diagnostics.has_errors()) << text << parsed.messages();
  return format(parsed.sources, parsed.id, parsed.file).value_or("(refused)");
}

/// Comments in order of appearance, to see that none is lost.
std::vector<std::string> comments(const std::string& text) {
  SourceManager sources;
  Diagnostics diagnostics;
  const FileId id = sources.add("c", text);
  std::vector<std::string> found;
  for (const Token& token : lex(sources, id, diagnostics)) {
    if (token.kind == TokenKind::comment || token.kind == TokenKind::doc_comment) found.emplace_back(sources.text(token.range));
  }
  return found;
}

/// The same tokens with other gaps between them; what cannot change (within text, after comments) stays.
template <class Gap>
std::string relaid(const std::string& text, Gap gap) {
  SourceManager sources;
  Diagnostics diagnostics;
  const FileId id = sources.add("c", text);
  std::string out;
  int in_text = 0;
  std::uint32_t random = 12345;
  for (const Token& token : lex(sources, id, diagnostics)) {
    random = random * 1664525u + 1013904223u;
    const bool comment = token.kind == TokenKind::comment || token.kind == TokenKind::doc_comment;
    in_text += (token.kind == TokenKind::string_begin) - (token.kind == TokenKind::string_end);
    out += sources.text(token.range);
    if (in_text == 0) out += comment ? "\n" : gap(random);
  }
  return out;
}

void check_sound(const std::string& text) {
  const Parsed before(text);
  ASSERT_FALSE(before.diagnostics.has_errors()) << before.messages();
  const std::string once = formatted(text);
  const Parsed after(once);
  EXPECT_TRUE(same(before.file, after.file)) << once;
  EXPECT_EQ(formatted(once), once);
  EXPECT_EQ(comments(text), comments(once));
  if (testing::Test::HasFailure()) FAIL() << "--- from\n" << text << "--- to\n" << once << "--- again\n" << formatted(once);
}

TEST(Format, CorpusIsStableAndKeepsItsMeaning) {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test_folder() / "corpus")) {
    if (entry.path().extension() != ".gress") continue;
    SCOPED_TRACE(entry.path().string());
    const std::string text = read_file(entry.path());
    check_sound(text);
    check_sound(relaid(text, [](std::uint32_t) { return " "; }));
    check_sound(relaid(text, [](std::uint32_t) { return "\n"; }));
    for (std::uint32_t seed = 1; seed <= 4; ++seed) {
      check_sound(relaid(text, [&](std::uint32_t random) {
        static constexpr const char* gaps[] = {"\n", "\n\n\n", " // behind\n", "\n// alone\n", "\n\n  // apart\n\n", "\t"};
        random ^= seed * 2654435761u;
        const std::uint32_t which = (random >> 8) % (seed % 2 == 0 ? 60 : 12);
        return which < 6 ? gaps[which] : " ";
      }));
    }
    if (HasFailure()) return;
    ++count;
  }
  EXPECT_GT(count, 50);
}

TEST(Format, RefusesWhatDoesNotParse) {
  const Parsed parsed("stream = x");
  EXPECT_FALSE(format(parsed.sources, parsed.id, parsed.file).has_value());
}

TEST(Format, Chains) {
  EXPECT_EQ(formatted("stream a=b|>filter x>1|>latest"), "stream a = b |> filter x > 1 |> latest\n");
  EXPECT_EQ(formatted("stream a = b\n|> filter x |>\nlatest retain forever"),
            "stream a = b\n  |> filter x\n  |> latest retain forever\n");
  EXPECT_EQ(formatted("stream a = b |> select {\na: 1, bb: 2 }"),
            "stream a = b\n  |> select {\n       a: 1, bb: 2,\n     }\n");
}

TEST(Format, ListsOpenWhereTheyDoNotFit) {
  const std::string long_name(70, 'x');
  EXPECT_EQ(formatted("type T { a: i64, " + long_name + ": string, cc: list<i64?>, d: map<string, i64>, e: i64 }"),
            "type T {\n  a:  " + std::string(68, ' ') + "i64,\n  " + long_name + ": string,\n  cc: " +
                std::string(67, ' ') + " list<i64?>,\n  d:  " + std::string(68, ' ') + "map<string, i64>,\n  e:  " +
                std::string(68, ' ') + "i64,\n}\n");
}

TEST(Format, ScansAndPatterns) {
  EXPECT_EQ(formatted("stream a = b |> scan {n:i64=0} update {n:n+1} emit {n} when n>1 retain 1d then emit {n}"),
            "stream a = b\n  |> scan { n: i64 = 0 }\n     update { n: n + 1 }\n     emit { n } when n > 1\n"
            "     retain 1d\n     then emit { n }\n");
  EXPECT_EQ(formatted("stream a = b |> match {x[1..]: y, next not z: w} within 1h emit {x} else emit {z} overlapping"),
            "stream a = b\n  |> match { x[1..]: y, next not z: w } within 1h\n     emit { x }\n     else emit { z } "
            "overlapping\n");
}

TEST(Format, Expressions) {
  EXPECT_EQ(formatted("param x:f64=-a.b[ 0 ]*( 1+2 )??f( x,where:y ) "), "param x: f64 = -a.b[0] * (1 + 2) ?? f(x, where: y)\n");
  EXPECT_EQ(formatted("fn f(x: i64)->i64=\nif x>1 and\n y then 1\nelse 2"),
            "fn f(x: i64) -> i64 =\n  if x > 1\n    and y then 1\n  else 2\n");
  EXPECT_EQ(formatted("fn f(x: E)->i64 = match x {\na|b=>1,\nccc=>2}"),
            "fn f(x: E) -> i64 =\n  match x {\n    a | b => 1,\n    ccc   => 2,\n  }\n");
  EXPECT_EQ(formatted("param x: string = \"a{ f( \"b\" ) }c\""), "param x: string = \"a{ f( \"b\" ) }c\"\n");
  EXPECT_EQ(formatted("param x: list<list<i64>>= []"), "param x: list<list<i64>> = []\n");
}

TEST(Format, Neighbours) {
  EXPECT_EQ(formatted("param a: i64 = 1\nparam bbb: string = 'x'\n\n\n\nparam c: i64\n"),
            "param a:   i64    = 1\nparam bbb: string = 'x'\n\nparam c: i64\n");
  EXPECT_EQ(formatted("sink a to file {p: 1}\nsink bb as c to kafka {p: 2}\nsink ddd to discard"),
            "sink a   to file  { p: 1 }\nsink bb as c to kafka { p: 2 }\nsink ddd to discard\n");
}

TEST(Format, Comments) {
  check_sound("// only a comment");
  check_sound("");
  check_sound("stream a = b // one\n // two\n |> filter // three\n x // four\n + // five\n y\n // six\n");
  check_sound("type T { // a\n // b\n a // c\n : // d\n i64 // e\n , // f\n // g\n }\n");
  check_sound("enum E { a // x\n}");
  check_sound("enum E { a // x\n // y\n , b /// z\n , c }");
  check_sound("test 'x' { // a\n feed s [ // b\n { a: 1 } // c\n , // d\n ] // e\n // f\n }");
  check_sound("param p: list< // a\n i64 // b\n >= // c\n [ // d\n ] // e");
  check_sound("aggregate a(x: i64) -> i64 { state { n: i64 = 0 } // s\n add { n } merge o { n } // m\n result n // r\n }");
  EXPECT_EQ(formatted("stream a = b // c\n\n\n// d\n\n|> filter x // e\n|> latest // long\n"),
            "stream a = b  // c\n\n  // d\n\n  |> filter x  // e\n  |> latest    // long\n");
  EXPECT_EQ(formatted("use 'x' { fn f // c\n }"), "use 'x' {\n  fn f,  // c\n}\n");
}

}  // namespace
}  // namespace gress::dsl
