// Whether a changed program can go on from saved state, and that what is read then is what was saved.
#include "runtime/checkpoint/evolution.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/core/aggregates/all.h"
#include "runtime/core/state_io.h"

namespace gress::checkpoint {

using Texts = std::vector<std::string>;

/// A state of an aggregate stage; `more`: the rest of the object.
Descriptor described(const std::string& aggregates, const std::string& records = "[]", const std::string& fixed = R"j([["key", "area string"]])j") {
  return read_descriptor(R"j({"name": "daily_aggregate", "kind": "window aggregate", "adds": true, "fixed": )j" + fixed + R"j(, "aggregates": )j" + aggregates +
                         R"j(, "records": )j" + records + "}");
}
Descriptor row(const std::string& form) { return described("[]", R"j([["row", ")j" + form + R"j(", "Row"]])j"); }

Texts problems(const std::string& was, const std::string& now) { return compare(row(was), row(now)).problems; }

TEST(Evolution, WhatIsTheSameIsNotChanged) {
  const Verdict verdict = compare(described(R"j([["n", "count()", true]])j"), described(R"j([["n", "count()", true]])j"));
  EXPECT_EQ(verdict.problems, Texts{});
  EXPECT_EQ(verdict.changes, Texts{});
}

TEST(Evolution, AggregatesComeAndMove) {
  const Descriptor was = described(R"j([["n", "count()", true], ["fares", "sum(i32)", true]])j");
  const Verdict verdict = compare(was, described(R"j([["fares", "sum(i64)?", true], ["ids", "collect(i64)", true], ["n", "count()", true]])j"));
  EXPECT_EQ(verdict.problems, Texts{});
  EXPECT_EQ(verdict.changes, (Texts{"`fares` changes from sum(i32) to sum(i64)?", "`ids` is new: of the rows from here on"}));
}

TEST(Evolution, WhatCannotBeReadIsTold) {
  const Descriptor was = described(R"j([["n", "count()", true], ["fares", "sum(i64)", true]])j");
  EXPECT_EQ(compare(was, described(R"j([["fares", "max(i64)", false], ["most", "max(i64)", false]])j")).problems,
            (Texts{"`fares` was sum(i64) and is max(i64)",
                   "`most` is new, and max(i64) has no value where no row has come since: with a `where:` it would be optional", "`n` was count() and is gone"}));
  EXPECT_EQ(compare(was, described(R"j([["n", "count()", true], ["fares", "sum(i64)", true]])j", "[]", R"j([["key", "area string?"], ["window", "tumbling(1h)"]])j")).problems,
            (Texts{"its key was `area string` and is `area string?`", "its window was none and is `tumbling(1h)`"}));
  Descriptor other = was;
  other.kind = "scan";
  EXPECT_EQ(compare(was, other).problems, Texts{"it was a window aggregate and is a scan"});
  Descriptor retracting = described(R"j([["n", "count()", true], ["fares", "sum(i64)", true], ["m", "count()", true]])j");
  retracting.adds = false;
  EXPECT_EQ(compare(was, retracting).problems, Texts{"`m` is new, and rows that it has not counted may be taken back from it"});
}

TEST(Evolution, AValueOfAParamIsTheSameHoweverItIsWritten) {
  const auto fixed = [](const std::string& type, const std::string& value, std::vector<std::pair<std::string, std::string>> given = {}) {
    const std::string state = R"j({"sinks": [], "sections": [{"name": "s", "kind": "scan", "adds": true, "fixed": [], "aggregates": [], "records": [], "params": [["p", ")j" +
                              type + R"j(", ")j" + value + R"j("]]}]})j";
    return read_program_state(state, given).sections.at(0).fixed.at(0).second;
  };
  const auto same = [&](const std::string& type, const std::string& a, const std::string& b) { return fixed(type, a) == fixed(type, "", {{"p", b}}); };
  EXPECT_TRUE(same("duration", "1h", "60m"));
  EXPECT_TRUE(same("f64", "0.5", "5e-1"));
  EXPECT_TRUE(same("decimal", "1.5", "1.500"));
  EXPECT_TRUE(same("timestamp", "1767225600000000", "2026-01-01T00:00:00Z"));
  EXPECT_TRUE(same("i64", "2", "02"));
  EXPECT_TRUE(same("i32", "-2", "-02"));
  EXPECT_TRUE(same("uuid", "0a1b2c3d-0000-4000-8000-00000000000f", "0A1B2C3D-0000-4000-8000-00000000000F"));
  EXPECT_TRUE(same("string", "pepper", "pepper"));
  EXPECT_FALSE(same("i64", "2", "20"));
  EXPECT_FALSE(same("f64", "sqrt(2.0)", "sqrt(3.0)")) << "defaults that are computed";
  EXPECT_FALSE(same("duration", "1h", "61m"));
  EXPECT_FALSE(same("decimal", "10", "100"));
  EXPECT_FALSE(same("string", "pepper", "salt"));
  EXPECT_EQ(fixed("string", "pepper").find("pepper"), std::string::npos) << "it may be a secret";
}

