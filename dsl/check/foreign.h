// What the C++ headers of a program declare of the names that it uses, as plain data: read before the program is
// checked (compiler/foreign), by a reader that knows C++. The checker gives the C++ types their types of the language.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dsl/source/source.h"

namespace gress::dsl::foreign {

struct Type {
  enum class Form { boolean, i32, i64, f32, f64, text, optional, list, time, duration, named };
  Form form = Form::boolean;
  std::string cpp;       // by which C++ knows it: "std::string_view", "::geo::Point"
  bool exact = true;     // of time and duration: counts microseconds, in 64 bits
  bool nested = false;   // of named: within a class
  std::vector<Type> of;  // the element of optional and list
};

struct Param {
  std::string name;  // may be empty
  Type type;
  bool optional = false;  // C++ has a default for it
};

struct Function {
  std::string cpp;      // "::geo::distance"
  std::string pointer;  // to this overload and no other, as an expression
  std::string doc;
  Range range{};
  bool is_noexcept = false;
  bool is_deleted = false;
  std::vector<Param> params;
  Type result;
};

/// A struct, or an enum: one of `fields` and `variants` is empty.
struct Named {
  std::string cpp;
  std::string doc;
  Range range{};
  struct Field {
    std::string name, doc;
    Type type;
    Range range{};
  };
  struct Variant {
    std::string name, doc;
  };
  std::vector<Field> fields;
  std::vector<Variant> variants;
};

struct Aggregate {
  std::string cpp;
  std::string doc;
  Range range{};
  enum class Saved { no, bytes, archive };  // how its state gets into checkpoints
  Saved saved = Saved::no;
  std::string form;  // of what is saved: two of one form can be read as each other
  Function add, result;
  bool merge_noexcept = false;
  std::string merge_pointer;  // as `pointer` of a function
  std::optional<Function> retract;
};

/// A source or a sink.
struct Connector {
  std::string cpp;
  std::string doc;
  Range range{};
  struct Option {
    std::string name, doc;
    Type type;
    bool required = false;
    Range range{};
  };
  std::string options_cpp;  // the struct of its options; empty: it takes none
  std::vector<Option> options;
  Type row;
  Range row_range{};        // what reads or writes them
  bool partitions = false;  // of a source: it says which there are
  bool commits = false;     // of a sink: what it wrote counts with a checkpoint
};

/// What keeps a declaration from being used: `range` is in the header.
struct Problem {
  bool of_type = false;  // a C++ type without counterpart; else the contract is broken
  std::string message, label, help;
  Range range{};
};

/// What was found of a name that `use` asks for.
struct Item {
  std::string kind, name;  // "fn", "distance"
  bool missing = false;
  std::vector<std::string> names;   // missing: others of its kind that the header declares
  std::vector<std::string> scopes;  // missing because it is in several: "geo::distance"
  std::optional<Range> another;     // missing: something else has the name
  std::vector<Problem> problems;
  std::string broken;  // of a type with problems: its name in C++
  std::vector<Function> functions;
  bool others = false;  // C++ knows functions of the name that are not among them
  std::optional<Named> named;
  std::optional<Aggregate> aggregate;
  std::optional<Connector> connector;
};

struct Error {
  std::string message;
  std::optional<Range> range;
};

struct Header {
  std::vector<Error> errors;  // it does not compile
  std::vector<Problem> problems;  // of what stands in it, asked for or not
  std::vector<std::string> macros;  // that it leaves behind, and generated code is to know nothing of
  std::vector<std::string> taken;   // names of its, and of what it includes: outside of namespaces, and `geo::Point`
  std::vector<Item> items;
  const Item* find(const std::string& kind, const std::string& name) const {
    for (const Item& item : items)
      if (item.kind == kind && item.name == name) return &item;
    return nullptr;
  }
};

/// By path, as used_path() gives it. A header that could not be read at all is not among them: that was reported.
using Headers = std::map<std::string, Header>;

/// `geo.hpp`, by its ending.
bool is_header(const std::string& path);
/// Whether a header can have such items: "fn", "type" …
bool is_kind(const std::string& kind);

}  // namespace gress::dsl::foreign
