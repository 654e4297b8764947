// Checks expressions against a row of every type, and prints what came out: the typed tree, or the diagnostics.
//
//   columns   a b: i64   n: i32   f: f64   g: f32   d: decimal   s: string   t: timestamp   u: duration   id: uuid
//             by: bytes   ok: bool   st: Status   pos: Position   xs: list<i64>   ss: list<string>   ps: list<Position>
//             m: map<string, i64>   felt: i64?   mag: f64?   name: string?   cost: decimal?   when: timestamp?
//             place: Position?   mood: Status?   yes: bool?   r: Reading   n32: i32?   rs: Reading?
//   params    limit: f64   zone_name: string   days: i64
//   types     enum Status { automatic, reviewed as "rev", deleted }   type Position { lon: f64, lat: f64 }
//             type Reading { at: timestamp, celsius: f64? }   type Pair { a: i64, b: string = "none", c: i64? }
//   functions energy(magnitude: f64) -> f64   label(s: string, n: i64) -> string   first_of(p: Position) -> f64
//   aggregates weighted(x: f64, w: f64) -> f64
//   right     in `on` mode: alias `z`, a Position with `tag: string?` after it
#pragma once
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dsl/check/expr_checker.h"
#include "dsl/syntax/parser.h"

namespace gress::dsl::test {

enum class Mode { row, on, aggregate, now, constant, merge, then_emit };

struct Case {
  std::string expr;
  std::string result;  // "tree : type", then " !code" for each diagnostic; only codes after an error
};

class Harness {
 public:
  Harness();
  /// One expression; `expected` as a type's name ("f64", "decimal?", "Pair", "list<f64>"), empty for none: then
  /// checked and coerced to it.
  std::string run(const std::string& expr, Mode mode = Mode::row, const std::string& expected = {});
  /// Message, labels, helps, notes and fixes of the diagnostics of one expression.
  std::string explain(const std::string& expr, Mode mode = Mode::row, const std::string& expected = {});
  const Type* type(const std::string& name);
  std::string print(checked::ExprPtr expr) const;

  /// What has come up in all runs of the process, for the coverage test.
  static std::set<std::string>& seen_codes();
  static std::set<std::string>& seen_calls();       // "function/cpp" of built-ins
  static std::set<std::string>& seen_aggregates();

  SourceManager sources;
  checked::Program program;
  Names names;
  checked::Row row, group;
  std::vector<checked::AggregateCall> calls;
  std::vector<checked::StateField> state;
  std::unique_ptr<Diagnostics> diagnostics;
  std::unique_ptr<ExprChecker> checker;
  std::vector<std::unique_ptr<ast::File>> files;

  checked::ExprPtr check(const std::string& expr, Mode mode, const std::string& expected);
  Env env(Mode mode) const;

 private:
  const Type* right_ = nullptr;
};

/// Runs all cases in one mode.
void expect_all(const std::vector<Case>& cases, Mode mode = Mode::row, const std::string& expected = {});

}  // namespace gress::dsl::test
