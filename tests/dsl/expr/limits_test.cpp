// Programs that are written to hurt: nothing overflows the stack, nothing takes longer than its length.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/dsl/expr/harness.h"

namespace gress::dsl::test {

namespace {

std::string repeated(const std::string& text, int count, const std::string& between) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i == 0 ? "" : between) + text;
  return out;
}

std::string nested(const std::string& open, const std::string& inner, const std::string& close, int depth) {
  std::string out = inner;
  for (int i = 0; i < depth; ++i) out = open + out + close;
  return out;
}

double milliseconds(Harness& h, const std::string& text, bool good = true) {
  const auto begin = std::chrono::steady_clock::now();
  h.run(text);
  const auto end = std::chrono::steady_clock::now();
  EXPECT_EQ(!h.diagnostics->has_errors(), good) << text.substr(0, 60);
  return std::chrono::duration<double, std::milli>(end - begin).count();
}

}  // namespace

TEST(Limits, LongAndDeepExpressions) {
  Harness h;
  const std::string texts[] = {
      repeated("a", 900, " + "),
      repeated("1", 900, " + "),
      repeated("ok", 900, " and "),
      repeated("felt is not null", 900, " or "),
      repeated("felt is not null and felt > 1", 400, " and "),
      repeated("felt", 900, " ?? "),
      "a in [" + repeated("1", 5000, ", ") + "]",
      repeated("if ok then 1 else", 900, " ") + " 2",
      repeated("if ok then 1 else", 900, " ") + " d",
      nested("(", "a", ")", 60),
      nested("not ", "ok", "", 90),
      nested("max(", "1", ", 2)", 60),
      nested("max(a, ", "1", ")", 60),
      nested("upper(", "s", ")", 60),
      "xs == [" + repeated("1", 2000, ", ") + "]",
      nested("if (1 in [", "1", "]) then 1 else 2", 25),
      nested("(if (", "a", " in xs) then 1 else 2)", 35),
      nested("max(if ", "a", " > 0 then 1 else 2, 3)", 40),
      "s == " + nested("fail(\"{", "s", "}\")", 25),
      nested("\"{", "s", "}\"", 50),
  };
  for (const std::string& text : texts) {
    h.files.clear();
    EXPECT_LT(milliseconds(h, text), 2000) << text.substr(0, 60);
  }
}

}  // namespace gress::dsl::test
