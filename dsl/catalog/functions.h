// The built-in functions of the language, as data: checker, `gressc describe`, docs and completion read this table.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/types/types.h"

namespace gress::dsl {

enum class Category : std::uint8_t { math, text, regex, time, list, conversion, control };
std::string_view to_string(Category);

/// Functions that are typed by a rule of their own; their signature is for the reader only.
enum class FunctionRule : std::uint8_t { overloads, coalesce, concat, fail, now, regex_captures };

/// Whether there are arguments for which a function makes the row invalid.
enum class Fails : std::uint8_t { sometimes, never };

/// One form of a function. The text is what `describe` shows and what the checker reads (functions_signature.h says
/// how): `substring(s: string, start: i64, count: i64) -> string`.
struct Overload {
  std::string_view signature;
  std::string_view cpp;  // the function in gress::fn; C++ overloads tell the forms apart
  Fails fails = Fails::sometimes;
};

struct Function {
  std::string_view name;
  Category category;
  std::string_view doc;  // one line
  std::span<const Overload> overloads;
  FunctionRule rule = FunctionRule::overloads;
};

/// By category, then in the order of the language reference.
std::span<const Function> functions();
/// Null if there is none.
const Function* find_function(std::string_view name);

/// What a user of SQL or another language may write for something that is here: "len" → "`length(x)`". Empty if nothing
/// is known.
std::string_view foreign_function_hint(std::string_view name);

}  // namespace gress::dsl
