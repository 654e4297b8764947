#include "dsl/syntax/parser.h"

#include <algorithm>

#include "dsl/syntax/parser_impl.h"

namespace gress::dsl {

ast::File parse(const SourceManager& sources, FileId file, Diagnostics& diagnostics) {
  return detail::Parser(sources, file, diagnostics).run();
}

namespace detail {

Parser::Parser(const SourceManager& sources, FileId file, Diagnostics& diagnostics)
    : sources_(sources), file_(file), diagnostics_(diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const std::vector<Token> all = lex(sources, file, diagnostics);
  whole_ = diagnostics.error_count() == errors;
  tokens_.reserve(all.size());
  for (const Token& token : all) {
    if (token.kind == TokenKind::comment) continue;
    if (token.kind != TokenKind::doc_comment) {
      tokens_.push_back(token);
      continue;
    }
    std::string_view line = sources.text(token.range).substr(3);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (!docs_.empty() && docs_.back().token == tokens_.size()) {
      docs_.back().text += '\n';
      docs_.back().text += line;
      docs_.back().range.end = token.range.end;
    } else {
      docs_.push_back({tokens_.size(), token.range, std::string(line), false});
    }
  }
}

ast::File Parser::run() {
  ast::File file;
  file.id = file_;
  while (!at(TokenKind::eof)) {
    const std::size_t begin = pos_;
    std::string doc = take_doc();
    if (skip_semicolon()) continue;
    parse_item(file, std::move(doc));
    if (failed_ || pos_ == begin) sync_to_item();
  }
  file.whole = whole_;
  for (const Doc& doc : docs_) {
    if (doc.used) continue;
    diagnostics_.report(Code::W0102, doc.range, "this doc comment documents nothing")
        .help("`///` stands before an item, a field or a variant; other comments begin with `//`");
  }
  return file;
}

// ---------------------------------------------------------------- tokens

bool Parser::accept(TokenKind kind) {
  if (failed_ || !at(kind)) return false;
  advance();
  return true;
}

bool Parser::accept_word(std::string_view word) {
  if (failed_ || !at_word(word)) return false;
  advance();
  return true;
}

bool Parser::accept_clause(std::string_view word) {
  if (!accept_word(word)) return false;
  if (at(TokenKind::colon)) {
    complain(Code::E0101, peek().range, "`" + std::string(word) + "` of a stage has no `:` behind it").fix("remove it", peek().range, "");
    advance();
  }
  return true;
}

bool Parser::expect(TokenKind kind, std::string_view where) {
  if (failed_) return false;
  if (accept(kind)) return true;
  unexpected(std::string(words_for(kind)) + (where.empty() ? "" : " ") + std::string(where));
  return false;
}

bool Parser::expect_word(std::string_view word, std::string_view where) {
  if (failed_) return false;
  if (accept_word(word)) return true;
  unexpected('`' + std::string(word) + '`' + (where.empty() ? "" : " ") + std::string(where));
  return false;
}

ast::Name Parser::expect_name(std::string_view what) {
  if (!failed_) {
    if (at(TokenKind::name) && !item_at(pos_)) {
      const Token& token = peek();
      advance();
      return {std::string(text(token)), token.range};
    }
    unexpected(std::string(what));
  }
  return {{}, missing_range()};
}

ast::Name Parser::declared_name(std::string_view what) {
  ast::Name name = expect_name(what);
  for (std::string_view word : {"true", "false", "null", "if", "not"}) {
    if (name.text == word) {
      complain(Code::E0126, name.range, '`' + name.text + "` cannot be a name: it begins an expression")
          .help("choose another name; a field may keep `" + name.text + "` as its name on the wire: `name: T as \"" +
                name.text + "\"`");
    }
  }
  return name;
}

Range Parser::since(Range begin) const { return {file_, begin.begin, std::max(begin.end, previous().range.end)}; }

std::string Parser::take_doc() {
  while (next_doc_ < docs_.size() && docs_[next_doc_].token < pos_) ++next_doc_;
  if (next_doc_ == docs_.size() || docs_[next_doc_].token != pos_ || at(TokenKind::eof)) return {};
  docs_[next_doc_].used = true;
  return docs_[next_doc_].text;
}

// ---------------------------------------------------------------- errors

Diagnostic& Parser::complain(Code code, Range range, std::string message) {
  if (!failed_ && ++reports_ <= max_syntax_reports) return diagnostics_.report(code, range, std::move(message));
  muted_ = {};
  return muted_;
}

Diagnostic& Parser::fail(Code code, Range range, std::string message) {
  Diagnostic& diagnostic = complain(code, range, std::move(message));
  failed_ = true;
  whole_ = false;
  return diagnostic;
}

Range Parser::missing_range() const {
  const Token& next = peek();
  if (pos_ == 0 || (next.kind != TokenKind::eof && !next.line_start)) return next.range;
  return {file_, previous().range.end, previous().range.end};
}

Diagnostic& Parser::unexpected(std::string expected) {
  const Token found = peek();
  // The next item is in order where it stands: what is missing is missing before it.
  const Range range = found.kind == TokenKind::eof || item_at(pos_) ? missing_range() : found.range;
  Diagnostic& diagnostic = fail(Code::E0101, range, "expected " + expected + ", found " + found_words(found));
  diagnostic.under("expected " + expected);
  add_hint(diagnostic, found);
  return diagnostic;
}

void Parser::unclosed(const Token& open, TokenKind close) {
  // Text that does not end on its line may have taken the closing bracket with it: the lexer has said so.
  const auto cut_off = [&](const Token& token) {
    if (token.kind == TokenKind::string_end) return token.range.begin == token.range.end;
    return token.kind == TokenKind::raw_string && (text(token).size() < 2 || text(token).back() != '\'');
  };
  const auto opened = [&](const Token& token) { return token.range.begin > open.range.begin; };
  const auto here = tokens_.begin() + static_cast<std::ptrdiff_t>(pos_);
  const auto within = std::find_if(tokens_.begin(), here, opened);
  if (std::any_of(within, here, cut_off)) failed_ = true;
  fail(Code::E0114, open.range, "this " + std::string(words_for(open.kind)) + " is never closed")
      .under("opened here")
      .at(missing_range(), "expected " + std::string(words_for(close)) + " before " + found_words(peek()));
}

bool Parser::skip_semicolon(std::string_view instead) {
  if (failed_ || !at(TokenKind::semicolon)) return false;
  complain(Code::E0116, peek().range, instead.empty() ? "no `;` is needed" : "entries of a list are separated by `,`")
      .note("an item ends where the next one begins, entries of a list are separated by `,`")
      .fix(instead.empty() ? "remove it" : "write `,`", peek().range, std::string(instead));
  advance();
  return true;
}

// ---------------------------------------------------------------- recovery

bool Parser::at_boundary() const {
  return at(TokenKind::eof) || at(TokenKind::pipe) || item_at(pos_) ||
         (in_rows_ && peek().line_start && test_step_ahead());
}

bool Parser::item_at(std::size_t index) const {
  const auto token = [&](std::size_t i) -> const Token& { return tokens_[std::min(i, tokens_.size() - 1)]; };
  const Token& word = token(index);
  if (word.kind != TokenKind::name) return false;
  const Token& next = token(index + 1);
  const bool text_next = next.kind == TokenKind::string_begin || next.kind == TokenKind::raw_string;
  if (next.kind != TokenKind::name && !text_next) return false;
  const std::string_view keyword = text(word);
  const auto words = item_words();
  if (std::find(words.begin(), words.end(), keyword) == words.end()) return false;
  if (keyword == "test" || keyword == "use") return text_next;
  if (text_next) return false;
  if (word.line_start && !is_clause_word(text(next))) return true;
  // Not at the start of a line, or followed by a word of expressions: the third token decides.
  const Token& third = token(index + 2);
  const auto is = [&](TokenKind kind) { return third.kind == kind; };
  if (keyword == "param" || keyword == "table") return is(TokenKind::colon) || is(TokenKind::assign);
  if (keyword == "type" || keyword == "enum") return is(TokenKind::left_brace);
  if (keyword == "union") return is(TokenKind::left_brace) || is_word(third, "by");
  if (keyword == "fn" || keyword == "aggregate") return is(TokenKind::left_paren);
  if (keyword == "source") return is(TokenKind::colon) || is_word(third, "from");
  if (keyword == "stream") return is(TokenKind::colon) || is(TokenKind::assign);
  if (keyword == "sink") return is(TokenKind::dot) || is_word(third, "as") || is_word(third, "to");
  if (keyword == "split") return is(TokenKind::dot) || is(TokenKind::left_brace);
  if (keyword == "stage") return is(TokenKind::assign) || is(TokenKind::left_paren);
  return false;
}

namespace {

int nesting_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::left_brace: case TokenKind::left_paren: case TokenKind::left_bracket:
    case TokenKind::string_begin: case TokenKind::interpolation_begin: return 1;
    case TokenKind::right_brace: case TokenKind::right_paren: case TokenKind::right_bracket:
    case TokenKind::string_end: case TokenKind::interpolation_end: return -1;
    default: return 0;
  }
}

}  // namespace

