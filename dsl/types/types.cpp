#include "dsl/types/types.h"

#include <array>
#include <utility>

namespace gress::dsl {

namespace {

/// Types may not be recursive; the checker reports those that are, and this bounds what is done with them meanwhile.
constexpr int deepest = 64;

constexpr std::array<std::string_view, 13> basic_words = {
    "_", "null", "bool", "i32", "i64", "f32", "f64", "decimal", "string", "bytes", "timestamp", "duration", "uuid"};

/// Key under which types are interned: addresses of interned types are their identities.
std::string identity(const Type* type) { return std::to_string(reinterpret_cast<std::uintptr_t>(type)); }

void write(std::string& out, const Type* type, int depth) {
  if (type == nullptr) {
    out += "(none)";
    return;
  }
  switch (type->kind) {
    case Kind::list: out += "list<"; write(out, type->elem, depth + 1); out += '>'; return;
    case Kind::map:
      out += "map<";
      write(out, type->key, depth + 1);
      out += ", ";
      write(out, type->elem, depth + 1);
      out += '>';
      return;
    case Kind::optional: write(out, type->elem, depth + 1); out += '?'; return;
    case Kind::enumeration: out += type->name; return;
    case Kind::record: {
      if (!type->name.empty()) {
        out += type->name;
        return;
      }
      if (type->fields.empty() || depth > deepest) {
        out += "{}";
        return;
      }
      out += "{ ";
      for (std::size_t i = 0; i < type->fields.size(); ++i) {
        if (i != 0) out += ", ";
        out += type->fields[i].name;
        out += ": ";
        write(out, type->fields[i].type, depth + 1);
      }
      out += " }";
      return;
    }
    default: out += basic_words[static_cast<std::size_t>(type->kind)]; return;
  }
}

void write_shape(std::string& out, const Type* type, int depth) {
  if (type == nullptr || depth > deepest) {
    out += '~';
    return;
  }
  switch (type->kind) {
    case Kind::list: out += "l<"; write_shape(out, type->elem, depth + 1); out += '>'; return;
    case Kind::map:
      out += "m<";
      write_shape(out, type->key, depth + 1);
      out += ',';
      write_shape(out, type->elem, depth + 1);
      out += '>';
      return;
    case Kind::optional: write_shape(out, type->elem, depth + 1); out += '?'; return;
    case Kind::enumeration:
      // Enums are the same only if they are the same declaration; two files may have one of the same name.
      out += "e:" + type->name + '@' + std::to_string(type->range.file) + ':' + std::to_string(type->range.begin);
      return;
    case Kind::record:
      out += '{';
      for (const RecordField& field : type->fields) {
        out += field.name;
        out += ':';
        write_shape(out, field.type, depth + 1);
        out += ',';
      }
      out += '}';
      return;
    default: out += basic_words[static_cast<std::size_t>(type->kind)]; return;
  }
}

bool same(const Type* a, const Type* b, int depth) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr || a->kind != b->kind) return false;
  if (depth > deepest) return true;
  switch (a->kind) {
    case Kind::list: case Kind::optional: return same(a->elem, b->elem, depth + 1);
    case Kind::map: return same(a->key, b->key, depth + 1) && same(a->elem, b->elem, depth + 1);
    case Kind::record: {
      if (a->fields.size() != b->fields.size()) return false;
      for (std::size_t i = 0; i < a->fields.size(); ++i) {
        if (a->fields[i].name != b->fields[i].name || !same(a->fields[i].type, b->fields[i].type, depth + 1))
          return false;
      }
      return true;
    }
    case Kind::enumeration: return false;
    default: return true;
  }
}

}  // namespace

int Type::field(std::string_view field_name) const {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == field_name) return static_cast<int>(i);
  }
  return -1;
}

int Type::variant(std::string_view variant_name) const {
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (variants[i].name == variant_name) return static_cast<int>(i);
  }
  return -1;
}

TypeTable::TypeTable() {
  for (std::size_t i = 0; i < basic_words.size(); ++i) types_.emplace_back().kind = static_cast<Kind>(i);
}

const Type* TypeTable::basic(Kind kind) const { return &types_[static_cast<std::size_t>(kind)]; }

const Type* TypeTable::list_of(const Type* elem) {
  const Type*& slot = interned_["l" + identity(elem)];
  if (slot == nullptr) {
    Type& type = types_.emplace_back();
    type.kind = Kind::list;
    type.elem = elem;
    slot = &type;
  }
  return slot;
}

const Type* TypeTable::map_of(const Type* key, const Type* value) {
  const Type*& slot = interned_["m" + identity(key) + ',' + identity(value)];
  if (slot == nullptr) {
    Type& type = types_.emplace_back();
    type.kind = Kind::map;
    type.key = key;
    type.elem = value;
    slot = &type;
  }
  return slot;
}

const Type* TypeTable::optional(const Type* inner) {
  if (inner->is(Kind::optional) || inner->is(Kind::error) || inner->is(Kind::null)) return inner;
  const Type*& slot = interned_["?" + identity(inner)];
  if (slot == nullptr) {
    Type& type = types_.emplace_back();
    type.kind = Kind::optional;
    type.elem = inner;
    slot = &type;
  }
  return slot;
}

const Type* TypeTable::record(std::vector<RecordField> fields) {
  std::string key = "r";
  for (const RecordField& field : fields) {
    key += field.name;
    key += ':';
    key += identity(field.type);
    key += ',';
  }
  const Type*& slot = interned_[key];
  if (slot == nullptr) {
    Type& type = types_.emplace_back();
    type.kind = Kind::record;
    type.fields = std::move(fields);
    for (RecordField& field : type.fields) {
      field.wire = field.name;
      field.default_value = nullptr;
    }
    slot = &type;
  }
  return slot;
}

Type* TypeTable::declare(Kind kind, std::string name, Range range) {
  Type& type = types_.emplace_back();
  type.kind = kind;
  type.name = std::move(name);
  type.range = range;
  return &type;
}

std::string to_string(const Type* type) {
  std::string out;
  write(out, type, 0);
  return out;
}

bool same_shape(const Type* a, const Type* b) { return same(a, b, 0); }

std::string shape_key(const Type* type) {
  std::string out;
  write_shape(out, type, 0);
  return out;
}

}  // namespace gress::dsl
