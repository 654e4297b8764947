// Records, enums, and types by name.
#include <algorithm>

#include "dsl/check/program.h"

namespace gress::dsl::detail {
namespace {

using namespace checked;

constexpr std::pair<std::string_view, Kind> kBasic[] = {
    {"bool", Kind::boolean},     {"i32", Kind::i32},       {"i64", Kind::i64},       {"f32", Kind::f32},
    {"f64", Kind::f64},          {"decimal", Kind::decimal}, {"string", Kind::string}, {"bytes", Kind::bytes},
    {"timestamp", Kind::timestamp}, {"duration", Kind::duration}, {"uuid", Kind::uuid}};

/// What the types of other languages are called here; empty when nothing is known by that name.
std::string_view foreign_type(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> names[] = {
      {"int", "i64"},        {"integer", "i64"},     {"bigint", "i64"},         {"long", "i64"},
      {"int64", "i64"},      {"uint64", "i64"},      {"u64", "i64"},            {"u32", "i64"},
      {"uint32", "i64"},     {"uint", "i64"},        {"int32", "i32"},          {"int16", "i32"},
      {"i16", "i32"},        {"i8", "i32"},          {"u8", "i32"},             {"u16", "i32"},
      {"short", "i32"},      {"smallint", "i32"},    {"byte", "i32"},           {"number", "f64"},
      {"float", "f64"},      {"double", "f64"},      {"float64", "f64"},        {"real", "f64"},
      {"float32", "f32"},    {"numeric", "decimal"}, {"money", "decimal"},      {"bigdecimal", "decimal"},
      {"str", "string"},     {"text", "string"},     {"varchar", "string"},     {"char", "string"},
      {"boolean", "bool"},   {"datetime", "timestamp"}, {"time", "timestamp"},  {"date", "timestamp"},
      {"instant", "timestamp"}, {"timestamptz", "timestamp"}, {"interval", "duration"}, {"timedelta", "duration"},
      {"binary", "bytes"},   {"blob", "bytes"},      {"bytea", "bytes"},        {"guid", "uuid"}};
  std::string folded(name);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (const auto& [theirs, ours] : names)
    if (theirs == folded) return ours;
  return {};
}

bool is_built_in(std::string_view name) {
  return name == "list" || name == "map" || name == "json" ||
         std::any_of(std::begin(kBasic), std::end(kBasic), [&](const auto& b) { return b.first == name; });
}

/// Names and wire names of one list must differ.
class Unique {
 public:
  explicit Unique(Context& c) : c_(c) {}
  bool name(const ast::Name& name, const char* what) {
    auto [at, fresh] = names_.try_emplace(name.text, name.range);
    if (!fresh)
      c_.report(Code::E0208, name.range, std::string("the ") + what + " " + quote(name.text) + " is given twice")
          .at(at->second, "first given here");
    return fresh;
  }
  void wire(const std::string& wire, Range range) {
    auto [at, fresh] = wires_.try_emplace(wire, range);
    if (!fresh)
      c_.report(Code::E0208, range, "two names on the wire are " + quote(wire)).at(at->second, "the other one");
  }

 private:
  Context& c_;
  std::map<std::string, Range> names_, wires_;
};

void complete_enum(Context& c, const ast::EnumDecl& decl, Type& type) {
  Unique unique(c);
  for (const auto& v : decl.variants) {
    if (!unique.name(v.name, "variant")) continue;
    std::string wire = v.wire.value_or(v.name.text);
    unique.wire(wire, v.name.range);
    type.variants.push_back({v.name.text, wire, v.doc});
  }
}

void complete_record(Context& c, FileScope& scope, const ast::TypeDecl& decl, Type& type) {
  Unique unique(c);
  for (const auto& f : decl.fields) {
    if (!unique.name(f.name, "field")) continue;
    if (f.name.text.starts_with('_'))
      c.report(Code::E0209, f.name.range, "the name " + quote(f.name.text) + " is reserved")
          .under("names beginning with `_` belong to the language")
          .help("name the field otherwise and give the wire name: `name: … as \"" + f.name.text + "\"`");
    RecordField field;
    field.name = f.name.text;
    field.type = c.resolve_type(*f.type, scope);
    field.wire = f.wire.value_or(f.name.text);
    field.doc = f.doc;
    unique.wire(field.wire, f.range);
    type.fields.push_back(std::move(field));
  }
}

/// Finds records that contain themselves; the field that closes the circle loses its type, so that nothing walks it.
class Recursion {
 public:
  Recursion(Context& c, const std::map<const Type*, const ast::TypeDecl*>& decls) : c_(c), decls_(decls) {}
  void visit(Type* type) {
    if (done_.contains(type)) return;
    running_.push_back(type);
    for (auto& field : type->fields) {
      Type* inner = record_of(field.type);
      if (!inner) continue;
      if (std::find(running_.begin(), running_.end(), inner) != running_.end()) {
        report(type, field.name, inner);
        field.type = c_.types().error();
      } else {
        visit(inner);
      }
    }
    running_.pop_back();
    done_.insert(type);
  }

