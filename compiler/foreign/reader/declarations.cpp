#include "compiler/foreign/reader/declarations.h"

#include <clang/AST/DeclTemplate.h>
#include <clang/AST/PrettyPrinter.h>
#include <clang/Sema/Sema.h>

#include <set>
#include <vector>

#include "compiler/foreign/reader/types.h"

namespace gress::headers {

void Problems::add(const char* code, const clang::NamedDecl* at, std::string message, std::string label,
                   std::string help) {
  list_.push_back(Json{{"code", code},
                       {"message", std::move(message)},
                       {"label", std::move(label)},
                       {"help", std::move(help)},
                       {"place", reading_.place(at)}});
}

void Problems::type(const clang::NamedDecl* at, const std::string& what, clang::QualType type, const Json& described) {
  const Json* part = unmapped(described);
  if (part == nullptr) return;
  add("type", at,
      what + " is of the C++ type `" + written(reading_, type) + "`, which no type of the language stands for",
      "`" + written(reading_, type) + "`", part->getString("help").value_or("").str());
}

bool is_noexcept(const clang::FunctionDecl* decl) {
  const auto* prototype = decl->getType()->getAs<clang::FunctionProtoType>();
  return prototype != nullptr && prototype->isNothrow();
}

void check_body(Reading& r, const clang::FunctionDecl* decl, const std::string& what, Problems& problems) {
  if (decl->isDeleted()) return problems.contract(decl, what + " is deleted", "deleted here", "");
  if (decl->isConsteval())
    problems.contract(decl, what + " is `consteval`", "runs in the compiler only",
                      "make it `constexpr`: it is called with values of rows");
  if (decl->isImplicit() || r.of_system(decl)) return;
  if (const clang::FunctionDecl* pattern = decl->getTemplateInstantiationPattern(); pattern != nullptr && pattern->isDefined()) return;
  const clang::FunctionDecl* definition = nullptr;
  if (!decl->isDefined(definition) && !decl->isDefaulted())
    problems.contract(decl, what + " is declared in the header, and not defined there", "no body",
                      "define it in the header, as `inline`");
  else if (definition != nullptr && !definition->isInlined() && definition->isExternallyVisible())
    problems.contract(decl, what + " is not `inline`", "would be defined several times",
                      "say `inline` before it: the header is compiled with each part of the program");
}

Json describe_function(Reading& r, const clang::FunctionDecl* decl, const std::string& what, Problems& problems) {
  if (decl->isVariadic())
    problems.contract(decl, what + " takes any number of arguments", "`...`", "give it the parameters that it needs");
  Json out{{"cpp", qualified(decl)},
           {"doc", r.doc(decl)},
           {"place", r.place(decl)},
           {"noexcept", is_noexcept(decl)}};
  llvm::json::Array params;
  for (const clang::ParmVarDecl* param : decl->parameters()) {
    const std::string name = param->getNameAsString();
    Json type = describe_type(r, param->getType(), Way::in);
    problems.type(param, (name.empty() ? "a parameter" : "the parameter `" + name + "`") + " of " + what,
                  param->getType(), type);
    params.push_back(Json{{"name", name}, {"type", std::move(type)}, {"optional", param->hasDefaultArg()}});
  }
  out["params"] = std::move(params);
  return out;
}

namespace {

void describe_enum(Reading& r, const clang::EnumDecl* decl, Json& out, Problems& problems) {
  llvm::json::Array variants;
  std::set<std::string> values;
  for (const clang::EnumConstantDecl* constant : decl->enumerators()) {
    llvm::SmallString<24> value;
    constant->getInitVal().toString(value);
    if (!values.insert(value.str().str()).second)
      problems.contract(constant,
                        "`" + constant->getNameAsString() + "` has the value of another constant of `" +
                            decl->getNameAsString() + "`",
                        "the value " + value.str().str() + " again", "give each constant a value of its own");
    variants.push_back(Json{{"name", constant->getNameAsString()}, {"doc", r.doc(constant)}});
  }
  if (variants.empty())
    problems.contract(decl, "`" + decl->getNameAsString() + "` has no constants", "nothing to choose from", "");
  if (variants.size() > 65536)
    problems.contract(decl, "`" + decl->getNameAsString() + "` has more than 65536 constants", "too many", "");
  out["variants"] = std::move(variants);
}

void describe_record(Reading& r, const clang::CXXRecordDecl* decl, Json& out, Problems& problems) {
  const std::string full = qualified(decl), name = "`" + full.substr(full.rfind(':') + 1) + "`";
  if (decl->isPolymorphic())
    return problems.contract(decl, name + " has virtual members: rows hold plain values", "is no plain struct",
                             "use a struct of data members only");
  if (decl->isUnion()) return problems.contract(decl, name + " is a union", "is no plain struct", "use a struct");
  if (!decl->isAggregate() || decl->getNumBases() != 0)
    return problems.contract(decl, name + " is no plain struct", "has constructors, bases or hidden members",
                             "use a struct of public data members, without constructors and bases");
  llvm::json::Array fields;
  for (const clang::FieldDecl* field : decl->fields()) {
    const std::string member = field->getNameAsString();
    if (member.empty() || field->isBitField() || field->getType().isConstQualified()) {
      problems.contract(field,
                        "a member of " + name + " is " +
                            (member.empty()        ? "unnamed"
                             : field->isBitField() ? "a bit field"
                                                   : "const"),
                        "is no plain member", "use an ordinary data member");
      continue;
    }
    Json type = describe_type(r, field->getType(), Way::both);
    problems.type(field, "the member `" + member + "` of " + name, field->getType(), type);
    fields.push_back(
        Json{{"name", member}, {"doc", r.doc(field)}, {"type", std::move(type)}, {"place", r.place(field)}});
  }
  if (decl->field_empty()) problems.contract(decl, name + " has no data members", "empty", "");
  out["fields"] = std::move(fields);
}

}  // namespace

namespace {

/// As C++ finds it: a class hides what its bases have.
struct Member {
  const clang::NamedDecl* decl;
  bool is_public;
};
std::vector<Member> members_named(const clang::CXXRecordDecl* decl, llvm::StringRef name) {
  std::vector<Member> found;
  for (const clang::Decl* member : decl->decls()) {
    const auto* named = llvm::dyn_cast<clang::NamedDecl>(member);
    if (named == nullptr || !named->getDeclName().isIdentifier() || named->getName() != name || llvm::isa<clang::UsingDecl>(named)) continue;
    found.push_back({named->getUnderlyingDecl(), named->getAccess() == clang::AS_public});
  }
  if (!found.empty()) return found;
  for (const clang::CXXBaseSpecifier& base : decl->bases())
    if (const clang::CXXRecordDecl* of = base.getType()->getAsCXXRecordDecl(); of != nullptr && of->hasDefinition())
      for (const Member& member : members_named(of->getDefinition(), name))
        found.push_back({member.decl, member.is_public && base.getAccessSpecifier() == clang::AS_public});
  return found;
}

}  // namespace

const clang::CXXMethodDecl* only_method(const clang::CXXRecordDecl* decl, llvm::StringRef name, bool is_static, bool required,
                                        const std::string& what, const std::string& form, Problems& problems) {
  const clang::CXXMethodDecl* found = nullptr;
  const std::string quoted = "`" + name.str() + "`";
  for (const auto& [named, is_public] : members_named(decl, name)) {
    const auto* one = llvm::dyn_cast<clang::CXXMethodDecl>(named);
    const char* wrong = one == nullptr                         ? "is no member function"
                        : one->isStatic() != is_static         ? (is_static ? "is not static" : "is static")
                        : !is_public                           ? "is not public"
                        : one->getRefQualifier() == clang::RQ_RValue ? "is for an object that goes away (`&&`)"
                        : found != nullptr                     ? "is there twice"
                                                               : nullptr;
    if (wrong != nullptr) {
      problems.contract(named, quoted + " of " + what + " " + wrong, wrong, "declare one " + form);
      return nullptr;
    }
    found = one;
  }
  if (found == nullptr && required)
    problems.contract(decl, what + " has no " + quoted, "lacks " + quoted, "add a public " + form);
  return found;
}

namespace {

/// Of a template's instance there is nothing but its name until it is asked for, and of its members no `noexcept`.
void make_whole(Reading& r, const clang::CXXRecordDecl* decl) {
  clang::Sema& sema = r.compiler.getSema();
  if (!sema.isCompleteType(decl->getLocation(), r.context.getRecordType(decl))) return;
  for (const clang::CXXMethodDecl* method : decl->getDefinition()->methods())
    if (const auto* type = method->getType()->getAs<clang::FunctionProtoType>(); type != nullptr && type->getExceptionSpecType() == clang::EST_Uninstantiated)
      sema.ResolveExceptionSpec(method->getLocation(), type);
  for (const clang::CXXBaseSpecifier& base : decl->getDefinition()->bases())
    if (const clang::CXXRecordDecl* of = base.getType()->getAsCXXRecordDecl()) make_whole(r, of);
}

}  // namespace

const clang::CXXRecordDecl* class_of(Reading& r, const clang::NamedDecl* decl) {
  const clang::CXXRecordDecl* record = llvm::dyn_cast<clang::CXXRecordDecl>(decl);
  if (const auto* alias = llvm::dyn_cast<clang::TypedefNameDecl>(decl))
    record = alias->getUnderlyingType()->getAsCXXRecordDecl();
  if (record == nullptr) return nullptr;
  make_whole(r, record);
  return record->getDefinition();
}

std::string name_of_class(const clang::NamedDecl* asked, const clang::CXXRecordDecl* decl) {
  return qualified(llvm::isa<clang::ClassTemplateSpecializationDecl>(decl) ? asked : decl);
}

Json describe_named(Reading& r, const clang::NamedDecl* decl, Problems& problems) {
  const clang::EnumDecl* enumeration = llvm::dyn_cast<clang::EnumDecl>(decl);
  if (const auto* alias = llvm::dyn_cast<clang::TypedefNameDecl>(decl))
    if (const auto* type = alias->getUnderlyingType()->getAs<clang::EnumType>()) enumeration = type->getDecl();
  if (enumeration != nullptr && enumeration->getDefinition() != nullptr) enumeration = enumeration->getDefinition();
  const clang::CXXRecordDecl* record = class_of(r, decl);
  const clang::NamedDecl* type = enumeration != nullptr ? static_cast<const clang::NamedDecl*>(enumeration) : record;
  const std::string name = "`" + decl->getNameAsString() + "`";
  Json out{{"doc", r.doc(decl)}, {"place", r.place(decl)}};
  if (type == nullptr || qualified(type).empty() || llvm::isa<clang::ClassTemplateSpecializationDecl>(type)) {
    const bool open = llvm::isa<clang::ClassTemplateDecl>(decl);
    const bool made = type != nullptr && llvm::isa<clang::ClassTemplateSpecializationDecl>(type);
    problems.contract(decl, name + (open ? " is a template" : made ? " is an instance of a template" : " is no struct or enum that is defined in the header"),
                      open ? "is no type by itself" : made ? "of a template" : "not a struct or enum",
                      open ? "declare a struct for the instance that the program needs" : made ? "declare a struct with its members" : "");
    return out;
  }
  out["cpp"] = qualified(type);
  if (enumeration != nullptr)
    describe_enum(r, enumeration, out, problems);
  else
    describe_record(r, record, out, problems);
  return out;
}

}  // namespace gress::headers
