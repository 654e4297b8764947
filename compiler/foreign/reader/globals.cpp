// What a header defines besides what it is asked for.
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/Linkage.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include "compiler/foreign/reader/declarations.h"

namespace gress::headers {

namespace {

class Globals {
 public:
  Globals(Reading& reading, const std::set<std::string>& asked) : r(reading), asked_(asked), problems_(reading) {}

  void walk(const clang::DeclContext* in) {
    for (const clang::Decl* decl : in->decls()) {
      if (r.of_system(decl)) continue;
      if (const auto* named = llvm::dyn_cast<clang::NamedDecl>(decl)) check(named, in->getRedeclContext()->isTranslationUnit());
      if (llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl, clang::CXXRecordDecl>(decl)) walk(llvm::cast<clang::DeclContext>(decl));
    }
  }
  llvm::json::Array take() { return problems_.take(); }

 private:
  void check(const clang::NamedDecl* decl, bool global) {
    if (global && !llvm::isa<clang::NamespaceDecl>(decl) && decl->getDeclName().isIdentifier() && decl->getName() == "gress")
      return problems_.contract(decl, "`gress` is the namespace of what the program is made of", "another `gress`",
                                "give it another name, or put it into a namespace of yours");
    if (llvm::isa<clang::NamespaceDecl>(decl) && qualified(decl) == "::gress::program")
      return problems_.contract(decl, "`gress::program` is the namespace of the program that is made", "another `gress::program`",
                                "give it another name");
    if (const auto* function = llvm::dyn_cast<clang::FunctionDecl>(decl)) check_function(function);
    if (const auto* variable = llvm::dyn_cast<clang::VarDecl>(decl)) check_variable(variable);
  }
  void check_function(const clang::FunctionDecl* decl) {
    if (!decl->isThisDeclarationADefinition() || decl->isDeleted() || decl->isInlined() || !decl->isExternallyVisible()) return;
    if (decl->isDependentContext() || decl->getTemplateSpecializationKind() == clang::TSK_ImplicitInstantiation) return;
    if (decl->getDeclName().isIdentifier() && asked_.contains(decl->getNameAsString())) return;
    report(decl);
  }
  void check_variable(const clang::VarDecl* decl) {
    if (decl->isThisDeclarationADefinition() != clang::VarDecl::Definition || decl->isInline() || !decl->isExternallyVisible()) return;
    if (decl->getDeclContext()->isDependentContext() || decl->getDescribedVarTemplate() != nullptr) return;
    if (decl->getTemplateSpecializationKind() == clang::TSK_ImplicitInstantiation) return;
    report(decl);
  }
  void report(const clang::NamedDecl* decl) {
    problems_.contract(decl, "`" + decl->getQualifiedNameAsString() + "` is defined in a header and not `inline`", "would be defined several times",
                       "say `inline` before it: the header is compiled with each part of the program");
  }

  Reading& r;
  const std::set<std::string>& asked_;
  Problems problems_;
};

void note_names(Reading& r, const clang::DeclContext* in, const std::string& scope, std::set<std::string>& names) {
  for (const clang::Decl* decl : in->decls()) {
    const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl);
    if (llvm::isa<clang::LinkageSpecDecl>(decl) || (space != nullptr && (space->isInline() || space->isAnonymousNamespace()))) {
      note_names(r, llvm::cast<clang::DeclContext>(decl), scope, names);
    } else if (space != nullptr) {
      if (scope.empty() && !r.of_system(space)) note_names(r, space, space->getNameAsString() + "::", names);
    } else if (const auto* named = llvm::dyn_cast<clang::NamedDecl>(decl); named != nullptr && named->getDeclName().isIdentifier()) {
      if (!named->getName().empty() && !named->getName().starts_with("_")) names.insert(scope + named->getNameAsString());
    }
    // Its constants stand beside it.
    if (const auto* enumeration = llvm::dyn_cast<clang::EnumDecl>(decl); enumeration != nullptr && !enumeration->isScoped())
      for (const clang::EnumConstantDecl* constant : enumeration->enumerators()) names.insert(scope + constant->getNameAsString());
  }
}

}  // namespace

llvm::json::Array check_globals(Reading& reading, const std::set<std::string>& asked) {
  Globals globals(reading, asked);
  globals.walk(reading.context.getTranslationUnitDecl());
  return globals.take();
}

llvm::json::Array left_macros(Reading& reading) {
  std::set<std::string> names;
  clang::Preprocessor& preprocessor = reading.compiler.getPreprocessor();
  for (const auto& [name, _] : preprocessor.macros()) {
    const clang::MacroInfo* macro = preprocessor.getMacroInfo(name);
    if (macro == nullptr || macro->isBuiltinMacro()) continue;
    const clang::SourceLocation at = macro->getDefinitionLoc();
    if (reading.sources.isInSystemHeader(at) || reading.sources.isWrittenInBuiltinFile(at) || reading.sources.isWrittenInCommandLineFile(at)) continue;
    if (llvm::any_of(name->getName(), llvm::isLower)) names.insert(name->getName().str());
  }
  return llvm::json::Array(names);
}

llvm::json::Array taken_names(Reading& reading) {
  std::set<std::string> names;
  note_names(reading, reading.context.getTranslationUnitDecl(), "", names);
  return llvm::json::Array(names);
}

}  // namespace gress::headers
