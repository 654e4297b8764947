// Operands: literals, names, text, lists, records, calls.
#include <algorithm>

#include "dsl/syntax/parser_impl.h"

namespace gress::dsl::detail {

ExprPtr Parser::parse_postfix() {
  const Range begin = peek().range;
  ExprPtr expr = parse_primary();
  while (!failed_) {
    int tallest = height_;
    if (at(TokenKind::question) && peek(1).kind == TokenKind::dot) {
      complain(Code::E0116, peek().range, "`?.` is written `.`")
          .note("`.` on an absent record gives an absent field")
          .fix("remove the `?`", peek().range, "");
      advance();
    }
    const Token open = peek();
    if (accept(TokenKind::dot)) {
      if (expr->as<ast::Number>() != nullptr && !at(TokenKind::name)) {
        unexpected("a digit after the point of a number").help("write `" + std::string(sources_.text(expr->range)) + ".0`");
      }
      ast::Name member = expect_name("the name of a field after `.`");
      expr = make(since(begin), ast::Member{std::move(expr), std::move(member)});
    } else if (accept(TokenKind::left_bracket)) {
      ExprPtr index = parse_expr();
      grow(tallest);
      if (!expect(TokenKind::right_bracket, "after the index") && resync_in_list(TokenKind::right_bracket)) {
        accept(TokenKind::right_bracket);
      }
      expr = make(since(begin), ast::Index{std::move(expr), std::move(index)});
    } else if (accept(TokenKind::left_paren)) {
      std::vector<Entry> args = parse_args(open);
      grow(tallest);
      expr = make(since(begin), ast::Call{std::move(expr), std::move(args)});
    } else {
      break;
    }
    set_height(tallest, expr->range);
  }
  return expr;
}

std::vector<Entry> Parser::parse_args(const Token& open) {
  std::vector<Entry> args;
  int tallest = 0;
  list(TokenKind::right_paren, open, [&] {
    if (at(TokenKind::star) && peek(1).kind == TokenKind::right_paren) {
      fail(Code::E0101, peek().range, "expected an expression, found `*`").help("`count()` counts rows");
      return;
    }
    Entry arg = parse_entry(false, TokenKind::right_paren);
    grow(tallest);
    if (!failed_) args.push_back(std::move(arg));
  });
  height_ = tallest;
  return args;
}

std::vector<Entry> Parser::parse_entries(const Token& open) {
  std::vector<Entry> entries;
  int tallest = 0;
  list(TokenKind::right_brace, open, [&] {
    Entry entry = parse_entry(true, TokenKind::right_brace);
    grow(tallest);
    if (!failed_) entries.push_back(std::move(entry));
  });
  height_ = tallest;
  return entries;
}

namespace {

bool is_path(const Expr& expr) {
  const Expr* at = &expr;
  while (const auto* member = at->as<ast::Member>()) at = member->base.get();
  return at->as<ast::NameRef>() != nullptr;
}

}  // namespace

namespace {

/// Names of arguments that functions and windows take: `count(where = x)` means `where: x`, not a comparison.
bool is_argument_name(std::string_view word) {
  static constexpr std::string_view names[] = {"where", "over", "before", "every", "gap",  "max",    "late",
                                               "emit",  "late_to", "offset", "zone", "retain", "group"};
  return std::find(std::begin(names), std::end(names), word) != std::end(names);
}

}  // namespace

bool Parser::text_then_colon() const {
  if (at(TokenKind::raw_string)) return peek(1).kind == TokenKind::colon;
  return at(TokenKind::string_begin) && peek(1).kind == TokenKind::string_text &&
         peek(2).kind == TokenKind::string_end && peek(3).kind == TokenKind::colon;
}

/// `name: value`, or a value: in a record (also `key`) a path, which names itself.
Entry Parser::parse_entry(bool record, TokenKind close) {
  Entry entry;
  const Range begin = peek().range;
  height_ = 1;
  const auto named = [&](ast::Name name, std::size_t tokens) {
    for (std::size_t i = 0; i < tokens; ++i) advance();
    entry.name = std::move(name);
    entry.value = parse_expr();
  };
  if (failed_) {
    entry.value = error_expr(begin);
  } else if (at(TokenKind::name) && peek(1).kind == TokenKind::colon) {
    named({std::string(text(peek())), begin}, 2);
  } else if (at(TokenKind::name) && peek(1).kind == TokenKind::assign && (record || is_argument_name(text(peek())))) {
    complain(Code::E0116, peek(1).range, "an entry is written `name: value`").fix("write `:`", peek(1).range, ":");
    named({std::string(text(peek())), begin}, 2);
  } else if (text_then_colon()) {
    const std::size_t tokens = at(TokenKind::raw_string) ? 1 : 3;
    const Range range = cover(begin, peek(tokens - 1).range);
    complain(Code::E0101, range, "expected a name, found text").help("names are not quoted: `{ name: value }`");
    named({std::string(sources_.text({file_, range.begin + 1, range.end - 1})), range}, tokens + 1);
  } else if (record && at(TokenKind::name) && (peek(1).kind == TokenKind::comma || peek(1).kind == close)) {
    entry.value = make(begin, ast::NameRef{std::string(text(peek()))});
    advance();
  } else if (record && at(TokenKind::star)) {
    fail(Code::E0101, begin, "expected a name, found `*`")
        .help("`extend { … }` keeps all fields and adds some, `drop a, b` removes some");
    entry.value = error_expr(begin);
  } else {
    entry.value = parse_expr();
    if (record && !failed_ && at_word("as") && peek(1).kind == TokenKind::name) {
      // As SQL has it: the name behind.
      const Range value = entry.value->range;
      const std::string name(text(peek(1)));
      complain(Code::E0116, cover(value, peek(1).range), "a name stands before what it names")
          .fix("write `:`", cover(value, peek(1).range), name + ": " + std::string(sources_.text(value)));
      advance();
      entry.name = ast::Name{name, peek().range};
      advance();
    } else if (record && !failed_ && !is_path(*entry.value)) {
      complain(Code::E0127, entry.value->range, "this entry needs a name")
          .under("only a path such as `a.b` names itself")
          .fix("give it one", {file_, entry.value->range.begin, entry.value->range.begin}, "name: ");
    }
  }
  entry.range = since(begin);
  return entry;
}

ExprPtr Parser::parse_primary() {
  const Token token = peek();
  if (failed_) return error_expr(token.range);
  height_ = 1;
  switch (token.kind) {
    case TokenKind::integer: case TokenKind::real: {
      std::string digits;
      for (char c : text(token)) {
        if (c != '_') digits += c;
      }
      advance();
      if (at(TokenKind::name) && sources_.text(cover(token.range, peek().range)).find('\n') == std::string_view::npos) {
        if (const std::string_view unit = unit_meant(text(peek())); !unit.empty()) {
          const Range written = cover(token.range, peek().range);
          const std::string together = digits + std::string(unit);
          complain(Code::E0107, written, "a unit stands right behind its number").fix("write `" + together + "`", written, together);
          advance();
          return error_expr(written);
        }
      }
      return make(token.range, ast::Number{std::move(digits), token.kind == TokenKind::real});
    }
    case TokenKind::duration: advance(); return make(token.range, ast::DurationLit{token.value});
    case TokenKind::size: advance(); return make(token.range, ast::SizeLit{token.value});
    case TokenKind::timestamp: advance(); return make(token.range, ast::TimestampLit{token.value});
    case TokenKind::raw_string: {
      advance();
      std::string_view written = text(token).substr(1);
      if (written.ends_with('\'')) written.remove_suffix(1);
      ast::String string{{}, true};
      if (!written.empty()) string.parts.push_back({std::string(written), nullptr});
      return make(token.range, std::move(string));
    }
    case TokenKind::string_begin: return parse_text();
    case TokenKind::name: return parse_name();
    case TokenKind::left_bracket: return parse_list();
    case TokenKind::left_paren: return parse_paren();
    case TokenKind::left_brace: {
      advance();
      std::vector<Entry> entries = parse_entries(token);
      const Range range = since(token.range);
      set_height(height_, range);
      return make(range, ast::Record{std::move(entries)});
    }
    default:
      unexpected("an expression");
      return error_expr(token.range);
  }
}

ExprPtr Parser::parse_name() {
  const Token token = peek();
  const std::string_view word = text(token);
  if (item_at(pos_)) {
    unexpected("an expression");
    return error_expr(token.range);
  }
  if (word == "return" && peek(1).kind == TokenKind::name && !peek(1).line_start && !is_clause_word(text(peek(1)))) {
    complain(Code::E0101, token.range, "no `return` is needed: a function is its expression").fix("remove it", token.range, "");
    advance();
    return parse_expr();
  }
  const bool choice = word == "if" || match_ahead();
  if (choice || word == "not") {
    complain(Code::E0101, token.range, '`' + std::string(word) + "` as an operand stands in parentheses")
        .help("write `(" + std::string(word) + " …)`");
    return choice ? parse_expr() : parse_not();
  }
  advance();
  if (word == "true" || word == "false") return make(token.range, ast::Bool{word == "true"});
  if (word == "null") return make(token.range, ast::Null{});
  return make(token.range, ast::NameRef{std::string(word)});
}

ExprPtr Parser::parse_text() {
  const Token open = peek();
  advance();
  std::vector<ast::StringPart> parts;
  int tallest = 0;
  // The lexer pairs the tokens of text, whatever was written.
  while (!at(TokenKind::string_end) && !at(TokenKind::eof)) {
    if (at(TokenKind::string_text)) {
      parts.push_back({unescape(text(peek())), nullptr});
      advance();
    } else {
      parse_interpolation(parts);
      grow(tallest);
    }
  }
  advance();
  const Range range = since(open.range);
  set_height(tallest, range);
  return make(range, ast::String{std::move(parts), false});
}

void Parser::parse_interpolation(std::vector<ast::StringPart>& parts) {
  const Token open = peek();
  advance();
  if (at(TokenKind::interpolation_end)) {
    complain(Code::E0122, cover(open.range, peek().range), "an interpolation without an expression")
        .help("braces that are meant as such are written `\\{` and `\\}`");
    parts.push_back({{}, error_expr(open.range)});
    advance();
    return;
  }
  const bool failed_before = failed_;
  std::size_t end = pos_;
  for (int depth = 0; tokens_[end].kind != TokenKind::eof; ++end) {
    if (tokens_[end].kind == TokenKind::interpolation_begin) ++depth;
    if (tokens_[end].kind == TokenKind::interpolation_end && depth-- == 0) break;
  }
  if (tokens_[end].range.begin == tokens_[end].range.end) {
    // The text does not end on its line, as the lexer has said: what is in here was not meant to be.
    while (pos_ <= end && !at(TokenKind::eof)) advance();
    parts.push_back({{}, error_expr(open.range)});
    return;
  }
  ExprPtr expr = parse_expr();
  if (!failed_ && at(TokenKind::colon)) {
    unexpected("`}`").help("there are no formats in an interpolation: write `{round(x, 2)}` or `{format_time(t, \"%H\")}`");
  } else {
    expect(TokenKind::interpolation_end, "after the interpolation");
  }
  if (!failed_ && expr->as<ast::Number>() != nullptr) {
    complain(Code::W0103, since(open.range), "`{…}` in \"…\" is an interpolation, this one of a plain number")
        .help("a regular expression is written raw: '…'");
  }
  if (failed_ && !failed_before) {
    while (pos_ < end) advance();
    failed_ = false;
    accept(TokenKind::interpolation_end);
  }
  parts.push_back({{}, std::move(expr)});
}

ExprPtr Parser::parse_list() {
  const Token open = peek();
  advance();
  std::vector<ExprPtr> items;
  std::optional<ast::Comprehension> comprehension;
  int tallest = 0;
  list(TokenKind::right_bracket, open, [&] {
    ExprPtr item = parse_expr();
    grow(tallest);
    if (items.empty() && !comprehension && accept_word("for")) {
      ast::Name variable = declared_name("the name of the variable after `for`");
      expect_word("in", "after the variable");
      ExprPtr source = parse_expr();
      grow(tallest);
      ExprPtr condition;
      if (accept_word("if")) {
        condition = parse_expr();
        grow(tallest);
      }
      if (!failed_ && !at(TokenKind::right_bracket)) unexpected("`]`");
      if (!failed_) comprehension = {std::move(item), std::move(variable), std::move(source), std::move(condition)};
      return;
    }
    if (!failed_) items.push_back(std::move(item));
  });
  const Range range = since(open.range);
  set_height(tallest, range);
  if (comprehension) return make(range, std::move(*comprehension));
  return make(range, ast::List{std::move(items)});
}

ExprPtr Parser::parse_paren() {
  const Token open = peek();
  advance();
  ExprPtr inner = parse_expr();
  const int tallest = height_;
  if (!failed_ && !at(TokenKind::right_paren)) {
    if (at_boundary()) {
      unclosed(open, TokenKind::right_paren);
    } else {
      const bool tuple = at(TokenKind::comma);
      Diagnostic& d = unexpected("`)`").at(open.range, "to close this");
      if (tuple) d.help("there are no tuples: write a list `[a, b]` or a record `{ a, b }`");
      if (resync_in_list(TokenKind::right_paren)) {
        while (at(TokenKind::comma)) {
          advance();
          failed_ = true;
          if (!resync_in_list(TokenKind::right_paren)) break;
        }
      }
    }
  }
  accept(TokenKind::right_paren);
  const Range range = since(open.range);
  set_height(tallest, range);
  return make(range, ast::Paren{std::move(inner)});
}

}  // namespace gress::dsl::detail
