#include <gtest/gtest.h>

#include "tests/dsl/expr/harness.h"

namespace gress::dsl::test {

TEST(Operators, Arithmetic) {
  expect_all({
      {"a + b", "(a + b) : i64"},
      {"a + n", "(a + widen<i64>(n)) : i64"},
      {"n * n", "(n * n) : i32"},
      {"a - f", "(widen<f64>(a) - f) : f64"},
      {"g + g", "(g + g) : f32"},
      {"g + f", "(widen<f64>(g) + f) : f64"},
      {"g + a", "(widen<f64>(g) + widen<f64>(a)) : f64"},
      {"d / a", "(d / widen<decimal>(a)) : decimal"},
      {"n + d", "(widen<decimal>(n) + d) : decimal"},
      {"a / b + f", "(widen<f64>((a / b)) + f) : f64 !W0304"},
      {"-a", "-a : i64"},
      {"-u", "-u : duration"},
      {"-s", "!E0307"},
      {"-felt", "!E0306"},
      {"d + f", "!E0308"},
      {"f * d", "!E0308"},
      {"s + s", "!E0307"},
      {"s + a", "!E0307"},
      {"a + ok", "!E0307"},
      {"felt + 1", "!E0306"},
      {"1 + null", "!E0306"},
      {"nope + 1", "!E0301"},
      {"a + fail(\"x\")", "(a + fail(\"x\")) : i64"},
      {"pos + 1", "!E0307"},
  });
}

TEST(Operators, Times) {
  expect_all({
      {"t + u", "(t time+ u) : timestamp"},
      {"u + t", "(t time+ u) : timestamp"},
      {"t - 45m", "(t time- 2700000000us) : timestamp"},
      {"t - t", "(t between- t) : duration"},
      {"u + 1h", "(u + 3600000000us) : duration"},
      {"2 * u", "(u times* 2) : duration"},
      {"u * f", "(u times* f) : duration"},
      {"u * d", "(u times* d) : duration"},
      {"u * n", "(u times* widen<i64>(n)) : duration"},
      {"u / a", "(u over/ a) : duration"},
      {"u / d", "(u over/ d) : duration"},
      {"u / 1m", "(u ratio/ 60000000us) : f64"},
      {"i64(u / 1m)", "to_i64((u ratio/ 60000000us)) : i64"},
      {"t + t", "!E0307"},
      {"t + 5", "!E0307"},
      {"u - t", "!E0307"},
      {"a / u", "!E0307"},
      {"u % 1h", "!E0307"},
      {"u + 1", "!E0307"},
  });
}

TEST(Operators, Comparison) {
  expect_all({
      {"a < b", "(a < b) : bool"},
      {"a < f", "(widen<f64>(a) < f) : bool"},
      {"a == felt", "(wrap(a) == felt) : bool"},
      {"n == felt", "(wrap(widen<i64>(n)) == felt) : bool"},
      {"felt == 3", "(felt == wrap(3)) : bool"},
      {"felt != mag", "(lift<f64?>(felt) != mag) : bool"},
      {"felt < 3", "!E0306"},
      {"3 >= felt", "!E0306"},
      {"s < \"b\"", "(s < \"b\") : bool"},
      {"st >= Status.reviewed", "(st >= Status.reviewed) : bool"},
      {"ok < true", "(ok < true) : bool"},
      {"t > @2026-01-01T00:00:00Z", "(t > @1767225600000000) : bool"},
      {"pos == place", "(wrap(pos) == place) : bool"},
      {"pos == { lon: 1, lat: f }", "(pos == { lon: 1.0, lat: f }) : bool"},
      {"pos < pos", "!E0319"},
      {"xs == [1, 2]", "(xs == [1, 2]) : bool"},
      {"xs == []", "(xs == []) : bool"},
      {"xs < xs", "!E0319"},
      {"s == a", "!E0307"},
      {"d == f", "!E0308"},
      {"st == \"rev\"", "!E0307"},
      {"t < \"2026\"", "!E0307"},
      {"u > 5", "!E0307"},
      {"felt == null", "(felt is null) : bool"},
      {"null != felt", "(felt is not null) : bool"},
      {"a == null", "false : bool !W0302"},
      {"m == m", "(m == m) : bool"},
  });
}

TEST(Operators, Logic) {
  expect_all({
      {"ok and a > 1 and not ok", "((ok and (a > 1)) and not ok) : bool"},
      {"ok or a == 1", "(ok or (a == 1)) : bool"},
      {"a and ok", "!E0305"},
      {"not a", "!E0305"},
      {"ok and yes", "!E0306"},
      {"nope and felt < 1", "!E0301 !E0306"},
      {"ok and fail(\"x\")", "(ok and fail(\"x\")) : bool"},
  });
}

TEST(Operators, Membership) {
  expect_all({
      {"s in [\"a\", \"b\"]", "(s in [\"a\", \"b\"]) : bool"},
      {"a not in [1, 2]", "(a not in [1, 2]) : bool"},
      {"a in [1, 2.5]", "(widen<f64>(a) in [1.0, 2.5]) : bool"},
      {"st in [Status.deleted]", "(st in [Status.deleted]) : bool"},
      {"a in xs", "(a in xs) : bool"},
      {"3 in xs", "(3 in xs) : bool"},
      {"n in xs", "(widen<i64>(n) in xs) : bool"},
      {"s in m", "(s in m) : bool"},
      {"f in xs", "!E0305"},
      {"a in s", "!E0307"},
      {"s in \"abc\"", "!E0307"},
      {"felt in [1]", "!E0306"},
      {"a in [1, felt]", "!E0306"},
      {"a in [\"x\"]", "!E0305"},
      {"a in []", "(a in []) : bool"},
      {"1 in [a, b]", "(1 in [a, b]) : bool"},
  });
}

TEST(Operators, Absence) {
  expect_all({
      {"felt is null", "(felt is null) : bool"},
      {"felt is not null", "(felt is not null) : bool"},
      {"a is null", "false : bool !W0302"},
      {"null is null", "true : bool !W0302"},
      {"felt ?? a", "(felt ?? a) : i64"},
      {"felt ?? mag", "(lift<f64?>(felt) ?? mag) : f64?"},
      {"felt ?? felt ?? 3", "((felt ?? felt) ?? 3) : i64"},
      {"a ?? 1", "a : i64 !W0303"},
      {"null ?? a", "a : i64 !W0303"},
      {"felt ?? null", "(felt ?? absent) : i64?"},
      {"felt ?? \"x\"", "!E0318"},
      {"name ?? fail(\"no name\")", "(name ?? fail(\"no name\")) : string"},
      {"coalesce(felt, n32, 1)", "((felt ?? lift<i64?>(n32)) ?? 1) : i64"},
      {"coalesce(felt)", "!E0311"},
      {"coalesce(felt, x: 1)", "!E0312"},
      {"place.lon", "place.lon : f64?"},
      {"place.lon ?? 0", "(place.lon ?? 0.0) : f64"},
      {"rs.celsius ?? 0.0", "(rs.celsius ?? 0.0) : f64"},
      {"xs[0]", "xs[0] : i64?"},
      {"m[\"k\"]", "m[\"k\"] : i64?"},
      {"xs[n] ?? 0", "(xs[widen<i64>(n)] ?? 0) : i64"},
      {"xs[s]", "!E0305"},
      {"s[0]", "!E0322"},
      {"pos[0]", "!E0322"},
      {"ps[0].lon", "ps[0].lon : f64?"},
      {"first(ps).lat", "first(ps).lat : f64?"},
  });
}

TEST(Narrowing, FollowsConditions) {
  expect_all({
      {"felt is not null and felt > 1", "((felt is not null) and (unwrap(felt) > 1)) : bool"},
      {"felt is null or felt > 1", "((felt is null) or (unwrap(felt) > 1)) : bool"},
      {"not (felt is null) and felt > 1", "(not (felt is null) and (unwrap(felt) > 1)) : bool"},
      {"if felt is not null then felt else 0", "if (felt is not null) then unwrap(felt) else 0 : i64"},
      {"if felt is null then 0 else felt", "if (felt is null) then 0 else unwrap(felt) : i64"},
      {"if felt is not null and mag is not null then f64(felt) + mag else 0.0",
       "if ((felt is not null) and (mag is not null)) then (to_f64(unwrap(felt)) + unwrap(mag)) else 0.0 : f64"},
      {"if felt is null or mag is null then 0.0 else f64(felt) + mag",
       "if ((felt is null) or (mag is null)) then 0.0 else (to_f64(unwrap(felt)) + unwrap(mag)) : f64"},
      {"felt is not null or felt > 1", "!E0306"},
      {"(felt is not null or ok) and felt > 1", "!E0306"},
      {"((felt is not null and ok) or (felt is not null and a > 1)) and felt > 1",
       "((((felt is not null) and ok) or ((felt is not null) and (a > 1))) and (unwrap(felt) > 1)) : bool"},
      {"r.celsius is not null and r.celsius > 1.0", "((r.celsius is not null) and (unwrap(r.celsius) > 1.0)) : bool"},
      {"place.lon is not null and place.lat > 1.0", "((place.lon is not null) and (unwrap(place).lat > 1.0)) : bool"},
      {"place is not null and place.lat > 1.0", "((place is not null) and (unwrap(place).lat > 1.0)) : bool"},
      {"rs.celsius is not null and rs.celsius > 1.0", "((rs.celsius is not null) and (unwrap(unwrap(rs).celsius) > 1.0)) : bool"},
      {"rs is not null and rs.celsius > 1.0", "!E0306"},
      {"xs[0] is not null and xs[0] > 1", "!E0306"},
      {"felt is not null and felt is not null", "((felt is not null) and true) : bool !W0302"},
      {"felt is not null and (felt ?? 0) > 1", "((felt is not null) and (unwrap(felt) > 1)) : bool !W0303"},
      {"if felt is not null then felt else null", "if (felt is not null) then felt else absent : i64?"},
      {"if (felt) is not null then (felt) else 0", "if (felt is not null) then unwrap(felt) else 0 : i64"},
  });
}

TEST(Narrowing, FactsOfAFilter) {
  Harness h;
  const FileId file = h.sources.add("f.gress", "fn c() -> bool = felt is not null and r.celsius is not null and (mag is null or ok)\n");
  const ast::File parsed = parse(h.sources, file, *h.diagnostics);
  const Facts facts = h.checker->facts_if_true(*parsed.items[0].as<ast::FnDecl>()->body, h.env(Mode::row));
  ASSERT_EQ(facts.paths().size(), 3u);
  EXPECT_TRUE(facts.has({checked::Scope::row, {"felt"}}));
  EXPECT_TRUE(facts.has({checked::Scope::row, {"r"}}));
  EXPECT_TRUE(facts.has({checked::Scope::row, {"r", "celsius"}}));
  Facts kept = facts;
  kept.forget(checked::Scope::row, "r");
  EXPECT_EQ(kept.paths().size(), 1u);
}

}  // namespace gress::dsl::test
