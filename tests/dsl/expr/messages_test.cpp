// What the user reads.
#include <gtest/gtest.h>

#include "tests/dsl/expr/harness.h"

namespace gress::dsl::test {

TEST(Messages, SayWhatWasSeenAndWhatHelps) {
  Harness h;
  EXPECT_EQ(h.explain("felt < 3"),
            "E0306 `<` wants plain values, and `felt` may be absent\n"
            "  `felt`: may be absent\n"
            "  help: see to it that it is there: `filter felt is not null`\n"
            "  fix: or give a default: `felt` -> `(felt ?? 0)`\n");
  EXPECT_EQ(h.explain("energy(mag)"),
            "E0306 argument `magnitude` of `energy` wants a plain `f64`, and `mag` may be absent\n"
            "  `mag`: may be absent\n"
            "  help: see to it that it is there: `filter mag is not null`\n"
            "  fix: or give a default: `mag` -> `(mag ?? 0.0)`\n");
  EXPECT_EQ(h.explain("d * f"),
            "E0308 `*` between `decimal` and `f64`: decimals and floats do not mix unasked\n"
            "  `d * f`: \n"
            "  at `d`: `decimal`\n"
            "  at `f`: `f64`\n"
            "  note: `decimal(…)` is exact in its digits, `f64(…)` is not\n"
            "  fix: convert one: `f` -> `decimal(f)`\n");
  EXPECT_EQ(h.explain("st == \"rev\""),
            "E0307 `==` compares values of one type, found `Status` and `string`\n"
            "  `st == \"rev\"`: \n"
            "  at `st`: `Status`\n"
            "  at `\"rev\"`: `string`\n"
            "  fix: write `Status.reviewed`: `\"rev\"` -> `Status.reviewed`\n");
  EXPECT_EQ(h.explain("reviewed"),
            "E0301 there is no `reviewed` here\n"
            "  `reviewed`: unknown name\n"
            "  fix: as a variant it is written `Status.reviewed`: `reviewed` -> `Status.reviewed`\n");
  EXPECT_EQ(h.explain("limt"),
            "E0301 there is no `limt` here\n"
            "  `limt`: unknown name\n"
            "  fix: did you mean `limit`?: `limt` -> `limit`\n");
  EXPECT_EQ(h.explain("match st { automatic => 1 }"),
            "E0317 this `match` does not cover every `Status`\n"
            "  `st`: missing: `reviewed`, `deleted`\n"
            "  help: add the arms, or `_ => …` for all others\n");
  EXPECT_EQ(h.explain("s.lower()"),
            "E0335 values have no methods\n"
            "  `s.lower`: not a function\n"
            "  fix: functions take the value as an argument: `s.lower()` -> `lower(s)`\n");
  EXPECT_EQ(h.explain("ifnull(a, 1)"),
            "E0303 there is no function `ifnull`\n"
            "  `ifnull`: unknown function\n"
            "  help: here it is `x ?? default`\n");
  EXPECT_EQ(h.explain("a", Mode::aggregate),
            "E0326 `a` is a column of the rows, and one row a group comes out\n"
            "  `a`: outside an aggregate\n"
            "  help: say which of its values: `last(a)`, `max(a)`, `collect(a)`\n"
            "  help: or group by it: `key … , a`\n");
  EXPECT_EQ(h.explain("a", Mode::constant),
            "E0301 there is no `a` here\n"
            "  `a`: unknown name\n"
            "  note: visible here: `days`, `limit`, `zone_name`\n"
            "  note: options see params only\n");
  EXPECT_EQ(h.explain("a / b", Mode::row, "f64"),
            "W0304 this division of integers truncates before it becomes `f64`\n"
            "  `a / b`: `7 / 2` is 3 here\n"
            "  help: divide floats: `f64(a) / b`\n");
  EXPECT_EQ(h.explain("a", Mode::row, "string"),
            "E0305 the value wants `string`, found `i64`\n"
            "  `a`: `i64`\n"
            "  fix: convert it: `string(a)`: `a` -> `string(a)`\n");
  EXPECT_EQ(h.explain("{ b: \"x\" }", Mode::row, "Pair"),
            "E0334 a `Pair` without `a`\n"
            "  `{ b: \"x\" }`: missing: `a`\n");
  EXPECT_EQ(h.explain("sqrt(d)"),
            "E0313 `sqrt` does not take `decimal`\n"
            "  `sqrt(d)`: \n"
            "  at `d`: `decimal`\n"
            "  note: `sqrt(x: f64) -> f64`\n"
            "  help: decimals and floats do not mix unasked: `f64(…)` or `decimal(…)` converts\n");
  EXPECT_EQ(h.explain("hour(t, \"Europe/Berlim\")"),
            "E0329 there is no time zone `Europe/Berlim`\n"
            "  `\"Europe/Berlim\"`: unknown zone\n"
            "  fix: did you mean `Europe/Berlin`?: `\"Europe/Berlim\"` -> `\"Europe/Berlin\"`\n");
}

TEST(Messages, ADefaultThatIsNeverUsedIsTakenAway) {
  Harness h;
  const auto fix = [&](const char* text) {
    const std::string all = h.explain(text);
    return all.substr(all.find("  fix: "));
  };
  EXPECT_EQ(fix("a ?? 1"), "  fix: remove it: ` ?? 1` -> ``\n");
  EXPECT_EQ(fix("(a) ?? 1"), "  fix: remove it: ` ?? 1` -> ``\n");
  EXPECT_EQ(fix("coalesce(a, 1)"), "  fix: remove it: `coalesce(a, 1)` -> `a`\n");
  EXPECT_EQ(fix("coalesce(felt, a, 1)"), "  fix: remove it: `, 1` -> ``\n");
}

TEST(Messages, OneMistakeIsReportedOnce) {
  Harness h;
  for (const char* text : {"nope + 1 > felt", "upper(nope)", "if nope then nope else 1", "{ a: nope }.a + \"x\"", "nope.x.y ?? 1",
                           "energy(nope) + 1", "\"{nope}\"", "[nope, 1]", "match nope { 1 => nope, _ => 2 }", "nope in [1, 2]", "xs[nope] ?? 1",
                           "-nope", "not nope", "nope and ok", "max(nope, 1)", "nope is null", "coalesce(nope, 1)"}) {
    std::size_t at_nope = 0;
    h.explain(text);
    for (const Diagnostic& d : h.diagnostics->all()) at_nope += d.code == Code::E0301;
    EXPECT_EQ(h.diagnostics->all().size(), at_nope) << text;
    EXPECT_GE(at_nope, 1u) << text;
  }
}

}  // namespace gress::dsl::test
