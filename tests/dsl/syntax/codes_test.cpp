// Every code of the lexer and the parser: one text that gives it, and nothing else.
#include <gtest/gtest.h>

#include <set>

#include "tests/dsl/syntax/support.h"

namespace gress::dsl {
namespace {

struct Case {
  std::string_view code;
  std::string text;
};

std::vector<Case> cases() {
  return {
      {"E0101", "stream = x"},
      {"E0101", "stream s = x |> filter a ? b : c"},
      {"E0101", "stream s = x |> filter a is 3"},
      {"E0101", "stream s = x |> filter a not 3"},
      {"E0101", "stream s = x |> extend { *, a: 1 }"},
      {"E0101", "stream s = x |> filter count(*) > 1"},
      {"E0101", "stream s = x |> filter a group by b"},
      {"E0101", "stream s = x |> rename { a.b }"},
      {"E0101", "|> filter x"},
      {"E0101", "param x: string[]"},
      {"E0101", "param x: list"},
      {"E0101", "stream s = x |> filter 1 + if a then 2 else 3"},
      {"E0102", "stream s = x |> filter a #"},
      {"E0103", "param x: string = \"abc"},
      {"E0104", "param x: string = \"\\d\""},
      {"E0105", "param x: string = \"\\u{110000}\""},
      {"E0106", "param x: i64 = 1__0"},
      {"E0107", "param x: duration = 5min"},
      {"E0108", "param x: duration = 999999999999d"},
      {"E0109", "param x: timestamp = @2026-02-30T00:00:00Z"},
      {"E0110", "// \xFF"},
      {"E0111", std::string("// \0", 4)},
      {"E0112", "param x: i64 = " + std::string(300, '(')},
      {"E0113", std::string(max_file_size + 1, ' ')},
      {"E0114", "type T { a: i64"},
      {"E0115", "stream s = x |> filter 1 < a < 3"},
      {"E0115", "stream s = x |> filter a is null is null"},
      {"E0116", "stream s = x |> filter a = 1"},
      {"E0116", "stream s = x | filter a"},
      {"E0116", "fn f(): i64 = 1"},
      {"E0116", "fn f(x: i64) -> i64 = match x { 1 -> 2 }"},
      {"E0116", "fn f(x: i64) -> i64 = match x { 1 ==> 2 }"},
      {"E0117", "let x = 1"},
      {"E0118", "stream s = x |> where a > 1"},
      {"E0118", "stream s = x |> right join b on c == d"},
      {"E0119", "stream s = x |> join b on c == d within 5m retain 1h"},
      {"E0119", "stream s = x |> latest retain 1h retain 2h"},
      {"E0119", "stream s = x |> in_order late_to a, b, c"},
      {"E0119", "stream s = x |> in_order late_to a late_to b"},
      {"E0119", "stream s = x |> join b on c == d within 5m late_to l late_to r"},
      {"E0120", "stream s = x |> distinct a"},
      {"E0120", "stream s = x |> top 3"},
      {"E0120", "stream s = x |> join b within 5m"},
      {"E0120", "stream s = x |> scan { n: i64 = 0 } emit { n }"},
      {"E0120", "stream s = x |> match { a: true } emit { a }"},
      {"E0120", "stream s = x |> match { a: true } within 1h"},
      {"E0120", "stream s = x |> scan { n: i64 = 0 } update { n } emit { n } then emit { n }"},
      {"E0121", "param x: i64\npipeline p"},
      {"E0121", "pipeline p\npipeline q"},
      {"E0122", "param x: string = \"{}\""},
      {"E0123", "use \"a{b}\" { fn f }"},
      {"E0124", "enum E {}"},
      {"E0124", "type T {}"},
      {"E0125", "fn f(a: bool) -> i64 = if a then 1"},
      {"E0126", "type T { null: i64 }"},
      {"E0127", "stream s = x |> select { a + 1 }"},
      {"E0128", "param x: i64?? = 1"},
      {"W0101", "// \xE2\x80\xAE"},
      {"W0102", "param x: i64\n/// nothing follows"},
      {"W0102", "stream s = x\n  /// no item\n  |> filter a"},
      {"W0103", "param x: string = \"[a-z]{3}\""},
  };
}

TEST(Codes, EachTextGivesItsCodeAlone) {
  for (const Case& one : cases()) {
    const Parsed parsed(one.text);
    EXPECT_EQ(parsed.codes(), one.code) << one.text.substr(0, 200) << '\n' << parsed.messages();
    parsed.human();
  }
}

TEST(Codes, EachCodeHasAText) {
  std::set<std::string_view> covered;
  for (const Case& one : cases()) covered.insert(one.code);
  for (const CodeInfo& code : all_codes()) {
    if (code.id.substr(1, 2) == "01") {
      EXPECT_TRUE(covered.contains(code.id)) << code.id << ' ' << code.slug;
    }
  }
}

TEST(Codes, MessagesKeepToTheHouseStyle) {
  for (const Case& one : cases()) {
    const Parsed parsed(one.text);
    for (const Diagnostic& diagnostic : parsed.diagnostics.all()) {
      const std::string& message = diagnostic.message;
      ASSERT_FALSE(message.empty());
      EXPECT_FALSE(message.ends_with('.')) << message;
      const bool name = message.starts_with("U+");
      EXPECT_TRUE(name || !(message[0] >= 'A' && message[0] <= 'Z') || message.starts_with("NUL")) << message;
    }
  }
}

}  // namespace
}  // namespace gress::dsl
