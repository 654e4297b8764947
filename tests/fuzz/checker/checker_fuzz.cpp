// Whatever the bytes, as far as they parse: checking comes to an end, within bounds, without undefined behaviour, and what it
// says has a place in the text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "dsl/catalog/connectors.h"
#include "dsl/check/check.h"
#include "dsl/check/checked_json.h"
#include "dsl/check/print_checked.h"
#include "dsl/syntax/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gress::dsl;
  SourceManager sources;
  Diagnostics diagnostics;
  const FileId id = sources.add("fuzz.gress", std::string(reinterpret_cast<const char*>(data), size));
  std::vector<std::unique_ptr<ast::File>> files;
  files.push_back(std::make_unique<ast::File>(parse(sources, id, diagnostics)));
  const auto program = check(sources, files, diagnostics, default_catalog());
  for (const Diagnostic& diagnostic : diagnostics.all())
    if (diagnostic.range.begin > diagnostic.range.end || diagnostic.range.end > size) std::abort();
  diagnostics.sort();
  render(diagnostics, sources, MessageFormat::human, false);
  print_checked(program);
  checked_json(program, sources);
  return 0;
}
