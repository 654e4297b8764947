// Aggregates: classes that can be made, added to, merged and asked for a result.
#include <clang/AST/DeclTemplate.h>
#include <clang/Sema/Sema.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "compiler/foreign/reader/declarations.h"
#include "compiler/foreign/reader/types.h"

namespace gress::headers {

namespace {

bool usable(const clang::CXXMethodDecl* method) {
  return method != nullptr && !method->isDeleted() && method->getAccess() == clang::AS_public;
}

struct Class {
  Reading& r;
  const clang::CXXRecordDecl* decl;
  std::string name;  // in backticks
  Problems& problems;

  const clang::CXXMethodDecl* method(const char* wanted, bool required, const std::string& form) {
    return only_method(decl, wanted, false, required, "the aggregate " + name, '`' + form + '`', problems);
  }
  std::string of(const char* method) const { return "`" + std::string(method) + "` of " + name; }

  Json function(const clang::CXXMethodDecl* method, const char* called) {
    check_body(r, method, of(called), problems);
    Json described = describe_function(r, method, of(called), problems);
    described["pointer"] = pointer_to(r, method);
    return described;
  }

  /// Nothing in it points elsewhere, so that its bytes are all of it.
  bool is_bytes(const clang::CXXRecordDecl* record) const {
    for (const clang::FieldDecl* field : record->fields()) {
      clang::QualType type = r.context.getBaseElementType(field->getType());
      if (type->isAnyPointerType() || type->isReferenceType() || type->isMemberPointerType()) return false;
      const clang::CXXRecordDecl* inner = type->getAsCXXRecordDecl();
      if (inner != nullptr && (!inner->hasDefinition() || !is_bytes(inner->getDefinition()))) return false;
    }
    for (const clang::CXXBaseSpecifier& base : record->bases()) {
      const clang::CXXRecordDecl* inner = base.getType()->getAsCXXRecordDecl();
      if (inner == nullptr || !is_bytes(inner)) return false;
    }
    return true;
  }
  void check_members(const clang::CXXRecordDecl* of) {
    for (const clang::FieldDecl* field : of->fields())
      if (refers(field->getType()))
        problems.contract(field, "the aggregate " + name + " keeps text or lists that are another's: `" + field->getNameAsString() + "`",
                          "`" + written(r, field->getType()) + "`",
                          "what `add` is given is gone when it ends: keep a `std::string` or a `std::vector`");
    for (const clang::CXXBaseSpecifier& base : of->bases())
      if (const clang::CXXRecordDecl* inner = base.getType()->getAsCXXRecordDecl(); inner != nullptr && inner->hasDefinition())
        check_members(inner->getDefinition());
  }
  /// The class, or a base of it to which it adds nothing.
  bool is_all_of_it(clang::QualType type) const {
    const clang::CXXRecordDecl* of = decl;
    while (!r.context.hasSameType(type, r.context.getRecordType(of))) {
      if (of->getNumBases() != 1 || !of->field_empty()) return false;
      of = of->bases_begin()->getType()->getAsCXXRecordDecl();
      if (of == nullptr || !of->hasDefinition()) return false;
      of = of->getDefinition();
    }
    return true;
  }
  /// Whether they take values of the same types, by value or by reference.
  bool same_values(const clang::CXXMethodDecl* one, const clang::CXXMethodDecl* other) const {
    return std::equal(one->param_begin(), one->param_end(), other->param_begin(), other->param_end(),
                      [&](const clang::ParmVarDecl* a, const clang::ParmVarDecl* b) {
                        return r.context.hasSameUnqualifiedType(a->getType().getNonReferenceType(), b->getType().getNonReferenceType());
                      });
  }
  const char* saved() const {
    for (const clang::Decl* member : decl->decls())
      if (const auto* named = llvm::dyn_cast<clang::NamedDecl>(member);
          named != nullptr && named->getDeclName().isIdentifier() && named->getName() == "archive" &&
          named->getAccess() == clang::AS_public)
        return llvm::isa<clang::FunctionTemplateDecl>(named) ? "archive" : "no";
    return r.context.getRecordType(decl).isTriviallyCopyableType(r.context) && is_bytes(decl) ? "bytes" : "no";
  }
};

}  // namespace

Json describe_aggregate(Reading& r, const clang::NamedDecl* named, Problems& problems) {
  const clang::CXXRecordDecl* decl = class_of(r, named);
  const std::string name = "`" + named->getNameAsString() + "`";
  Json out{{"doc", r.doc(named)}, {"place", r.place(named)}};
  if (decl == nullptr || name_of_class(named, decl).empty()) {
    const bool open = llvm::isa<clang::ClassTemplateDecl>(named);
    problems.contract(named, name + (open ? " is a template" : " is no class that is defined in the header"),
                      "not a class", open ? "declare a class for the instance that the program needs" : "");
    return out;
  }
  out["cpp"] = name_of_class(named, decl);
  Class c{r, decl, name, problems};
  if (decl->isPolymorphic())
    problems.contract(decl, "the aggregate " + name + " has virtual members: state holds plain values", "virtual",
                      "make them ordinary members");
  c.check_members(decl);
  // Implicit members are made when they are asked for.
  clang::Sema& sema = r.compiler.getSema();
  auto* open = const_cast<clang::CXXRecordDecl*>(decl);
  const clang::CXXMethodDecl* make = sema.LookupDefaultConstructor(open);
  if (usable(make))
    check_body(r, make, "the default constructor of " + name, problems);
  else
    problems.contract(decl, "the aggregate " + name + " cannot be made without arguments",
                      "no public default constructor",
                      "the state of a group begins as `" + named->getNameAsString() + "{}`");
  const std::pair<const char*, const clang::CXXMethodDecl*> value[] = {
      {"the copy constructor", sema.LookupCopyingConstructor(open, clang::Qualifiers::Const)},
      {"the copy assignment", sema.LookupCopyingAssignment(open, clang::Qualifiers::Const, false, 0)},
      {"the move constructor", sema.LookupMovingConstructor(open, 0)},
      {"the move assignment", sema.LookupMovingAssignment(open, 0, false, 0)},
      {"the destructor", sema.LookupDestructor(open)}};
  if (!std::all_of(std::begin(value), std::end(value), [](const auto& part) { return usable(part.second); })) {
    problems.contract(decl, "the aggregate " + name + " cannot be copied and moved", "is no value",
                      "state is a value: give it public constructors and assignments that copy, or none of its own");
  } else {
    std::set<const clang::CXXMethodDecl*> seen;  // what copies moves too, when nothing else does
    for (const auto& [what, part] : value)
      if (seen.insert(part).second) check_body(r, part, what + (" of " + name), problems);
  }
  const auto* add = c.method("add", true, "void add(…)");
  if (add != nullptr) out["add"] = c.function(add, "add");
  if (const auto* result = c.method("result", true, "T result() const")) {
    out["result"] = c.function(result, "result");
    Json type = describe_type(r, result->getReturnType(), Way::out);
    problems.type(result, "what " + c.of("result") + " gives", result->getReturnType(), type);
    out.getObject("result")->insert({"result", std::move(type)});
    if (!result->isConst())
      problems.contract(result, c.of("result") + " is not const", "changes the state",
                        "say `const` behind its parameters: a state is asked while it grows");
    if (result->getNumParams() != 0)
      problems.contract(result, c.of("result") + " takes arguments", "takes arguments",
                        "a result is of the state alone");
  }
  if (const auto* merge = c.method("merge", true, "void merge(const " + named->getNameAsString() + "&)")) {
    check_body(r, merge, c.of("merge"), problems);
    const bool right =
        merge->getNumParams() == 1 &&
        c.is_all_of_it(merge->getParamDecl(0)->getType().getNonReferenceType().getUnqualifiedType()) &&
        (!merge->getParamDecl(0)->getType()->isReferenceType() ||
         merge->getParamDecl(0)->getType().getNonReferenceType().isConstQualified());
    if (!right)
      problems.contract(merge, c.of("merge") + " does not take another " + name, "of another form",
                        "declare it as `void merge(const " + named->getNameAsString() + "&)`");
    out["merge"] = Json{{"noexcept", is_noexcept(merge)}, {"pointer", pointer_to(r, merge)}};
  }
  if (const auto* retract = c.method("retract", false, "void retract(…)")) {
    out["retract"] = c.function(retract, "retract");
    if (add != nullptr && !c.same_values(retract, add))
      problems.contract(retract, c.of("retract") + " does not take what `add` takes", "takes other arguments",
                        "give it the parameters of `add`");
  }
  const std::string saved = c.saved();
  out["form"] = saved == "no" ? "" : saved_form(r, decl, saved == "archive");
  out["saved"] = saved;
  return out;
}

}  // namespace gress::headers
