#include "compiler/foreign/reader/names.h"

#include <clang/AST/DeclTemplate.h>
#include <clang/AST/RawCommentList.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>
#include <map>
#include <set>

namespace gress::headers {

llvm::json::Array Reading::place(clang::SourceRange range) {
  const clang::CharSourceRange text = sources.getExpansionRange(range);
  const auto [file, begin] = sources.getDecomposedLoc(text.getBegin());
  const clang::SourceLocation last =
      clang::Lexer::getLocForEndOfToken(text.getEnd(), 0, sources, context.getLangOpts());
  unsigned end = sources.getDecomposedLoc(last.isValid() ? last : text.getEnd()).second;
  if (end <= begin) end = begin + 1;
  const auto entry = sources.getFileEntryRefForID(file);
  const std::string name = entry ? std::string(entry->getName()) : "";
  auto at = std::find(files.begin(), files.end(), name);
  if (at == files.end()) at = files.insert(at, name);
  return llvm::json::Array{static_cast<std::int64_t>(at - files.begin()), static_cast<std::int64_t>(begin),
                           static_cast<std::int64_t>(end)};
}

llvm::json::Array Reading::place(const clang::NamedDecl* decl) {
  return place({decl->getLocation(), decl->getLocation()});
}

bool Reading::of_system(const clang::Decl* decl) const {
  return sources.isInSystemHeader(sources.getExpansionLoc(decl->getLocation()));
}

std::string Reading::doc(const clang::Decl* decl) const {
  const clang::RawComment* comment = context.getRawCommentForAnyRedecl(decl);
  return comment == nullptr ? "" : comment->getFormattedText(sources, context.getDiagnostics());
}

std::string qualified(const clang::NamedDecl* decl) {
  std::string name = decl->getNameAsString();
  // `typedef struct { … } Point;`
  if (const auto* tag = llvm::dyn_cast<clang::TagDecl>(decl); tag != nullptr && name.empty())
    if (const clang::TypedefNameDecl* alias = tag->getTypedefNameForAnonDecl()) name = alias->getNameAsString();
  if (name.empty()) return "";
  for (const clang::DeclContext* scope = decl->getDeclContext(); !scope->isTranslationUnit();
       scope = scope->getParent()) {
    if (scope->isInlineNamespace() || llvm::isa<clang::LinkageSpecDecl>(scope)) continue;
    const auto* outer = llvm::dyn_cast<clang::NamedDecl>(scope);
    if (outer == nullptr || scope->isFunctionOrMethod()) return "";
    if (outer->getName().empty()) {
      if (!llvm::isa<clang::NamespaceDecl>(outer)) return "";
      continue;
    }
    name = outer->getNameAsString() + "::" + name;
  }
  return "::" + name;
}

namespace {

bool of_kind(const std::string& kind, const clang::NamedDecl* decl) {
  if (kind == "fn") return llvm::isa<clang::FunctionDecl, clang::FunctionTemplateDecl>(decl);
  if (llvm::isa<clang::TypedefNameDecl>(decl)) return true;
  if (kind == "type" && llvm::isa<clang::EnumDecl>(decl)) return true;
  return llvm::isa<clang::CXXRecordDecl, clang::ClassTemplateDecl>(decl);
}

const clang::Decl* behind(const clang::NamedDecl* decl) {
  if (const auto* alias = llvm::dyn_cast<clang::TypedefNameDecl>(decl))
    if (const clang::TagDecl* tag = alias->getUnderlyingType()->getAsTagDecl()) return tag->getCanonicalDecl();
  return decl->getCanonicalDecl();
}
bool same(const std::vector<const clang::NamedDecl*>& a, const std::vector<const clang::NamedDecl*>& b) {
  std::set<const clang::Decl*> of_a, of_b;
  for (const clang::NamedDecl* decl : a) of_a.insert(behind(decl));
  for (const clang::NamedDecl* decl : b) of_b.insert(behind(decl));
  return of_a == of_b;
}

struct Walk {
  Reading& reading;
  const std::string& kind;
  const std::string& name;
  std::map<std::string, std::vector<const clang::NamedDecl*>> found;  // by scope
  Hits hits;

  void note(const std::string& scope, const clang::NamedDecl* decl) {
    if (!decl->getDeclName().isIdentifier() || decl->isImplicit()) return;
    const bool right = of_kind(kind, decl);
    if (right) hits.names.push_back(decl->getNameAsString());
    if (decl->getName() != name) return;
    if (right)
      found[scope].push_back(decl);
    else
      hits.others.push_back(decl);
  }
  void walk(const std::string& scope, const clang::DeclContext* in) {
    for (const clang::Decl* decl : in->decls()) {
      if (reading.of_system(decl)) continue;
      if (const auto* space = llvm::dyn_cast<clang::NamespaceDecl>(decl)) {
        const bool open = space->isInline() || space->isAnonymousNamespace();
        walk(open ? scope : scope + space->getNameAsString() + "::", space);
      } else if (const auto* linkage = llvm::dyn_cast<clang::LinkageSpecDecl>(decl)) {
        walk(scope, linkage);
      } else if (const auto* used = llvm::dyn_cast<clang::UsingDecl>(decl)) {
        for (const clang::UsingShadowDecl* shadow : used->shadows()) note(scope, shadow->getTargetDecl());
      } else if (const auto* named = llvm::dyn_cast<clang::NamedDecl>(decl)) {
        note(scope, named);
      }
    }
  }
};

}  // namespace

Hits look_up(Reading& reading, const std::string& kind, const std::string& name) {
  Walk walk{reading, kind, name, {}, {}};
  walk.walk("", reading.context.getTranslationUnitDecl());
  Hits& hits = walk.hits;
  std::sort(hits.names.begin(), hits.names.end());
  hits.names.erase(std::unique(hits.names.begin(), hits.names.end()), hits.names.end());
  // What stands outside of namespaces comes first, `using geo::distance;` among it.
  if (walk.found.empty()) return std::move(hits);
  if (walk.found.contains("") || walk.found.size() == 1) {
    hits.found = walk.found.begin()->second;
    return std::move(hits);
  }
  // A name that a scope took over from another is the same there.
  const auto& first = walk.found.begin()->second;
  if (std::all_of(walk.found.begin(), walk.found.end(), [&](const auto& one) { return same(one.second, first); })) {
    hits.found = first;
    return std::move(hits);
  }
  for (const auto& [scope, decls] : walk.found) hits.scopes.push_back(scope + name);
  return std::move(hits);
}

}  // namespace gress::headers
