// From syntax trees to the checked program: names, types, absence, event time, stream kinds, options, state growth.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dsl/catalog/connectors.h"
#include "dsl/check/checked.h"
#include "dsl/check/foreign.h"
#include "dsl/diagnostics/diagnostics.h"
#include "dsl/source/source.h"
#include "dsl/syntax/ast.h"

namespace gress::dsl {

/// Reads and parses the main file and, transitively, the files it uses; the main file comes first, each file once
/// (files may use each other). Paths are taken relative to the using file. A main file that cannot be read gives an
std::vector<std::unique_ptr<ast::File>> load(SourceManager&, const std::string& path, Diagnostics&);

/// The same for a text that is at hand already (an editor's buffer, a test); `name` says where `use` looks.
std::vector<std::unique_ptr<ast::File>> load_text(SourceManager&, std::string name, std::string text, Diagnostics&);

/// Where the file `path`, used in file `from`, lies.
std::string used_path(const SourceManager&, FileId from, const std::string& path);

/// Checks a program: `files` as `load` gave them. After errors the result holds what could be understood and must not
/// be planned. Streams come in an order in which inputs stand before their readers.
/// `headers`: what the C++ headers that it uses declare; one that is missing there was reported.
checked::Program check(const SourceManager&, std::span<const ast::File* const> files, Diagnostics&, const Catalog&,
                       const foreign::Headers& headers = {});
checked::Program check(const SourceManager&, const std::vector<std::unique_ptr<ast::File>>& files, Diagnostics&,
                       const Catalog&, const foreign::Headers& headers = {});

}  // namespace gress::dsl