TEST(Evolution, AggregatesOfOneNameAreNotGuessed) {
  const Descriptor was = described(R"j([["max(1)", "max(i32)", true], ["max(1)", "max(i64)", true]])j");
  EXPECT_EQ(compare(was, described("[]")).problems.front(), "two of its aggregates are `max(1)`, and which is which cannot be told");
}

TEST(Evolution, ColumnsWidenAndBecomeOptional) {
  for (const char* now : {"i64", "f64", "decimal", "i32?", "i64?", "decimal?"}) EXPECT_EQ(problems("{a: i32}", std::string("{a: ") + now + "}"), Texts{}) << now;
  for (const char* now : {"string", "bool", "f32", "timestamp", "list<i32>"}) EXPECT_EQ(problems("{a: i32}", std::string("{a: ") + now + "}"), Texts{std::string("`a` was i32 and is ") + now});
  EXPECT_EQ(problems("{a: i64}", "{a: i32}"), Texts{"`a` was i64 and is i32"});
  EXPECT_EQ(problems("{a: i64?}", "{a: i64}"), Texts{"`a` was i64? and is i64"});
  EXPECT_EQ(problems("{a: list<{x: f32}>}", "{a: list<{x: f64?}>}"), Texts{});
  EXPECT_EQ(problems("{a: map<i32, i32>}", "{a: map<i64, i32>}"), Texts{"`a` was map<i32, i32> and is map<i64, i32>"});
  EXPECT_EQ(problems("{a: enum{x, y}}", "{a: enum{x, y, z}}"), Texts{});
  EXPECT_EQ(problems("{a: enum{x, y}}", "{a: enum{y, x}}"), Texts{"`a` was enum{x, y} and is enum{y, x}"});
  EXPECT_EQ(problems("{a: i64}", "{a: i64, b: string?}"), Texts{});
  EXPECT_EQ(problems("{a: i64, b: string}", "{a: i64}"), Texts{});
  EXPECT_EQ(problems("{a: i64}", "{a: i64, b: string}"), Texts{"`b` is new, and what was kept has none: it is string, and would have to be optional"});
  EXPECT_EQ(problems("{}", "{a: i64?}"), Texts{"it kept none and keeps `{a: i64?}`"});
}

TEST(Evolution, StagesGoByTheirFormerNames) {
  std::vector<Descriptor> now = {described("[]")};
  now[0].name = "hourly_aggregate";
  const std::vector<Descriptor> saved = {described("[]")};
  EXPECT_EQ(compare_all(saved, now, {})[0].verdict.problems.size(), 1u);
  EXPECT_TRUE(compare_all(saved, now, {"daily_aggregate"}).empty());
  now[0].was = "daily_aggregate";
  const std::vector<Finding> found = compare_all(saved, now, {});
  EXPECT_EQ(found[0].stage, "hourly_aggregate");
  EXPECT_EQ(found[0].verdict.problems, Texts{});
  EXPECT_TRUE(compare_all(saved, now, {"hourly_aggregate"}).empty());
}

TEST(Evolution, AFormerNameGoesBeforeOnesOwn) {
  std::vector<Descriptor> saved = {described("[]"), described("[]")}, now = {described("[]")};
  saved[1].name = "daily_v2_aggregate";
  now[0].was = "daily_v2_aggregate";
  std::vector<Finding> found = compare_all(saved, now, {});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].verdict.problems, Texts{"the stage of this name goes on from `daily_v2_aggregate`, as `was:` tells, and nothing from this"});
  EXPECT_EQ(found[1].stage, "daily_aggregate");
  EXPECT_EQ(found[1].verdict.problems, Texts{});
  found = compare_all(saved, now, {"daily_aggregate"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].saved, "daily_v2_aggregate");
  // One deployment later.
  saved.pop_back();
  EXPECT_EQ(compare_all(saved, now, {})[0].stage, "daily_aggregate");
  now.push_back(described("[]"));
  now[1].name = "other_aggregate";
  now[1].was = "daily_aggregate";
  EXPECT_EQ(compare_all(saved, now, {})[0].verdict.problems, Texts{"`daily_aggregate` and `other_aggregate` would both go on from it"});
}

