// What the parts of the program checker share: the files' names, the program under construction, small helpers.
// Internal to dsl/check.
#pragma once
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/catalog/connectors.h"
#include "dsl/check/check.h"
#include "dsl/check/checked.h"
#include "dsl/check/expr_checker.h"
#include "dsl/check/foreign.h"
#include "dsl/diagnostics/diagnostics.h"
#include "dsl/syntax/ast.h"

namespace gress::dsl::detail {

using checked::Index;
using checked::kNone;

enum class ItemKind { param, type, enum_, union_, function, aggregate, connector, source, table, stream, route, stage, foreign };
/// "param", "stream" … `route` covers streams declared by `late_to`, `invalid`, `errors` and `split`.
const char* word(ItemKind);
/// With its article: "an enum".
std::string a_word(ItemKind);

struct FileScope;

/// What a name of a file stands for. Used names point to the declaration in the other file.
struct Declared {
  ItemKind kind = ItemKind::param;
  Range range{};                     // of the name
  const ast::Item* item = nullptr;   // null for routes
  FileScope* home = nullptr;         // the file whose names the item sees
  const Declared* target = nullptr;  // of a used name
  Index index = kNone;               // in the program's vector of its kind; a route's and source's stream
  Index union_source = kNone;        // of a source of a union, which has a stream a case: its place in Program::sources
  Type* type = nullptr;              // of a type or enum
  const ast::Item* producer = nullptr;  // late_to: the stream or sink with the window; split: the split; null: the pipeline
  const foreign::Item* foreign = nullptr;  // of a C++ header
  bool invalid_route = false;        // rows of `invalid:` or `errors:`: several may share it
  bool late_of_sink = false;         // the producer's rows, as they come to it
  const Declared& real() const { return target ? target->real() : *this; }
};

struct FileScope {
  const ast::File* file = nullptr;
  bool main = false;
  std::map<std::string, Declared, std::less<>> items;
  Names names;
};

/// The cases of a union, declared or brought by a connector.
struct UnionCase {
  std::string name;
  const Type* type = nullptr;
  std::string tag;
  Range range{};
};
struct Union {
  std::string name;
  Range range{};
  std::vector<std::string> tag_path, content_path;
  std::vector<UnionCase> cases;
  bool broken = false;               // the type of some case is not known
};

/// How far a stream is.
enum class Progress : std::uint8_t { untouched, running, done };

struct Context {
  const SourceManager& sources;
  Diagnostics& diagnostics;
  const Catalog& catalog;
  checked::Program& program;
  std::vector<std::unique_ptr<FileScope>> files;  // the main file first
  std::unique_ptr<ExprChecker> exprs;
  const foreign::Headers& headers;
  std::set<std::string, std::less<>> unknown_used;  // used names that were not found: what calls them has no type
  std::map<std::string, Type*, std::less<>> foreign_types;  // by the C++ name; null: what is wrong with it was reported
  std::vector<ast::Name> hiding;     // names of C++ functions and aggregates, which may be those of built-in ones

  // By index of Program::streams.
  std::vector<bool> broken;          // what came before is not understood or not built: nothing is known of the row
  std::vector<const ast::Item*> stream_items;  // chain streams: their declaration
  std::vector<Progress> progress;
  std::set<Index> read;              // somebody reads it
  struct Notes { Facts facts; std::string upsert_reason; };
  std::map<Index, Notes> notes;      // what a chain knew at its end, for its readers
  std::map<const ast::UnionDecl*, Union> unions{};
  std::map<const ast::SplitDecl*, std::vector<checked::ExprPtr>> splits{};  // their conditions, once checked

  const Type* change = nullptr;      // the built-in `enum Change { insert, update, delete }`, of `changes`

  FileScope& main() { return *files.front(); }
  TypeTable& types() { return *program.type_table; }

  Diagnostic& report(Code code, Range range, std::string message) {
    return diagnostics.report(code, range, std::move(message));
  }
  /// "`x` is part of the language and not built yet".
  Diagnostic& later(Code code, Range range, const std::string& what);

  /// Adds a stream of the main file; its row is filled by the caller.
  Index add_stream(std::string name, std::string doc, Range range, checked::StreamOrigin);

  /// Types of the file's names; the error type after a diagnostic (or where one was given before).
  const Type* resolve_type(const ast::TypeRef&, FileScope&);

