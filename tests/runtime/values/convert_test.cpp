#include "runtime/core/convert.h"

#include <cmath>
#include <limits>

#include "runtime/core/math_fn.h"
#include "tests/runtime/values/table.h"

namespace gress {
namespace {

using namespace test;
using I64 = std::int64_t;

TEST(Convert, to_integers) {
  Eval ev;
  EXPECT_EQ(fn::to_i64(ev, -2.9), -2);
  EXPECT_EQ(fn::to_i64(ev, -0x1p63), std::numeric_limits<I64>::min());
  EXPECT_EQ(fn::to_i32(ev, 2147483647.9), 2147483647);
  EXPECT_EQ(fn::to_i32(ev, -2147483648.9), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(fn::to_i64(ev, decimal_literal(-29, 1)), -2);
  EXPECT_EQ(fn::to_i64(ev, decimal_literal(29, 100)), 0);
  EXPECT_EQ(fn::to_i64(ev, Text("-9223372036854775808")), std::numeric_limits<I64>::min());
  EXPECT_EQ(fn::to_i32(ev, Text("+7")), 7);
  EXPECT_EQ(fn::to_i64(ev, std::int32_t{-3}), -3);
  EXPECT_EQ(failure(ev), "");
  const auto fails = [&](const std::string& why) { EXPECT_EQ(failure(ev), why); };
  fn::to_i64(ev, std::nan("")), fails("NaN does not fit i64");
  fn::to_i64(ev, 0x1p63), fails("9223372036854776000 does not fit i64");
  fn::to_i32(ev, 2147483648.0), fails("2147483648 does not fit i32");
  fn::to_i32(ev, I64{2147483648}), fails("2147483648 does not fit i32");
  fn::to_i32(ev, HUGE_VALF), fails("Infinity does not fit i32");
  fn::to_i64(ev, decimal_literal(10000000000, 0)), fails("");
  fn::to_i32(ev, decimal_literal(100000000001, 1)), fails("10000000000.1 does not fit i32");
  fn::to_i64(ev, Text(" 1")), fails("expected i64, got \" 1\"");
  fn::to_i64(ev, Text("")), fails("expected i64, got \"\"");
  fn::to_i64(ev, Text("1.0")), fails("expected i64, got \"1.0\"");
  fn::to_i64(ev, Text("9223372036854775808")), fails("\"9223372036854775808\" does not fit i64");
}

TEST(Convert, to_floats) {
  Eval ev;
  EXPECT_EQ(fn::to_f64(ev, Text("1e3")), 1000);
  EXPECT_EQ(fn::to_f64(ev, Text("-0.1")), -0.1);
  EXPECT_TRUE(std::isnan(fn::to_f64(ev, Text("NaN"))));
  EXPECT_EQ(fn::to_f64(ev, Text("-Infinity")), -HUGE_VAL);
  EXPECT_EQ(fn::to_f32(ev, Text("0.1")), 0.1f);
  EXPECT_EQ(fn::to_f32(ev, 0.1), 0.1f);
  EXPECT_EQ(fn::to_f32(ev, HUGE_VAL), HUGE_VALF);
  EXPECT_EQ(fn::to_f64(ev, decimal_literal(1, 1)), 0.1);
  EXPECT_EQ(failure(ev), "");
  fn::to_f32(ev, 1e300);
  EXPECT_EQ(failure(ev), "1e300 does not fit f32");
  fn::to_f64(ev, Text("1 "));
  EXPECT_EQ(failure(ev), "expected f64, got \"1 \"");
  fn::to_f64(ev, Text("1e999"));
  EXPECT_EQ(failure(ev), "\"1e999\" does not fit f64");
  fn::to_decimal(ev, 1e300);
  EXPECT_EQ(failure(ev), "1e300 does not fit decimal");
  fn::to_decimal(ev, std::nan(""));
  EXPECT_EQ(failure(ev), "NaN does not fit decimal");
  fn::to_decimal(ev, Text("12x"));
  EXPECT_EQ(failure(ev), "expected decimal, got \"12x\"");
  EXPECT_EQ(fn::to_decimal(ev, Text("12.50")), decimal_literal(125, 1));
  EXPECT_EQ(fn::to_decimal(ev, 0.908), decimal_literal(908, 3));
}

TEST(Convert, to_text) {
  Eval ev;
  EXPECT_EQ(string(fn::to_text(ev, true)), "true");
  EXPECT_EQ(string(fn::to_text(ev, false)), "false");
  EXPECT_EQ(string(fn::to_text(ev, std::int32_t{-42})), "-42");
  EXPECT_EQ(string(fn::to_text(ev, std::numeric_limits<I64>::min())), "-9223372036854775808");
  EXPECT_EQ(string(fn::to_text(ev, 0.1f)), "0.1");
  EXPECT_EQ(string(fn::to_text(ev, 2.0 / 3)), "0.6666666666666666");
  EXPECT_EQ(string(fn::to_text(ev, decimal_literal(-12340, 3))), "-12.34");
  EXPECT_EQ(string(fn::to_text(ev, Uuid{0x123e4567e89b12d3, 0xa456426614174000})),
            "123e4567-e89b-12d3-a456-426614174000");
  EXPECT_EQ(string(fn::to_text(ev, Bytes{Text("hello")})), "aGVsbG8=");
  EXPECT_EQ(string(fn::to_text_timestamp(ev, 0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(string(fn::to_text_duration(ev, 5400000000)), "PT1H30M");
}

TEST(Convert, to_the_rest) {
  Eval ev;
  EXPECT_EQ(fn::to_bool(ev, Text("true")), true);
  EXPECT_EQ(fn::to_timestamp(ev, Text("1970-01-01T01:00:00.5+01:00")), 500000);
  EXPECT_EQ(fn::to_timestamp(ev, Text("2026-01-31T12:00:00Z")), 1769860800000000);
  EXPECT_EQ(fn::to_timestamp_i64(ev, 1500), 1500000);
  EXPECT_EQ(fn::to_duration(ev, Text("PT1H30M")), 5400000000);
  EXPECT_EQ(fn::to_duration(ev, Text("1h30m")), 5400000000);
  EXPECT_EQ(fn::to_duration(ev, Text("-PT5M")), -300000000);
  const Uuid u = fn::to_uuid(ev, Text("123E4567-e89b-12d3-a456-426614174000"));
  EXPECT_EQ(u, (Uuid{0x123e4567e89b12d3, 0xa456426614174000}));
  EXPECT_EQ(string(fn::to_bytes(ev, Text("aGVsbG8=")).raw), "hello");
  EXPECT_EQ(failure(ev), "");
  fn::to_bool(ev, Text("TRUE"));
  EXPECT_EQ(failure(ev), "expected bool, got \"TRUE\"");
  fn::to_timestamp(ev, Text("2026-01-31T12:00:00"));
  EXPECT_EQ(failure(ev), "expected timestamp in RFC 3339 with a zone, got \"2026-01-31T12:00:00\"");
  fn::to_timestamp_i64(ev, std::numeric_limits<I64>::max());
  EXPECT_EQ(failure(ev), "9223372036854775807 does not fit timestamp");
  fn::to_uuid(ev, Text("x"));
  EXPECT_EQ(failure(ev), "expected uuid, got \"x\"");
  fn::to_bytes(ev, Text("a"));
  EXPECT_EQ(failure(ev), "expected bytes in base64, got \"a\"");
  fn::to_duration(ev, Text("soon"));
  EXPECT_EQ(failure(ev), "expected duration, got \"soon\"");
}

TEST(Convert, concat) {
  Eval ev;
  const Exact longer("a text of more than fifteen bytes"), sixteen("0123456789abcdef");
  EXPECT_EQ(string(fn::concat(ev)), "");
  EXPECT_EQ(string(fn::concat(ev, Text("a"))), "a");
  EXPECT_EQ(string(fn::concat(ev, Text("a"), Text(""), Text("b"))), "ab");
  EXPECT_EQ(fn::concat(ev, Text("abcdefg"), Text("hijklmno")), Text("abcdefghijklmno"));
  EXPECT_EQ(string(fn::concat(ev, Text("abcdefgh"), Text("ijklmnop"))), "abcdefghijklmnop");
  EXPECT_EQ(string(fn::concat(ev, longer.text, Text("! "), sixteen.text, Text("."))),
            "a text of more than fifteen bytes! 0123456789abcdef.");
  std::string wanted;
  Text grown;
  for (int i = 0; i != 3000; ++i) {
    grown = fn::concat(ev, grown, Text("xy"), fn::to_text(ev, I64{i}));
    wanted += "xy" + std::to_string(i);
    if (i % 100 == 0) ASSERT_EQ(string(grown), wanted);
  }
  EXPECT_EQ(string(grown), wanted);
}

}  // namespace
}  // namespace gress
