#include "dsl/syntax/lexer.h"

#include <algorithm>
#include <cstdio>

#include "dsl/source/utf8.h"
#include "dsl/syntax/lexer_impl.h"

namespace gress::dsl {

std::string_view name_of(TokenKind kind) {
  constexpr std::string_view names[] = {
#define GRESS_TOKEN_KIND(kind, name, words) name,
      GRESS_TOKEN_KINDS(GRESS_TOKEN_KIND)
#undef GRESS_TOKEN_KIND
  };
  return names[static_cast<std::size_t>(kind)];
}

std::string_view words_for(TokenKind kind) {
  constexpr std::string_view words[] = {
#define GRESS_TOKEN_KIND(kind, name, words) words,
      GRESS_TOKEN_KINDS(GRESS_TOKEN_KIND)
#undef GRESS_TOKEN_KIND
  };
  return words[static_cast<std::size_t>(kind)];
}

std::vector<Token> lex(const SourceManager& sources, FileId file, Diagnostics& diagnostics) {
  const std::string_view text = sources.file(file).text();
  if (text.size() > max_file_size) {
    diagnostics.report(Code::E0113, {file, 0, 0}, "the file is larger than 16 MiB")
        .help("a program is text written by people; data belongs into a `table` or a `source`");
    return {Token{TokenKind::eof, true, {file, 0, 0}, 0}};
  }
  return detail::Lexer(text, file, diagnostics).run();
}

namespace detail {

std::vector<Token> Lexer::run() {
  tokens_.reserve(text_.size() / 4 + 16);
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // a byte order mark
  while (!at_end() || !open_.empty()) next();
  add(TokenKind::eof, text_.size(), text_.size());
  return std::move(tokens_);
}

void Lexer::next() {
  if (!open_.empty() && open_.back().braces == 0) return text_body();
  skip_space();
  if (!open_.empty() && (at_line_end() || (peek() == '/' && peek(1) == '/'))) return close_unfinished_text();
  if (at_end()) return;
  const char c = peek();
  if (is_letter(c)) {
    const std::size_t begin = at_;
    while (is_name_char(peek())) ++at_;
    add(TokenKind::name, begin, at_);
  } else if (is_digit(c)) {
    number();
  } else if (c == '"') {
    open_text();
  } else if (c == '\'') {
    raw_text();
  } else if (c == '@') {
    timestamp();
  } else if (c == '/' && peek(1) == '/') {
    comment();
  } else if (c == '/' && peek(1) == '*') {
    block_comment();
  } else {
    punctuation();
  }
}

void Lexer::skip_space() {
  for (; !at_end(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') {
      if (!open_.empty()) return;
      line_start_ = true;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return;
    }
  }
}

void Lexer::comment() {
  const std::size_t begin = at_;
  while (!at_line_end()) plain_character(false);
  std::size_t end = at_;
  while (end > begin && (text_[end - 1] == ' ' || text_[end - 1] == '\t' || text_[end - 1] == '\r')) --end;
  const std::string_view written = text_.substr(begin, end - begin);
  const bool doc = written.starts_with("///") && !written.starts_with("////");
  add(doc ? TokenKind::doc_comment : TokenKind::comment, begin, end);
}

/// `/* … */` is none of ours: said, and passed over as what it was meant to be.
void Lexer::block_comment() {
  report(Code::E0102, at_, at_ + 2, "`/*` does not begin a comment").help("comments start with `//`, on each of their lines");
  const std::size_t line_end = std::min(text_.find('\n', at_), text_.size());
  const std::size_t close = text_.find("*/", at_ + 2);
  const bool closed = close != std::string_view::npos && (open_.empty() || close < line_end);
  const std::size_t end = closed ? close + 2 : line_end;
  if (text_.substr(at_, end - at_).find('\n') != std::string_view::npos) line_start_ = true;
  at_ = end;
}

void Lexer::punctuation() {
  struct Sign {
    std::string_view text;
    TokenKind kind;
  };
  // Longer signs before their prefixes. `>>` is no sign: it closes two lists of types.
  static constexpr Sign signs[] = {
      {"===", TokenKind::equal_3},      {"!==", TokenKind::not_equal_3},   {"..", TokenKind::dot_dot},
      {"??", TokenKind::question_question}, {"==", TokenKind::equal},      {"=>", TokenKind::fat_arrow},
      {"!=", TokenKind::not_equal},     {"<=", TokenKind::less_equal},     {"<>", TokenKind::less_greater},
      {">=", TokenKind::greater_equal}, {"->", TokenKind::arrow},          {"|>", TokenKind::pipe},
      {"||", TokenKind::bar_bar},       {"&&", TokenKind::and_and},        {"{", TokenKind::left_brace},
      {"}", TokenKind::right_brace},    {"(", TokenKind::left_paren},      {")", TokenKind::right_paren},
      {"[", TokenKind::left_bracket},   {"]", TokenKind::right_bracket},   {",", TokenKind::comma},
      {":", TokenKind::colon},          {".", TokenKind::dot},             {"?", TokenKind::question},
      {"=", TokenKind::assign},         {"<", TokenKind::less},            {">", TokenKind::greater},
      {"+", TokenKind::plus},           {"-", TokenKind::minus},           {"*", TokenKind::star},
      {"/", TokenKind::slash},          {"%", TokenKind::percent},         {"|", TokenKind::bar},
      {"&", TokenKind::ampersand},      {"!", TokenKind::bang},            {";", TokenKind::semicolon}};
  const std::string_view rest = text_.substr(at_, 3);
  for (const Sign& sign : signs) {
    if (!rest.starts_with(sign.text)) continue;
    if (!open_.empty()) {  // inside an interpolation: its own closing brace ends it
      if (sign.kind == TokenKind::left_brace) ++open_.back().braces;
      if (sign.kind == TokenKind::right_brace && --open_.back().braces == 0) {
        add(TokenKind::interpolation_end, at_, at_ + 1);
        ++at_;
        return;
      }
    }
    add(sign.kind, at_, at_ + sign.text.size());
    at_ += sign.text.size();
    return;
  }
  stray();
}

namespace {

struct Lookalike {
  char32_t character;
  std::string_view name;
  std::string_view meant;
};
constexpr Lookalike lookalikes[] = {{0x201C, "a typographic quote", "\""},  {0x201D, "a typographic quote", "\""},
                                    {0x201E, "a typographic quote", "\""},  {0x2018, "a typographic quote", "'"},
                                    {0x2019, "a typographic quote", "'"},   {0x2013, "an en dash", "-"},
                                    {0x2014, "an em dash", "-"},            {0x2212, "a minus sign", "-"},
                                    {0x00D7, "a multiplication sign", "*"}, {0x00F7, "a division sign", "/"},
                                    {0x2264, "a mathematical sign", "<="},  {0x2265, "a mathematical sign", ">="},
                                    {0x2260, "a mathematical sign", "!="},  {0x2192, "an arrow", "->"},
                                    {0x21D2, "an arrow", "=>"},             {0x2026, "an ellipsis", ".."},
                                    {0x00A0, "a no-break space", " "},      {0x3000, "a wide space", " "},
                                    {0x200B, "a zero-width space", ""},     {0xFEFF, "a byte order mark", ""},
                                    {0x00B5, "a micro sign", "u"},          {0x03BC, "a Greek letter", "u"}};

std::string code_point_name(char32_t c) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "U+%04X", static_cast<unsigned>(c));
  return buffer;
}

}  // namespace

