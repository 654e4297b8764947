// The syntax tree of one .gress file: what was written, nothing more. Names are unresolved, types are names.
// Every node carries its byte range; a parser error leaves an `Expr` of kind Error or drops the item, never null.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "dsl/source/source.h"

namespace gress::dsl::ast {

/// An identifier where it stands.
struct Name {
  std::string text;
  Range range;
};

/// `a.b.c`, at least one part.
struct Path {
  std::vector<Name> parts;
  Range range;
};

// ---------------------------------------------------------------- expressions

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;
struct Window;

struct Error {};
struct Null {};
struct Bool { bool value; };
/// Digits as written without `_`; `is_float` when it has a point or exponent.
struct Number { std::string digits; bool is_float; };
struct DurationLit { std::int64_t micros; };
struct SizeLit { std::int64_t bytes; };
/// `1000/s`: only recognised by the parser as a division; kept here for options (see Option::value). `per_micros` = 1000000 for s.
struct RateLit { std::string digits; std::int64_t per_micros; };
struct TimestampLit { std::int64_t micros; };
/// One piece of a string: literal text (escapes resolved) or an interpolated expression.
struct StringPart { std::string text; ExprPtr expr; };
struct String { std::vector<StringPart> parts; bool raw; };  // no parts: ""
struct NameRef { std::string name; };
/// `base.member`; also enum variants and paths of fields.
struct Member { ExprPtr base; Name member; };
struct Index { ExprPtr base; ExprPtr index; };

/// Named argument, record entry, option or key: `name: value`; a bare path `a.b` has `path` and no value
/// (the name is the last part). `doc`-free, shared by records, keys, calls and options.
struct Entry {
  std::optional<Name> name;  // given before a colon
  ExprPtr value;             // the expression; for a bare path, the path as expression
  Range range;
  /// Output name: the given name, else the last part of the path.
  std::string field_name() const;
};

/// `f(a, b, where: c)`. Positional args have no name. The callee is an expression (a name in all legal uses).
struct Call { ExprPtr callee; std::vector<Entry> args; };
struct Record { std::vector<Entry> entries; };
struct List { std::vector<ExprPtr> items; };
/// `[e for i in items if c]` (§12; parsed, formatted, refused).
struct Comprehension { ExprPtr item; Name variable; ExprPtr list; ExprPtr condition; };

enum class UnaryOp { negate, not_ };
enum class BinaryOp { or_, and_, eq, ne, lt, le, gt, ge, in, not_in, coalesce, add, sub, mul, div, rem };
struct Unary { UnaryOp op; ExprPtr operand; };
struct Binary { BinaryOp op; ExprPtr left, right; Range op_range; };
struct IsNull { ExprPtr operand; bool negated; };
struct If { ExprPtr condition, then, otherwise; };
/// An arm's patterns are paths, literals, or `_` (NameRef "_").
struct Arm { std::vector<ExprPtr> patterns; ExprPtr value; Range range; };
struct Match { ExprPtr subject; std::vector<Arm> arms; };
struct Paren { ExprPtr inner; };

struct Expr {
  Range range;
  std::variant<Error, Null, Bool, Number, DurationLit, SizeLit, RateLit, TimestampLit, String, NameRef, Member, Index,
               Call, Record, List, Comprehension, Unary, Binary, IsNull, If, Match, Paren>
      node;
  template <class T> const T* as() const { return std::get_if<T>(&node); }
  template <class T> T* as() { return std::get_if<T>(&node); }
};
static_assert(sizeof(Expr) <= 96, "keep expression nodes small");

// ---------------------------------------------------------------- options and windows

/// `{ name: value, … }` after `from X`, `to X` or `pipeline X`. A value is an expression; nested options are a
/// Record expression, a window or call a Call expression, a rate `1000/s` stays a Binary div until the option's
/// type asks for a rate.
struct Options { std::vector<Entry> entries; Range range; };

/// `tumbling(5m, late: 1m)`: name and arguments.
struct Window { Name name; std::vector<Entry> args; Range range; };

// ---------------------------------------------------------------- stages

struct StreamRef { Name stream; std::optional<Name> case_; Range range; };
struct Retain { ExprPtr duration; Range range; };  // duration null: forever
struct LateTo { std::vector<Name> names; Range range; };

struct Key { std::vector<Entry> keys; };
struct Filter { ExprPtr condition; };
struct Select { std::vector<Entry> entries; };
struct Extend { std::vector<Entry> entries; std::optional<Retain> retain; };
struct Drop { std::vector<Name> names; };
/// `new: old`; name is the new field, value a NameRef of the old one.
struct Rename { std::vector<Entry> entries; };
struct Flatten { ExprPtr list; Name as; };
struct Time { ExprPtr time; ExprPtr delay; };  // delay may be null
struct InOrder { std::optional<LateTo> late_to; };
struct Changes {};
struct WindowStage { Window window; };
struct Aggregate { std::vector<Entry> entries; std::optional<Retain> retain; };
/// `name: type = init` of `scan`, `aggregate … state`.
struct TypeRef;
using TypeRefPtr = std::unique_ptr<TypeRef>;
struct StateField { Name name; TypeRefPtr type; ExprPtr init; Range range; };
struct Emit { std::vector<Entry> entries; ExprPtr when; Range range; };  // when may be null
struct Scan {
  std::vector<StateField> state;
  std::vector<Entry> update;
  Emit emit;
  std::optional<Retain> retain;
  std::optional<Emit> then_emit;
};
enum class JoinKind { inner, left, full, semi, anti };
struct Join {
  JoinKind kind;
  StreamRef right;
  std::optional<Name> alias;
  ExprPtr on;
  // at most one of the four bounds
  ExprPtr within_low, within_high;  // `within a` has only low
  std::optional<Window> window;
  std::optional<Retain> retain;
  ExprPtr as_of, as_of_within;
  std::optional<LateTo> late_to;
};
struct Distinct { std::vector<Entry> keys; ExprPtr within; };
struct Latest { std::optional<Retain> retain; };
struct Order { ExprPtr value; bool descending; bool explicit_direction; };
struct Top {
  ExprPtr count;
  bool with_ties;
  std::vector<Order> by;
  std::optional<Name> rank;
  std::optional<Retain> retain;
};
struct PatternStep {
  bool next, negated;
  Name name;
  ExprPtr low, high;      // `[3]`: low only; `[5..]`: low and open; `[0..1]`: both
  bool open = false;
  ExprPtr condition;
  Range range;
};
struct Pattern {
  std::vector<PatternStep> steps;
  ExprPtr within;                 // null with retain forever
  std::optional<Retain> retain;
  Emit emit;
  std::optional<Emit> else_emit;
  bool overlapping;
  std::optional<LateTo> late_to;
};
/// `|> totals(1h)`: a stage definition used. Without a name: a stage that could not be read.
struct UseStage { Name name; std::vector<Entry> args; bool has_parens; };

struct Stage {
  Range range;          // of the whole stage, keyword to end
  Range keyword;
  std::variant<Key, Filter, Select, Extend, Drop, Rename, Flatten, Time, InOrder, Changes, WindowStage, Aggregate,
               Scan, Join, Distinct, Latest, Top, Pattern, UseStage>
      node;
  template <class T> const T* as() const { return std::get_if<T>(&node); }
};

// ---------------------------------------------------------------- items

/// `name`, `list<T>`, `map<K, V>`, with `?`.
struct TypeRef {
  Name name;                      // "list" and "map" have args
  std::vector<TypeRefPtr> args;
  bool optional = false;
  Range range;
};

struct Field { Name name; TypeRefPtr type; ExprPtr init; std::optional<std::string> wire; std::string doc; Range range; };
struct Param { Name name; TypeRefPtr type; ExprPtr init; };
struct TypeDecl { Name name; std::vector<Field> fields; };
struct Variant { Name name; std::optional<std::string> wire; std::string doc; };
struct EnumDecl { Name name; std::vector<Variant> variants; };
struct UnionCase { Name name; Name type; std::optional<std::string> wire; };
struct UnionDecl { Name name; std::optional<Path> by, in; std::vector<UnionCase> cases; };
struct FnParam { Name name; TypeRefPtr type; };
struct FnDecl { Name name; std::vector<FnParam> params; TypeRefPtr result; ExprPtr body; };
struct AggregateDecl {
  Name name;
  std::vector<FnParam> params;
  TypeRefPtr result_type;
  std::vector<StateField> state;
  std::vector<Entry> add;
  std::optional<std::vector<Entry>> retract;
  Name merge_name;                // `merge other { … }`
  std::vector<Entry> merge;
  ExprPtr result;
};
struct Used { std::string kind; Name name; std::optional<Name> alias; Range range; };  // kind: type enum union fn aggregate stage source sink
struct UseDecl { std::string path; Range path_range; std::vector<Used> used; };
struct SourceDecl { Name name; TypeRefPtr type; Name connector; std::optional<Options> options; };  // type may be null
struct TableDecl { Name name; TypeRefPtr type; Name connector; std::optional<Options> options; };
struct From { std::vector<StreamRef> streams; bool merge; Range range; };
struct StreamDecl { Name name; std::optional<Name> type; From from; std::vector<Stage> stages; };
struct SinkDecl { StreamRef stream; std::optional<Name> alias; Name connector; std::optional<Options> options; };
struct SplitDecl { StreamRef from; std::vector<Entry> routes; };
struct StageDecl { Name name; std::vector<FnParam> params; std::vector<Stage> stages; };

struct TestParam { Name name; ExprPtr value; };
struct Feed { StreamRef stream; std::vector<ExprPtr> rows; };
struct Advance { Name source; ExprPtr to; };
struct Expect { bool ordered; Name stream; std::vector<ExprPtr> rows; };
struct TestStep { Range range; std::variant<TestParam, Feed, Advance, Expect> node; };
struct TestDecl { std::string name; Range name_range; std::vector<TestStep> steps; };

struct Item {
  Range range;
  std::string doc;   // text of the `///` lines before it, joined by '\n'
  std::variant<Param, TypeDecl, EnumDecl, UnionDecl, FnDecl, AggregateDecl, UseDecl, SourceDecl, TableDecl, StreamDecl,
               SinkDecl, SplitDecl, StageDecl, TestDecl>
      node;
  template <class T> const T* as() const { return std::get_if<T>(&node); }
};

struct Pipeline { Name name; std::optional<Options> options; std::string doc; Range range; };

struct File {
  FileId id = 0;
  std::optional<Pipeline> pipeline;
  std::vector<Item> items;
  bool whole = true;  // false: an item, or a part of one other than a stage, could not be read
};

}  // namespace gress::dsl::ast
