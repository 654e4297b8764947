#include "dsl/format/format.h"

#include "dsl/format/writer.h"
#include "dsl/syntax/lexer.h"
#include "dsl/syntax/parser.h"

namespace gress::dsl {

std::optional<std::string> format(const SourceManager& sources, FileId id, const ast::File& file) {
  Diagnostics diagnostics;
  parse(sources, id, diagnostics);  // a file with errors has tokens that the tree does not know of
  if (diagnostics.has_errors()) return std::nullopt;
  std::vector<detail::Op> ops =
      detail::Writer(sources.file(id).text(), lex(sources, id, diagnostics)).file(file);
  return detail::align_and_join(detail::lay_out(ops, line_width));
}

namespace detail {

std::size_t Writer::next_from(std::size_t index) const {
  while (tokens_[index].kind == TokenKind::comment || tokens_[index].kind == TokenKind::doc_comment) ++index;
  return index;
}

bool Writer::next_word(std::string_view word) const {
  const Token& token = tokens_[next()];
  return token.kind == TokenKind::name && text_of(token) == word;
}

bool Writer::blank_before(std::size_t index) const {
  if (index == 0) return false;
  int newlines = 0;
  for (std::uint32_t i = tokens_[index - 1].range.end; i < tokens_[index].range.begin; ++i) newlines += text_[i] == '\n';
  return newlines > 1;
}

void Writer::comments() {
  for (; at_ != next(); ++at_) {
    const TokenKind after = tokens_[at_ + 1].kind;
    const bool closes = after == TokenKind::right_brace || after == TokenKind::right_bracket ||
                        after == TokenKind::right_paren || after == TokenKind::comma;
    Op& own = op(OpKind::own);
    own.text = text_of(tokens_[at_]);
    own.blank = blank_before(at_);
    own.flag = !closes && blank_before(at_ + 1);
  }
}

void Writer::trailing_comment() {
  // A doc comment belongs to what follows, wherever it stands; it gets its own line.
  if (tokens_[at_].kind != TokenKind::comment || tokens_[at_].line_start) return;
  op(OpKind::suffix).text = text_of(tokens_[at_]);
  comment_pending_ = true;
  ++at_;
}

void Writer::token(bool opens) {
  comments();
  Op& text = op(OpKind::text);
  text.text = text_of(tokens_[at_]);
  text.flag = opens;
  comment_pending_ = false;
  if (tokens_[at_].kind != TokenKind::eof) ++at_;
  trailing_comment();
}

void Writer::token_glued() {
  comments();
  Op& text = op(OpKind::text);
  text.text = text_of(tokens_[at_]);
  text.glue = true;
  ++at_;
  trailing_comment();
}

void Writer::drop_token() {
  comments();
  ++at_;
  trailing_comment();
}

void Writer::if_broken_comma() {
  if (next_kind() == TokenKind::comma) comments();
  Op& comma = op(OpKind::if_broken);
  comma.text = ",";
  comma.glue = true;
  if (next_kind() == TokenKind::comma) drop_token();
}

void Writer::string_token() {
  comments();
  const std::size_t begin = at_;
  if (tokens_[at_].kind == TokenKind::string_begin) {
    int open = 0;
    do {
      open += tokens_[at_].kind == TokenKind::string_begin;
      open -= tokens_[at_].kind == TokenKind::string_end;
    } while (open > 0 && ++at_ < tokens_.size());
  }
  comment_pending_ = false;
  op(OpKind::text).text = text_.substr(tokens_[begin].range.begin, tokens_[at_].range.end - tokens_[begin].range.begin);
  ++at_;
  trailing_comment();
}

bool Writer::opens_line(Shape shape) const {
  const std::size_t open = next();
  if (tokens_[next_from(open + 1)].line_start) return true;
  if (shape != Shape::parens) return false;
  // Arguments on several lines: any of them that begins a line.
  int depth = 0;
  for (std::size_t i = open; i < tokens_.size(); ++i) {
    switch (tokens_[i].kind) {
      case TokenKind::left_paren: case TokenKind::left_brace: case TokenKind::left_bracket: ++depth; break;
      case TokenKind::right_paren: case TokenKind::right_brace: case TokenKind::right_bracket:
        if (--depth == 0) return false;
        break;
      case TokenKind::comma:
        if (depth == 1) {
          const Token& after = tokens_[next_from(i + 1)];
          if (after.line_start && after.kind != TokenKind::right_paren) return true;
        }
        break;
      default: break;
    }
  }
  return false;
}

std::vector<Op> Writer::file(const ast::File& file) {
  if (file.pipeline) {
    comments();
    pipeline(*file.pipeline);
    hard();
  }
  for (const ast::Item& item : file.items) {
    comments();
    this->item(item);
    hard();
  }
  comments();
  return std::move(ops_);
}

}  // namespace detail
}  // namespace gress::dsl
