#include "runtime/core/regex_fn.h"
#include "tests/runtime/values/table.h"

namespace gress {
namespace {

using namespace test;
using fn::Regex;

TEST(Regex, named_groups_of_both_kinds) {
  EXPECT_EQ(fn::re2_pattern("(?<a>x)(?P<b>y)"), "(?P<a>x)(?P<b>y)");
  EXPECT_EQ(fn::re2_pattern(R"(\(?<a>)"), R"(\(?<a>)");
  EXPECT_EQ(fn::re2_pattern(R"(\\(?<a>x))"), R"(\\(?P<a>x))");
  EXPECT_EQ(fn::re2_pattern("[(?<a>]"), "[(?<a>]");
  EXPECT_EQ(fn::re2_pattern("[]](?<a>x)"), "[]](?P<a>x)");
  EXPECT_EQ(fn::re2_pattern("[](?<a>]"), "[](?<a>]");
  EXPECT_EQ(fn::re2_pattern("[^](?<a>](?<b>x)"), "[^](?<a>](?P<b>x)");
  EXPECT_EQ(fn::re2_pattern("[[:alpha:](?<a>](?<b>x)"), "[[:alpha:](?<a>](?P<b>x)");
  EXPECT_EQ(fn::re2_pattern(R"([\]](?<a>x))"), R"([\]](?P<a>x))");
  EXPECT_EQ(fn::re2_pattern(R"(\Q(?<a>\E(?<b>x))"), R"(\Q(?<a>\E(?P<b>x))");
  EXPECT_EQ(fn::re2_pattern(R"(\Q(?<a>)"), R"(\Q(?<a>)");
  EXPECT_EQ(fn::re2_pattern("(?<=x)(?<!y)"), "(?<=x)(?<!y)");
  EXPECT_EQ(fn::re2_pattern("\\"), "\\");
  EXPECT_EQ(fn::re2_pattern("[(?<"), "[(?<");
}

TEST(Regex, matches_anywhere) {
  Eval ev;
  const Regex re("b+");
  EXPECT_TRUE(fn::regex_matches(ev, Text("aabb"), re));
  EXPECT_FALSE(fn::regex_matches(ev, Text("aa"), re));
  EXPECT_TRUE(fn::regex_matches(ev, Text(""), Regex("^$")));
  EXPECT_TRUE(fn::regex_matches(ev, Exact("a long text with Zürich in it").text, Regex("Z.rich")));
}

TEST(Regex, replace) {
  Eval ev;
  const auto replace = [&](std::string_view s, std::string_view re, std::string_view by) {
    const Exact a(s), b(by);
    return string(fn::regex_replace(ev, a.text, Regex(re), b.text));
  };
  EXPECT_EQ(replace("a1b22", "[0-9]+", "#"), "a#b#");
  EXPECT_EQ(replace("john smith", R"((\w+) (\w+))", R"(\2, \1)"), "smith, john");
  EXPECT_EQ(replace("abc", "b", R"([\0\\])"), "a[b\\]c");
  EXPECT_EQ(replace("abc", "x", "y"), "abc");
  EXPECT_EQ(replace("abc", "", "-"), "-a-b-c-");
  EXPECT_EQ(replace("äb", "", "-"), "-ä-b-");
  EXPECT_EQ(replace("baaac", "a*", "x"), "xbxcx");
  EXPECT_EQ(replace("", "", "x"), "x");
  EXPECT_EQ(replace("aaa", "a", ""), "");
  EXPECT_EQ(replace("a-b", "(x)|-", R"([\1])"), "a[]b");
  EXPECT_EQ(replace(std::string(500, 'a'), "a", "bb"), std::string(1000, 'b'));
  EXPECT_EQ(failure(ev), "");
  replace("abc", "b", R"(\1)");
  EXPECT_EQ(failure(ev), R"(regex_replace: "\\1" speaks of group 1, the pattern has 0)");
  replace("abc", "b", R"(\n)");
  EXPECT_EQ(failure(ev), R"(regex_replace: in "\\n" a backslash is followed by neither a digit nor a backslash)");
  replace("abc", "b", "\\");
  EXPECT_NE(failure(ev), "");
}

TEST(Regex, extract) {
  Eval ev;
  const Regex re(R"((?<user>\w+)@(\w+)(\.com)?)");
  const Exact mail("mail to somebody_with_a_name@example today");
  EXPECT_EQ(string(fn::regex_extract(ev, mail.text, re).value), "somebody_with_a_name@example");
  EXPECT_EQ(string(fn::regex_extract(ev, mail.text, re, 2).value), "example");
  EXPECT_FALSE(fn::regex_extract(ev, mail.text, re, 3).has);
  EXPECT_FALSE(fn::regex_extract(ev, Text("nobody"), re).has);
  EXPECT_TRUE(fn::regex_extract(ev, Text("x"), Regex("y*")).has);
  EXPECT_EQ(failure(ev), "");
  fn::regex_extract(ev, mail.text, re, 4);
  EXPECT_EQ(failure(ev), "regex_extract: no group 4, the pattern has 3");
  fn::regex_extract(ev, mail.text, re, -1);
  EXPECT_EQ(failure(ev), "regex_extract: no group -1, the pattern has 3");
}

TEST(Regex, captures_named_groups_in_order) {
  Eval ev;
  const Regex re(R"((?<b>\d+)-(\d)-(?<a>\w+)(?P<c>!)?)");
  Opt<Text> out[3];
  ASSERT_TRUE(fn::regex_capture(ev, Text("12-3-xy"), re, out, 3));
  EXPECT_EQ(string(out[0].value), "12");
  EXPECT_EQ(string(out[1].value), "xy");
  EXPECT_FALSE(out[2].has);
  EXPECT_FALSE(fn::regex_capture(ev, Text("12-"), re, out, 3));
  std::string many;
  for (int i = 0; i != 20; ++i) many += "(?<g" + std::to_string(i) + ">.)";
  Opt<Text> groups[20];
  ASSERT_TRUE(fn::regex_capture(ev, Text("abcdefghijklmnopqrst"), Regex(many), groups, 20));
  EXPECT_EQ(string(groups[19].value), "t");
}

TEST(Regex, patterns_of_the_data) {
  Eval ev;
  EXPECT_TRUE(fn::regex_matches(ev, Text("abc"), fn::dynamic_regex(ev, Text("b"))));
  const Regex* again = &fn::dynamic_regex(ev, Text("b"));
  for (int i = 0; i != 31; ++i) {
    fn::dynamic_regex(ev, Text(std::to_string(i)));
    EXPECT_EQ(&fn::dynamic_regex(ev, Text("b")), again);
  }
  for (int i = 0; i != 200; ++i) {
    const Text x(std::to_string(i));
    EXPECT_TRUE(fn::regex_matches(ev, x, fn::dynamic_regex(ev, x)));
  }
  EXPECT_EQ(failure(ev), "");
  EXPECT_FALSE(fn::regex_matches(ev, Text("a"), fn::dynamic_regex(ev, Text("("))));
  EXPECT_EQ(failure(ev), "no regular expression: \"(\": missing ): (");
}

}  // namespace
}  // namespace gress
