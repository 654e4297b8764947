// A chain of stages being checked: what is known of its rows after the stages so far. Internal to dsl/check.
//
// Stages add themselves by `push` or `project`; these carry along what belongs to columns: the keys of a `key` that
// waits for its stage, the key of an upsert stream, and what is known to be present.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "dsl/catalog/stages.h"
#include "dsl/check/program.h"

namespace gress::dsl::detail {

struct Chain {
  Context& c;
  Index stream;                    // of Program::streams
  FileScope* scope;                // whose names expressions see: the main file's, or a stage definition's
  checked::Row row{};
  Facts facts{};                   // about members; columns are unwrapped after a filter
  std::vector<checked::Stage> stages{};
  bool broken = false;             // nothing is known of the row any more

  bool has_time = false;
  std::string no_time_reason{};     // "source `flights` has no `time:` option"
  Range no_time_range{};
  checked::StreamKind kind = checked::StreamKind::append;
  std::vector<Index> upsert_key{}; // columns of `row`; empty: the whole row
  std::string upsert_reason{};     // which stage made it upsert

  std::vector<AskedSide> asked{};  // by `semi` and `anti` joins so far
  // `key` that no stage has used yet.
  struct PendingKey { Range range; std::vector<Index> columns; };
  std::optional<PendingKey> key{};
  // The last key that was used, and by which stage.
  struct EndedKey { Range key, by; };
  std::optional<EndedKey> ended{};

  std::optional<checked::Window> window{};// open
  Range window_range{};                   // of the open window's stage, also when it could not be understood
  bool window_open = false;

  // At the last stage of `stream x: T`: T, which says what `null`, `[]` and literals are.
  const Type* wanted = nullptr;

  // Within a stage definition: its parameters, and what they were given.
  const std::vector<checked::FunctionParam>* params = nullptr;
  const std::vector<checked::ExprPtr>* arguments = nullptr;
  std::vector<const ast::StageDecl*> expanding{};

  // ---- expressions over the row
  Env env() const;
  checked::ExprPtr check(const ast::Expr&, const Env&, const Type* expected = nullptr);
  checked::ExprPtr check_as(const ast::Expr&, const Env&, const Type* to, std::string_view what);
  checked::ExprPtr condition(const ast::Expr&, const Env&, std::string_view what);
  /// As Context's, with the parameters of a stage definition in sight; `env` without a row.
  checked::ExprPtr setting(const ast::Expr&, const Type* to, const std::string& what);
  checked::ExprPtr positive(const ast::Expr&, const Type* to, const std::string& what, bool zero_allowed = false);
  /// Parameters of a stage definition replaced by what they were given.
  checked::ExprPtr bind(checked::ExprPtr);
  checked::ExprPtr column(Index index, Range range) const;

  // ---- adding stages
  /// The stage's rows are `out`; columns keep their place (rows may gain columns at the end).
  void push(const ast::Stage&, checked::StageNode, checked::Row out);
  /// Every output column by an expression: drops, renames and replacements are followed. `word` is the stage's.
  void project(std::string word, Range range, std::vector<checked::Output> outputs);
  /// Says of the stages from `from` on what their rows are: kind, key, event time.
  void note_kinds(std::size_t from);
  /// A keyed stage takes the keys, and the row becomes another: no facts, no keys.
  std::vector<Index> take_key(const ast::Stage&);
  std::optional<checked::Window> take_window();
  void forget_row() { facts = {}; upsert_key.clear(); }

  /// Reports what is part of the language but not built, and gives up the chain.
  Diagnostic& later(Range range, const std::string& what);
  void give_up() { broken = true; key.reset(); window.reset(); window_open = false; }

