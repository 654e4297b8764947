// Tokens: what the lexer makes of source text. Keywords are names; which names are keywords, the parser knows.
#pragma once
#include <cstdint>
#include <string_view>

#include "dsl/source/source.h"

namespace gress::dsl {

/// kind, its name in `--emit=tokens`, and how messages speak of it.
#define GRESS_TOKEN_KINDS(X)                                       \
  X(eof, "eof", "the end of the file")                             \
  X(name, "name", "a name")                                        \
  X(integer, "integer", "a number")                                \
  X(real, "real", "a number")                                      \
  X(duration, "duration", "a duration")                            \
  X(size, "size", "a size")                                        \
  X(timestamp, "timestamp", "a timestamp")                         \
  X(raw_string, "raw_string", "raw text")                          \
  X(string_begin, "string_begin", "text")                          \
  X(string_text, "string_text", "text")                            \
  X(interpolation_begin, "interpolation_begin", "`{`")             \
  X(interpolation_end, "interpolation_end", "`}`")                 \
  X(string_end, "string_end", "`\"`")                              \
  X(comment, "comment", "a comment")                               \
  X(doc_comment, "doc_comment", "a doc comment")                   \
  X(left_brace, "{", "`{`")                                        \
  X(right_brace, "}", "`}`")                                       \
  X(left_paren, "(", "`(`")                                        \
  X(right_paren, ")", "`)`")                                       \
  X(left_bracket, "[", "`[`")                                      \
  X(right_bracket, "]", "`]`")                                     \
  X(comma, ",", "`,`")                                             \
  X(colon, ":", "`:`")                                             \
  X(dot, ".", "`.`")                                               \
  X(dot_dot, "..", "`..`")                                         \
  X(question, "?", "`?`")                                          \
  X(question_question, "??", "`??`")                               \
  X(assign, "=", "`=`")                                            \
  X(equal, "==", "`==`")                                           \
  X(not_equal, "!=", "`!=`")                                       \
  X(less, "<", "`<`")                                              \
  X(less_equal, "<=", "`<=`")                                      \
  X(greater, ">", "`>`")                                           \
  X(greater_equal, ">=", "`>=`")                                   \
  X(plus, "+", "`+`")                                              \
  X(minus, "-", "`-`")                                             \
  X(star, "*", "`*`")                                              \
  X(slash, "/", "`/`")                                             \
  X(percent, "%", "`%`")                                           \
  X(arrow, "->", "`->`")                                           \
  X(fat_arrow, "=>", "`=>`")                                       \
  X(bar, "|", "`|`")                                               \
  X(pipe, "|>", "`|>`")                                            \
  /* Nothing of ours: lexed so that the parser can name what was meant. */ \
  X(and_and, "&&", "`&&`")                                         \
  X(bar_bar, "||", "`||`")                                         \
  X(ampersand, "&", "`&`")                                         \
  X(bang, "!", "`!`")                                              \
  X(less_greater, "<>", "`<>`")                                    \
  X(equal_3, "===", "`===`")                                       \
  X(not_equal_3, "!==", "`!==`")                                   \
  X(semicolon, ";", "`;`")

enum class TokenKind : std::uint8_t {
#define GRESS_TOKEN_KIND(kind, name, words) kind,
  GRESS_TOKEN_KINDS(GRESS_TOKEN_KIND)
#undef GRESS_TOKEN_KIND
};

struct Token {
  TokenKind kind = TokenKind::eof;
  bool line_start = false;    // the first token of its line (comments count)
  Range range;
  std::int64_t value = 0;     // duration, timestamp: microseconds; size: bytes; else 0
};

/// `left_brace` is "{": the name in token dumps.
std::string_view name_of(TokenKind kind);
/// "`{`", "a number": the words in messages.
std::string_view words_for(TokenKind kind);

}  // namespace gress::dsl