bool Parser::resync_in_list(TokenKind close) {
  int depth = 0;
  for (;; advance()) {
    if (at_boundary()) return false;
    const TokenKind kind = peek().kind;
    if (depth == 0 && (kind == TokenKind::comma || kind == close)) break;
    const int change = nesting_of(kind);
    if (depth == 0 && change < 0) {
      // A stray `)` within braces is skipped; anything else ends what is around this list.
      if (close != TokenKind::right_brace || (kind != TokenKind::right_paren && kind != TokenKind::right_bracket)) {
        return false;
      }
      continue;
    }
    depth += change;
  }
  failed_ = false;
  return true;
}

void Parser::skip_chain_in(TokenKind close) {
  int depth = 0;
  for (; !at(TokenKind::eof) && !item_at(pos_); advance()) {
    if (depth == 0 && (at(TokenKind::comma) || at(close))) return;
    depth += nesting_of(peek().kind);
    if (depth < 0) return;
  }
}

bool Parser::starts_entry(TokenKind kind) {
  switch (kind) {
    case TokenKind::name: case TokenKind::integer: case TokenKind::real: case TokenKind::duration:
    case TokenKind::size: case TokenKind::timestamp: case TokenKind::raw_string: case TokenKind::string_begin:
    case TokenKind::left_brace: return true;
    default: return false;
  }
}

bool Parser::missing_comma() {
  if (failed_ || !peek().line_start || !starts_entry(peek().kind)) return false;
  const Range place{file_, previous().range.end, previous().range.end};
  complain(Code::E0101, place, "expected `,` before the next entry").fix("add the comma", place, ",");
  return true;
}

void Parser::sync_to_item() {
  if (!at(TokenKind::eof) && !item_at(pos_)) advance();
  while (!at(TokenKind::eof) && !item_at(pos_)) advance();
  failed_ = false;
}

void Parser::sync_to_stage() {
  while (!at_boundary()) advance();
  failed_ = false;
}

}  // namespace detail
}  // namespace gress::dsl
