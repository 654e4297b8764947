// Signatures of built-in functions, read from their text:
//
//   signature = NAME "(" [ param { "," param } [ "," "…" ] ] ")" "->" type
//   param     = NAME ":" type [ "?" | "=" INTEGER ]      `?`: may be left out; `=`: the value if left out
//   type      = WORD | "list<" WORD ">" | "map<" WORD "," WORD ">"; a result may end in "?"
//
// `…` repeats the last parameter. A WORD is a type of the language, or a variable, which stands for one type all
// through its signature: T K V (any), number, float, ordered, hashable, enum. `zone`, `regex` and `time_pattern` are
// strings with a meaning, `unit` is one of the words hour day week month quarter year.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/catalog/functions.h"

namespace gress::dsl {

enum class TypeClass : std::uint8_t { any, number, floating, ordered, hashable, enumeration };

struct TypeSpec {
  enum class Form : std::uint8_t { exact, variable, list, map, unit };
  enum class Role : std::uint8_t { none, zone, regex, time_pattern };
  Form form = Form::exact;
  Kind kind = Kind::error;            // of exact
  TypeClass type_class = TypeClass::any;
  Role role = Role::none;
  bool optional = false;              // of a result
  std::string word;                   // as written: names the variable
  std::vector<TypeSpec> args;         // of list and map
};

struct ParamSpec {
  std::string name;
  TypeSpec type;
  bool may_be_left_out = false;
  std::optional<std::int64_t> default_value;
};

struct Signature {
  std::vector<ParamSpec> params;
  bool repeats_last = false;
  TypeSpec result;
};

/// The parsed signatures of a function's overloads, in their order; read once and kept.
const std::vector<Signature>& signatures(const Function&);

/// Whether the plain type belongs to the class.
bool in_class(const Type*, TypeClass);

}  // namespace gress::dsl
