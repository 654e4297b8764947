// Types of the language, interned: two types are the same type exactly when their pointers are equal, except records,
// which compare by shape (`same_shape`) because equal fields convert freely.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source/source.h"

namespace gress::dsl {

namespace checked { struct Expr; }

enum class Kind : std::uint8_t {
  error,  // of an expression that already has a diagnostic; goes with everything
  null,   // of the literal `null`; converts to any T?
  boolean, i32, i64, f32, f64, decimal, string, bytes, timestamp, duration, uuid,
  enumeration, record, list, map, optional,
};

struct Type;

struct EnumVariant {
  std::string name;
  std::string wire;
  std::string doc;
};

struct RecordField {
  std::string name;
  const Type* type = nullptr;
  std::string wire;                          // name in JSON and CSV
  const checked::Expr* default_value = nullptr;
  std::string doc;
};

/// `elem` is the element of a list, the value of a map, the T of T?. Names are empty for anonymous records.
struct Type {
  Kind kind = Kind::error;
  std::string name;                   // of a named record or enum
  const Type* elem = nullptr;
  const Type* key = nullptr;          // of a map
  std::vector<RecordField> fields;    // of a record
  std::vector<EnumVariant> variants;  // of an enum
  std::string doc;
  Range range{};                      // declaration of a named type

  bool is(Kind k) const { return kind == k; }
  bool is_optional() const { return kind == Kind::optional; }
  bool is_integer() const { return kind == Kind::i32 || kind == Kind::i64; }
  bool is_float() const { return kind == Kind::f32 || kind == Kind::f64; }
  bool is_number() const { return is_integer() || is_float() || kind == Kind::decimal; }
  /// T of T?, else itself.
  const Type* plain() const { return kind == Kind::optional ? elem : this; }
  /// Index of the field, -1 if there is none.
  int field(std::string_view field_name) const;
  int variant(std::string_view variant_name) const;
};

/// Owns and interns all types of a compilation.
class TypeTable {
 public:
  TypeTable();
  const Type* basic(Kind) const;  // the kinds from error to uuid
  const Type* error() const { return basic(Kind::error); }
  const Type* list_of(const Type* elem);
  const Type* map_of(const Type* key, const Type* value);
  /// T?; T itself when it is optional already, error for error, null for null.
  const Type* optional(const Type*);
  /// Anonymous record; the same shape gives the same pointer. Wire names are the field names.
  const Type* record(std::vector<RecordField> fields);
  /// A new named record or enum (declared once by the checker, which completes it: types may refer to each other).
  Type* declare(Kind, std::string name, Range);

 private:
  std::deque<Type> types_;
  std::map<std::string, const Type*> interned_;
};

/// `list<Order?>`, `{ a: i64, b: string }`, as a user would write or read it.
std::string to_string(const Type*);
/// Same type, where records are the same if their fields have the same names and shapes in the same order.
bool same_shape(const Type*, const Type*);
/// A text equal for two types exactly when they have the same shape (key for generated structs).
std::string shape_key(const Type*);

}  // namespace gress::dsl
