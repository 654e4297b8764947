// Sources and sinks: classes that give and take rows by the batch (runtime/connectors/foreign/concepts.h says what they
// have to be; here it is checked, so that a message can say what is missing, and where).
#include <clang/AST/DeclTemplate.h>
#include <clang/Sema/Sema.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "compiler/foreign/reader/declarations.h"
#include "compiler/foreign/reader/types.h"

namespace gress::headers {

namespace {

struct Class {
  Reading& r;
  const clang::CXXRecordDecl* decl;
  std::string what;  // "the source `Ticks`"
  Problems& problems;

  std::string of(llvm::StringRef method) const { return "`" + method.str() + "` of " + what; }

  const clang::CXXMethodDecl* method(llvm::StringRef wanted, bool is_static, bool required, const std::string& form) {
    const auto* found = only_method(decl, wanted, is_static, required, what, form, problems);
    if (found != nullptr) check_body(r, found, of(wanted), problems);
    return found;
  }

  void form(const clang::CXXMethodDecl* method, bool right, const std::string& wanted) {
    if (!right)
      problems.contract(method, of(method->getName()) + " has another form", "of another form",
                        "declare it as " + wanted);
  }
  void form(const clang::CXXMethodDecl* method, const std::vector<clang::QualType>& params, clang::QualType result,
            const std::string& wanted) {
    bool right = method->getNumParams() == params.size() && r.context.hasSameType(method->getReturnType(), result);
    for (unsigned i = 0; right && i != params.size(); ++i) right = takes(method, i, params[i]);
    form(method, right, wanted);
  }
  /// By value or reference to const.
  bool takes(const clang::FunctionDecl* function, unsigned i, clang::QualType wanted) const {
    const clang::QualType type = function->getParamDecl(i)->getType();
    if (type->isReferenceType() && !type.getNonReferenceType().isConstQualified()) return false;
    return r.context.hasSameUnqualifiedType(type.getNonReferenceType(), wanted);
  }
  bool takes_text(const clang::FunctionDecl* function, unsigned i) const {
    return describe_type(r, function->getParamDecl(i)->getType(), Way::in).getString("form") == "text";
  }

  /// What it has to be is looked for in the class itself.
  void check_bases() {
    constexpr llvm::StringRef kNames[] = {"Options", "partitions", "read", "position", "seek", "write", "flush", "prepare", "commit", "recover"};
    for (const clang::CXXBaseSpecifier& base : decl->bases()) {
      const clang::CXXRecordDecl* record = base.getType()->getAsCXXRecordDecl();
      if (record == nullptr) continue;
      for (const clang::Decl* member : record->decls()) {
        const auto* named = llvm::dyn_cast<clang::NamedDecl>(member);
        if (named != nullptr && named->getDeclName().isIdentifier() && llvm::is_contained(kNames, named->getName()))
          return problems.contract(named, "`" + named->getName().str() + "` of " + what + " is a member of its base", "in a base",
                                   "declare it in the class itself");
      }
    }
  }

  /// The struct behind `std::span<Row>` or `std::span<const Row>`, as JSON.
  void row(const clang::CXXMethodDecl* method, bool is_const, const std::string& wanted, Json& out) {
    clang::QualType element;
    if (method->getNumParams() == 1) {
      const auto* span = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(
          method->getParamDecl(0)->getType()->getAsCXXRecordDecl());
      if (span != nullptr && qualified(span) == "::std::span" && span->getTemplateArgs()[1].getAsIntegral().isAllOnes())
        element = span->getTemplateArgs()[0].getAsType();
    }
    if (element.isNull() || element.isConstQualified() != is_const) return form(method, false, wanted);
    Json type = describe_type(r, element.getUnqualifiedType(), Way::both);
    problems.type(method, "a row of " + what, element.getUnqualifiedType(), type);
    if (unmapped(type) == nullptr && type.getString("form") != "named")
      problems.contract(method, "the rows of " + what + " are no structs", "rows are structs", "declare a struct of the row's fields");
    if (is_const && refers(element))
      problems.contract(method, "the rows of " + what + " refer to text that is not theirs", "a row is kept until its batch is written",
                        "use `std::string` and `std::vector` in the struct, not views");
    out["row"] = std::move(type);
    out["row_place"] = r.place(method);
  }