TEST(Evolution, WhatKnowsOnlyItsInputsBeginsAnew) {
  const std::vector<Descriptor> saved = {read_descriptor(
      R"j({"name": "both", "kind": "merge", "begins_anew": true, "fixed": [["order of inputs", "a, b"]], "aggregates": [], "adds": false, "records": []})j")};
  std::vector<Descriptor> now = saved;
  EXPECT_EQ(compare_all(saved, now, {})[0].stage, "both");
  now[0].fixed[0].second = "b, a";
  Finding found = compare_all(saved, now, {})[0];
  EXPECT_EQ(found.stage, "");
  EXPECT_EQ(found.verdict.problems, Texts{});
  EXPECT_EQ(found.verdict.changes, Texts{"it begins anew: its order of inputs was `a, b` and is `b, a`"});
  found = compare_all(saved, {}, {})[0];
  EXPECT_EQ(found.stage, "");
  EXPECT_EQ(found.verdict.problems, Texts{});
}

struct Was {
  std::int32_t id = 0;
  Text gone{};
  List<std::int32_t> numbers{};
  std::int32_t price = 0;
  std::int64_t seen = 0;
  static constexpr auto members = Members<&Was::id, &Was::gone, &Was::numbers, &Was::price, &Was::seen>{};
};
struct Row {
  Decimal price{};
  Opt<std::int64_t> id{};
  Opt<Text> note{};
  List<Opt<double>> numbers{};
  double seen = 0;
  static constexpr auto members = Members<&Row::price, &Row::id, &Row::note, &Row::numbers, &Row::seen>{};
  static constexpr std::string_view kRole = "Row";
};
constexpr const char* kWas = "{id: i32, gone: string, numbers: list<i32>, price: i32, seen: i64}";
constexpr const char* kNow = "{price: decimal, id: i64?, note: string?, numbers: list<f64?>, seen: f64}";

TEST(Migration, RowsAreReadAsTheyAreNow) {
  const std::string text = "a text of more than fifteen letters";
  const std::int32_t numbers[] = {1, -2, 3};
  Was was{-7, Text(std::string_view(text)), {}, 250, 1LL << 40};
  was.numbers.items = numbers;
  was.numbers.count = 3;
  StateOut out;
  out(std::int64_t{1}, was, std::int64_t{2});
  const Migration migration(row(kWas), row(kNow));
  StateIn in(out.view());
  in.evolution = &migration;
  EXPECT_EQ(in.get<std::int64_t>(), 1);
  Row now = in.get<Row>();
  EXPECT_EQ(in.get<std::int64_t>(), 2);
  in.end();
  EXPECT_EQ(now.price, decimal_literal(250, 0));
  EXPECT_EQ(now.id, Opt<std::int64_t>(-7));
  EXPECT_FALSE(now.note.has);
  ASSERT_EQ(now.numbers.size(), 3u);
  EXPECT_EQ(now.numbers.items[1], Opt<double>(-2.0));
  EXPECT_EQ(now.seen, static_cast<double>(1LL << 40));
  StateTraits<Row>::release(now);
}

TEST(Migration, BytesThatEndTooEarlyAreNoticed) {
  StateOut out;
  out(Was{});
  const Migration migration(row(kWas), row(kNow));
  for (std::size_t n = 0; n != out.view().size(); ++n) {
    StateIn in(out.view().substr(0, n));
    in.evolution = &migration;
    EXPECT_THROW(in.get<Row>(), StateDamaged) << n;
  }
}

TEST(Migration, AggregatesAreReadByName) {
  struct State {
    agg::Collect<std::int64_t> ids;
    agg::Sum<std::int64_t> fares;
    agg::Count n;
    void archive(StateIn& io) { io.aggregates(ids, fares, n); }
  };
  Eval ev;
  agg::Count n;
  agg::Sum<std::int32_t> fares;
  for (int i = 0; i != 3; ++i) n.add(ev), fares.add(ev, 100);
  StateOut out;
  out.aggregates(n, fares);
  const Migration migration(described(R"j([["n", "count()", true], ["fares", "sum(i32)", true]])j"),
                            described(R"j([["ids", "collect(i64)", true], ["fares", "sum(i64)", true], ["n", "count()", true]])j"));
  StateIn in(out.view());
  in.evolution = &migration;
  State state;
  in(state);
  in.end();
  EXPECT_EQ(state.n.result(ev), 3);
  EXPECT_EQ(state.fares.result(ev), 300);
  EXPECT_EQ(state.ids.result(ev).size(), 0u);
}

TEST(Migration, AStateWithoutAggregatesGetsOne) {
  struct State {
    agg::Count n;
    void archive(StateIn& io) { io.aggregates(n); }
  };
  const Migration migration(described("[]"), described(R"j([["n", "count()", true]])j"));
  StateIn in("");
  in.evolution = &migration;
  State state;
  in(state);
  in.end();
  Eval ev;
  EXPECT_EQ(state.n.result(ev), 0);
}

}  // namespace gress::checkpoint
