#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "dsl/source/utf8.h"
#include "tests/dsl/syntax/support.h"

namespace gress::dsl {
namespace {

TEST(Source, PositionsCountCodePoints) {
  const SourceFile file("f", "ab\n\xC3\xA9x\r\n\nlast");
  EXPECT_EQ(file.line_count(), 4u);
  EXPECT_EQ(file.line(2), "\xC3\xA9x");
  EXPECT_EQ(file.line(4), "last");
  EXPECT_EQ(file.line(9), "");
  EXPECT_EQ(file.position(5).line, 2u);
  EXPECT_EQ(file.position(5).column, 2u);
  EXPECT_EQ(file.position(1000).line, 4u);
  EXPECT_EQ(file.position(2).column, 3u);
}

TEST(Diagnostics, TheListIsConsistent) {
  for (const CodeInfo& code : all_codes()) {
    EXPECT_EQ(find_code(code.id), &info(code.code));
    EXPECT_EQ(code.id[0] == 'E', code.severity == Severity::error) << code.id;
    EXPECT_EQ(code.id.size(), 5u);
  }
  EXPECT_EQ(find_code("e0101")->id, "E0101");
  EXPECT_EQ(find_code("E01"), nullptr);
  EXPECT_EQ(find_code(""), nullptr);
}

TEST(Diagnostics, OneReportAPlace) {
  Diagnostics diagnostics;
  diagnostics.report(Code::E0101, {0, 5, 6}, "first").note("kept");
  diagnostics.report(Code::E0101, {0, 5, 6}, "again").note("lost");
  diagnostics.report(Code::W0102, {0, 1, 2}, "warning");
  diagnostics.report(Code::E0101, {0, 5, 7}, "elsewhere");
  EXPECT_EQ(diagnostics.error_count(), 2u);
  EXPECT_EQ(diagnostics.warning_count(), 1u);
  diagnostics.sort();
  ASSERT_EQ(diagnostics.all().size(), 3u);
  EXPECT_EQ(diagnostics.all()[0].message, "warning");
  EXPECT_EQ(diagnostics.all()[1].notes.size(), 1u);
}

TEST(Diagnostics, Nearest) {
  constexpr std::string_view words[] = {"stream", "sink", "source", "origin", "key"};
  EXPECT_EQ(nearest("strem", words), "stream");
  EXPECT_EQ(nearest("orgiin", words), "origin");
  EXPECT_EQ(nearest("Stream", words), "stream");
  EXPECT_EQ(nearest("kye", words), "key");
  EXPECT_EQ(nearest("sinks", words), "sink");
  EXPECT_EQ(nearest("banana", words), "");
  EXPECT_EQ(nearest("ab", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest(std::string(100000, 'a'), words), "");
}

struct Rendered {
  SourceManager sources;
  Diagnostics diagnostics;
  FileId file;
  explicit Rendered(std::string text) : file(sources.add("a.gress", std::move(text))) {}
  std::string human(bool colour = false) const { return render(diagnostics, sources, MessageFormat::human, colour); }
};

TEST(Render, LabelsOfOneLine) {
  Rendered r("|> join a on b within 5m retain 1d\n");
  r.diagnostics.report(Code::E0119, {r.file, 25, 34}, "a second bound")
      .under("this one")
      .at({r.file, 15, 24}, "the first is here")
      .at({r.file, 3, 7}, "of this join")
      .note("two\nlines")
      .help("remove one")
      .fix("remove `retain`", {r.file, 24, 34}, "");
  EXPECT_EQ(r.human(),
            "error[E0119]: a second bound\n"
            " --> a.gress:1:26\n"
            "  |\n"
            "1 | |> join a on b within 5m retain 1d\n"
            "  |    ----        --------- ^^^^^^^^^ this one\n"
            "  |    |           |\n"
            "  |    |           the first is here\n"
            "  |    of this join\n"
            "  |\n"
            "  = note: two\n"
            "          lines\n"
            "  = help: remove one\n"
            "  = help: remove `retain`\n"
            "  |\n"
            "1 | |> join a on b within 5m\n"
            "\n");
}

TEST(Render, SeveralLinesAndFiles) {
  Rendered r("one\ntwo\nthree\nfour\nfive\nsix {\n  seven\n}\n");
  const FileId other = r.sources.add("b.gress", "elsewhere\n");
  r.diagnostics.report(Code::E0101, {r.file, 24, 39}, "message")
      .under("all of it")
      .at({r.file, 0, 3}, "first")
      .at({r.file, 8, 13}, "third")
      .at({other, 0, 9}, "there");
  EXPECT_EQ(r.human(),
            "error[E0101]: message\n"
            " --> a.gress:6:1\n"
            "  |\n"
            "1 | one\n"
            "  | --- first\n"
            "2 | two\n"
            "3 | three\n"
            "  | ----- third\n"
            "...\n"
            "6 | six {\n"
            "  | ^^^^^\n"
            "7 |   seven\n"
            "8 | }\n"
            "  | ^ all of it\n"
            " ::: b.gress:1:1\n"
            "  |\n"
            "1 | elsewhere\n"
            "  | --------- there\n"
            "\n");
}

TEST(Render, TabsWideAndBrokenText) {
  Rendered r("\t\xE4\xB8\xAD\xE6\x96\x87 e\xCC\x81 x \xFF y\n");
  r.diagnostics.report(Code::E0101, {r.file, 12, 13}, "at x");
  EXPECT_EQ(r.human(),
            "error[E0101]: at x\n --> a.gress:1:8\n  |\n"
            "1 |     \xE4\xB8\xAD\xE6\x96\x87 e x \xEF\xBF\xBD y\n"
            "  |            ^\n\n");
}

TEST(Render, LongLinesAreCut) {
  Rendered r(std::string(5000, 'a') + " here " + std::string(5000, 'b'));
  r.diagnostics.report(Code::E0101, {r.file, 5001, 5005}, "long").under("label");
  const std::string out = r.human();
  EXPECT_LT(out.size(), 700u);
  EXPECT_NE(out.find(" here "), std::string::npos);
  EXPECT_NE(out.find("^^^^ label"), std::string::npos);
}

TEST(Render, OfLabelsFarApartThePrimaryIsSeen) {
  Rendered r("first" + std::string(300, 'x') + "here" + std::string(300, 'y') + "\n");
  r.diagnostics.report(Code::E0101, {r.file, 305, 309}, "long").under("label").at({r.file, 0, 5}, "the first");
  EXPECT_EQ(r.human(), "error[E0101]: long\n --> a.gress:1:306\n  |\n1 | …" + std::string(30, 'x') + "here" + std::string(106, 'y') + "…\n  | -" +
                           std::string(30, ' ') + "^^^^ label\n  | |\n  | the first\n\n");
}

TEST(Render, OddRangesDoNotCrash) {
  Rendered r("a\n");
  r.diagnostics.report(Code::E0101, {r.file, 2, 2}, "at the end");
  r.diagnostics.report(Code::E0101, {r.file, 500, 900}, "beyond");
  r.diagnostics.report(Code::E0102, {77, 0, 0}, "no such file").at({78, 1, 2}, "nor this");
  EXPECT_NE(r.human(true).find("no such file"), std::string::npos);
  render(r.diagnostics, r.sources, MessageFormat::short_, false);
  render(r.diagnostics, r.sources, MessageFormat::json, false);
}

TEST(Render, ColoursOnlyWhenAsked) {
  Rendered r("abc\n");
  r.diagnostics.report(Code::E0101, {r.file, 0, 1}, "m").under("l");
  EXPECT_EQ(r.human(false).find('\x1b'), std::string::npos);
  EXPECT_NE(r.human(true).find("\x1b[1;31m"), std::string::npos);
}

TEST(Render, ShortAndJson) {
  Rendered r("ab\ncd\n");
  r.diagnostics.report(Code::E0101, {r.file, 3, 5}, "say \"x\"\t\xFF")
      .under("u")
      .at({r.file, 0, 1}, "l")
      .note("n")
      .help("h")
      .fix("f", {r.file, 3, 4}, "z");
  EXPECT_EQ(render(r.diagnostics, r.sources, MessageFormat::short_, false),
            "a.gress:2:1: error[E0101]: say \"x\"\t\xEF\xBF\xBD\n");
  const auto json = nlohmann::json::parse(render(r.diagnostics, r.sources, MessageFormat::json, false));
  EXPECT_EQ(json["code"], "E0101");
  EXPECT_EQ(json["severity"], "error");
  EXPECT_EQ(json["line"], 2);
  EXPECT_EQ(json["end_column"], 3);
  EXPECT_EQ(json["labels"][0]["text"], "l");
  EXPECT_EQ(json["fixes"][0]["replacement"], "z");
  EXPECT_EQ(json["message"], "say \"x\"\t\xEF\xBF\xBD");
}

TEST(Utf8, Decodes) {
  std::size_t at = 0;
  EXPECT_EQ(decode_utf8("\xF0\x9F\x98\x80", at), 0x1F600u);
  EXPECT_EQ(at, 4u);
  for (std::string_view bad : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80", "\xE2\x82"}) {
    at = 0;
    EXPECT_EQ(decode_utf8(bad, at), invalid_utf8);
    EXPECT_EQ(at, 1u);
  }
}

}  // namespace
}  // namespace gress::dsl