  /// `{"options_cpp", "options": [{"name", "doc", "type", "required", "place"}]}`, and whether it can be made of them.
  void options(bool partitioned, Json& out) {
    const clang::CXXRecordDecl* options = nullptr;
    for (const clang::Decl* member : decl->decls()) {
      const auto* named = llvm::dyn_cast<clang::NamedDecl>(member);
      if (named == nullptr || named->isImplicit() || !named->getDeclName().isIdentifier() || named->getName() != "Options") continue;
      options = class_of(r, named);
      if (options == nullptr || !options->isAggregate() || options->getNumBases() != 0 || named->getAccess() != clang::AS_public)
        return problems.contract(named, "`Options` of " + what + " is no plain struct", "has constructors, bases or hidden members",
                                 "use a public struct of public data members, without constructors and bases");
    }
    llvm::json::Array fields;
    if (options != nullptr) {
      out["options_cpp"] = qualified(options);
      for (const clang::FieldDecl* field : options->fields()) {
        Json type = describe_type(r, field->getType(), Way::both);
        const auto form = type.getString("form");
        if (form == "named" || form == "list" || form == "optional")
          problems.contract(field, "the option `" + field->getNameAsString() + "` of " + what + " is no single value", "no option can be this",
                            "options are numbers, text, times and truth values; one that may be left out has a default");
        else if (refers(field->getType()))
          problems.contract(field, "the option `" + field->getNameAsString() + "` of " + what + " refers to text that is not its own",
                            "options are kept", "use `std::string`");
        problems.type(field, "the option `" + field->getNameAsString() + "` of " + what, field->getType(), type);
        fields.push_back(Json{{"name", field->getNameAsString()},
                              {"doc", r.doc(field)},
                              {"type", std::move(type)},
                              {"required", !field->hasInClassInitializer()},
                              {"place", r.place(field)}});
      }
    }
    out["options"] = std::move(fields);
    made_of(options, partitioned);
  }

  void made_of(const clang::CXXRecordDecl* options, bool partitioned) {
    const unsigned count = (options != nullptr ? 1 : 0) + (partitioned ? 1 : 0);
    const std::string name = decl->getNameAsString();
    const std::string wanted = name + "(" + (options != nullptr ? "const Options&" : "") + (count == 2 ? ", " : "") +
                               (partitioned ? "std::string_view partition" : "") + ")";
    if (decl->isAbstract()) return problems.contract(decl, what + " is abstract", "cannot be made", "");
    if (count == 0) {
      const clang::CXXMethodDecl* made = r.compiler.getSema().LookupDefaultConstructor(const_cast<clang::CXXRecordDecl*>(decl));
      if (made != nullptr && !made->isDeleted() && made->getAccess() == clang::AS_public)
        return check_body(r, made, "the constructor of " + what, problems);
    }
    for (const clang::CXXConstructorDecl* made : decl->ctors()) {
      if (made->isImplicit() || made->isDeleted() || made->getAccess() != clang::AS_public || made->getNumParams() != count || count == 0) continue;
      if (options != nullptr && !takes(made, 0, r.context.getRecordType(options))) continue;
      if (partitioned && !takes_text(made, count - 1)) continue;
      return check_body(r, made, "the constructor of " + what, problems);
    }
    problems.contract(decl, what + " cannot be made of its options" + (partitioned ? " and the name of a partition" : ""),
                      "no such constructor", "add a public constructor `" + wanted + "`");
  }

