// The formatter: one layout for all programs (`gressc fmt`).
//
// Spaces, indentation, trailing commas and the alignment of neighbouring lines are the formatter's. Where lines end is
// the author's as far as it may be: braces opened onto a new line stay open, entries that share a line share it still,
// a chain written on one line stays there; what does not fit `line_width` columns is opened, one entry a line.
// Expressions are never broken, breaks before operators, `then`, `else` and clauses are kept. At most one blank line
// stays between things. Comments stay where they were.
#pragma once
#include <optional>
#include <string>

#include "dsl/source/source.h"
#include "dsl/syntax/ast.h"

namespace gress::dsl {

inline constexpr int line_width = 120;

/// The file laid out canonically; nothing if it has syntax errors. `file` is what `parse` gave for this very text.
/// Formatting twice changes nothing more, and the result parses to the same tree.
std::optional<std::string> format(const SourceManager&, FileId, const ast::File& file);

}  // namespace gress::dsl
