// Whatever the bytes: lexing, parsing, printing and rendering come to an end, within bounds, without undefined behaviour.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dsl/syntax/lexer.h"
#include "dsl/syntax/parser.h"
#include "dsl/syntax/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gress::dsl;
  SourceManager sources;
  Diagnostics diagnostics;
  const FileId id = sources.add("fuzz.gress", std::string(reinterpret_cast<const char*>(data), size));
  const ast::File file = parse(sources, id, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.range.begin > diagnostic.range.end || diagnostic.range.end > size) std::abort();
  }
  diagnostics.sort();
  for (const MessageFormat format : {MessageFormat::human, MessageFormat::short_, MessageFormat::json}) {
    render(diagnostics, sources, format, true);
  }
  print_ast(file, sources);
  Diagnostics again;
  print_tokens(lex(sources, id, again), sources);
  return 0;
}
