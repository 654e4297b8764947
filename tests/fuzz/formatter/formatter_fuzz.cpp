// What parses, formats; the result parses to the same tree, holds the same comments, and formats to itself.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "dsl/format/format.h"
#include "dsl/syntax/lexer.h"
#include "dsl/syntax/parser.h"
#include "dsl/syntax/print.h"

namespace {

using namespace gress::dsl;

struct Formatted {
  SourceManager sources;
  FileId id;
  Diagnostics diagnostics;
  ast::File file;
  std::optional<std::string> text;
  explicit Formatted(std::string input)
      : id(sources.add("fuzz.gress", std::move(input))),
        file(parse(sources, id, diagnostics)),
        text(format(sources, id, file)) {}
  std::vector<std::string> comments() const {
    Diagnostics ignored;
    std::vector<std::string> found;
    for (const Token& token : lex(sources, id, ignored)) {
      if (token.kind == TokenKind::comment || token.kind == TokenKind::doc_comment) found.emplace_back(sources.text(token.range));
    }
    return found;
  }
};

void check(bool good, const char* what, const std::string& first, const std::string& second) {
  if (good) return;
  std::fprintf(stderr, "%s\n--- first\n%s\n--- second\n%s\n", what, first.c_str(), second.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const Formatted once(input);
  if (once.text.has_value() == once.diagnostics.has_errors()) std::abort();
  if (!once.text) return 0;
  const Formatted twice(*once.text);
  check(twice.text.has_value(), "does not parse any more", input, *once.text);
  check(same(once.file, twice.file), "means something else", input, *once.text);
  check(*twice.text == *once.text, "is not stable", *once.text, *twice.text);
  check(once.comments() == twice.comments(), "lost a comment", input, *once.text);
  return 0;
}
