#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "runtime/core/print_csv.h"
#include "runtime/core/print_json.h"
#include "tests/runtime/values/table.h"

namespace gress {

enum class Color : std::uint8_t { red, green };
template <>
struct EnumNames<Color> {
  static constexpr std::string_view names[] = {"red \"wine\"", "a rather long, green name"};
};

namespace {

using namespace test;

struct Point {
  std::int64_t x, y;
};
void json(Out& out, const Point& p) {
  out.write("{\"x\":");
  fn::json(out, p.x);
  out.write(",\"y\":");
  fn::json(out, p.y);
  out.put('}');
}

template <class T>
std::string in_json(const T& x) {
  Out out;
  fn::json(out, x);
  return std::string(out.view());
}
template <class T>
std::string in_csv(const T& x) {
  Out out;
  fn::csv(out, x);
  return std::string(out.view());
}
std::string json_of(std::string_view s) { return in_json(Exact(s).text); }
std::string csv_of(std::string_view s) { return in_csv(Exact(s).text); }

TEST(Json, numbers) {
  EXPECT_EQ(in_json(true), "true");
  EXPECT_EQ(in_json(false), "false");
  for (const auto& row : table("floats.tsv")) EXPECT_EQ(in_json(hex_double(row[0])), row[1]) << row[0];
  EXPECT_EQ(in_json(std::nan("")), "\"NaN\"");
  EXPECT_EQ(in_json(HUGE_VAL), "\"Infinity\"");
  EXPECT_EQ(in_json(-HUGE_VALF), "\"-Infinity\"");
  EXPECT_EQ(in_json(0.1f), "0.1");
  EXPECT_EQ(in_json(16777216.0f), "16777216");
  EXPECT_EQ(in_json(1e10f), "10000000000");
  EXPECT_EQ(in_json(3.4028235e38f), "3.4028235e38");
  EXPECT_EQ(in_json(decimal_literal(-4055, 2)), "-40.55");
  EXPECT_EQ(in_json(std::int32_t{-7}), "-7");
  std::mt19937_64 random(3);
  for (int bits = 0; bits != 64; ++bits) {
    for (int i = 0; i != 300; ++i) {
      const auto v = static_cast<std::int64_t>(random() >> bits);
      ASSERT_EQ(in_json(v), std::to_string(v));
      ASSERT_EQ(in_json(-v), std::to_string(-v));
    }
  }
  std::int64_t power = 1;
  for (int i = 0; i != 18; ++i, power *= 10) {
    EXPECT_EQ(in_json(power - 1), std::to_string(power - 1));
    EXPECT_EQ(in_json(power), std::to_string(power));
  }
  EXPECT_EQ(in_json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  for (int i = 0; i != 20000; ++i) {
    const std::uint64_t bits = random();
    double x;
    std::memcpy(&x, &bits, 8);
    if (x - x != 0) continue;
    ASSERT_EQ(std::strtod(in_json(x).c_str(), nullptr), x);
    const float f = static_cast<float>(i) * 0.37f;
    ASSERT_EQ(std::strtof(in_json(f).c_str(), nullptr), f);
  }
}

TEST(Json, text) {
  EXPECT_EQ(json_of(""), "\"\"");
  EXPECT_EQ(json_of("plain"), "\"plain\"");
  EXPECT_EQ(json_of("fifteen letters"), "\"fifteen letters\"");
  EXPECT_EQ(json_of("a \"quote\" \\ /"), R"("a \"quote\" \\ /")");
  EXPECT_EQ(json_of("\n\r\t\b\f"), R"("\n\r\t\b\f")");
  EXPECT_EQ(json_of(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(json_of("Zürich 日本 😀"), "\"Zürich 日本 😀\"");
  EXPECT_EQ(json_of("\xff"), "\"\uFFFD\"");
  EXPECT_EQ(json_of("a\xc3"), "\"a\uFFFD\"");
  EXPECT_EQ(json_of("\xe2\x82z"), "\"\uFFFDz\"");
  EXPECT_EQ(json_of("\xf0\x9f\x98z\xed\xa0\x80"), "\"\uFFFDz\uFFFD\uFFFD\uFFFD\"");
  EXPECT_EQ(json_of("\xc0\x80\xf5"), "\"\uFFFD\uFFFD\uFFFD\"");
  // Every odd byte at every place of texts of every length.
  for (std::size_t size = 1; size != 70; ++size) {
    for (std::size_t at = 0; at != size; ++at) {
      std::string text(size, 'x');
      text[at] = '"';
      ASSERT_EQ(json_of(text), "\"" + text.substr(0, at) + "\\" + text.substr(at) + "\"");
      text[at] = '\x02';
      ASSERT_EQ(json_of(text), "\"" + text.substr(0, at) + "\\u0002" + text.substr(at + 1) + "\"");
      text[at] = '\xfe';
      ASSERT_EQ(json_of(text), "\"" + text.substr(0, at) + "\uFFFD" + text.substr(at + 1) + "\"");
    }
  }
  EXPECT_EQ(json_of(std::string(5000, '\x01')).size(), 30002u);
}

TEST(Json, the_rest) {
  EXPECT_EQ(in_json(Uuid{0x123e4567e89b12d3, 0xa456426614174000}), "\"123e4567-e89b-12d3-a456-426614174000\"");
  for (const auto& [bytes, base64] : {std::pair{"", ""},
                                      {"f", "Zg=="},
                                      {"fo", "Zm8="},
                                      {"foo", "Zm9v"},
                                      {"foob", "Zm9vYg=="},
                                      {"fooba", "Zm9vYmE="},
                                      {"foobar", "Zm9vYmFy"},
                                      {"\xff\xfe", "//4="}})
    EXPECT_EQ(in_json(Bytes{Text(bytes)}), "\"" + std::string(base64) + "\"");
  EXPECT_EQ(in_json(Color::red), R"("red \"wine\"")");
  EXPECT_EQ(in_json(Opt<std::int64_t>()), "null");
  EXPECT_EQ(in_json(Opt<Text>(Text("x"))), "\"x\"");
  Out out;
  fn::json_timestamp(out, 0);
  fn::json_duration(out, 0);
  fn::json_timestamp(out, Opt<std::int64_t>());
  EXPECT_EQ(out.view(), "\"1970-01-01T00:00:00Z\"\"PT0S\"null");
}

TEST(Json, lists_and_maps) {
  const std::int64_t numbers[] = {1, -2, 3};
  const List<std::int64_t> list{numbers, 3};
  EXPECT_EQ(in_json(list), "[1,-2,3]");
  EXPECT_EQ(in_json(List<std::int64_t>{}), "[]");
  const List<std::int64_t> lists[] = {list, {}};
  EXPECT_EQ(in_json(List<List<std::int64_t>>{lists, 2}), "[[1,-2,3],[]]");
  const Opt<Text> texts[] = {Text("a"), absent};
  EXPECT_EQ(in_json(List<Opt<Text>>{texts, 2}), "[\"a\",null]");
  const Point points[] = {{1, 2}, {3, 4}};
  EXPECT_EQ(in_json(List<Point>{points, 2}), R"([{"x":1,"y":2},{"x":3,"y":4}])");
  EXPECT_EQ(in_json(Opt<Point>(points[0])), R"({"x":1,"y":2})");
  const MapEntry<Text, std::int64_t> entries[] = {{Text("a \"b\""), 1}, {Text(""), 2}};
  EXPECT_EQ(in_json(Map<Text, std::int64_t>{entries, 2}), R"({"a \"b\"":1,"":2})");
  const MapEntry<std::int64_t, bool> numbered[] = {{7, true}, {-8, false}};
  EXPECT_EQ(in_json(Map<std::int64_t, bool>{numbered, 2}), R"({"7":true,"-8":false})");
  const MapEntry<double, bool> odd[] = {{0.5, true}, {std::nan(""), false}};
  EXPECT_EQ(in_json(Map<double, bool>{odd, 2}), R"({"0.5":true,"NaN":false})");
  EXPECT_EQ(in_json(Map<Text, bool>{}), "{}");
  Out out;
  fn::json_list(out, List<std::int64_t>{numbers, 1}, [](Out& o, std::int64_t t) { fn::json_timestamp(o, t); });
  EXPECT_EQ(out.view(), "[\"1970-01-01T00:00:00.000001Z\"]");
}

TEST(Csv, quotes_only_where_needed) {
  EXPECT_EQ(csv_of("plain text"), "plain text");
  EXPECT_EQ(csv_of(""), "\"\"");
  EXPECT_EQ(csv_of("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_of("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(csv_of("two\nlines"), "\"two\nlines\"");
  EXPECT_EQ(csv_of("a long text without anything odd"), "a long text without anything odd");
  EXPECT_EQ(csv_of("a long text, with \"odd\" things"), "\"a long text, with \"\"odd\"\" things\"");
  EXPECT_EQ(csv_of(" spaces kept "), " spaces kept ");
  EXPECT_EQ(in_csv(Opt<Text>()), "");
  EXPECT_EQ(in_csv(Opt<Text>(Text(""))), "\"\"");
  EXPECT_EQ(in_csv(Bytes{}), "\"\"");
  EXPECT_EQ(in_csv(Color::green), "\"a rather long, green name\"");
  EXPECT_EQ(in_csv(Opt<std::int64_t>(5)), "5");
  EXPECT_EQ(in_csv(std::nan("")), "NaN");
  EXPECT_EQ(in_csv(true), "true");
  EXPECT_EQ(in_csv(decimal_literal(15, 1)), "1.5");
  Out out;
  fn::csv_timestamp(out, Opt<std::int64_t>(0));
  fn::csv_duration(out, 1000000);
  EXPECT_EQ(out.view(), "1970-01-01T00:00:00ZPT1S");
}

TEST(Out, grows_and_keeps) {
  Out out;
  std::string wanted;
  for (int i = 0; i != 10000; ++i) {
    fn::text(out, std::int64_t{i});
    out.write(", ");
    wanted += std::to_string(i) + ", ";
  }
  EXPECT_EQ(out.view(), wanted);
  const char* before = out.data();
  out.clear();
  EXPECT_TRUE(out.empty());
  out.write("x");
  EXPECT_EQ(out.data(), before);
  Out moved = std::move(out);
  EXPECT_EQ(moved.view(), "x");
  moved.cut(0);
  EXPECT_EQ(moved.view(), "");
}

}  // namespace
}  // namespace gress
