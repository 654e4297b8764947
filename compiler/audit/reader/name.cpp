#include <llvm/Demangle/Demangle.h>

#include <cstdlib>

#include "compiler/audit/reader/code.h"

namespace gress::audit {

namespace {

std::string taken(char* text) {
  std::string out = text == nullptr ? "" : text;
  std::free(text);
  return out;
}

/// Without what stands in brackets, and without the result that stands before a template's name:
/// `a::B<int>::c(int) const::{lambda(int)#1}` is `a::B::c::lambda`.
std::string bare(const std::string& scope) {
  static const std::string unnamed = "(anonymous namespace)";
  std::string out;
  int depth = 0;
  bool numbered = false;
  for (std::size_t i = 0; i != scope.size(); ++i) {
    const char c = scope[i];
    const auto skip = [&](const std::string& word) {
      if (scope.compare(i, word.size(), word) != 0) return false;
      i += word.size() - 1;
      return true;
    };
    if (depth == 0 && skip(unnamed)) {
      if (out.ends_with("::")) out.resize(out.size() - 2);
    } else if (depth == 0 && skip("operator()")) {
      out += "operator()";
    } else if (c == '<' || c == '(' || c == '[') {
      ++depth;
    } else if (c == '>' || c == ')' || c == ']') {
      --depth;
    } else if (depth == 0) {
      if (c == '#') numbered = true;
      if (c == '}') numbered = false;
      if (numbered || c == '{' || c == '}' || c == '\'' || skip(" const") || skip("const ")) continue;
      if (c == ' ') out.clear();
      else out += c;
    }
  }
  return out;
}

}  // namespace

std::string plain_name(const std::string& linkage_name) {
  const std::string name = linkage_name.substr(0, linkage_name.find('.'));
  llvm::ItaniumPartialDemangler demangler;
  if (demangler.partialDemangle(name.c_str()) || !demangler.isFunction()) return name.empty() ? linkage_name : name;
  const std::string scope = bare(taken(demangler.getFunctionDeclContextName(nullptr, nullptr)));
  const std::string base = taken(demangler.getFunctionBaseName(nullptr, nullptr));
  const std::string own = base.starts_with("operator") ? base : bare(base);
  return scope.empty() ? own : scope + "::" + own;
}

}  // namespace gress::audit
