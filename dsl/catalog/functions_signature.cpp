#include "dsl/catalog/functions_signature.h"

#include <algorithm>
#include <map>
#include <utility>

namespace gress::dsl {

namespace {

constexpr std::pair<std::string_view, Kind> kind_words[] = {
    {"bool", Kind::boolean},     {"i32", Kind::i32},       {"i64", Kind::i64},
    {"f32", Kind::f32},          {"f64", Kind::f64},       {"decimal", Kind::decimal},
    {"string", Kind::string},    {"bytes", Kind::bytes},   {"timestamp", Kind::timestamp},
    {"duration", Kind::duration}, {"uuid", Kind::uuid},
};
constexpr std::pair<std::string_view, TypeClass> class_words[] = {
    {"T", TypeClass::any},           {"K", TypeClass::any},           {"V", TypeClass::any},
    {"number", TypeClass::number},   {"float", TypeClass::floating},  {"ordered", TypeClass::ordered},
    {"hashable", TypeClass::hashable}, {"enum", TypeClass::enumeration},
};
constexpr std::pair<std::string_view, TypeSpec::Role> role_words[] = {
    {"zone", TypeSpec::Role::zone}, {"regex", TypeSpec::Role::regex}, {"time_pattern", TypeSpec::Role::time_pattern}};

/// Reads the well-formed texts of the table; a test reads all of them.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Signature read() {
    Signature signature;
    word();
    accept("(");
    while (!accept(")") && at_ < text_.size()) {
      if (accept("…")) {
        signature.repeats_last = true;
        continue;
      }
      ParamSpec& param = signature.params.emplace_back();
      param.name = word();
      accept(":");
      param.type = type();
      if (accept("?")) param.may_be_left_out = true;
      if (accept("=")) {
        param.default_value = 0;
        for (char c : word()) param.default_value = *param.default_value * 10 + (c - '0');
      }
      accept(",");
    }
    accept("->");
    signature.result = type();
    signature.result.optional = accept("?");
    return signature;
  }

 private:
  bool accept(std::string_view token) {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  std::string word() {
    accept("");
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (text_[at_] == '_' || (text_[at_] >= '0' && text_[at_] <= '9') || (text_[at_] >= 'a' && text_[at_] <= 'z') ||
            (text_[at_] >= 'A' && text_[at_] <= 'Z'))) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }
  TypeSpec type() {
    TypeSpec spec;
    spec.word = word();
    if (accept("<")) {
      spec.form = spec.word == "map" ? TypeSpec::Form::map : TypeSpec::Form::list;
      do spec.args.push_back(type());
      while (accept(","));
      accept(">");
      return spec;
    }
    for (const auto& [text, kind] : kind_words) {
      if (spec.word == text) spec.kind = kind;
    }
    for (const auto& [text, type_class] : class_words) {
      if (spec.word != text) continue;
      spec.form = TypeSpec::Form::variable;
      spec.type_class = type_class;
    }
    for (const auto& [text, role] : role_words) {
      if (spec.word != text) continue;
      spec.kind = Kind::string;
      spec.role = role;
    }
    if (spec.word == "unit") spec.form = TypeSpec::Form::unit;
    return spec;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

const std::vector<Signature>& signatures(const Function& function) {
  thread_local std::map<const Function*, std::vector<Signature>> kept;
  const auto [entry, added] = kept.try_emplace(&function);
  if (added) {
    for (const Overload& overload : function.overloads) entry->second.push_back(Reader(overload.signature).read());
  }
  return entry->second;
}

bool in_class(const Type* type, TypeClass type_class) {
  switch (type_class) {
    case TypeClass::any: return !type->is_optional() && !type->is(Kind::null);
    case TypeClass::number: return type->is_number();
    case TypeClass::floating: return type->is_float();
    case TypeClass::enumeration: return type->is(Kind::enumeration);
    case TypeClass::hashable:
      switch (type->kind) {
        case Kind::optional: case Kind::list: return in_class(type->elem, type_class);
        case Kind::map: return in_class(type->key, type_class) && in_class(type->elem, type_class);
        case Kind::record:
          return std::all_of(type->fields.begin(), type->fields.end(),
                             [&](const RecordField& field) { return in_class(field.type, type_class); });
        default: return in_class(type, TypeClass::ordered);
      }
    case TypeClass::ordered:
      switch (type->kind) {
        case Kind::boolean: case Kind::i32: case Kind::i64: case Kind::f32: case Kind::f64: case Kind::decimal:
        case Kind::string: case Kind::bytes: case Kind::timestamp: case Kind::duration: case Kind::uuid:
        case Kind::enumeration: return true;
        default: return false;
      }
  }
  return false;
}

}  // namespace gress::dsl
