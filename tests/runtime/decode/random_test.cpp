// Inputs of mostly usual records, some of them damaged at random, decoded the quick and the complete way.
#include <gtest/gtest.h>

#include <random>

#include "tests/runtime/decode/compare.h"

namespace gress::testing {
namespace {

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  int below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
  template <std::size_t N>
  std::string one_of(const char* const (&texts)[N]) { return texts[below(static_cast<int>(N))]; }

 private:
  std::mt19937 engine_;
};

std::string number(Random& r) {
  static constexpr const char* kOdd[] = {"0", "-0", "0.5", "-1.25", "1e3", "1E-2", "12345678901234567890", "9007199254740993", "0.1234567890123456789", "-9223372036854775808", "00", "01", "1.", ".5", "-", "1e", "+1", "NaN", "null", "true", "\"1\"", "1 ", ""};
  if (r.below(8) == 0) return r.one_of(kOdd);
  std::string s = r.below(3) == 0 ? "-" : "";
  s += std::to_string(r.below(r.below(2) == 0 ? 100 : 1000000000));
  if (r.below(2) == 0) s += "." + std::to_string(r.below(100000));
  return s;
}
std::string whole(Random& r) {
  return r.below(6) == 0 ? number(r) : std::to_string(r.below(100000) - 50000);
}
std::string text(Random& r) {
  static constexpr const char* kOdd[] = {"", "a \\n b", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "caf\xc3\xa9", "\xc2\xa2\xd0\xac\xc2\x8a", "\xe2\x82\xac", "\xd7\x9c\xc2\x8d", "\xe2\x82", "\\", "\t", "a text of more than sixteen bytes", "fifteen bytes !", "sixteen bytes !!", "a,b", "a}b", "[\\\"x\\\"]"};
  return r.below(6) == 0 ? r.one_of(kOdd) : "t" + std::to_string(r.below(100000));
}
std::string time(Random& r) {
  static constexpr const char* kOdd[] = {"2026-02-29T00:00:00Z", "2024-02-29T23:59:59Z", "1969-12-31T23:59:59Z", "2300-01-01T00:00:00Z", "2026-01-01T00:00:00+02:00", "2026-01-01 00:00:00z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00", "x026-01-01T00:00:00Z", "", "1700000000000"};
  if (r.below(5) == 0) return r.one_of(kOdd);
  char buffer[64];
  int n = std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02d", 1970 + r.below(200), 1 + r.below(12), 1 + r.below(31), r.below(24), r.below(60), r.below(60));
  const int digits = r.below(8);
  for (int i = 0; i != digits; ++i) buffer[n++] = i == 0 ? '.' : static_cast<char>('0' + r.below(10));
  buffer[n++] = 'Z';
  return std::string(buffer, static_cast<std::size_t>(n));
}

std::string quake(Random& r, int shape) {
  const auto q = [](std::string s) { return "\"" + s + "\""; };
  const std::string sp = shape % 2 == 0 ? "" : " ";
  static constexpr const char* kStatus[] = {"automatic", "reviewed", "a name that is longer than most", "no such"};
  std::string s = "{" + sp + "\"id\":" + sp + q(text(r)) + ",\"time\":" + sp + (shape % 3 == 0 ? q(time(r)) : whole(r));
  if (shape != 1) s += ",\"extra\":{\"deep\":[1,\"x\"," + whole(r) + "],\"t\":" + (r.below(2) == 0 ? "true" : number(r)) + "}";
  s += ",\"mag\":" + number(r) + ",\"status\":" + q(kStatus[r.below(r.below(9) == 0 ? 4 : 3)]);
  s += ",\"position\":{\"lon\":" + number(r) + sp + ",\"lat\":" + number(r) + "}";
  if (shape < 3) s += ",\"felt\":" + (r.below(2) == 0 ? "null" : whole(r));
  if (shape == 2) s += ",\"source\":{\"agency\":" + q(text(r)) + "}";
  if (shape == 3) s += ",\"source\":null";
  return s + "}";
}

void damage(Random& r, std::string& s) {
  static constexpr char kBytes[] = "\"\\{}[]:,\n\r\t 019-.eE+nulltrue\x00\x7f\x80\xc3\xff\xa2\xac\x8a'";
  for (int n = 1 + r.below(3); n != 0 && !s.empty(); --n) {
    const auto at = static_cast<std::size_t>(r.below(static_cast<int>(s.size())));
    const char c = kBytes[r.below(sizeof kBytes - 1)];
    switch (r.below(4)) {
      case 0: s[at] = c; break;
      case 1: s.erase(at, static_cast<std::size_t>(1 + r.below(4))); break;
      case 2: s.insert(at, 1, c); break;
      default: s += s.substr(at, 12);
    }
  }
}
std::string line_end(Random& r, int kind) { return kind == 0 || r.below(20) == 0 ? "\n" : kind == 1 ? "\r\n" : r.below(2) == 0 ? "\n" : "\r\n"; }
std::size_t any_piece(Random& r) { return r.below(3) == 0 ? 0 : static_cast<std::size_t>(1 + r.below(4000)); }

TEST(RandomJson, QuickAndCompleteAgree) {
  for (unsigned seed = 0; seed != 400; ++seed) {
    Random r(seed);
    std::string input;
    const int shapes = 1 + r.below(4), first = r.below(4), ends = r.below(3), damaged = r.below(3) == 0 ? 0 : 3 + r.below(30);
    for (int i = r.below(400); i != 0; --i) {
      std::string s = quake(r, (first + r.below(shapes)) % 4);
      if (damaged != 0 && r.below(damaged) == 0) damage(r, s);
      input += s + line_end(r, ends);
    }
    if (r.below(2) == 0) input += quake(r, 0).substr(0, static_cast<std::size_t>(r.below(200)));
    ASSERT_EQ(compare_json<QuakeSchema>(input, any_piece(r)), "") << "seed " << seed;
    ASSERT_EQ(compare_json<EverySchema>(input, any_piece(r)), "") << "seed " << seed;
    ASSERT_EQ(compare_well_formed(input), "") << "seed " << seed;
  }
}

TEST(RandomJson, EveryKind) {
  for (unsigned seed = 0; seed != 200; ++seed) {
    Random r(seed);
    std::string input;
    for (int i = r.below(200); i != 0; --i) {
      std::string s = "{\"b\":" + std::string(r.below(2) == 0 ? "true" : "false") + ",\"i\":" + whole(r) + ",\"f\":" + number(r) + ",\"d\":" +
                      (r.below(2) == 0 ? number(r) : "\"" + number(r) + "\"") + ",\"bytes\":\"aGVsbG8=\",\"span\":\"PT" + std::to_string(r.below(100)) +
                      "M\",\"uuid\":\"00112233-4455-6677-8899-aabbccddeeff\",\"list\":[" + whole(r) + (r.below(3) == 0 ? "" : ",2") +
                      "],\"map\":{\"k\":" + whole(r) + "},\"points\":[{\"x\":" + number(r) + "}],\"point\":" + (r.below(2) == 0 ? "null" : "{\"x\":1,\"y\":" + number(r) + "}") +
                      ",\"seconds\":" + whole(r) + (seed % 2 == 0 ? ",\"standing\":" + whole(r) : "") + ",\"note\":\"" + text(r) + "\",\"checked\":" + whole(r) + "}";
      if (r.below(20) == 0) damage(r, s);
      input += s + "\n";
    }
    ASSERT_EQ(compare_json<EverySchema>(input, any_piece(r)), "") << "seed " << seed;
    ASSERT_EQ(compare_well_formed(input), "") << "seed " << seed;
  }
}

TEST(RandomCsv, QuickAndCompleteAgree) {
  for (unsigned seed = 0; seed != 400; ++seed) {
    Random r(seed);
    const int ends = r.below(3), damaged = r.below(3) == 0 ? 0 : 3 + r.below(30);
    std::string input = "destination,delay,x,scheduled,origin,distance" + line_end(r, ends);
    for (int i = r.below(400); i != 0; --i) {
      const auto field = [&](std::string s) { return r.below(30) == 0 ? "\"" + s + "\"" : s; };
      std::string s = field(text(r)) + "," + field(whole(r)) + "," + text(r) + "," + field(time(r)) + "," + field(text(r)) + "," + whole(r);
      if (damaged != 0 && r.below(damaged) == 0) damage(r, s);
      input += s + line_end(r, ends);
    }
    ASSERT_EQ(compare_csv<FlightSchema>(input, any_piece(r)), "") << "seed " << seed;
  }
}

TEST(RandomCsv, EveryKind) {
  for (unsigned seed = 0; seed != 200; ++seed) {
    Random r(seed);
    std::string input = "b,i,f,d,bytes,span,uuid,y,seconds,note";
    if (seed % 2 == 0) input += ",standing";
    input += "\n";
    for (int i = r.below(300); i != 0; --i) {
      std::string s = std::string(r.below(2) == 0 ? "true" : "False") + "," + whole(r) + "," + number(r) + "," + number(r) + ",aGk=,PT" + std::to_string(r.below(100)) +
                      "S,00112233-4455-6677-8899-aabbccddeeff," + (r.below(2) == 0 ? "" : number(r)) + "," + whole(r) + "," + (r.below(2) == 0 ? "" : text(r));
      if (seed % 2 == 0) s += "," + whole(r);
      if (r.below(20) == 0) damage(r, s);
      input += s + "\n";
    }
    ASSERT_EQ(compare_csv<FlatSchema>(input, any_piece(r)), "") << "seed " << seed;
  }
}

}  // namespace
}  // namespace gress::testing
