// Straight patterns against RE2: by hand, and random patterns on random texts.
#include "runtime/core/straight_regex.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>
#include <string>
#include <vector>

namespace gress::fn {
namespace {

using Found = StraightRegex::Found;

TEST(StraightRegex, takes_patterns_without_choice_only) {
  for (const char* pattern : {"abc", "(&|^)channel_id=([^&]*)", "^/[a-z]+/([0-9]+)$", "^a?b", R"(\d+-\d+)", "[^,]+,", "x(?<n>[a-f]*)y",
                              R"(v\.(\w+))", "(?:ab)c", "(a|[bc]|d)x", "id=()", ".;"})
    EXPECT_TRUE(StraightRegex::from(pattern).has_value()) << pattern;
  for (const char* pattern : {"", "a*", "a?b", "ab|cd", "a*ab", "(ab)*", "a+?b", "a{2}", "(?i)a", R"(\bx)", "[[:alpha:]]", "é", "a^b", "a$b", "(^|a)a",
                              ".*x", "[a-]", R"(\Qa\E)", "a**", "x(a|)", "^*", R"(\pL)"})
    EXPECT_FALSE(StraightRegex::from(pattern).has_value()) << pattern;
}

TEST(StraightRegex, finds_the_first_match_and_its_groups) {
  const auto re = StraightRegex::from("(&|^)id=([^&]*)");
  std::string_view groups[3];
  ASSERT_EQ(re->find("http?x=1&id=77&id=8", groups, 3), Found::yes);
  EXPECT_EQ(groups[0], "&id=77");
  EXPECT_EQ(groups[1], "&");
  EXPECT_EQ(groups[2], "77");
  ASSERT_EQ(re->find("id=", groups, 3), Found::yes);
  EXPECT_EQ(groups[1], "");
  EXPECT_NE(groups[1].data(), nullptr);
  EXPECT_EQ(re->find("xid=1", groups, 3), Found::no);
  EXPECT_EQ(re->find("", groups, 3), Found::no);
  EXPECT_EQ(re->find("&id=\xc3\xa4", groups, 3), Found::other);
}

TEST(StraightRegex, tries_that_fail_late_are_given_up) {
  const std::string text(100'000, 'a');
  EXPECT_EQ(StraightRegex::from("[a-z]+;")->find(text, nullptr, 0), Found::other);
}

struct Random {
  std::mt19937 bits{7};
  std::size_t below(std::size_t n) { return bits() % n; }
  std::string of(const std::vector<std::string>& parts, std::size_t most) {
    std::string out;
    for (std::size_t n = below(most + 1); n-- != 0;) out += parts[below(parts.size())];
    return out;
  }
};

TEST(StraightRegex, agrees_with_re2) {
  Random random;
  const std::vector<std::string> pieces = {"a",  "b",   "c",   "ab",      "&",     "=",       ".",    "[ab]", "[^a]", "[^&]", "[a-c]", "\\d",
                                           "\\s", "\\W", "\\.", "(",       ")",     "(?:",     "(&|^)", "(a|b)", "*",  "+",    "?",     "$",
                                           "^",  "1",   "[^\\n]", "[\\d,]", "(?P<n>", "(a|^|b)", "\\D",  "x"};
  const std::vector<std::string> letters = {"a", "b", "c", "&", "=", "1", ".", "x", "\n", " ", "\xc3\xa4", "\xff", ",", "ab"};
  re2::RE2::Options options;
  options.set_log_errors(false);
  int straight = 0, matched = 0;
  for (int k = 0; k != 60'000; ++k) {
    const std::string pattern = random.of(pieces, 7);
    const auto re = StraightRegex::from(pattern);
    if (!re) continue;
    const re2::RE2 expected(pattern, options);
    if (!expected.ok()) continue;
    ++straight;
    const int count = 1 + expected.NumberOfCapturingGroups();
    for (int i = 0; i != 20; ++i) {
      const std::string text = random.of(letters, 12);
      std::vector<std::string_view> groups(static_cast<std::size_t>(count));
      std::vector<re2::StringPiece> wanted(static_cast<std::size_t>(count));
      const Found found = re->find(text, groups.data(), groups.size());
      if (found == Found::other) continue;
      ASSERT_EQ(found == Found::yes, expected.Match(text, 0, text.size(), re2::RE2::UNANCHORED, wanted.data(), count)) << pattern << "\n" << text;
      if (found == Found::no) continue;
      ++matched;
      for (std::size_t g = 0; g != groups.size(); ++g) {
        ASSERT_EQ(groups[g].data(), wanted[g].data()) << pattern << "\n" << text << "\n" << g;
        ASSERT_EQ(groups[g].size(), wanted[g].size()) << pattern << "\n" << text << "\n" << g;
      }
    }
  }
  EXPECT_GT(straight, 1000);
  EXPECT_GT(matched, 5000);
}

}  // namespace
}  // namespace gress::fn
