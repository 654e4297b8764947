#include <gtest/gtest.h>

#include "dsl/check/expr_impl.h"
#include "tests/dsl/expr/harness.h"

namespace gress::dsl::test {

TEST(Functions, Math) {
  expect_all({
      {"abs(a)", "abs(a) : i64"},
      {"abs(n)", "abs(n) : i32"},
      {"abs(f)", "abs(f) : f64"},
      {"abs(d)", "abs(d) : decimal"},
      {"abs(u)", "abs(u) : duration"},
      {"abs(s)", "!E0313"},
      {"min(a, b)", "min(a, b) : i64"},
      {"min(a, f)", "min(widen<f64>(a), f) : f64"},
      {"min(t, t)", "min(t, t) : timestamp"},
      {"max(s, \"a\")", "max(s, \"a\") : string"},
      {"max(st, Status.reviewed)", "max(st, Status.reviewed) : Status"},
      {"max(a, b, 3)", "max(max(a, b), 3) : i64"},
      {"max(1, 2.5, 3)", "max(max(1.0, 2.5), 3.0) : f64"},
      {"min(xs)", "min(xs) : i64?"},
      {"max(xs)", "max(xs) : i64?"},
      {"max(ps)", "!E0313"},
      {"max(a)", "!E0313"},
      {"max()", "!E0311"},
      {"max(a, s)", "!E0313"},
      {"max(d, f)", "!E0313"},
      {"max(felt, 1)", "!E0306"},
      {"clamp(a, 1, 5)", "clamp(a, 1, 5) : i64"},
      {"clamp(t, t, t)", "clamp(t, t, t) : timestamp"},
      {"clamp(a, high: 5, low: 1)", "clamp(a, 1, 5) : i64"},
      {"clamp(a, 1)", "!E0311"},
      {"floor(f)", "floor(f) : f64"},
      {"floor(d)", "floor(d) : decimal"},
      {"ceil(g)", "ceil(g) : f32"},
      {"ceil(d)", "ceil(d) : decimal"},
      {"ceil(a)", "ceil(widen<f64>(a)) : f64"},
      {"round(f)", "round(f) : f64"},
      {"round(f, 2)", "round(f, 2) : f64"},
      {"round(d, digits: 2)", "round(d, 2) : decimal"},
      {"round(f, digit: 2)", "!E0312"},
      {"round(f, 2, 3)", "!E0311"},
      {"sqrt(f)", "sqrt(f) : f64"},
      {"sqrt(2)", "sqrt(2.0) : f64"},
      {"sqrt(a)", "sqrt(widen<f64>(a)) : f64"},
      {"sqrt(d)", "!E0313"},
      {"ln(f) + log2(f) + log10(f) + exp(f)", "(((ln(f) + log2(f)) + log10(f)) + exp(f)) : f64"},
      {"pow(10.0, 1.5 * f + 4.8)", "pow(10.0, ((1.5 * f) + 4.8)) : f64"},
      {"sin(f) + cos(f) + tan(f)", "((sin(f) + cos(f)) + tan(f)) : f64"},
      {"asin(f) + acos(f) + atan2(f, f) + radians(f)", "(((asin(f) + acos(f)) + atan2(f, f)) + radians(f)) : f64"},
      {"hash(s)", "hash(s) : i64"},
      {"hash(a)", "hash(a) : i64"},
      {"hash(st)", "hash(to_text(st)) : i64"},
      {"hash(id)", "hash(id) : i64"},
      {"hash(pos)", "hash(pos) : i64"},
      {"hash(xs)", "hash(xs) : i64"},
  });
}

TEST(Functions, Text) {
  expect_all({
      {"length(s)", "length(s) : i64"},
      {"length(by)", "length(by) : i64"},
      {"length(xs)", "length(xs) : i64"},
      {"length(m)", "length(m) : i64"},
      {"length(a)", "!E0313"},
      {"length(name)", "!E0306"},
      {"lower(upper(trim(s)))", "lower(upper(trim(s))) : string"},
      {"contains(s, \"a\")", "contains(s, \"a\") : bool"},
      {"contains(xs, 3)", "contains(xs, 3) : bool"},
      {"contains(xs, n)", "contains(xs, widen<i64>(n)) : bool"},
      {"contains(ps, pos)", "contains(ps, pos) : bool"},
      {"contains(ps, { lon: 1.0, lat: 2.0 })", "contains(ps, { lon: 1.0, lat: 2.0 }) : bool"},
      {"contains(xs, s)", "!E0313"},
      {"starts_with(s, \"a\") and ends_with(s, suffix: \"b\")", "(starts_with(s, \"a\") and ends_with(s, \"b\")) : bool"},
      {"substring(s, 0, 3)", "substring(s, 0, 3) : string"},
      {"substring(s, 0)", "!E0311"},
      {"substring(s, start: 0, start: 3)", "!E0312"},
      {"replace(s, \"a\", by: \"b\")", "replace(s, \"a\", \"b\") : string"},
      {"split(s, \"/\")[3]", "split(s, \"/\")[3] : string?"},
      {"join(ss, \", \")", "join(ss, \", \") : string"},
      {"join(xs, \", \")", "!E0313"},
      {"len(s)", "!E0303"},
      {"lowr(s)", "!E0303"},
      {"frobnicate(nope)", "!E0303 !E0301"},
  });
}

TEST(Functions, RegularExpressions) {
  expect_all({
      {"regex_matches(s, '^a+$')", "regex_matches(s, \"^a+$\") : bool"},
      {"regex_matches(s, name ?? \"x\")", "regex_matches(s, (name ?? \"x\")) : bool"},
      {"regex_matches(s, '(')", "!E0328"},
      {"regex_matches(s, '(?<=a)b')", "!E0328"},
      {"regex_matches(s, '(?<n>a)[(?<]')", "regex_matches(s, \"(?<n>a)[(?<]\") : bool"},
      {"regex_replace(s, '\\?.*$', \"\")", "regex_replace(s, \"\\?.*$\", \"\") : string"},
      {"regex_replace(s, '(a)', '\\2')", "!E0328"},
      {"regex_extract(s, '(a)')", "regex_extract(s, \"(a)\", 0) : string?"},
      {"regex_extract(s, '(&|^)id=([^&]*)', 2)", "regex_extract(s, \"(&|^)id=([^&]*)\", 2) : string?"},
      {"regex_extract(s, 'a', group: 1)", "!E0328"},
      {"regex_extract(s, 'a', -1)", "!E0328"},
      {"regex_captures(s, '(?<ip>\\S+) (?P<x>.)?')",
       "regex_captures(s, \"(?<ip>\\S+) (?P<x>.)?\") : { ip: string, x: string? }?"},
      {"regex_captures(s, '(a)(?<b>b)')", "regex_captures(s, \"(a)(?<b>b)\") : { b: string }?"},
      {"regex_captures(s, 'abc')", "!E0328"},
      {"regex_captures(s, '(?<a>')", "!E0328"},
      {"regex_captures(s, s)", "!E0331"},
      {"regex_captures(s)", "!E0311"},
      {"regex_captures(s, '(?<lon>.)').lon", "regex_captures(s, \"(?<lon>.)\").lon : string?"},
  });
}

TEST(Functions, RegexGroups) {
  const auto optional = [](const char* pattern) {
    std::string out;
    const RegexInfo info = inspect_regex(pattern);
    EXPECT_EQ(info.error, "") << pattern;
    for (const RegexGroup& group : info.named) out += group.name + (group.optional ? "?" : "") + std::to_string(group.number) + ' ';
    return out;
  };
  EXPECT_EQ(optional("(?<a>x)(?<b>y)"), "a1 b2 ");
  EXPECT_EQ(optional("(?<a>x)?(?<b>y)*(?<c>z)+(?<d>z){0,3}(?<e>z){1,3}(?<f>z){0}"), "a?1 b?2 c3 d?4 e5 f?6 ");
  EXPECT_EQ(optional("(?<a>x)|(?<b>y)"), "a?1 b?2 ");
  EXPECT_EQ(optional("(?<a>x|y)(?:(?<b>p)|(?<c>q))(?<d>z)"), "a1 b?2 c?3 d4 ");
  EXPECT_EQ(optional("((?<a>x)(?<b>y|z))?"), "a?2 b?3 ");
  EXPECT_EQ(optional("\\((?<a>[)(|?]+)\\|[^]|](?i)(?<b>z)"), "a1 b2 ");
  EXPECT_EQ(optional("\\Q(|?\\E(?<a>x)"), "a1 ");
  EXPECT_EQ(optional("(?i:(?<a>x))*[[:alpha:]|](?<b>y)"), "a?1 b2 ");
  EXPECT_NE(inspect_regex("[").error, "");
  EXPECT_NE(inspect_regex("\\").error, "");
  EXPECT_NE(inspect_regex(")(").error, "");
  EXPECT_NE(inspect_regex("(?<").error, "");
}

TEST(Functions, Time) {
  expect_all({
      {"year(t) + month(t) + day(t) + hour(t)", "(((year(t) + month(t)) + day(t)) + hour(t)) : i64"},
      {"minute(t) + second(t) + day_of_week(t)", "((minute(t) + second(t)) + day_of_week(t)) : i64"},
      {"hour(t, \"Europe/Berlin\")", "hour(t, \"Europe/Berlin\") : i64"},
      {"hour(t, zone: zone_name)", "hour(t, param zone_name) : i64"},
      {"hour(t, \"Europe/Berlim\")", "!E0329"},
      {"hour(t, \"UTC\")", "hour(t, \"UTC\") : i64"},
      {"hour(t, s)", "!E0331"},
      {"hour(when)", "!E0306"},
      {"hour(a)", "!E0313"},
      {"truncate_time(t, 1h)", "truncate_time(t, 3600000000us) : timestamp"},
      {"truncate_time(t, day)", "truncate_time_unit(t, \"day\") : timestamp"},
      {"truncate_time(t, week, zone: \"America/New_York\")", "truncate_time_unit(t, \"week\", \"America/New_York\") : timestamp"},
      {"truncate_time(t, fortnight)", "!E0301"},
      {"truncate_time(t, 5)", "!E0313"},
      {"format_time(t, \"%Y-%m-%d\")", "format_time(t, \"%Y-%m-%d\") : string"},
      {"format_time(t, \"%H:%M\", zone_name)", "format_time(t, \"%H:%M\", param zone_name) : string"},
      {"format_time(t, \"%Q\")", "!E0330"},
      {"format_time(t, \"100%\")", "!E0330"},
      {"format_time(t, s)", "format_time(t, s) : string"},
      {"parse_time(s, \"%V\")", "!E0330"},
      {"parse_time(s, \"%d/%b/%Y:%H:%M:%S %z\")", "parse_time(s, \"%d/%b/%Y:%H:%M:%S %z\") : timestamp"},
  });
}

TEST(Functions, Lists) {
  expect_all({
      {"first(xs)", "first(xs) : i64?"},
      {"last(ps)", "last(ps) : Position?"},
      {"sum(xs)", "sum(xs) : i64"},
      {"sum(ss)", "!E0313"},
      {"sum(a)", "!E0313"},
      {"slice(xs, 0, 3)", "slice(xs, 0, 3) : list<i64>"},
      {"slice(ss, n, 3)", "slice(ss, widen<i64>(n), 3) : list<string>"},
      {"first(s)", "!E0313"},
      {"first([])", "!E0320"},
  });
}

TEST(Functions, Conversions) {
  expect_all({
      {"bool(s)", "to_bool(s) : bool"},
      {"i32(a)", "to_i32(a) : i32"},
      {"i32(s)", "to_i32(s) : i32"},
      {"i64(f)", "to_i64(f) : i64"},
      {"i64(2.5)", "to_i64(2.5) : i64"},
      {"i64(s)", "to_i64(s) : i64"},
      {"i64(a)", "a : i64"},
      {"i64(n)", "to_i64(n) : i64"},
      {"f32(a)", "to_f32(a) : f32"},
      {"f32(s)", "to_f32(s) : f32"},
      {"f64(d)", "to_f64(d) : f64"},
      {"f64(s)", "to_f64(s) : f64"},
      {"decimal(f)", "to_decimal(f) : decimal"},
      {"decimal(s)", "to_decimal(s) : decimal"},
      {"string(a)", "to_text(a) : string"},
      {"string(ok)", "to_text(ok) : string"},
      {"string(id)", "to_text(id) : string"},
      {"string(by)", "to_text(by) : string"},
      {"string(st)", "to_text(st) : string"},
      {"string(t)", "to_text_timestamp(t) : string"},
      {"string(u)", "to_text_duration(u) : string"},
      {"string(s)", "s : string"},
      {"string(5)", "to_text(5) : string"},
      {"string(xs)", "!E0313"},
      {"bytes(s)", "to_bytes(s) : bytes"},
      {"timestamp(s)", "to_timestamp(s) : timestamp"},
      {"timestamp(a)", "to_timestamp_i64(a) : timestamp"},
      {"timestamp(0)", "to_timestamp_i64(0) : timestamp"},
      {"duration(s)", "to_duration(s) : duration"},
      {"uuid(s)", "to_uuid(s) : uuid"},
      {"i64(felt)", "!E0306"},
      {"i64(ok)", "!E0313"},
      {"i64(t)", "!E0313"},
      {"i64(u)", "!E0313"},
      {"i64(null)", "!E0306"},
      {"i64(fail(\"x\"))", "to_i64(fail(\"x\")) : i64"},
  });
}

TEST(Functions, OfTheUser) {
  expect_all({
      {"energy(a)", "energy(widen<f64>(a)) : f64"},
      {"energy(2)", "energy(2.0) : f64"},
      {"energy(mag)", "!E0306"},
      {"energy(s)", "!E0305"},
      {"energy(d)", "!E0308"},
      {"energy()", "!E0311"},
      {"energy(1, 2)", "!E0311"},
      {"energy(magnitude: f)", "energy(f) : f64"},
      {"energy(magnitud: f)", "!E0312"},
      {"label(n: 1, s: s)", "label(s, 1) : string"},
      {"label(s, s: s)", "!E0312"},
      {"first_of({ lon: 1, lat: f })", "first_of({ lon: 1.0, lat: f }) : f64"},
      {"first_of(pos)", "first_of(pos) : f64"},
      {"energy(a / b)", "energy(widen<f64>((a / b))) : f64 !W0304"},
      {"fail(a)", "!E0305"},
      {"fail()", "!E0311"},
  });
}

}  // namespace gress::dsl::test