  /// An expression in `env`; calls of names whose `use` was reported give the error type in silence.
  checked::ExprPtr check(const ast::Expr&, const Env&, const Type* expected = nullptr);
  checked::ExprPtr check_as(const ast::Expr&, const Env&, const Type* to, std::string_view what);
  checked::ExprPtr error_expr(Range range);
  bool calls_unknown(const ast::Expr&) const;

  /// Constant or made of params; E0413 otherwise. `what` is "the window's size".
  checked::ExprPtr setting(const ast::Expr&, const Env&, const Type* to, const std::string& what);
  /// setting, a duration or i64 that must be positive (or not negative) where its value is known: E0411.
  checked::ExprPtr positive(const ast::Expr&, const Env&, const Type* to, const std::string& what, bool zero_allowed = false);

  /// E0411 where `value` is known and not positive (or negative), a requirement at start where it is made of params;
  /// whether it may be used. A duration, i64 or f64.
  bool require_positive(checked::ExprPtr value, Range, const std::string& what, bool zero_allowed = false);
  /// A requirement at start, unless both values are known.
  void require(checked::Requirement::Rule, checked::ExprPtr value, checked::ExprPtr other, Range, std::string message);

  /// E0211, and true, when a default names a param of the program.
  bool default_names_param(const ast::Expr&, const std::string& what);

  /// E0205 if the main file has a param of this name, E0209 if it begins with `_`.
  void check_column_name(std::string_view name, Range range);
};

/// Generated code has one name space: a function of a used file that has the name of another gets one of its own.
template <class T>
std::string unique_name(const std::vector<T>& list, const std::string& name) {
  std::string result = name;
  for (int n = 2;; ++n) {
    bool taken = false;
    for (const auto& x : list) taken |= x.name == result;
    if (!taken) return result;
    result = name + "_" + std::to_string(n);
  }
}

std::string quote(std::string_view name);
/// Adds "did you mean `x`?" and the fix when some candidate is near.
void suggest(Diagnostic&, std::string_view name, Range range, std::span<const std::string_view> candidates);
/// Line of the range's begin, for messages that name lines.
std::string line_of(const Context&, Range);

checked::Row row_of(const Type* record);

/// `{ name: type = init, … }` of `scan` and user aggregates; first values are constant or made of params.
std::vector<checked::StateField> check_state(Context&, const std::vector<ast::StateField>&, const Env&, FileScope&);
/// `update { name: e }`: E0216 for fields that do not exist or come twice.
std::vector<std::pair<Index, checked::ExprPtr>> check_update(Context&, const std::vector<ast::Entry>&, const Env&,
                                                             const std::vector<checked::StateField>& state);

// The phases, in order (program.cpp).
void collect_items(Context&);     // items.cpp: names of every file, E0201
void link_uses(Context&);         // use.cpp
void use_header(Context&, FileScope&, const ast::UseDecl&);  // use_header.cpp: names of C++ headers,
void declare_foreign_types(Context&);                        // … their types, within declare_types(),
void declare_foreign_functions(Context&);                    // … and functions and aggregates, within check_functions()
/// Puts a used name into the file's names; E0201 if it is taken.
Declared& declare_used(Context&, FileScope&, const ast::Used&, Declared);
void declare_types(Context&);     // item_types.cpp: records, enums
void declare_unions(Context&);    // unions.cpp
void check_params(Context&);      // items.cpp
void check_functions(Context&);   // item_functions.cpp
void check_sources(Context&);     // sources.cpp: sources and tables
void check_streams(Context&);     // streams.cpp
void check_pipeline(Context&);    // sources.cpp: the pipeline's options
void check_renamed(Context&);     // durability.cpp: `was:`
void check_delivery(Context&);    // durability.cpp: `delivery: exactly_once` holds at each source and sink
void check_sinks(Context&);       // sinks.cpp
void check_standard_streams(Context&);  // standard_streams.cpp
void check_tests(Context&);       // tests.cpp
void finish(Context&);            // finish.cpp: what is used, order of streams

/// Fields become columns, where a param of the same name would be ambiguous: E0205.
void check_field_names(Context&, const Type*);
/// The stream of a case of Program::sources[source]; kNone after E0202 or E0218.
Index resolve_case(Context&, Index source, const ast::StreamRef&);

/// The stream of a reference, computed if need be; kNone after a diagnostic. Marks it as read.
Index resolve_stream(Context&, const ast::StreamRef&, std::string_view what);

}  // namespace gress::dsl::detail
