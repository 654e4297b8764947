// The checked program: what the rest of the compiler works on. Every name is resolved, every expression typed, every
// conversion explicit, every stage knows its input and output row. Indices are into the vectors of Program.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "dsl/source/source.h"
#include "dsl/types/types.h"
#include "runtime/connectors/connector.h"

namespace gress::dsl {
struct Function;
struct Overload;   // dsl/catalog/functions.h
struct AggregateFn;  // dsl/catalog/aggregates.h
namespace ast { struct TestDecl; }
}  // namespace gress::dsl

namespace gress::dsl::checked {

using Index = std::uint32_t;
inline constexpr Index kNone = 0xffffffff;

// ---------------------------------------------------------------- expressions

enum class ExprKind : std::uint8_t {
  literal,     // value; enum variants have an integer value (their index); T? null has monostate
  param,       // index: pipeline param
  ref,         // scope, index: a column, a state field, an argument, an aggregate's result …
  member,      // args[0].fields[index]; when args[0] is R?, the result is T? (absent if it is absent)
  element,     // args[0][args[1]]: list element or map value, T?
  negate, not_,
  arithmetic,  // op in add..rem over args[0], args[1]; both of `operand` kind unless a time form, see Arith
  compare,     // op in eq..ge; operands of the same type (eq/ne may be T? on both sides)
  and_, or_,
  in_list,     // args[0] in args[1..]; `negated`
  in_value,    // args[0] in args[1], a list value (or a map's keys); `negated`
  is_null,     // `negated` for is not null
  coalesce,    // args[0] ?? args[1]; args[0] is T?; type is args[1]'s (T or T?)
  convert,     // conversion of args[0] to `type`
  if_,         // args[0] then args[1] else args[2]
  match,       // args[0] subject; arms
  call,        // built-in `fn`, variant named by `cpp`, args
  user_call,   // index: Program::functions
  foreign_call,  // index: Program::foreign_functions; the last arguments may be left out
  record,      // args in the order of type->fields
  list,        // args
  concat,      // interpolation: args are all strings (converted)
  fail,        // args[0]: string; of any type
};

enum class Scope : std::uint8_t {
  row,     // column of the stage's input row
  right,   // column of the table's row, in a join's `on`
  state,   // field of a scan's or aggregate's state
  arg,     // parameter of a function or user aggregate
  group,   // in an aggregate's outputs: the key columns, then window_start, window_end if windowed
  agg,     // in an aggregate's outputs: result of AggregateCall index
  other,   // in `merge other`: field of the other state
};

enum class Op : std::uint8_t { add, sub, mul, div, rem, eq, ne, lt, le, gt, ge };

/// What an arithmetic node computes.
enum class Arith : std::uint8_t {
  number,             // both operands and the result of the same numeric type
  time_plus_duration, // timestamp + duration (either order normalised: args[0] is the timestamp), timestamp - duration
  time_minus_time,    // duration
  duration_duration,  // duration ± duration
  duration_times,     // duration * number (args[1] is the number: i64, f64 or decimal)
  duration_over,      // duration / number
  duration_ratio,     // duration / duration: f64
};

enum class Conversion : std::uint8_t {
  widen,       // i32→i64, i32/i64→f64, f32→f64, i64→decimal …: never fails
  wrap,        // T → T?
  lift,        // T? → U? by converting a present value (inner conversion given by the types)
  unwrap,      // T? → T where the checker knows that it is present
  reshape,     // record → record of the same shape, another name
  null_to,     // null → T?
};

struct Expr;
using ExprPtr = const Expr*;

using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;  // decimals and text as string

struct MatchArm {
  std::vector<ExprPtr> patterns;  // literals of the subject's type; none for `_`
  ExprPtr value;
};

struct Expr {
  ExprKind kind = ExprKind::literal;
  const Type* type = nullptr;
  Range range{};
  Value value;
  Scope scope = Scope::row;
  Index index = 0;
  Op op = Op::add;
  Arith arith = Arith::number;
  Conversion conversion = Conversion::widen;
  bool negated = false;
  const Function* fn = nullptr;
  const Overload* form = nullptr;  // call: of `fn`
  std::vector<ExprPtr> args;
  std::vector<MatchArm> arms;
};

// ---------------------------------------------------------------- rows and stages

struct Column {
  std::string name;
  const Type* type = nullptr;
  std::string wire;  // name on the wire; the field's own unless the stream has a declared type
  std::string doc;
};

struct Row {
  std::vector<Column> columns;
  int find(std::string_view name) const;  // -1 if there is none
};

struct Output {
  std::string name;
  ExprPtr value;
  Range range;
};

struct Filter { ExprPtr condition; };

/// select, extend, drop, rename, and the narrowing after a filter: every output column by an expression over the input.
struct Project { std::vector<Output> outputs; };

/// Output = input columns plus (or with, in place) `column`, one row an element.
struct Flatten { ExprPtr list; Index column; };

/// Output = input columns plus the computed keys; key columns by index into the output row.
struct Key { std::vector<Output> computed; std::vector<Index> columns; };

struct Equality { ExprPtr left, right; };  // left over Scope::row, right over Scope::right

enum class JoinKind : std::uint8_t { inner, left, full, semi, anti };

/// Lookup join: output = input columns plus column `alias` (record R, R? for left); semi and anti: the input row.
struct TableJoin {
  JoinKind kind;
  Index table;
  std::string alias;
  std::vector<Equality> equalities;
  ExprPtr rest = nullptr;  // further condition, over row and right
};

enum class WindowKind : std::uint8_t { tumbling, sliding, session, cumulative, count, global };
enum class CalendarUnit : std::uint8_t { none, hour, day, week, month, quarter, year };
enum class EmitKind : std::uint8_t { on_close, every, on_count };

/// Expressions are constant or of params. `size` is a duration (or a row count for count windows).
struct Window {
  WindowKind kind;
  ExprPtr size = nullptr;       // tumbling, sliding, cumulative, count
  ExprPtr every = nullptr;      // sliding, cumulative, count
  ExprPtr gap = nullptr;        // session
  ExprPtr max = nullptr;        // session
  CalendarUnit unit = CalendarUnit::none;
  ExprPtr zone = nullptr;       // string
  ExprPtr offset = nullptr;
  ExprPtr late = nullptr;       // duration
  Index late_to = kNone;        // stream
  EmitKind emit = EmitKind::on_close;
  ExprPtr emit_every = nullptr; // duration, or i64 for on_count
  bool processing_time = false;
  bool retain_forever = false;
  ExprPtr retain = nullptr;     // count, keyed global
  Range range{};
};

struct AggregateCall {
  const AggregateFn* fn = nullptr;  // null for a user aggregate
  Index user = kNone;               // Program::aggregates
  std::vector<ExprPtr> args;        // over Scope::row; without the constant q of quantiles
  ExprPtr where = nullptr;          // over Scope::row
  ExprPtr q = nullptr;              // quantile, approx_quantile: constant or param f64
  const Type* type = nullptr;       // of the result
  Range range{};
};

/// How long state is kept that no window bounds: since the last row of its key.
struct Retain {
  bool forever = false;
  ExprPtr duration = nullptr;       // constant or of params; null: forever, or nothing was said
};

/// Closes a window, or stands alone: a rolling aggregate, with `retain`. Outputs see Scope::group and Scope::agg.
/// Output row = key columns, window_start, window_end (time windows only), then the outputs.
struct Aggregate {
  std::optional<Window> window;
  std::vector<Index> keys;          // columns of the input row
  std::vector<AggregateCall> calls; // equal calls shared
  std::vector<Output> outputs;
  Retain retain{};                  // without a window
};

struct OrderBy { ExprPtr value; bool descending; };

/// Output = input row, window_start/window_end set (time windows), rank column (i64) if named. Without a window: the
/// ranked rows so far, upserts.
struct Top {
  std::optional<Window> window;
  std::vector<Index> keys;
  ExprPtr count;
  bool with_ties;
  std::vector<OrderBy> by;
  std::string rank;                 // empty: none
  Retain retain{};                  // without a window
};

struct Latest { std::optional<Window> window; std::vector<Index> keys; Retain retain{}; };

/// Keys may be computed; output = input row (computed ones are not added).
struct Distinct { std::vector<ExprPtr> keys; ExprPtr within; };

struct StateField { std::string name; const Type* type; ExprPtr init; };
struct Scan {
  std::vector<Index> keys;          // empty: one global state
  std::vector<StateField> state;
  std::vector<std::pair<Index, ExprPtr>> update;  // sees the state before the row (Scope::state) and the row
  std::vector<Output> emit;         // sees the state after the update
  ExprPtr when = nullptr;
  bool retain_forever = false;
  ExprPtr retain = nullptr;
  std::vector<Output> then_emit;    // empty: none; sees Scope::state and Scope::group (the key columns)
  ExprPtr then_when = nullptr;
};

enum class JoinBound : std::uint8_t { interval, window, retain, as_of };

/// Join of two streams, at most one of whose four forms of bound is set. Output = the left row (columns T? after `full`)
/// plus column `alias` (the right record R; R? after `left` and `full`), for a window join window_start and window_end
/// set; semi and anti: the left row (with the bounds of the window).
struct StreamJoin {
  JoinKind kind = JoinKind::inner;
  JoinBound bound = JoinBound::interval;
  Index right = kNone;              // stream
  std::string alias;
  std::vector<Equality> equalities; // at least one
  ExprPtr rest = nullptr;           // further condition, over row and right
  ExprPtr low = nullptr, high = nullptr;  // interval: low <= right time - left time <= high; durations, low constant or of
                                          // params, high also over Scope::row
  std::optional<Window> window;     // window: tumbling, sliding, session; no late_to in it
  Retain retain{};                  // retain
  ExprPtr as_of = nullptr;          // timestamp over Scope::row
  ExprPtr reach = nullptr;          // as_of an append stream: a version is not older; null for an upsert stream
  Index late_left = kNone, late_right = kNone;  // streams
};

/// Sets event time; per partition of the source the watermark is the highest time less `delay` (null: 0s).
struct SetTime { ExprPtr time; ExprPtr delay = nullptr; };

struct InOrder { Index late_to = kNone; };

/// Output = input columns, then `op` (enum Change { insert, update, delete }) and `old` (R? of the input row).
struct Changes {};

/// Which rows of the key an aggregate of `extend` ranges over, beside this row unless `before`.
struct Frame {
  bool before = false;
  ExprPtr span = nullptr;           // duration: rows with time in [t - span, t]
  ExprPtr rows = nullptr;           // i64: the last so many; neither: all (`forever`)
};
struct FramedCall { AggregateCall call; Frame frame; };

/// `extend` with `over:` or `before:`. Outputs are all output columns, as Project's, and see Scope::row and Scope::agg.
struct Features {
  std::vector<Index> keys;
  std::vector<FramedCall> calls;    // equal ones shared
  std::vector<Output> outputs;
  Retain retain{};
};

using StageNode = std::variant<Filter, Project, Flatten, Key, TableJoin, Aggregate, Top, Latest, Distinct, Scan, StreamJoin,
                               SetTime, InOrder, Changes, Features>;

enum class StreamKind : std::uint8_t { append, upsert };

struct Stage {
  std::string word;   // keyword the user wrote: "select", "extend", "filter" …
  Range range{};
  Row in, out;
  StageNode node;
  // of the rows behind the stage
  StreamKind kind = StreamKind::append;
  std::vector<Index> upsert_key{};  // columns of `out`; empty: the whole row
  bool has_time = false;
  template <class T> const T* as() const { return std::get_if<T>(&node); }
};

// ---------------------------------------------------------------- program

enum class StreamOrigin : std::uint8_t {
  source,   // the rows of sources[source]
  chain,    // inputs (one, or several merged) through stages
  late,     // rows late at streams[late_stream].stages[late_stage], of a join its left or right ones
  invalid,  // rows of `invalid:` and `errors:` routes: text, error, source, partition, offset, raw
};

struct Stream {
  std::string name;
  std::string doc;
  Range range{};
  StreamOrigin origin = StreamOrigin::chain;
  Index source = kNone;
  Index union_case = kNone;         // source of a union: which of sources[source].cases
  Index late_stream = kNone, late_stage = kNone;
  bool late_right = false;          // of a join: the right side's
  bool merge = false;
  std::vector<Index> inputs;        // streams
  std::vector<Index> joined;        // further streams that stages read: right sides of joins
  std::vector<Stage> stages;
  Row row;                          // of the result
  std::string declared_type;        // `stream x: T`
  StreamKind kind = StreamKind::append;
  std::vector<Index> key;           // of an upsert stream: columns of `row`; empty: the whole row
  bool has_time = false;
  bool used = false;                // reaches a sink or a test
};

struct OptionValue {
  std::string name;
  Range range{};
  ExprPtr value = nullptr;          // constant or of params; per-row options: over the sink's row
  std::string word;                 // for options whose value is a word (format: json)
  std::vector<std::pair<std::string, ExprPtr>> entries;  // of a record: headers; properties, with points in their names
  std::vector<Index> fields;        // columns
};

enum class Format : std::uint8_t { none, json, json_array, csv, text };
enum class TimeFormat : std::uint8_t { automatic, rfc3339, epoch_s, epoch_ms, epoch_us, pattern };

/// A case of a union source: the records that carry its tag, a stream of their own.
struct SourceCase {
  std::string name;
  const Type* type = nullptr;       // record
  std::string tag;                  // as it stands in the record
  Index stream = kNone;
  ExprPtr time = nullptr;           // over the case's row
};

enum class UnknownTag : std::uint8_t { invalid, skip, route };
enum class IdleKind : std::uint8_t { never, after, advance };
/// How a source's records change rows. `op` reads our own `_op` lines back.
enum class ChangesKind : std::uint8_t { none, upsert, debezium, op };

/// A field of a source's row that is not in the record: what the connector knows beside it.
struct MetaField {
  Index what = 0;                   // in the connector's ConnectorInfo::meta
  std::string argument;             // header("trace")
};

/// A source or sink of a C++ header, and how it is described as a connector: that holds views of what stands here.
struct ForeignConnector {
  std::string name;                 // in the program
  std::string doc;
  std::string cpp, options_cpp;     // the class, and the struct of its options; empty: it takes none
  struct Option {
    std::string name, doc;
    std::string cpp;                // its type
    const Type* type = nullptr;
  };
  std::vector<Option> options;      // in the order of the struct
  const Type* row = nullptr;        // a record
  std::string cpp_row;
  std::vector<std::string> cpp_fields;
  std::vector<connectors::OptionInfo> option_infos;
  connectors::ConnectorInfo info;
};

struct Source {
  std::string name;
  std::string doc;
  Range range{};
  std::string connector;
  const connectors::ConnectorInfo* info = nullptr;
  const ForeignConnector* foreign = nullptr;  // of a C++ header; else null
  const Type* type = nullptr;       // record; its last fields are `meta`, if there are any
  std::vector<MetaField> meta;
  Format format = Format::none;
  Index stream = kNone;             // the stream of its rows; kNone for a union
  ExprPtr time = nullptr;           // over Scope::row, timestamp; of a union by case
  ExprPtr watermark_delay = nullptr;
  ExprPtr max_ahead = nullptr;
  ExprPtr rate = nullptr;           // rows a second, f64
  Index invalid = kNone;            // stream; none: fail
  bool check_all = false;
  TimeFormat time_format = TimeFormat::automatic;
  std::string time_pattern;
  std::vector<OptionValue> options; // the connector's own: path …
  // union
  std::vector<SourceCase> cases;
  std::vector<std::string> tag_path;      // `by a.b`, in `in` first; empty: { "case": {…} }
  std::vector<std::string> content_path;  // `in data`: where the case's record stands; empty: the record itself
  UnknownTag unknown = UnknownTag::invalid;
  Index unknown_to = kNone;               // stream
  // time
  IdleKind idle = IdleKind::never;
  ExprPtr idle_after = nullptr;           // duration
  std::string align;                      // group; empty: none
  ExprPtr max_drift = nullptr;            // duration
  // changelog
  ChangesKind changes = ChangesKind::none;
  std::vector<Index> key;                 // columns that tell rows apart
  Retain retain{};
  const Type* wire = nullptr;             // record as it is read: with `_op`, or of Debezium
  const Type* fed = nullptr;              // record as tests feed it: with `_op`

