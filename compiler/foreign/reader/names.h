// Where the names of a header's declarations stand, and how C++ names them.
#pragma once
#include <clang/AST/Decl.h>
#include <clang/Frontend/CompilerInstance.h>
#include <llvm/Support/JSON.h>

#include <string>
#include <vector>

namespace gress::headers {

using Json = llvm::json::Object;

/// What is known of one run of the reader.
struct Reading {
  clang::CompilerInstance& compiler;
  clang::ASTContext& context;
  clang::SourceManager& sources;
  std::vector<std::string> files = {};  // that places speak of; their indices stand in the answer

  /// `[file, begin, end]` of a range, where it was written; of a macro's text, where the macro is used.
  llvm::json::Array place(clang::SourceRange);
  llvm::json::Array place(const clang::NamedDecl*);
  /// Whether a declaration is a system header's.
  bool of_system(const clang::Decl*) const;
  /// The text of the `///` or `/** */` comment before it.
  std::string doc(const clang::Decl*) const;
};

/// `::geo::Point`, without inline namespaces; empty for what has no such name (in functions, unnamed).
std::string qualified(const clang::NamedDecl*);

/// What `kind` ("fn", "type", "aggregate", "source", "sink") may be, of that name.
struct Hits {
  std::vector<const clang::NamedDecl*> found;   // of the kind, in one scope
  std::vector<const clang::NamedDecl*> others;  // of the name and another kind
  std::vector<std::string> scopes;              // several: where they are; then `found` is empty
  std::vector<std::string> names;               // of the kind that the header declares, for "did you mean"
};
Hits look_up(Reading&, const std::string& kind, const std::string& name);

}  // namespace gress::headers
