// The lexer's inside, shared by its lex_*.cpp files.
#pragma once
#include <string>
#include <vector>

#include "dsl/syntax/lexer.h"

namespace gress::dsl::detail {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool is_name_char(char c) { return is_letter(c) || is_digit(c); }

class Lexer {
 public:
  Lexer(std::string_view text, FileId file, Diagnostics& diagnostics)
      : text_(text), file_(file), diagnostics_(diagnostics) {}

  std::vector<Token> run();

 private:
  // lexer.cpp
  void next();
  void skip_space();
  void comment();
  void block_comment();
  void punctuation();
  void stray();
  void bad_byte();
  // lex_number.cpp
  void number();
  void duration_or_size(std::size_t begin, std::size_t digits_end);
  // lex_time.cpp
  void timestamp();
  // lex_text.cpp
  void open_text();
  void text_body();
  void close_unfinished_text();
  void raw_text();
  void escape();
  /// Checks the character at `at_` for what may stand in no text or comment (bad UTF-8, controls, bidi), moves on.
  void plain_character(bool in_text);

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }
  bool at_line_end() const { return at_end() || text_[at_] == '\n'; }
  Range range(std::size_t begin, std::size_t end) const {
    return {file_, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }
  Token& add(TokenKind kind, std::size_t begin, std::size_t end) {
    tokens_.push_back({kind, line_start_, range(begin, end), 0});
    line_start_ = false;
    return tokens_.back();
  }
  Diagnostic& report(Code code, std::size_t begin, std::size_t end, std::string message) {
    if (++reports_ <= max_syntax_reports) return diagnostics_.report(code, range(begin, end), std::move(message));
    muted_ = {};
    return muted_;
  }

  std::string_view text_;
  FileId file_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int reports_ = 0;
  Diagnostic muted_{};
  bool line_start_ = true;

  /// One open "…" literal: where it began, and how many braces are open in its current interpolation.
  struct OpenText {
    std::size_t begin;
    int braces;
    std::size_t interpolation;  // where the current interpolation began
  };
  std::vector<OpenText> open_;
};

}  // namespace gress::dsl::detail
