#include <gtest/gtest.h>

#include "tests/dsl/expr/harness.h"

namespace gress::dsl::test {

TEST(Aggregates, AreCollected) {
  expect_all({
      {"count()", "agg0 : i64 [count() : i64]"},
      {"count(where: a > 15)", "agg0 : i64 [count( where (a > 15)) : i64]"},
      {"count(a)", "agg0 : i64 [count() : i64]"},
      {"count(felt)", "agg0 : i64 [count( where (felt is not null)) : i64]"},
      {"count(felt, where: ok)", "agg0 : i64 [count( where (ok and (felt is not null))) : i64]"},
      {"count_distinct(s)", "agg0 : i64 [count_distinct(s) : i64]"},
      {"approx_count_distinct(name)", "agg0 : i64 [approx_count_distinct(name) : i64]"},
      {"sum(a)", "agg0 : i64 [sum(a) : i64]"},
      {"sum(n)", "agg0 : i64 [sum(widen<i64>(n)) : i64]"},
      {"sum(n32)", "agg0 : i64 [sum(lift<i64?>(n32)) : i64]"},
      {"sum(g)", "agg0 : f64 [sum(widen<f64>(g)) : f64]"},
      {"sum(d)", "agg0 : decimal [sum(d) : decimal]"},
      {"sum(u)", "agg0 : duration [sum(u) : duration]"},
      {"sum(felt ?? 0)", "agg0 : i64 [sum((felt ?? 0)) : i64]"},
      {"sum(felt)", "agg0 : i64 [sum(felt) : i64]"},
      {"avg(a)", "agg0 : f64 [avg(a) : f64]"},
      {"avg(d)", "agg0 : decimal [avg(d) : decimal]"},
      {"avg(felt)", "agg0 : f64? [avg(felt) : f64?]"},
      {"avg(a, where: ok)", "agg0 : f64? [avg(a where ok) : f64?]"},
      {"min(a)", "agg0 : i64 [min(a) : i64]"},
      {"max(s)", "agg0 : string [max(s) : string]"},
      {"max(mood)", "agg0 : Status? [max(mood) : Status?]"},
      {"max(a, where: ok)", "agg0 : i64? [max(a where ok) : i64?]"},
      {"first(pos)", "agg0 : Position [first(pos) : Position]"},
      {"last(name)", "agg0 : string? [last(name) : string?]"},
      {"min_by(s, t)", "agg0 : string [min_by(s, t) : string]"},
      {"max_by(s, felt)", "agg0 : string? [max_by(s, felt) : string?]"},
      {"max_by(s, -f, where: ok)", "agg0 : string? [max_by(s, -f where ok) : string?]"},
      {"stddev(a)", "agg0 : f64? [stddev(widen<f64>(a)) : f64?]"},
      {"variance(mag)", "agg0 : f64? [variance(mag) : f64?]"},
      {"quantile(a, 0.99)", "agg0 : f64 [quantile(widen<f64>(a) q=0.99) : f64]"},
      {"approx_quantile(f, limit, where: ok)", "agg0 : f64? [approx_quantile(f q=param limit where ok) : f64?]"},
      {"quantile(f, q: 1)", "agg0 : f64 [quantile(f q=1.0) : f64]"},
      {"collect(felt)", "agg0 : list<i64> [collect(felt) : list<i64>]"},
      {"any(ok) and all(yes)", "(agg0 and agg1) : bool [any(ok) : bool] [all(yes) : bool]"},
      {"weighted(a, f)", "agg0 : f64 [weighted(widen<f64>(a), f) : f64]"},
      {"weighted(mag, w: 1, where: ok)", "agg0 : f64 [weighted(mag, 1.0 where ok) : f64]"},
  }, Mode::aggregate);
}

TEST(Aggregates, StandInExpressions) {
  expect_all({
      {"f64(sum(a)) / f64(count())", "(to_f64(agg0) / to_f64(agg1)) : f64 [sum(a) : i64] [count() : i64]"},
      {"f64(count(where: a > 1)) / f64(count())", "(to_f64(agg0) / to_f64(agg1)) : f64 [count( where (a > 1)) : i64] [count() : i64]"},
      {"max(a) - min(a) + max(a)", "((agg0 - agg1) + agg0) : i64 [max(a) : i64] [min(a) : i64]"},
      {"max(count(), 1)", "max(agg0, 1) : i64 [count() : i64]"},
      {"max(max(a), min(b))", "max(agg0, agg1) : i64 [max(a) : i64] [min(b) : i64]"},
      {"sum(energy(mag), where: mag is not null)", "agg0 : f64 [sum(energy(unwrap(mag)) where (mag is not null)) : f64]"},
      {"s", "group.s : string"},
      {"window_end - window_start", "(group.window_end between- group.window_start) : duration"},
      {"max(first(xs) ?? 0)", "agg0 : i64 [max((first(xs) ?? 0)) : i64]"},
      {"limit * f64(count())", "(param limit * to_f64(agg0)) : f64 [count() : i64]"},
      {"format_time(window_start, \"%H\")", "format_time(group.window_start, \"%H\") : string"},
  }, Mode::aggregate);
}

TEST(Aggregates, AreRefused) {
  expect_all({
      {"a", "!E0326"},
      {"pos.lon", "!E0326"},
      {"nope", "!E0301"},
      {"sum(count())", "!E0324"},
      {"count(where: count() > 1)", "!E0324"},
      {"sum(s)", "!E0313"},
      {"sum(ok)", "!E0313"},
      {"avg(u)", "!E0313"},
      {"max(pos)", "!E0313"},
      {"stddev(d)", "!E0313"},
      {"any(a)", "!E0313"},
      {"max_by(s, pos)", "!E0319"},
      {"max_by(s)", "!E0311"},
      {"sum(a, b)", "!E0311"},
      {"count(a, b)", "!E0311"},
      {"sum(a, were: ok)", "!E0312"},
      {"sum(a, where: ok, where: ok)", "!E0312"},
      {"sum(x: a, x: b)", "!E0312"},
      {"sum(a, where: b)", "!E0305"},
      {"quantile(f, 2)", "!E0309"},
      {"quantile(f, f)", "!E0413"},
      {"collect(null)", "!E0320"},
      {"weighted(s, f)", "!E0305"},
      {"weighted(f)", "!E0311"},
      {"count(over: 10m)", "!E0336"},
      {"last(a, before: 1)", "!E0336"},
  }, Mode::aggregate);
  expect_all({
      {"count()", "!E0324"},
      {"avg(a)", "!E0324"},
      {"weighted(a, f)", "!E0324"},
      {"max(a, where: ok)", "!E0324"},
      {"avg(f, before: 30)", "!E0336"},
  });
}

}  // namespace gress::dsl::test
