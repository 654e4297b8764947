// The parser: tokens to the syntax tree.
#pragma once
#include "dsl/diagnostics/diagnostics.h"
#include "dsl/syntax/ast.h"

namespace gress::dsl {

/// Expressions, types and text may nest this deep; deeper is E0112, never a stack overflow.
inline constexpr int max_nesting = 200;
/// No expression tree is higher than this, long chains of operators included.
inline constexpr int max_height = 1000;

/// Lexes and parses a file. Errors go to the diagnostics, as many independent ones as there are; what could be
/// understood is returned: broken stages and entries are left out, broken expressions are of kind Error, items without
/// a readable head are dropped. Pointers that the tree documents as set are set, errors or not (a type that could not
/// be read is a TypeRef with an empty name).
ast::File parse(const SourceManager&, FileId, Diagnostics&);

/// The words that may start an item, a stage.
std::span<const std::string_view> item_words();
std::span<const std::string_view> stage_words();

}  // namespace gress::dsl
