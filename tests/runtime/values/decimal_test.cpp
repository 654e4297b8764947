#include "runtime/core/decimal.h"

#include <cmath>
#include <limits>

#include "runtime/core/convert.h"
#include "runtime/core/hash.h"
#include "runtime/core/math_fn.h"
#include "tests/runtime/values/table.h"

namespace gress {
namespace {

using namespace test;

Decimal read(std::string_view s) {
  Decimal d;
  EXPECT_EQ(decimal_from_text(s, d), DecimalText::good) << s;
  return d;
}
std::string show(Decimal d) {
  char text[kDecimalRoom];
  return std::string(text, write_decimal(text, d));
}

TEST(Decimal, agrees_with_exact_arithmetic) {
  Eval ev;
  for (const auto& row : table("decimals.tsv")) {
    const std::string& op = row[0];
    const std::string& want = row[3];
    const std::string where = row[1] + " " + op + " " + row[2];
    if (op == "of f64") {
      Decimal d;
      EXPECT_EQ(decimal_from_double(hex_double(row[1]), d) ? show(d) : "overflow", want) << where;
      continue;
    }
    if (op == "read") {
      Decimal d;
      const DecimalText r = decimal_from_text(row[1], d);
      EXPECT_EQ(r == DecimalText::good ? show(d) : "overflow", want) << where;
      continue;
    }
    const Decimal a = read(row[1]);
    if (op == "f64") {
      EXPECT_EQ(double_from_decimal(a), hex_double(want)) << where;
      continue;
    }
    if (op == "text") {
      EXPECT_EQ(show(a), want);
      continue;
    }
    if (op == "?") {
      const Decimal b = read(row[2]);
      const int order = a < b ? -1 : a == b ? 0 : 1;
      EXPECT_EQ(std::to_string(order), want) << where;
      EXPECT_EQ(a == b, want == "0") << where;
      EXPECT_EQ(b > a, want == "-1") << where;
      if (a == b) EXPECT_EQ(fn::key_hash(a), fn::key_hash(b)) << where;
      continue;
    }
    Decimal got;
    if (op == "round") {
      got = fn::round(ev, a, integer(row[2]));
    } else if (op == "floor") {
      got = fn::floor(ev, a);
    } else if (op == "ceil") {
      got = fn::ceil(ev, a);
    } else {
      const Decimal b = read(row[2]);
      switch (op[0]) {
        case '+':
          got = fn::add(ev, a, b);
          break;
        case '-':
          got = fn::sub(ev, a, b);
          break;
        case '*':
          got = fn::mul(ev, a, b);
          break;
        case '/':
          got = fn::div(ev, a, b);
          break;
        default:
          got = fn::rem(ev, a, b);
          break;
      }
    }
    const std::string why = failure(ev);
    if (want == "overflow") {
      EXPECT_NE(why.find("decimal overflow in "), std::string::npos) << where << " gave " << show(got);
    } else if (want == "division by zero") {
      EXPECT_EQ(why, want) << where;
    } else {
      EXPECT_EQ(why, "") << where;
      EXPECT_EQ(show(got), want) << where;
    }
  }
}

TEST(Decimal, scales_do_not_matter) {
  EXPECT_EQ(read("1.0"), read("1.000"));
  EXPECT_EQ(read("1.50") <=> read("1.5"), std::strong_ordering::equal);
  EXPECT_EQ(fn::key_hash(read("1.50")), fn::key_hash(read("1.5")));
  EXPECT_EQ(fn::key_hash(read("0.00")), fn::key_hash(read("0")));
  EXPECT_EQ(read("-0.0"), Decimal{});
  EXPECT_EQ(show(read("-0.0")), "0");
  EXPECT_EQ(show(canonical(read("100.00"))), "100");
  EXPECT_EQ(canonical(read("100.00")).scale(), 0);
  EXPECT_EQ(read("100.00").scale(), 2);
  EXPECT_EQ(decimal_literal(908, 3), read("0.908"));
  EXPECT_EQ(Decimal::from_halves(1, 0, 0), read("18446744073709551616"));
  EXPECT_EQ(Decimal::from_halves(-1, 0, 2), read("-184467440737095516.16"));
}

TEST(Decimal, reads_numbers_only) {
  Decimal d;
  for (const char* text :
       {"", "+", "-", ".", "e5", "1e", "1e+", "1 ", " 1", "1.2.3", "0x10", "NaN", "1_000", "--1", "1e5.0", "１"})
    EXPECT_EQ(decimal_from_text(text, d), DecimalText::not_a_number) << text;
  EXPECT_EQ(show(read(".5")), "0.5");
  EXPECT_EQ(show(read("5.")), "5");
  EXPECT_EQ(show(read("+1e3")), "1000");
  EXPECT_EQ(show(read("1E-3")), "0.001");
  EXPECT_EQ(show(read("000001.10")), "1.1");
  EXPECT_EQ(show(read("0e99999999999999999999")), "0");
  EXPECT_EQ(show(read("1" + std::string(60, '0') + "e-60")), "1");
  EXPECT_EQ(show(read("0." + std::string(200, '0') + "1e201")), "1");
  EXPECT_EQ(show(read("1." + std::string(500, '0'))), "1");
  EXPECT_EQ(show(read("1329227995784915872903807060280344575")), "1329227995784915872903807060280344575");
  for (const char* text : {"1329227995784915872903807060280344576", "1e37", "1e-128", "1e999999999999999999999",
                           "1e-999999999999999999999", "12345678901234567890123456789012345678"})
    EXPECT_EQ(decimal_from_text(text, d), DecimalText::does_not_fit) << text;
}

TEST(Decimal, says_what_failed) {
  Eval ev;
  fn::mul(ev, read("1e30"), read("1e30"));
  EXPECT_EQ(failure(ev), "decimal overflow in " + ("1" + std::string(30, '0')) + " * 1" + std::string(30, '0'));
  fn::div(ev, read("1"), read("0.00"));
  EXPECT_EQ(failure(ev), "division by zero");
  const Decimal least = Decimal::make(-(Decimal::Wide{1} << 120), 0);
  fn::neg(ev, least);
  EXPECT_EQ(failure(ev), "decimal overflow in -(-1329227995784915872903807060280344576)");
  EXPECT_EQ(show(fn::neg(ev, read("1.5"))), "-1.5");
  EXPECT_EQ(show(fn::abs(ev, read("-1.5"))), "1.5");
  EXPECT_EQ(failure(ev), "");
}

TEST(Decimal, floats) {
  Decimal d;
  EXPECT_FALSE(decimal_from_double(std::numeric_limits<double>::quiet_NaN(), d));
  EXPECT_FALSE(decimal_from_double(HUGE_VAL, d));
  EXPECT_FALSE(decimal_from_double(1e37, d));
  EXPECT_FALSE(decimal_from_double(5e-324, d));
  EXPECT_TRUE(decimal_from_double(0.1, d));
  EXPECT_EQ(show(d), "0.1");
  EXPECT_TRUE(decimal_from_float(0.1f, d));
  EXPECT_EQ(show(d), "0.1");
  EXPECT_EQ(float_from_decimal(read("0.1")), 0.1f);
  // To the nearest float at once, not by way of a double.
  EXPECT_EQ(float_from_decimal(read("1.00000005960464477540")), 1.00000011920928955f);
}

}  // namespace
}  // namespace gress
