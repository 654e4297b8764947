// The lexer: source text to tokens.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diagnostics/diagnostics.h"
#include "dsl/syntax/token.h"

namespace gress::dsl {

/// Files beyond this are refused (E0113).
inline constexpr std::size_t max_file_size = 16u << 20;

/// So many diagnostics of the lexer, and as many of the parser, are given for one file; more say nothing new.
inline constexpr int max_syntax_reports = 200;

/// All tokens of a file, comments included, ended by one `eof`. Whatever the text holds, the tokens are well formed:
/// every `string_begin` has its `string_end`, every `interpolation_begin` its end (of no width where the text has none).
///   "a{b}c"  is  string_begin string_text interpolation_begin name interpolation_end string_text string_end
std::vector<Token> lex(const SourceManager&, FileId, Diagnostics&);

/// The unit of time or size that a word is, or is meant for: `m` of `minutes`. Empty: none.
std::string_view unit_meant(std::string_view word);

/// The text that a `string_text` token stands for, escapes resolved. Wrong escapes (reported by `lex`) stay as written.
std::string unescape(std::string_view written);

}  // namespace gress::dsl
