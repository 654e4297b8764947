// What the saved state of an aggregate hangs on: of which members it and what it holds is made, and what `archive` says.
#include <clang/AST/DeclTemplate.h>
#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/raw_ostream.h>

#include <algorithm>
#include <string>
#include <vector>

#include "compiler/foreign/reader/declarations.h"

namespace gress::headers {

namespace {

class SavedForm {
 public:
  SavedForm(Reading& reading, bool archived) : r(reading), policy(reading.context.getLangOpts()), archived_(archived) {
    policy.SuppressTagKeyword = true;
    policy.AnonymousTagLocations = false;
  }

  std::string of(const clang::CXXRecordDecl* decl) {
    reach(r.context.getRecordType(decl));
    std::string text;
    for (std::size_t i = 0; i != reached_.size(); ++i)  // grows on the way
      text += (i == 0 ? "" : ", " + qualified(reached_[i]) + " ") + parts(reached_[i]);
    if (!archived_) text += ", " + std::to_string(r.context.getTypeSizeInChars(r.context.getRecordType(decl)).getQuantity()) + " bytes";
    return text;
  }

 private:
  /// Classes and enums of the user's that a type is made of, also those that it is a template of.
  void reach(clang::QualType type) {
    const clang::TagDecl* decl = r.context.getBaseElementType(type)->getAsTagDecl();
    if (decl == nullptr || decl->getDefinition() == nullptr) return;
    decl = decl->getDefinition();
    if (const auto* made = llvm::dyn_cast<clang::ClassTemplateSpecializationDecl>(decl)) arguments(made->getTemplateArgs().asArray());
    if (!r.of_system(decl) && std::ranges::find(reached_, decl) == reached_.end()) reached_.push_back(decl);
  }
  void arguments(llvm::ArrayRef<clang::TemplateArgument> all) {
    for (const clang::TemplateArgument& each : all) {
      if (each.getKind() == clang::TemplateArgument::Type) reach(each.getAsType());
      if (each.getKind() == clang::TemplateArgument::Pack) arguments(each.getPackAsArray());
    }
  }

  std::string parts(const clang::TagDecl* decl) {
    const auto* of = llvm::dyn_cast<clang::EnumDecl>(decl);
    return of != nullptr ? constants(of) : members(llvm::cast<clang::CXXRecordDecl>(decl));
  }
  std::string constants(const clang::EnumDecl* decl) const {
    std::string text;
    for (const clang::EnumConstantDecl* each : decl->enumerators())
      text += (text.empty() ? "" : ", ") + each->getNameAsString() + " = " + llvm::toString(each->getInitVal(), 10);
    return "{" + text + "}";
  }
  std::string members(const clang::CXXRecordDecl* decl) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    for (const clang::CXXBaseSpecifier& base : decl->bases()) {
      add(name(base.getType()));
      reach(base.getType());
    }
    for (const clang::FieldDecl* field : decl->fields()) {
      add(name(field->getType()) + " " + field->getNameAsString() +
          (field->isBitField() ? " : " + std::to_string(field->getBitWidthValue(r.context)) : ""));
      reach(field->getType());
    }
    if (archived_)
      for (const clang::Decl* member : decl->decls())
        if (const auto* function = llvm::dyn_cast<clang::FunctionTemplateDecl>(member);
            function != nullptr && function->getDeclName().isIdentifier() && function->getName() == "archive")
          add("archive " + body(function->getTemplatedDecl()));
    return "{" + text + "}";
  }
  std::string name(clang::QualType type) const { return type.getCanonicalType().getAsString(policy); }

  /// As it is parsed, so that no layout or comment counts.
  std::string body(const clang::FunctionDecl* function) const {
    std::string text, words;
    llvm::raw_string_ostream out(text);
    if (const clang::Stmt* said = function->getBody()) said->printPretty(out, nullptr, policy);
    out.flush();
    for (const char c : text)
      if (c != '\n' && (c != ' ' || (!words.empty() && words.back() != ' '))) words += c;
      else if (c == '\n' && !words.empty() && words.back() != ' ') words += ' ';
    return words.substr(0, words.find_last_not_of(' ') + 1);
  }

  Reading& r;
  clang::PrintingPolicy policy;
  bool archived_;
  std::vector<const clang::TagDecl*> reached_;
};

}  // namespace

std::string saved_form(Reading& r, const clang::CXXRecordDecl* decl, bool archived) { return SavedForm(r, archived).of(decl); }

}  // namespace gress::headers