void Lexer::bad_byte() {
  // One diagnostic a run of bad bytes.
  const std::size_t begin = at_;
  while (!at_end()) {
    std::size_t next = at_;
    if (decode_utf8(text_, next) != invalid_utf8) break;
    at_ = next;
  }
  report(Code::E0110, begin, at_, at_ - begin == 1 ? "a byte that is not UTF-8" : "bytes that are not UTF-8")
      .help("save the file as UTF-8; text in other encodings can be written with `\\u{…}`");
}

void Lexer::stray() {
  const std::size_t begin = at_;
  std::size_t end = at_;
  const char32_t c = decode_utf8(text_, end);
  if (c == invalid_utf8) return bad_byte();
  at_ = end;
  if (c < 0x20 || c == 0x7F) {
    report(Code::E0111, begin, end, "a control character (" + code_point_name(c) + ") in the source text");
    return;
  }
  if (is_bidi_control(c)) {
    report(Code::W0101, begin, end, "a bidirectional control (" + code_point_name(c) + ") in the source text");
  }
  for (const Lookalike& like : lookalikes) {
    if (like.character != c) continue;
    Diagnostic& d = report(Code::E0102, begin, end,
                           "unexpected character " + code_point_name(c) + ", " + std::string(like.name));
    d.fix(like.meant.empty()  ? "remove it"
          : like.meant == " " ? "write a plain space"
                              : "write `" + std::string(like.meant) + "`",
          range(begin, end), std::string(like.meant));
    return;
  }
  // Letters of a foreign word come together: one diagnostic for the run.
  while (c >= 0x80 && !at_end()) {
    std::size_t next = at_;
    const char32_t more = decode_utf8(text_, next);
    if (more == invalid_utf8 || !(more >= 0x80 || is_name_char(static_cast<char>(more)))) break;
    at_ = next;
  }
  const std::string written(text_.substr(begin, at_ - begin));
  Diagnostic& d = report(Code::E0102, begin, at_, "unexpected character" + std::string(c >= 0x80 ? "s" : "") + " `" +
                                                      written + "`");
  if (c >= 0x80) d.help("names are made of the letters a-z and A-Z, digits and `_`; other characters belong into text");
  if (c == '#') {
    d.help("comments start with `//`");
    while (open_.empty() && !at_line_end()) ++at_;
  }
  if (c == '^') d.help("a power is `pow(a, b)`");
  if (c == '`') d.help("text is written \"…\" or '…'; names are never quoted");
  if (c == '$') d.help("params are named plainly, without `$`; interpolation is `{name}` within \"…\"");
  if (c == '\\') d.help("white space and newlines never matter: no line needs a continuation");
}

}  // namespace detail
}  // namespace gress::dsl