 private:
  static Type* record_of(const Type* t) {
    while (t->elem) t = t->elem;
    return t->is(Kind::record) && !t->name.empty() ? const_cast<Type*>(t) : nullptr;
  }
  void report(const Type* type, const std::string& field, const Type* inner) {
    auto decl = decls_.find(type);
    Range range = type->range;
    if (decl != decls_.end())
      for (const auto& f : decl->second->fields)
        if (f.name.text == field) range = f.range;
    c_.report(Code::E0207, range, "the type " + quote(inner->name) + " contains itself")
        .under("leads back to " + quote(inner->name))
        .at(inner->range, "the type")
        .note("a record is stored as a whole, so it must have an end");
  }
  Context& c_;
  const std::map<const Type*, const ast::TypeDecl*>& decls_;
  std::vector<Type*> running_;
  std::set<const Type*> done_;
};

/// `Change`, what `changes` says of a row. A type of the program of that name hides it.
const Type* declare_change(Context& c) {
  Type* type = c.types().declare(Kind::enumeration, "Change", Range{});
  type->doc = "what `changes` says of a row";
  type->variants = {{"insert", "insert", "a row of a key that had none"},
                    {"update", "update", "a row that replaces another"},
                    {"delete", "delete", "a key that has no row any more"}};
  return type;
}

/// Fills the names that expressions of a file see.
void fill_names(FileScope& scope, const Type* change) {
  if (!scope.items.contains(change->name)) scope.names.types[change->name] = change;
  for (auto& [name, declared] : scope.items) {
    const Declared& d = declared.real();
    switch (d.kind) {
      case ItemKind::type:
      case ItemKind::enum_:
        if (d.type) scope.names.types[name] = d.type;
        break;
      case ItemKind::foreign: break;
      case ItemKind::param:
        if (!scope.main) scope.names.others[name] = "param of a used file";
        break;
      case ItemKind::function:
      case ItemKind::aggregate: break;  // with their indices, in functions.cpp
      default: scope.names.others[name] = word(d.kind);
    }
  }
}

}  // namespace

const Type* Context::resolve_type(const ast::TypeRef& ref, FileScope& scope) {
  const std::string& name = ref.name.text;
  if (name.empty()) return types().error();
  auto finish = [&](const Type* t) { return ref.optional ? types().optional(t) : t; };
  auto wrong_args = [&](const std::string& form) {
    report(Code::E0206, ref.range, quote(name) + " is written " + quote(form));
    return types().error();
  };
  for (const auto& [word, kind] : kBasic)
    if (word == name) return finish(types().basic(kind));
  if (name == "list") {
    if (ref.args.size() != 1) return wrong_args("list<T>");
    const Type* elem = resolve_type(*ref.args[0], scope);
    return elem->is(Kind::error) ? elem : finish(types().list_of(elem));
  }
  if (name == "map") {
    if (ref.args.size() != 2) return wrong_args("map<K, V>");
    const Type* key = resolve_type(*ref.args[0], scope);
    const Type* value = resolve_type(*ref.args[1], scope);
    if (key->is(Kind::error)) return key;
    if (value->is(Kind::error)) return value;
    if (!ExprChecker::is_key_type(key) || key->is_optional() || key->is(Kind::list) || key->is(Kind::map) || key->is(Kind::record)) {
      report(Code::E0407, ref.args[0]->range, "the keys of a map cannot be " + quote(to_string(key)))
          .under("no key type")
          .note("keys are single values that compare exactly: no floats, nothing absent, no lists, maps or records");
      return types().error();
    }
    return finish(types().map_of(key, value));
  }
  if (name == "json") {
    later(Code::E0931, ref.range, "the type `json`");
    return types().error();
  }
  auto at = scope.items.find(name);
  if (at == scope.items.end() && change && name == change->name) return finish(change);
  if (at == scope.items.end()) {
    auto& d = report(Code::E0206, ref.name.range, "there is no type " + quote(name));
    d.under("unknown type");
    if (const std::string_view ours = foreign_type(name); !ours.empty()) {
      d.fix("here it is " + quote(ours), ref.name.range, std::string(ours));
      return types().error();
    }
    std::vector<std::string_view> candidates;
    for (const auto& [word, kind] : kBasic) candidates.push_back(word);
    for (const auto& [other, declared] : scope.items)
      if (declared.real().type) candidates.push_back(other);
    suggest(d, name, ref.name.range, candidates);
    return types().error();
  }
  const Declared& d = at->second.real();
  if (d.kind == ItemKind::foreign) return types().error();  // reported as later work
  if (!d.type) {
    report(Code::E0203, ref.name.range, quote(name) + " is " + a_word(d.kind) + ", not a type")
        .under(d.kind == ItemKind::union_ ? "only a source may have it as its type" : "a type is wanted here")
        .at(at->second.range, "declared here");
    return types().error();
  }
  return finish(d.type);
}

void declare_types(Context& c) {
  c.change = declare_change(c);
  // All names before any field: types may refer to each other in any order.
  std::map<const Type*, const ast::TypeDecl*> decls;
  for (auto& scope : c.files)
    for (const auto& item : scope->file->items) {
      const auto* record = item.as<ast::TypeDecl>();
      const auto* enumeration = item.as<ast::EnumDecl>();
      if (!record && !enumeration) continue;
      const ast::Name& name = record ? record->name : enumeration->name;
      auto at = scope->items.find(name.text);
      if (at == scope->items.end() || at->second.item != &item) continue;  // a duplicate
      if (is_built_in(name.text))
        c.report(Code::E0201, name.range, quote(name.text) + " is a built-in type").under("choose another name");
      Type* type = c.types().declare(record ? Kind::record : Kind::enumeration, name.text, name.range);
      type->doc = item.doc;
      at->second.type = type;
      c.program.types.push_back(type);
      if (record) decls[type] = record;
    }
  declare_foreign_types(c);
  for (auto& scope : c.files)
    for (auto& [name, d] : scope->items) {
      if (!d.type || !d.item) continue;
      if (const auto* record = d.item->as<ast::TypeDecl>()) complete_record(c, *scope, *record, *d.type);
      if (const auto* enumeration = d.item->as<ast::EnumDecl>()) complete_enum(c, *enumeration, *d.type);
    }
  Recursion recursion(c, decls);
  for (const Type* type : c.program.types)
    if (type->is(Kind::record)) recursion.visit(const_cast<Type*>(type));
  for (auto& scope : c.files) fill_names(*scope, c.change);

  // Defaults last: they may speak of other enums and records.
  for (auto& scope : c.files)
    for (auto& [name, d] : scope->items) {
      const auto* record = d.type && d.item ? d.item->as<ast::TypeDecl>() : nullptr;
      if (!record) continue;
      Env env;
      env.names = &scope->names;
      env.hint = "the default of a field is constant";
      for (const auto& f : record->fields) {
        int i = d.type->field(f.name.text);
        if (!f.init || i < 0) continue;
        auto& field = d.type->fields[static_cast<std::size_t>(i)];
        if (c.default_names_param(*f.init, "the default of " + quote(f.name.text))) continue;
        ExprPtr value = c.check_as(*f.init, env, field.type, "the default of " + quote(f.name.text));
        if (!value->type->is(Kind::error) && !is_constant(value))
          c.report(Code::E0211, f.init->range, "the default of " + quote(f.name.text) + " is not constant")
              .under("must be known while compiling");
        else if (!value->type->is(Kind::error))
          field.default_value = value;
      }
    }
}

}  // namespace gress::dsl::detail
