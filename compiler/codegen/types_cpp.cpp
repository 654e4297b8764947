// C++ types for the program's types, and the structs of rows.
#include "compiler/codegen/unit.h"

namespace gress::codegen {

namespace {

std::string print_enum(Unit& u, const Type* type) {
  const std::string name = u.type_names.take(type_identifier(type->name));
  std::string variants, wires;
  for (const dsl::EnumVariant& v : type->variants) {
    variants += (variants.empty() ? "" : ", ") + identifier(v.name);
    wires += (wires.empty() ? "" : ", ") + literal(v.wire);
  }
  u.types.line("enum class {} : std::uint{}_t {{ {} }};", name, type->variants.size() <= 256 ? 8 : 16, variants);
  u.types.raw(u.closing());
  u.types.raw("template <>");
  u.types.open("struct gress::EnumNames<gress::program::{}>", name);
  u.types.line("static constexpr std::string_view names[] = {{{}}};", wires);
  u.types.close(";");
  u.types.raw(u.opening());
  return name;
}

std::string print_record(Unit& u, const Type* type) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const dsl::RecordField& f : type->fields) fields.emplace_back(cpp_type(u, f.type), identifier(f.name));
  const std::string name = u.type_names.take(type_identifier(type->name.empty() ? "Record" : type->name));
  u.types.open("struct {}", name);
  std::vector<std::string> members;
  for (const auto& [field_type, field] : fields) {
    u.types.line("{} {}{{}};", field_type, field);
    members.push_back(field);
  }
  u.types.raw(members_line(name, members));
  u.types.line("friend bool operator==(const {}&, const {}&) = default;", name, name);
  u.types.close(";");
  return name;
}

}  // namespace

std::string members_line(const std::string& name, const std::vector<std::string>& members) {
  std::string list;
  for (const std::string& m : members) list += fmt::format("{}&{}::{}", list.empty() ? "" : ", ", name, m);
  return fmt::format("static constexpr auto members = Members<{}>{{}};", list);
}

std::string cpp_type(Unit& u, const Type* type) {
  switch (type->kind) {
    case Kind::error:
    case Kind::null: return "Absent";
    case Kind::boolean: return "bool";
    case Kind::i32: return "std::int32_t";
    case Kind::i64:
    case Kind::timestamp:
    case Kind::duration: return "std::int64_t";
    case Kind::f32: return "float";
    case Kind::f64: return "double";
    case Kind::decimal: return "Decimal";
    case Kind::string: return "Text";
    case Kind::bytes: return "Bytes";
    case Kind::uuid: return "Uuid";
    case Kind::enumeration: {
      auto it = u.enums.find(type);
      if (it == u.enums.end()) it = u.enums.emplace(type, print_enum(u, type)).first;
      return it->second;
    }
    case Kind::record: {
      const std::string key = dsl::shape_key(type);
      auto it = u.records.find(key);
      if (it == u.records.end()) it = u.records.emplace(key, print_record(u, type)).first;
      return it->second;
    }
    case Kind::list: return fmt::format("List<{}>", cpp_type(u, type->elem));
    case Kind::map: return fmt::format("Map<{}, {}>", cpp_type(u, type->key), cpp_type(u, type->elem));
    case Kind::optional: return fmt::format("Opt<{}>", cpp_type(u, type->elem));
  }
  return "";
}

bool is_flat(const Type* type) {
  switch (type->kind) {
    case Kind::string:
    case Kind::bytes:
    case Kind::list:
    case Kind::map: return false;
    case Kind::optional: return is_flat(type->elem);
    case Kind::record:
      for (const dsl::RecordField& f : type->fields)
        if (!is_flat(f.type)) return false;
      return true;
    default: return true;
  }
}

namespace {

bool is_pruned(const Type* type, const plan::Use& use) { return type->plain()->kind == Kind::record && !use.whole; }

std::string pruned_type(const Type* type, const std::string& pruned) {
  return type->is_optional() ? fmt::format("Opt<{}>", pruned) : pruned;
}

void print_pruned(Unit& u, Printer& to, const std::string& name, const Type* record, const plan::Use& use) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto& [index, inner] : use.members) {
    const dsl::RecordField& f = record->fields[index];
    const std::string field = identifier(f.name);
    if (is_pruned(f.type, inner)) {
      print_pruned(u, to, name + "_" + f.name, f.type->plain(), inner);
      fields.emplace_back(pruned_type(f.type, name + "_" + f.name), field);
    } else {
      fields.emplace_back(cpp_type(u, f.type), field);
    }
  }
  to.open("struct {}", name);
  std::vector<std::string> members;
  for (const auto& [type, field] : fields) {
    to.line("{} {}{{}};", type, field);
    members.push_back(field);
  }
  to.raw(members_line(name, members));
  to.line("friend bool operator==(const {}&, const {}&) = default;", name, name);
  to.close(";");
}

std::string convert(Unit& u, const std::string& name, const Type* type, const plan::Use& use, const std::string& from) {
  if (!is_pruned(type, use)) return from;
  const std::string base = type->is_optional() ? "(" + from + ").value" : from;
  std::string fields;
  for (const auto& [index, inner] : use.members) {
    const dsl::RecordField& f = type->plain()->fields[index];
    fields += (fields.empty() ? "" : ", ") + convert(u, name + "_" + f.name, f.type, inner, base + "." + identifier(f.name));
  }
  const std::string value = fmt::format("{}{{{}}}", name, fields);
  if (!type->is_optional()) return value;
  return fmt::format("({}).has ? Opt<{}>({}) : Opt<{}>()", from, name, value, name);
}

}  // namespace

std::string column_type(Unit& u, const std::string& row_struct, const dsl::checked::Column& c, const plan::Use& use) {
  if (is_pruned(c.type, use)) return pruned_type(c.type, row_struct + "_" + c.name);
  return cpp_type(u, c.type);
}

std::string convert_column(Unit& u, const std::string& row_struct, const dsl::checked::Column& c, const plan::Use& use,
                           const std::string& from) {
  return convert(u, row_struct + "_" + c.name, c.type, use, from);
}

const Type* number_type() {
  static const dsl::Type type = [] {
    dsl::Type number;
    number.kind = dsl::Kind::i32;
    return number;
  }();
  return &type;
}

void print_row_struct(Unit& u, Printer& to, const std::string& name, const dsl::checked::Row& row, const plan::Uses& uses) {
  std::vector<std::string> members;
  for (std::size_t i = 0; i != row.columns.size(); ++i)
    if (uses[i].any() && is_pruned(row.columns[i].type, uses[i]))
      print_pruned(u, to, name + "_" + row.columns[i].name, row.columns[i].type->plain(), uses[i]);
  to.open("struct {}", name);
  for (std::size_t i = 0; i != row.columns.size(); ++i) {
    if (!uses[i].any()) continue;
    const std::string column = identifier(row.columns[i].name);
    to.line("{} {}{{}};", column_type(u, name, row.columns[i], uses[i]), column);
    members.push_back(column);
  }
  to.raw(members_line(name, members));
  print_role(u, to, name);
  to.close(";");
}

}  // namespace gress::codegen
