// What the tests of the syntax share: parsing a text, and reading files beside the tests.
#pragma once
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "dsl/syntax/lexer.h"
#include "dsl/syntax/parser.h"
#include "dsl/syntax/print.h"

namespace gress::dsl {

struct Parsed {
  SourceManager sources;
  Diagnostics diagnostics;
  FileId id;
  ast::File file;

  explicit Parsed(std::string text, std::string name = "test.gress")
      : id(sources.add(std::move(name), std::move(text))), file(parse(sources, id, diagnostics)) {
    diagnostics.sort();
  }
  std::string messages() const { return render(diagnostics, sources, MessageFormat::short_, false); }
  std::string human() const { return render(diagnostics, sources, MessageFormat::human, false); }
  /// The ids of what was reported, in order: "E0101 W0102".
  std::string codes() const {
    std::string out;
    for (const Diagnostic& diagnostic : diagnostics.all()) {
      if (!out.empty()) out += ' ';
      out += info(diagnostic.code).id;
    }
    return out;
  }
  std::string tree() const {
    const std::string all = print_ast(file, sources);
    return all.substr(all.find('\n') + 1);
  }
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

inline std::filesystem::path test_folder() { return GRESS_SYNTAX_TESTS; }

}  // namespace gress::dsl
