#include <gtest/gtest.h>

#include "tests/dsl/syntax/support.h"

namespace gress::dsl {
namespace {

struct Lexed {
  SourceManager sources;
  Diagnostics diagnostics;
  std::vector<Token> tokens;
  explicit Lexed(std::string text) {
    const FileId id = sources.add("t.gress", std::move(text));
    tokens = lex(sources, id, diagnostics);
  }
  /// Kinds and texts without places: "name:a integer:1 eof".
  std::string show() const {
    std::string out;
    for (const Token& token : tokens) {
      const std::string_view name = name_of(token.kind), text = sources.text(token.range);
      out += std::string(out.empty() ? "" : " ") + std::string(name);
      if (text != name && !text.empty()) out += ':' + std::string(text);
    }
    return out;
  }
  std::string codes() const {
    std::string out;
    for (const Diagnostic& d : diagnostics.all()) out += (out.empty() ? "" : " ") + std::string(info(d.code).id);
    return out;
  }
};

std::int64_t value(const std::string& text) {
  const Lexed lexed(text);
  EXPECT_EQ(lexed.codes(), "") << text;
  return lexed.tokens.at(0).value;
}

TEST(Lexer, Signs) {
  EXPECT_EQ(Lexed("a.b..c ?? d? |> => -> == != <= >= < > = % * / + -").show(),
            "name:a . name:b .. name:c ?? name:d ? |> => -> == != <= >= < > = % * / + - eof");
  EXPECT_EQ(Lexed("list<list<i64>>").show(), "name:list < name:list < name:i64 > > eof");
}

TEST(Lexer, Numbers) {
  EXPECT_EQ(Lexed("1 1_000 1.5 1e6 1.5E-3 0..2 l[0].x").show(),
            "integer:1 integer:1_000 real:1.5 real:1e6 real:1.5E-3 integer:0 .. integer:2 name:l [ integer:0 ] . "
            "name:x eof");
  EXPECT_EQ(Lexed("1__0").codes(), "E0106");
  EXPECT_EQ(Lexed("1_").codes(), "E0106");
  EXPECT_EQ(Lexed("1.5h").codes(), "E0106");
  EXPECT_EQ(Lexed("0xFF").codes(), "E0107");
}

TEST(Lexer, DurationsAndSizes) {
  EXPECT_EQ(value("100us"), 100);
  EXPECT_EQ(value("250ms"), 250'000);
  EXPECT_EQ(value("1h30m"), 5'400'000'000);
  EXPECT_EQ(value("1d12h30m15s250ms7us"), 131'415'250'007);
  EXPECT_EQ(value("64MB"), 64ll << 20);
  EXPECT_EQ(value("1_024KB"), 1ll << 20);
  EXPECT_EQ(value("3TB"), 3ll << 40);
  EXPECT_EQ(value("106751991d"), 106751991ll * 86'400'000'000);
  EXPECT_EQ(Lexed("106751992d").codes(), "E0108");
  EXPECT_EQ(Lexed("99999999999999999999d").codes(), "E0108");
  EXPECT_EQ(Lexed("8388608TB").codes(), "E0108");
  EXPECT_EQ(Lexed("30m1h").codes(), "E0106");
  EXPECT_EQ(Lexed("1h1h").codes(), "E0106");
  EXPECT_EQ(Lexed("1h30").codes(), "E0107");
  EXPECT_EQ(Lexed("5min").codes(), "E0107");
  EXPECT_EQ(Lexed("1w").codes(), "E0107");
  EXPECT_EQ(Lexed("0s..30m").show(), "duration:0s .. duration:30m eof");
}

TEST(Lexer, Timestamps) {
  EXPECT_EQ(value("@1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(value("@2026-01-31T12:00:00Z"), 1769860800000000);
  EXPECT_EQ(value("@2026-01-31T12:00:00+02:00"), 1769853600000000);
  EXPECT_EQ(value("@2026-01-31T12:00:00.25-00:30"), 1769862600250000);
  EXPECT_EQ(value("@1969-12-31T23:59:59.999999Z"), -1);
  EXPECT_EQ(value("@2024-02-29T00:00:00Z"), 1709164800000000);
  EXPECT_EQ(value("@2026-01-01T00:00:00.1234560Z"), 1767225600123456);
  for (const char* bad : {"@2026-02-29T00:00:00Z", "@2026-13-01T00:00:00Z", "@2026-01-01", "@2026-01-01T00:00:00",
                          "@2026-01-01T24:00:00Z", "@2026-1-1T00:00:00Z", "@", "@2026-01-01T00:00:00.1234567Z",
                          "@2026-01-01T00:00:00Zulu", "@2026-01-01T00:00:00+2:00"}) {
    EXPECT_EQ(Lexed(bad).codes(), "E0109") << bad;
  }
  EXPECT_EQ(Lexed("@2026-01-01T00:00:00Z-5m").show(), "timestamp:@2026-01-01T00:00:00Z - duration:5m eof");
}

TEST(Lexer, Text) {
  EXPECT_EQ(Lexed(R"("a{b}c")").show(),
            "string_begin:\" string_text:a interpolation_begin:{ name:b interpolation_end:} string_text:c "
            "string_end:\" eof");
  EXPECT_EQ(Lexed(R"("{f(w, "%H")}.jsonl")").codes(), "");
  EXPECT_EQ(Lexed(R"("{ {a: 1}.a }")").codes(), "");
  EXPECT_EQ(Lexed(R"("{"{"{x}"}"}")").codes(), "");
  EXPECT_EQ(Lexed(R"('^(?<ip>\S+) "x" {3}$')").show(), R"(raw_string:'^(?<ip>\S+) "x" {3}$' eof)");
  EXPECT_EQ(unescape(R"(\n\t\r\0\\\"\{\}\u{1F600})"), std::string("\n\t\r\0\\\"{}\xF0\x9F\x98\x80", 12));
  EXPECT_EQ(Lexed(R"("\d")").codes(), "E0104");
  EXPECT_EQ(Lexed(R"("\u{D800}")").codes(), "E0105");
  EXPECT_EQ(Lexed(R"("\u{110000}")").codes(), "E0105");
  EXPECT_EQ(Lexed(R"("\u1234")").codes(), "E0105");
}

TEST(Lexer, UnfinishedText) {
  for (const char* bad : {"\"abc\n1", "\"abc", "\"a{b\n1", "\"a{\"b\n1", "'abc\n1", "\"a{b // c}\"\n1", "\"", "\"{", "\"\\"}) {
    const Lexed lexed(bad);
    EXPECT_NE(lexed.codes().find("E0103"), std::string::npos) << bad;
    int texts = 0, interpolations = 0;
    for (const Token& token : lexed.tokens) {
      texts += (token.kind == TokenKind::string_begin) - (token.kind == TokenKind::string_end);
      interpolations += (token.kind == TokenKind::interpolation_begin) - (token.kind == TokenKind::interpolation_end);
    }
    EXPECT_EQ(texts, 0) << bad;
    EXPECT_EQ(interpolations, 0) << bad;
  }
  // The next line is lexed as if nothing had happened, Windows line ends too.
  EXPECT_EQ(Lexed("\"abc\r\nx").show(), "string_begin:\" string_text:abc string_end name:x eof");
}

TEST(Lexer, Comments) {
  const Lexed lexed("a // b\n/// doc\n//// no doc\n// c");
  EXPECT_EQ(lexed.show(), "name:a comment:// b doc_comment:/// doc comment://// no doc comment:// c eof");
  EXPECT_TRUE(lexed.tokens[0].line_start);
  EXPECT_FALSE(lexed.tokens[1].line_start);
  EXPECT_TRUE(lexed.tokens[2].line_start);
}

TEST(Lexer, Bytes) {
  EXPECT_EQ(Lexed("\xEF\xBB\xBFpipeline").show(), "name:pipeline eof");
  EXPECT_EQ(Lexed("a \xFF\xFE b").codes(), "E0110");
  EXPECT_EQ(Lexed("'\xC0\x80'").codes(), "E0110");
  EXPECT_EQ(Lexed("// \xED\xA0\x80").codes(), "E0110");
  EXPECT_EQ(Lexed(std::string("a \0 b", 5)).codes(), "E0111");
  EXPECT_EQ(Lexed(std::string("'\0'", 3)).codes(), "E0111");
  EXPECT_EQ(Lexed("'\x01'").codes(), "E0111");
  EXPECT_EQ(Lexed("'tab\tis fine'").codes(), "");
  EXPECT_EQ(Lexed("'\xE2\x80\xAE'").codes(), "W0101");
  EXPECT_EQ(Lexed("// \xE2\x81\xA6").codes(), "W0101");
  EXPECT_EQ(Lexed("#").codes(), "E0102");
  EXPECT_EQ(Lexed("h\xC3\xA9llo").show(), "name:h eof");
  EXPECT_EQ(Lexed(std::string(max_file_size + 1, ' ')).codes(), "E0113");
}

}  // namespace
}  // namespace gress::dsl