  // ---- what stages ask for; false after a diagnostic
  bool wants_time(const ast::Stage&, const std::string& what);
  bool wants_append(const ast::Stage&, const std::string& what);
  /// A stage with keys of its own: E0405 with a pending `key`; E0421 inside an open window.
  bool wants_no_key(const ast::Stage&, const std::string& what);
  bool wants_no_window(const ast::Stage&, const std::string& what);
  /// W0401 when a key has ended before this keyed stage and none was given since.
  void note_ended_key(const ast::Stage&);
  /// E0407 unless values of the type may be keys.
  bool wants_key_type(const Type*, Range, const std::string& what);
};

/// Outputs of a record `{ a, b: e }` over the chain's row, names checked and unique. `taken` are names of columns that
/// stand before them.
std::vector<checked::Output> check_outputs(Chain&, const std::vector<ast::Entry>&, const Env&,
                                           const std::vector<std::string>& taken = {});
/// The row that a list of outputs makes; columns that are passed on keep their docs.
checked::Row row_of_outputs(const checked::Row& in, const std::vector<checked::Output>&);
/// Index of the column that an expression passes on as it is (or unwrapped), -1 for anything else.
int passed_column(const checked::Expr&);

/// Adds a filter, and what is known behind it.
void push_filter(Chain&, const ast::Stage&, checked::ExprPtr condition, const Facts& known);

/// `tumbling(1h)`, of a stage or of an option.
struct WrittenWindow {
  const ast::Name& name;
  const std::vector<ast::Entry>& args;
  Range range;
};
/// The window; nothing after a diagnostic.
std::optional<checked::Window> check_window(Chain&, const WrittenWindow&, bool keyed);
std::optional<checked::Window> check_window(Chain&, const ast::Window&, bool keyed);
/// Time windows have `window_start` and `window_end`; `count` and `global` have not.
bool has_bounds(const checked::Window&);
/// The windowed stage's rows: kind, key and event time. `key` are the output's columns of the group's key,
/// `with_bounds` whether window_start and window_end are among the columns.
void set_window_kind(Chain&, const checked::Window&, std::vector<Index> key, const std::string& word);
/// Sets or appends window_start and window_end; for `top` and `latest`.
checked::Row with_bounds(Chain&, const checked::Window&, checked::Row);

/// Checks one stage and adds it. On a broken chain only what is not built is reported.
void check_stage(Chain&, const ast::Stage&);
/// Checks the end of a chain: no pending key, no open window.
void check_end(Chain&);

// One file a stage.
void check_key(Chain&, const ast::Stage&, const ast::Key&);
void check_filter(Chain&, const ast::Stage&, const ast::Filter&);
void check_select(Chain&, const ast::Stage&, const ast::Select&);
void check_extend(Chain&, const ast::Stage&, const ast::Extend&);
void check_drop(Chain&, const ast::Stage&, const ast::Drop&);
void check_rename(Chain&, const ast::Stage&, const ast::Rename&);
void check_flatten(Chain&, const ast::Stage&, const ast::Flatten&);
void check_window_stage(Chain&, const ast::Stage&, const ast::WindowStage&);
void check_aggregate(Chain&, const ast::Stage&, const ast::Aggregate&);
void check_scan(Chain&, const ast::Stage&, const ast::Scan&);
void check_join(Chain&, const ast::Stage&, const ast::Join&);
void check_distinct(Chain&, const ast::Stage&, const ast::Distinct&);
void check_latest(Chain&, const ast::Stage&, const ast::Latest&);
void check_top(Chain&, const ast::Stage&, const ast::Top&);
void check_time(Chain&, const ast::Stage&, const ast::Time&);
void check_in_order(Chain&, const ast::Stage&, const ast::InOrder&);
void check_changes(Chain&, const ast::Stage&, const ast::Changes&);
/// Why a stream's rows have no event time: sets the chain's `no_time_reason` to the source that lacks the option.
void explain_no_time(const Context&, Index stream, Chain&);
/// A join with a stream (join.cpp has tables).
void check_stream_join(Chain&, const ast::Stage&, const ast::Join&);
/// `extend` with frames; the first `over:` or `before:` in it, null without one.
const ast::Entry* frame_of(const ast::Extend&);
void check_features(Chain&, const ast::Stage&, const ast::Extend&);
/// What `aggregate` does with and without a window: its outputs over `group` (the key fields, and the window's bounds
/// where it has any), and the row that comes out. False after a diagnostic.
bool check_aggregate_outputs(Chain&, const ast::Stage&, const ast::Aggregate&, checked::Aggregate&, checked::Row& group,
                             checked::Row& out);
/// The same for `top`: order, count and rank; `key` is that of the groups, and becomes that of the rows.
bool check_top_outputs(Chain&, const ast::Stage&, const ast::Top&, checked::Top&, checked::Row& out, std::vector<Index>& key);
/// `aggregate`, `top`, `latest` without a window.
void check_rolling_aggregate(Chain&, const ast::Stage&, const ast::Aggregate&);
void check_rolling_top(Chain&, const ast::Stage&, const ast::Top&);
void check_rolling_latest(Chain&, const ast::Stage&, const ast::Latest&);
void check_use_stage(Chain&, const ast::Stage&, const ast::UseStage&);
/// Stages that parse and are not built; also used to look through broken chains. True if it was one.
bool check_later(Chain&, const ast::Stage&);

}  // namespace gress::dsl::detail
