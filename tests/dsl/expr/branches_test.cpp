#include <gtest/gtest.h>

#include "tests/dsl/expr/harness.h"

namespace gress::dsl::test {

TEST(Branches, If) {
  expect_all({
      {"if ok then a else f", "if ok then widen<f64>(a) else f : f64"},
      {"if ok then felt else a", "if ok then felt else wrap(a) : i64?"},
      {"if ok then 1 else null", "if ok then wrap(1) else absent : i64?"},
      {"if ok then mag else a", "if ok then mag else wrap(widen<f64>(a)) : f64?"},
      {"if ok then s else a", "!E0318"},
      {"if ok then d else f", "!E0318"},
      {"if a then 1 else 2", "!E0305"},
      {"if yes then 1 else 2", "!E0306"},
      {"if ok then fail(\"x\") else a", "if ok then fail(\"x\") else a : i64"},
      {"if ok then null else fail(\"x\")", "!E0320"},
      {"if ok then pos else { lon: 1, lat: 2 }", "if ok then pos else { lon: 1.0, lat: 2.0 } : Position"},
      {"if ok then [] else xs", "if ok then [] else xs : list<i64>"},
      {"if ok then nope else a", "!E0301"},
      {"if ok then \"a\" else if a > 1 then \"b\" else \"c\"", "if ok then \"a\" else if (a > 1) then \"b\" else \"c\" : string"},
  });
}

TEST(Branches, Match) {
  expect_all({
      {"match st { automatic => 1, reviewed | deleted => 2 }",
       "match st { Status.automatic => 1, Status.reviewed | Status.deleted => 2, } : i64"},
      {"match st { Status.automatic => 1, _ => 2 }", "match st { Status.automatic => 1, _ => 2, } : i64"},
      {"match st { automatic => 1 }", "!E0317"},
      {"match st { automtic => 1, _ => 2 }", "!E0304"},
      {"match st { limit => 1, _ => 2 }", "!E0304"},
      {"match a { 1 => s, -2 | 3 => \"b\", _ => \"c\" }", "match a { 1 => s, -2 | 3 => \"b\", _ => \"c\", } : string"},
      {"match a { 1 => 1 }", "!E0317"},
      {"match a { days => 1, _ => 2 }", "!E0321"},
      {"match a { \"x\" => 1, _ => 2 }", "!E0305"},
      {"match n { 3000000000 => 1, _ => 2 }", "!E0309"},
      {"match ok { true => 1, false => 2 }", "match ok { true => 1, false => 2, } : i64"},
      {"match ok { true => 1 }", "!E0317"},
      {"match ok { true => 1, false => 2, _ => 3 }", "match ok { true => 1, false => 2, } : i64 !W0305"},
      {"match s { \"a\" => 1, \"a\" => 2, _ => 3 }", "match s { \"a\" => 1, _ => 3, } : i64 !W0305"},
      {"match s { \"a{s}\" => 1, _ => 3 }", "!E0321"},
      {"match s { _ => 1, \"a\" => 2 }", "match s { _ => 1, } : i64 !W0305"},
      {"match t { @1970-01-01T00:00:00Z => 1, _ => 2 }", "match t { @0 => 1, _ => 2, } : i64"},
      {"match u { 5m => 1, _ => 2 }", "match u { 300000000us => 1, _ => 2, } : i64"},
      {"match mood { automatic => 1, reviewed => 2, deleted => 3, null => 4 }",
       "match mood { wrap(Status.automatic) => 1, wrap(Status.reviewed) => 2, wrap(Status.deleted) => 3, absent => 4, } : i64"},
      {"match mood { automatic => 1, reviewed => 2, deleted => 3 }", "!E0317"},
      {"match felt { 1 => felt, null => 0, _ => felt }", "match felt { wrap(1) => unwrap(felt), absent => 0, _ => unwrap(felt), } : i64"},
      {"match felt { 1 => 1, _ => felt }", "match felt { wrap(1) => wrap(1), _ => felt, } : i64?"},
      {"match a { null => 1, _ => 2 }", "match a { _ => 2, } : i64 !W0302"},
      {"match a { 1 => a, _ => f }", "match a { 1 => widen<f64>(a), _ => f, } : f64"},
      {"match a { 1 => s, _ => f }", "!E0318"},
      {"match pos { _ => 1 }", "!E0307"},
      {"match null { _ => 1 }", "!E0320"},
      {"match nope { 1 => 1, _ => 2 }", "!E0301"},
  });
}

}  // namespace gress::dsl::test
