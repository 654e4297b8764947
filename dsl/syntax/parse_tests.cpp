// `test "…" { param …  feed …  advance …  expect … }`.
#include "dsl/syntax/parser_impl.h"

namespace gress::dsl::detail {

std::optional<ast::TestDecl> Parser::parse_test() {
  ast::TestDecl test;
  test.name = parse_plain_text("the name of a test", test.name_range);
  const Token open = peek();
  if (!expect(TokenKind::left_brace, "and the steps of the test")) return std::nullopt;
  while (!failed_ && !at(TokenKind::right_brace)) {
    if (!test_step_ahead() && at_boundary()) {
      unclosed(open, TokenKind::right_brace);
      break;
    }
    if (accept(TokenKind::comma) || skip_semicolon()) {
      if (previous().kind == TokenKind::comma) {
        complain(Code::E0101, previous().range, "no `,` is needed between the steps of a test");
      }
      continue;
    }
    if (parse_test_step(test)) continue;
    // On to the next step, or the end of the test.
    for (int depth = 0; !at(TokenKind::eof); advance()) {
      if (depth <= 0 && test_step_ahead()) break;
      if (at(TokenKind::left_brace)) ++depth;
      if (at(TokenKind::right_brace) && depth-- <= 0) break;
      if (item_at(pos_) && !test_step_ahead()) break;
    }
    failed_ = at_boundary() && !test_step_ahead();
  }
  accept(TokenKind::right_brace);
  return test;
}

bool Parser::test_step_ahead() const {
  if (!at(TokenKind::name) || peek(1).kind != TokenKind::name) return false;
  if (at_word("param")) {
    const Token& value = peek(3);  // an item has a type behind its colon
    const bool no_type = value.kind != TokenKind::name || is_word(value, "true") || is_word(value, "false") || is_word(value, "null");
    return peek(2).kind == TokenKind::assign || (peek(2).kind == TokenKind::colon && no_type);
  }
  return at_word("feed") || at_word("advance") || at_word("expect");
}

bool Parser::parse_test_step(ast::TestDecl& test) {
  ast::TestStep step;
  const Range begin = peek().range;
  if (accept_word("param")) {
    ast::TestParam param;
    param.name = expect_name("the name of a param");
    if (at(TokenKind::colon)) {
      complain(Code::E0101, peek().range, "a test sets a param by `=`").fix("write `=`", peek().range, " =");
      advance();
    } else {
      expect(TokenKind::assign, "and a value");
    }
    param.value = parse_expr();
    step.node = std::move(param);
  } else if (accept_word("feed")) {
    ast::Feed feed;
    feed.stream = parse_stream_ref();
    feed.rows = parse_rows();
    step.node = std::move(feed);
  } else if (accept_word("advance")) {
    ast::Advance advance;
    advance.source = expect_name("the name of a source");
    if (at(TokenKind::dot) && peek(1).kind == TokenKind::name) {
      const Range of_case{file_, peek().range.begin, peek(1).range.end};
      complain(Code::E0101, of_case, "the cases of a source have one watermark").fix("name the source alone", of_case, "");
      this->advance();
      this->advance();
    }
    expect_word("to", "and a time");
    advance.to = parse_expr();
    step.node = std::move(advance);
  } else if (accept_word("expect")) {
    ast::Expect expect{false, {}, {}};
    if (at_word("ordered") && peek(1).kind == TokenKind::name) expect.ordered = accept_word("ordered");
    expect.stream = expect_name("the name of a stream");
    expect.rows = parse_rows();
    step.node = std::move(expect);
  } else {
    static constexpr std::string_view words[] = {"param", "feed", "advance", "expect"};
    const Token found = peek();
    const std::string_view near = found.kind == TokenKind::name ? nearest(text(found), words) : std::string_view();
    Diagnostic& d = unexpected("`param`, `feed`, `advance`, `expect` or `}`");
    if (!near.empty()) d.fix("did you mean `" + std::string(near) + "`?", found.range, std::string(near));
  }
  step.range = since(begin);
  if (failed_) return false;
  test.steps.push_back(std::move(step));
  return true;
}

std::vector<ExprPtr> Parser::parse_rows() {
  std::vector<ExprPtr> rows;
  const Token open = peek();
  if (!expect(TokenKind::left_bracket, "and the rows")) return rows;
  in_rows_ = true;
  list(TokenKind::right_bracket, open, [&] {
    if (!at(TokenKind::left_brace)) {
      unexpected("a row `{ … }`");
      return;
    }
    ExprPtr row = parse_primary();
    if (!failed_) rows.push_back(std::move(row));
  });
  in_rows_ = false;
  return rows;
}

}  // namespace gress::dsl::detail
