#include <gtest/gtest.h>

#include "dsl/check/expr_impl.h"
#include "tests/dsl/expr/harness.h"

namespace gress::dsl::test {

TEST(Literals, HaveTheirOwnTypes) {
  expect_all({
      {"1", "1 : i64"},
      {"-9223372036854775808", "-9223372036854775808 : i64"},
      {"9223372036854775808", "!E0309"},
      {"1.5", "1.5 : f64"},
      {"1e6", "1e+06 : f64"},
      {"1e999", "!E0309"},
      {"1e-999", "0.0 : f64"},
      {"true", "true : bool"},
      {"\"a\"", "\"a\" : string"},
      {"'a\\d'", "\"a\\d\" : string"},
      {"\"\"", "\"\" : string"},
      {"1h30m", "5400000000us : duration"},
      {"64MB", "67108864 : i64"},
      {"@1970-01-01T00:00:01Z", "@1000000 : timestamp"},
      {"[1, 2]", "[1, 2] : list<i64>"},
      {"[1, 2.5]", "[1.0, 2.5] : list<f64>"},
      {"[a, 0.5]", "[widen<f64>(a), 0.5] : list<f64>"},
      {"[felt, 1]", "[felt, wrap(1)] : list<i64?>"},
      {"[1, \"a\"]", "!E0318"},
      {"{ a: 1, b: s }", "{ a: 1, b: s } : { a: i64, b: string }"},
      {"{ a, s }", "{ a: a, s: s } : { a: i64, s: string }"},
      {"{ pos.lon, x: 1 }", "{ lon: pos.lon, x: 1 } : { lon: f64, x: i64 }"},
      {"{ a: 1, a: 2 }", "!E0333"},
      {"null", "!E0320"},
      {"[]", "!E0320"},
      {"fail(\"why\")", "!E0320"},
      {"{ a: null }", "!E0320"},
      {"[] == []", "!E0320"},
      {"[][0]", "!E0320"},
      {"fail(\"x\").a", "!E0320"},
      {"fail(\"x\") in []", "!E0320"},
      {"{ a: [] }.a == xs", "!E0320"},
      {"a in fail(\"x\")", "!E0320"},
      {"fail(\"x\") in [a]", "(fail(\"x\") in [a]) : bool"},
      {"-fail(\"x\") + a", "(fail(\"x\") + a) : i64"},
      {"[x for x in xs]", "!E0901"},
  });
}

TEST(Literals, TakeTheTypeOfTheirPartner) {
  expect_all({
      {"decimal(a) * 0.908", "(to_decimal(a) * 0.908d) : decimal"},
      {"0.1 + d", "(0.1d + d) : decimal"},
      {"d > 1000000", "(d > 1000000d) : bool"},
      {"d * (0.1 + 0.2)", "(d * (0.1d + 0.2d)) : decimal"},
      {"n + 1", "(n + 1i32) : i32"},
      {"n < 3000000000", "!E0309"},
      {"n == -2147483648", "(n == -2147483648i32) : bool"},
      {"f + 1", "(f + 1.0) : f64"},
      {"g * 2", "(g * 2.0f32) : f32"},
      {"a * 0.5", "(widen<f64>(a) * 0.5) : f64"},
      {"a + 1.0", "(widen<f64>(a) + 1.0) : f64"},
      {"if ok then 0 else d", "if ok then 0d else d : decimal"},
      {"if ok then 0.5 else if a > 1 then d else 1.5", "if ok then 0.5d else if (a > 1) then d else 1.5d : decimal"},
      {"d + (if ok then 0.5 else 1)", "(d + if ok then 0.5d else 1d) : decimal"},
      {"cost ?? 0.0", "(cost ?? 0d) : decimal"},
      {"mag ?? 1", "(mag ?? 1.0) : f64"},
      {"felt ?? 0.5", "(lift<f64?>(felt) ?? 0.5) : f64"},
      {"max(d, 0.5)", "max(d, 0.5d) : decimal"},
      {"max(a, 1)", "max(a, 1) : i64"},
      {"clamp(f, 1, 5)", "clamp(f, 1.0, 5.0) : f64"},
      {"decimal(0.1)", "0.1d : decimal"},
      {"f64(1)", "1.0 : f64"},
      {"i32(7)", "7i32 : i32"},
      {"d in [0.5, 1]", "(d in [0.5d, 1d]) : bool"},
      {"match d { 0.5 => 1, _ => 2 }", "match d { 0.5d => 1, _ => 2, } : i64"},
  });
}

TEST(Literals, TakeTheTypeThatIsWanted) {
  expect_all({{"10", "10d : decimal"},
              {"0.908", "0.908d : decimal"},
              {"-0.50", "-0.5d : decimal"},
              {"-(0.5)", "-0.5d : decimal"},
              {"1e3", "1000d : decimal"},
              {"1.25e-3", "0.00125d : decimal"},
              {"a * 0.5", "(widen<decimal>(a) * 0.5d) : decimal"},
              {"12345678901234567890123456789", "!E0309"},
              {"0.12345678901234567890123456789", "!E0309"},
              {"1234567890123456789012345678", "1234567890123456789012345678d : decimal"},
              {"fail(\"no {s}\")", "fail(concat(\"no \", s)) : decimal"},
              {"if ok then 1 else fail(\"x\")", "if ok then 1d else fail(\"x\") : decimal"},
              {"if ok then fail(\"x\") else fail(\"y\")", "if ok then fail(\"x\") else fail(\"y\") : decimal"},
              {"a", "widen<decimal>(a) : decimal"},
              {"f", "!E0308"},
              {"null", "!E0305"},
              {"cost", "!E0306"},
              {"s", "!E0305"}},
             Mode::row, "decimal");
  expect_all({{"1", "1.0 : f64"}, {"1 / 2", "0.5 : f64"}, {"a / b", "widen<f64>((a / b)) : f64 !W0304"},
              {"if ok then a / b else 0", "if ok then widen<f64>((a / b)) else 0.0 : f64 !W0304"}},
             Mode::row, "f64");
  expect_all({{"3000000000", "!E0309"}, {"5", "5i32 : i32"}, {"a", "!E0305"}, {"2.5", "!E0305"}}, Mode::row, "i32");
  expect_all({{"null", "absent : i64?"},
              {"5", "wrap(5) : i64?"},
              {"felt", "felt : i64?"},
              {"n32", "lift<i64?>(n32) : i64?"},
              {"if ok then 1 else null", "if ok then wrap(1) else absent : i64?"},
              {"if ok then null else null", "absent : i64?"}},
             Mode::row, "i64?");
  expect_all({{"[]", "[] : list<f64>"}, {"[1, a]", "[1.0, widen<f64>(a)] : list<f64>"}, {"xs", "!E0305"}, {"[s]", "!E0305"}},
             Mode::row, "list<f64>");
  expect_all({{"{ a: 1, b: s, c: felt }", "{ a: 1, b: s, c: felt } : Pair"},
              {"{ b: \"x\", a: n }", "{ a: widen<i64>(n), b: \"x\", c: absent } : Pair"},
              {"{ a: 1 }", "{ a: 1, b: \"none\", c: absent } : Pair"},
              {"{ b: \"x\" }", "!E0334"},
              {"{ a: 1, d: 2 }", "!E0302"},
              {"{ a: s }", "!E0305"},
              {"if ok then { a: 1 } else { a: 2, b: s }",
               "if ok then { a: 1, b: \"none\", c: absent } else { a: 2, b: s, c: absent } : Pair"},
              {"if ok then { a: 1 } else { b: s }", "!E0318"},
              {"pos", "!E0305"}},
             Mode::row, "Pair");
  expect_all({{"[{ a: 1, b: s }, { a: 2 }]", "[{ a: 1, b: s, c: absent }, { a: 2, b: \"none\", c: absent }] : list<Pair>"}}, Mode::row, "list<Pair>");
  expect_all({{"{ lon: 1, lat: 2 }", "{ lon: 1.0, lat: 2.0 } : Position"},
              {"{ lat: f, lon: 2.5 }", "{ lon: 2.5, lat: f } : Position"},
              {"regex_captures(s, '(?<lon>.)(?<lat>.)') ?? fail(\"no\")", "!E0305"}},
             Mode::row, "Position");
}

TEST(Literals, TextIsPutTogether) {
  expect_all({
      {"\"{upper(s)} ({a})\"", "concat(upper(s), \" (\", to_text(a), \")\") : string"},
      {"\"{\"x\"}y\"", "\"xy\" : string"},
      {"\"{t} {u} {st} {d} {f} {ok} {id} {by}\"",
       "concat(to_text_timestamp(t), \" \", to_text_duration(u), \" \", to_text(st), \" \", to_text(d), \" \", to_text(f), \" \", "
       "to_text(ok), \" \", to_text(id), \" \", to_text(by)) : string"},
      {"\"{felt}\"", "!E0306"},
      {"\"{felt ?? 0}\"", "concat(to_text((felt ?? 0))) : string"},
      {"\"{xs}\"", "!E0332"},
      {"\"{ss}\"", "!E0332"},
      {"\"{pos}\"", "!E0332"},
      {"\"{nope}\"", "!E0301"},
      {"concat(s, \"x\", \"{a}\")", "concat(s, \"x\", concat(to_text(a))) : string"},
      {"concat(s)", "!E0311"},
      {"concat(s, a)", "!E0305"},
      {"concat(s, by: s)", "!E0312"},
  });
}

TEST(Literals, ConstantsFold) {
  expect_all({
      {"2 * 30m", "3600000000us : duration"},
      {"1h / 4", "900000000us : duration"},
      {"1h * 1.5", "5400000000us : duration"},
      {"1h - 90m", "-1800000000us : duration"},
      {"1h / 30m", "2.0 : f64"},
      {"@1970-01-02T00:00:00Z + 1h", "@90000000000 : timestamp"},
      {"@1970-01-02T00:00:00Z - @1970-01-01T00:00:00Z", "86400000000us : duration"},
      {"-(5)", "-5 : i64"},
      {"-5 % 3", "-2 : i64"},
      {"-7 / 2", "-3 : i64"},
      {"1.5 + 2", "3.5 : f64"},
      {"-(1h)", "-3600000000us : duration"},
      {"not true", "false : bool"},
      {"9223372036854775807 + 1", "!E0310"},
      {"a / 0", "!E0310"},
      {"a % 0", "!E0310"},
      {"1.0 / 0.0", "(1.0 / 0.0) : f64"},
      {"f / 0", "(f / 0.0) : f64"},
      {"d / 0.0", "!E0310"},
      {"u / 0s", "!E0310"},
      {"1h * 9000000000000", "!E0310"},
      {"-(-9223372036854775807 - 1)", "!E0310"},
  });
}

TEST(Literals, ConstantsAreKnownAfterwards) {
  Harness h;
  const auto constant = [&](const std::string& text, bool constant_, bool with_params) {
    *h.diagnostics = Diagnostics{};
    const checked::ExprPtr e = h.check(text, Mode::now, {});
    EXPECT_EQ(is_constant(e), constant_) << text;
    EXPECT_EQ(is_param_constant(e), with_params) << text;
  };
  constant("2 * 30m", true, true);
  constant("upper(\"a\")", true, true);
  constant("days * 1d", false, true);
  constant("a + 1", false, false);
  constant("now()", false, false);
  constant("match days { 1 => a, _ => 2 }", false, false);
  const auto value = [&](const std::string& text, const std::string& as) { return constant_value(h.check(text, Mode::row, as)); };
  EXPECT_EQ(value("2 * 30m", "duration"), checked::Value(std::int64_t{3600000000}));
  EXPECT_EQ(value("5", "f64?"), checked::Value(5.0));
  EXPECT_EQ(value("null", "f64?"), checked::Value(std::monostate{}));
  EXPECT_EQ(value("0.50", "decimal"), checked::Value(std::string("0.5")));
  EXPECT_EQ(value("if true then 1 else 2", "i64"), checked::Value(std::int64_t{1}));
  EXPECT_FALSE(value("a", "i64").has_value());
}

TEST(Literals, DecimalText) {
  const auto text = [](std::string_view digits) {
    std::string out;
    return decimal_text(digits, out) ? out : "no";
  };
  EXPECT_EQ(text("0"), "0");
  EXPECT_EQ(text("-0.000"), "0");
  EXPECT_EQ(text("007"), "7");
  EXPECT_EQ(text("1200"), "1200");
  EXPECT_EQ(text("12.3400"), "12.34");
  EXPECT_EQ(text("-.5"), "-0.5");
  EXPECT_EQ(text("12e-5"), "0.00012");
  EXPECT_EQ(text("1.5E+2"), "150");
  EXPECT_EQ(text("1e28"), "no");
  EXPECT_EQ(text("1e27"), "1" + std::string(27, '0'));
  EXPECT_EQ(text("1e-28"), "0." + std::string(27, '0') + "1");
  EXPECT_EQ(text("1e-29"), "no");
  EXPECT_EQ(text("1e99999999999999999999"), "no");
}

}  // namespace gress::dsl::test