  /// By itself, as it stands here with its options.
  connectors::Ends ends() const {
    if (info == nullptr) return connectors::Ends::never;
    for (const OptionValue& given : options) {
      const auto* option = connectors::find_option(info->options, given.name);
      if (option != nullptr && option->ends) return connectors::Ends::always;
    }
    return info->ends;
  }
};

struct Table {
  std::string name;
  std::string doc;
  Range range{};
  std::string connector;
  const Type* type = nullptr;
  Format format = Format::none;
  std::vector<Index> key;           // fields; two rows of one key are an error
  ExprPtr refresh = nullptr;
  TimeFormat time_format = TimeFormat::automatic;
  std::string time_pattern;
  std::vector<OptionValue> options;
};

struct Sink {
  std::string name;                 // the stream's, or its alias
  Range range{};
  Index stream = kNone;
  std::string connector;
  const connectors::ConnectorInfo* info = nullptr;
  const ForeignConnector* foreign = nullptr;  // of a C++ header; else null
  Format format = Format::none;
  bool ignore_deletes = false;
  bool duplicates = false;          // allowed where the target cannot take rows back
  bool by_row = false;              // the option that says where to, speaks of the row
  std::optional<Window> window{};   // of files; that option sees its bounds, columns behind the row's if these have none so named
  bool ordered = false;             // as one worker would give its rows
  Index rejected = kNone;           // where rows go that the target refuses; kNone: as others that fail
  bool rejected_ends = false;       // `rejected: fail`: they end the program, wherever others that fail go
  std::vector<OptionValue> options;
};

struct Param {
  std::string name;
  std::string doc;
  Range range{};
  const Type* type = nullptr;
  ExprPtr default_value = nullptr;  // constant; null: required
};

struct FunctionParam { std::string name; const Type* type; };
struct UserFunction {
  std::string name;
  std::string doc;
  Range range{};
  std::vector<FunctionParam> params;
  const Type* result = nullptr;
  ExprPtr body = nullptr;           // over Scope::arg; recursion is an error
};

/// An overload of a function of a C++ header.
struct ForeignFunction {
  std::string name;                 // as the program calls it
  std::string doc;
  Range range{};                    // in the header
  std::vector<FunctionParam> params;
  std::size_t required = 0;         // C++ has defaults for the params behind
  const Type* result = nullptr;
  std::string cpp;                  // what is called: "::geo::distance", or a pointer to it
  std::string pointer;              // to it, with the types that were read
  std::vector<std::string> cpp_params;  // their C++ types
  bool deleted = false;             // chosen like another, and refused then
  bool may_throw = false;
  bool args_may_fail = false;       // an argument may not fit its C++ type
  bool may_fail = false;            // it may throw, or a value may not fit its other type
};

/// A struct or enum of a C++ header.
struct ForeignType {
  const Type* type = nullptr;
  std::string cpp;                  // "::geo::Point"
  std::vector<std::string> cpp_fields;  // their C++ types
};

/// A class of a C++ header behind an aggregate.
struct ForeignClass {
  std::string cpp;
  std::vector<std::string> cpp_params;
  std::vector<std::string> pointers;  // to its members, with the types that were read
  bool archives = false;            // has `archive(io)`; else its bytes are saved, unless it cannot be saved
  bool saved = false;
  std::string form{};               // of what is saved
  bool add_throws = false, retract_throws = false, merge_throws = false, result_throws = false;
  bool add_fails = false, result_fails = false;  // by throwing, or a value that does not fit its other type
  Range used{};                     // in the `use`
};

struct UserAggregate {
  std::string name;
  std::string doc;
  Range range{};
  std::vector<FunctionParam> params;
  const Type* result_type = nullptr;
  std::vector<StateField> state;
  std::vector<std::pair<Index, ExprPtr>> add;      // Scope::state, Scope::arg
  std::vector<std::pair<Index, ExprPtr>> retract;
  bool has_retract = false;
  std::vector<std::pair<Index, ExprPtr>> merge;    // Scope::state, Scope::other
  ExprPtr result = nullptr;                        // Scope::state
  std::optional<ForeignClass> foreign{};           // then state, updates and result are its own
};

/// Rows of a test: given fields by column index; others take their default or are absent.
struct TestRow { std::vector<std::pair<Index, ExprPtr>> fields; Range range; };
struct TestFeed {
  Index stream = kNone;
  Index table = kNone;
  std::vector<TestRow> rows;
  Range range;
  std::vector<std::optional<std::string>> ops{};  // of a changelog: `_op` by row
};
struct TestAdvance { Index source; ExprPtr to; Range range; };
struct TestExpect { Index stream; bool ordered; bool has_op; std::vector<std::optional<std::string>> ops; std::vector<TestRow> rows; Range range; };
struct TestStep { std::variant<TestFeed, TestAdvance, TestExpect> node; };
struct Test {
  std::string name;
  Range range{};
  std::vector<std::pair<Index, ExprPtr>> params;
  std::vector<TestStep> steps;
};

/// What a setting made of params must be, which is known only at start; of constants it is checked while compiling.
struct Requirement {
  enum class Rule : std::uint8_t { positive, not_negative, not_above, multiple, computes };
  Rule rule = Rule::positive;
  ExprPtr value = nullptr;           // duration, i64 or f64; computes: anything that must not fail
  ExprPtr other = nullptr;           // not_above: the upper bound; multiple: of what
  std::string message;               // "the size of the window must be more than zero"
  Range range{};
};

/// `was: { daily: per_day }`
struct Renamed {
  std::string name, former;
};

struct Program {
  std::string name;                 // of the pipeline; the file's stem without one
  std::string doc;
  std::vector<Param> params;
  std::vector<const Type*> types;   // named records and enums, in order of declaration
  std::vector<UserFunction> functions;
  std::vector<UserAggregate> aggregates;
  std::vector<std::string> headers; // C++ headers, as they are found from the folder of the main file
  std::set<std::string> header_macros, taken_names;  // of these: foreign::Header
  std::vector<ForeignFunction> foreign_functions;
  std::vector<ForeignType> foreign_types;
  std::vector<std::shared_ptr<const ForeignConnector>> foreign_connectors;
  std::vector<Source> sources;
  std::vector<Table> tables;
  std::vector<Stream> streams;      // in an order in which inputs come before their readers
  std::vector<Sink> sinks;
  std::vector<Test> tests;
  Index errors = kNone;             // stream of the pipeline's `errors:`; none: fail
  std::vector<OptionValue> options; // of the pipeline: parallelism
  std::vector<Requirement> requirements;
  std::vector<Renamed> renamed;     // streams, sources and sinks

  // ownership
  std::shared_ptr<TypeTable> type_table;
  std::deque<Expr> exprs;
};

/// `delivery: exactly_once` of a program that takes checkpoints; null where it is not asked for.
const OptionValue* exactly_once(const Program&);
/// The row as the sink's options see it: with the bounds of its window.
Row row_of_options(const Program&, const Sink&);

}  // namespace gress::dsl::checked
