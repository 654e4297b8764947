// What a name may mean at a place: the program's own names, and what the place sees (columns, state, arguments …).
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/check/checked.h"
#include "dsl/check/narrowing.h"

namespace gress::dsl {

/// Names of one file, filled from its items and its `use`s before any expression is checked. Indices are into the
/// vectors of Program. A name stands in one of the maps only.
struct Names {
  std::map<std::string, checked::Index, std::less<>> params;
  std::map<std::string, checked::Index, std::less<>> functions;
  std::map<std::string, checked::Index, std::less<>> aggregates;
  std::map<std::string, std::vector<checked::Index>, std::less<>> foreign;  // overloads of C++ headers
  std::map<std::string, const Type*, std::less<>> types;          // named records and enums
  std::map<std::string, std::string, std::less<>> others;        // name → what it is: "stream", "table", "source" …
};

/// The other side of a `semi` or `anti` join, whose fields are not in the rows behind it.
struct AskedSide {
  std::string name;
  bool anti;
  Range range;
};

/// Everything visible to an expression. Default-made it sees params and functions only, as an option's value does.
/// All pointers must outlive the call they are given to. Names are looked up in this order: arguments, state, the
/// right-hand alias, columns (or, in an aggregate's outputs, the group's columns), params.
struct Env {
  /// The names of the expression's file; null: those the checker was made with.
  const Names* names = nullptr;

  /// Columns of the stage's input row, Scope::row. In an aggregate's outputs: what the aggregates' arguments see.
  const checked::Row* row = nullptr;

  /// Of the joins before.
  const std::vector<AskedSide>* asked = nullptr;

  /// The right side of a join's `on`: `alias.x` is Scope::right, field x of the record.
  std::string right_alias;
  const Type* right = nullptr;

  /// Fields of a scan's or user aggregate's state, Scope::state.
  const std::vector<checked::StateField>* state = nullptr;

  /// `merge other { … }`: `other.x` is Scope::other, field x of the other state.
  std::string other_alias;
  const std::vector<checked::StateField>* other = nullptr;

  /// Parameters of a function or user aggregate, Scope::arg.
  const std::vector<checked::FunctionParam>* args = nullptr;

  /// The function whose body this is, for finding recursion.
  checked::Index function = checked::kNone;

  /// Aggregate outputs (when `calls` is given): calls of aggregates are collected here, equal ones once, and become
  /// Scope::agg. Other names are those of `group`: the key columns, then window_start, window_end; Scope::group.
  /// `group` without `calls` is a scan's `then emit`.
  std::vector<checked::AggregateCall>* calls = nullptr;
  const checked::Row* group = nullptr;

  /// An `extend` with frames: aggregates with `over:` or `before:` are collected here and become Scope::agg; other names
  /// are the row's.
  std::vector<checked::FramedCall>* frames = nullptr;

  /// `now()` may stand here (select and extend of append streams).
  bool now_allowed = false;

  /// Added as a note where a name is unknown, e.g. "a window's size sees params only".
  std::string hint;
  bool params_only = false;  // the row is in sight only to say that it must not be used

  /// What is known to be present.
  Facts facts;
};

/// What a name was found to be.
struct Found {
  enum class What { nothing, value, right_alias, other_alias, param, function, aggregate, type, other };
  What what = What::nothing;
  checked::Scope scope = checked::Scope::row;  // of a value
  checked::Index index = 0;                    // of a value, param, function or aggregate
  const Type* type = nullptr;                  // of a value or a type
  std::string_view word;                       // of `other`: "stream" …
};

/// `names` are the file's. Aggregates' arguments are checked with `calls` and `group` removed from the environment.
Found resolve(std::string_view name, const Env& env, const Names& names);
/// Only what stands before params in the order above.
Found resolve_local(std::string_view name, const Env& env);

/// Names that stand for values here: columns, state, arguments, aliases, params. For "did you mean".
std::vector<std::string_view> visible_values(const Env& env, const Names& names, const checked::Program& program);

}  // namespace gress::dsl
