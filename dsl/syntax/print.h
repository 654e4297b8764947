// Dumps for `--emit=tokens` and `--emit=ast`, and what golden tests compare.
#pragma once
#include <string>
#include <vector>

#include "dsl/source/source.h"
#include "dsl/syntax/ast.h"
#include "dsl/syntax/token.h"

namespace gress::dsl {

/// One token a line: `line:column kind text`, the text quoted where it is needed.
std::string print_tokens(const std::vector<Token>&, const SourceManager&);

/// The tree as indented S-expressions, one node a line, without ranges:
///   (stream "bursts"
///     (from (ref "flights"))
///     (filter
///       (ge (name "delay") (name "limit"))))
std::string print_ast(const ast::File&, const SourceManager&);

/// Whether two files say the same: equal trees, whatever the layout (print_ast shows all there is but ranges).
bool same(const ast::File&, const ast::File&);

}  // namespace gress::dsl
