#include <gtest/gtest.h>

#include "tests/dsl/expr/harness.h"

namespace gress::dsl::test {

TEST(Names, OfARow) {
  expect_all({
      {"a", "a : i64"},
      {"limit", "param limit : f64"},
      {"pos.lon", "pos.lon : f64"},
      {"pos.depth", "!E0302"},
      {"a.lon", "!E0323"},
      {"m.key", "!E0323"},
      {"t.hour", "!E0323"},
      {"nope", "!E0301"},
      {"nope.x", "!E0301"},
      {"Status.reviewed", "Status.reviewed : Status"},
      {"Status.revewed", "!E0304"},
      {"reviewed", "!E0301"},
      {"Status", "!E0314"},
      {"Position", "!E0314"},
      {"energy", "!E0314"},
      {"weighted", "!E0314"},
      {"flights", "!E0314"},
      {"lower", "!E0301"},
      {"flights(1)", "!E0315"},
      {"a(1)", "!E0315"},
      {"limit(1)", "!E0315"},
      {"Status(1)", "!E0315"},
      {"s.lower()", "!E0335"},
      {"s.nope(a)", "!E0335"},
      {"xs[0](1)", "!E0315"},
  });
}

TEST(Names, OfOtherPlaces) {
  expect_all({{"s == z.tag", "(wrap(s) == right.tag) : bool"},
              {"z.lon > f", "(right.lon > f) : bool"},
              {"z.nope", "!E0302"},
              {"z.tag is not null and z.tag == s", "((right.tag is not null) and (unwrap(right.tag) == s)) : bool"},
              {"z", "{ lon: right.lon, lat: right.lat, tag: right.tag } : Zone"}},
             Mode::on);
  expect_all({{"count + other.count", "(state.count + other.count) : i64"},
              {"if other.seen is not null then other.seen else seen", "if (other.seen is not null) then other.seen else state.seen : timestamp?"},
              {"other", "!E0314"},
              {"other.nope", "!E0302"}},
             Mode::merge);
  expect_all({{"{ s, count }", "{ s: group.s, count: state.count } : { s: string, count: i64 }"}, {"a", "!E0326"}}, Mode::then_emit);
  expect_all({{"days * 1d", "(86400000000us times* param days) : duration"}, {"a", "!E0301"}}, Mode::constant);
  expect_all({{"now()", "now() : timestamp"}, {"now(1)", "!E0311"}, {"t < now()", "(t < now()) : bool"}}, Mode::now);
  expect_all({{"now()", "!E0327"}});
}

TEST(Names, ArgumentsAndFiles) {
  Harness h;
  const std::vector<checked::FunctionParam> args{{"a", h.type("string")}, {"p", h.type("Position?")}};
  Names other;
  other.params["days"] = 2;
  Env env;
  env.args = &args;
  env.names = &other;
  const auto run = [&](const std::string& text) {
    *h.diagnostics = Diagnostics{};
    const FileId file = h.sources.add("f.gress", "fn c() -> bool = " + text + "\n");
    h.files.push_back(std::make_unique<ast::File>(parse(h.sources, file, *h.diagnostics)));
    const checked::ExprPtr e = h.checker->check(*h.files.back()->items[0].as<ast::FnDecl>()->body, env);
    return h.diagnostics->has_errors() ? "!" + std::string(info(h.diagnostics->all()[0].code).id) : h.print(e);
  };
  EXPECT_EQ(run("upper(a)"), "upper(arg0)");
  EXPECT_EQ(run("if p is not null then p.lon else 0"), "if (arg1 is not null) then unwrap(arg1).lon else 0.0");
  EXPECT_EQ(run("days"), "param days");
  EXPECT_EQ(run("limit"), "!E0301");  // not of this file
  EXPECT_EQ(run("energy(1)"), "!E0303");
}

TEST(Names, Recursion) {
  Harness h;
  const auto body = [&](checked::Index function, const std::string& text) {
    const FileId file = h.sources.add("f.gress", "fn c() -> bool = " + text + "\n");
    h.files.push_back(std::make_unique<ast::File>(parse(h.sources, file, *h.diagnostics)));
    Env env;
    env.function = function;
    env.args = &h.program.functions[function].params;
    h.program.functions[function].body = h.checker->check(*h.files.back()->items[0].as<ast::FnDecl>()->body, env);
  };
  body(0, "magnitude + 1.0");
  body(1, "\"{energy(1)}\"");
  h.checker->report_recursion();
  EXPECT_FALSE(h.diagnostics->has_errors());
  body(0, "f64(length(label(\"x\", 1)))");  // energy → label → energy
  body(2, "first_of(p)");
  h.checker->report_recursion();
  ASSERT_EQ(h.diagnostics->error_count(), 2u);
  EXPECT_EQ(h.diagnostics->all()[0].message, "`energy` calls itself through `label`");
  EXPECT_EQ(h.diagnostics->all()[1].message, "`first_of` calls itself");
  EXPECT_TRUE(h.program.functions[0].body->type->is(Kind::error));
  Harness::seen_codes().insert("E0316");
}

TEST(Names, HidingABuiltIn) {
  Harness h;
  h.checker->warn_if_hides_builtin({"lower", {}});
  h.checker->warn_if_hides_builtin({"count", {0, 1, 2}});
  h.checker->warn_if_hides_builtin({"mine", {0, 3, 4}});
  ASSERT_EQ(h.diagnostics->warning_count(), 2u);
  EXPECT_EQ(h.diagnostics->all()[0].message, "`lower` hides the built-in function of that name");
  Harness::seen_codes().insert("W0301");
  h.names.functions["upper"] = 1;  // label(s, n)
  EXPECT_EQ(h.run("upper(s, 1)"), "label(s, 1) : string");
}

}  // namespace gress::dsl::test