  /// What says where it is: a number of 64 bits or a `std::string`; null after a message.
  clang::QualType position(const clang::CXXMethodDecl* method, const std::string& wanted) {
    const Json type = describe_type(r, method->getReturnType(), Way::both);
    const auto form_of = type.getString("form"), cpp = type.getString("cpp");
    const bool right = method->getNumParams() == 0 && (form_of == "i64" || cpp == "std::string");
    form(method, right, wanted);
    return right ? method->getReturnType() : clang::QualType();
  }
  /// Whether it is `template<element>` of namespace std.
  bool is_std(clang::QualType type, const char* name, clang::QualType element) const {
    const auto* instance = llvm::dyn_cast_or_null<clang::ClassTemplateSpecializationDecl>(type.getNonReferenceType()->getAsCXXRecordDecl());
    return instance != nullptr && qualified(instance) == name &&
           (element.isNull() || r.context.hasSameUnqualifiedType(instance->getTemplateArgs()[0].getAsType(), element));
  }
};

void describe_source(Class& c, Json& out) {
  clang::ASTContext& context = c.r.context;
  const std::string read_form = "`std::optional<std::size_t> read(std::span<Row> rows)`";
  if (const auto* read = c.method("read", false, true, read_form)) {
    c.form(read, c.is_std(read->getReturnType(), "::std::optional", context.getSizeType()), read_form);
    c.row(read, false, read_form, out);
  }
  const std::string position_form = "`std::int64_t position() const` or `std::string position() const`";
  clang::QualType position;
  if (const auto* method = c.method("position", false, true, position_form)) {
    position = c.position(method, position_form);
    if (!method->isConst()) c.form(method, false, position_form);
  }
  const std::string seek_form = "`void seek(T position)` with the type that `position` gives";
  if (const auto* seek = c.method("seek", false, true, seek_form); seek != nullptr && !position.isNull())
    c.form(seek, {position}, context.VoidTy, seek_form);
  const auto* partitions = c.method("partitions", true, false, "`static std::vector<std::string> partitions(const Options&)`");
  c.options(partitions != nullptr, out);
  if (partitions == nullptr) return;
  out["partitions"] = true;
  const bool with_options = out.getString("options_cpp").has_value();
  const std::string form = std::string("`static std::vector<std::string> partitions(") + (with_options ? "const Options&)`" : ")`");
  const Json names = describe_type(c.r, partitions->getReturnType(), Way::out);
  const bool texts = c.is_std(partitions->getReturnType(), "::std::vector", {}) && names.getObject("of") != nullptr &&
                     names.getObject("of")->getString("cpp") == "std::string";
  c.form(partitions, texts && partitions->getNumParams() == (with_options ? 1U : 0U), form);
}

void describe_sink(Class& c, Json& out) {
  clang::ASTContext& context = c.r.context;
  const std::string write_form = "`void write(std::span<const Row> rows)`";
  if (const auto* write = c.method("write", false, true, write_form)) {
    c.form(write, write->getReturnType()->isVoidType(), write_form);
    c.row(write, true, write_form, out);
  }
  if (const auto* flush = c.method("flush", false, false, "`void flush()`")) c.form(flush, {}, context.VoidTy, "`void flush()`");
  c.options(false, out);
  // All of them or none.
  const std::string prepare_form = "`std::string prepare()` or `std::int64_t prepare()`", commit_form = "`void commit(T prepared)` with what `prepare` gives",
                    recover_form = "`void recover(std::optional<T> prepared)` of what `prepare` gives";
  const auto* prepare = c.method("prepare", false, false, prepare_form);
  const auto* commit = c.method("commit", false, prepare != nullptr, commit_form);
  const auto* recover = c.method("recover", false, prepare != nullptr || commit != nullptr, recover_form);
  if (prepare == nullptr && (commit != nullptr || recover != nullptr)) c.method("prepare", false, true, prepare_form);
  if (prepare == nullptr || commit == nullptr || recover == nullptr) return;
  out["commits"] = true;
  const clang::QualType prepared = c.position(prepare, prepare_form);
  if (prepared.isNull()) return;
  c.form(commit, {prepared}, context.VoidTy, commit_form);
  c.form(recover, recover->getNumParams() == 1 && c.is_std(recover->getParamDecl(0)->getType(), "::std::optional", prepared), recover_form);
}

}  // namespace

Json describe_connector(Reading& r, const std::string& kind, const clang::NamedDecl* named, Problems& problems) {
  const clang::CXXRecordDecl* decl = class_of(r, named);
  const std::string name = "`" + named->getNameAsString() + "`";
  Json out{{"doc", r.doc(named)}, {"place", r.place(named)}};
  if (decl == nullptr || qualified(decl).empty() || llvm::isa<clang::ClassTemplateSpecializationDecl>(decl)) {
    const bool open = llvm::isa<clang::ClassTemplateDecl>(named);
    const bool made = decl != nullptr && llvm::isa<clang::ClassTemplateSpecializationDecl>(decl);
    problems.contract(named, name + (open ? " is a template" : made ? " is an instance of a template" : " is no class that is defined in the header"),
                      made ? "of a template" : "not a class", open || made ? "declare a class for the instance that the program needs" : "");
    return out;
  }
  out["cpp"] = qualified(decl);
  Class c{r, decl, "the " + kind + " " + name, problems};
  c.check_bases();
  if (kind == "source") describe_source(c, out);
  else describe_sink(c, out);
  return out;
}

}  // namespace gress::headers
