// Expressions: `if`, `match`, operators.
#include <algorithm>

#include "dsl/syntax/parser_impl.h"

namespace gress::dsl::detail {

using ast::BinaryOp;

ExprPtr Parser::error_expr(Range range) {
  height_ = 1;
  return make(range, ast::Error{});
}

bool Parser::too_deep() {
  if (depth_ <= max_nesting) return false;
  fail(Code::E0112, peek().range, "nesting deeper than " + std::to_string(max_nesting) + " levels")
      .help("name a part of it: a `fn`, or a field by `extend`");
  return true;
}

void Parser::grow(int& tallest) { tallest = std::max(tallest, height_); }

void Parser::set_height(int tallest, Range range) {
  height_ = tallest + 1;
  if (height_ > max_height && !failed_) {
    fail(Code::E0112, range, "an expression of more than " + std::to_string(max_height) + " levels")
        .help("`x in [ … ]` replaces a long chain of `or`; parts can be named by `fn` or `extend`");
  }
}

ExprPtr Parser::parse_expr() {
  const Nest nest(*this);
  if (failed_ || too_deep()) return error_expr(missing_range());
  if (at_word("if")) return parse_if();
  if (match_ahead()) return parse_match();
  return parse_or();
}

ExprPtr Parser::parse_if() {
  // `if a then b else if c then d else e` is a loop here, so that long chains cost no stack.
  struct Branch {
    Range begin;
    ExprPtr condition, then;
  };
  std::vector<Branch> branches;
  ExprPtr otherwise;
  int tallest = 0;
  do {
    const Range begin = peek().range;
    advance();
    ExprPtr condition = parse_expr();
    grow(tallest);
    if (!failed_ && !at_word("then")) {
      const bool foreign = at(TokenKind::left_brace) || at(TokenKind::colon) || at(TokenKind::question) || at(TokenKind::comma);
      Diagnostic& d = unexpected("`then`");
      if (foreign) d.help("`if` is an expression: `if a then b else c`");
    }
    accept_word("then");
    ExprPtr then = parse_expr();
    grow(tallest);
    if (!failed_ && !at_word("else")) {
      fail(Code::E0125, since(begin), "this `if` has no `else`")
          .note("`if` is an expression: it has a value in either case")
          .help("add `else null` where the value may be absent");
    }
    accept_word("else");
    branches.push_back({begin, std::move(condition), std::move(then)});
  } while (!failed_ && at_word("if") && branches.size() < static_cast<std::size_t>(max_height));
  otherwise = parse_expr();
  grow(tallest);
  for (std::size_t i = branches.size(); i-- > 0;) {
    if (failed_) return error_expr(since(branches[0].begin));  // and build no tree higher than allowed
    Branch& branch = branches[i];
    const Range range = since(branch.begin);
    otherwise = make(range, ast::If{std::move(branch.condition), std::move(branch.then), std::move(otherwise)});
    set_height(tallest, range);
    tallest = height_;
  }
  return otherwise;
}

bool Parser::match_ahead() const {
  if (!at_word("match")) return false;
  const Token& next = peek(1);
  switch (next.kind) {
    case TokenKind::integer: case TokenKind::real: case TokenKind::duration: case TokenKind::size:
    case TokenKind::timestamp: case TokenKind::raw_string: case TokenKind::string_begin: return true;
    case TokenKind::left_paren: return true;
    case TokenKind::name: return !is_clause_word(text(next)) || text(next) == "not";
    default: return false;  // a field of that name
  }
}

ExprPtr Parser::parse_match() {
  const Range begin = peek().range;
  advance();
  ExprPtr subject = parse_or();
  int tallest = height_;
  std::vector<ast::Arm> arms;
  const Token open = peek();
  if (expect(TokenKind::left_brace, "after what is matched")) {
    list(TokenKind::right_brace, open, [&] {
      ast::Arm arm = parse_arm();
      grow(tallest);
      if (!failed_) arms.push_back(std::move(arm));
    });
    refuse_empty(arms, open, "a `match`");
  }
  const Range range = since(begin);
  set_height(tallest, range);
  return make(range, ast::Match{std::move(subject), std::move(arms)});
}

ast::Arm Parser::parse_arm() {
  ast::Arm arm;
  const Range begin = peek().range;
  do arm.patterns.push_back(parse_arm_pattern());
  while (accept(TokenKind::bar));
  if (!failed_ && !at(TokenKind::fat_arrow)) {
    const bool slip = at(TokenKind::arrow) || at(TokenKind::colon) || (at(TokenKind::equal) && peek(1).kind == TokenKind::greater);
    if (slip) {
      const Range range = at(TokenKind::equal) ? cover(peek().range, peek(1).range) : peek().range;
      complain(Code::E0116, range, "expected `=>` after the pattern of an arm").fix("write `=>`", range, "=>");
      if (at(TokenKind::equal)) advance();
      advance();
    } else {
      unexpected("`=>` or `|`");
    }
  } else {
    accept(TokenKind::fat_arrow);
  }
  arm.value = parse_expr();
  arm.range = since(begin);
  return arm;
}

ExprPtr Parser::parse_arm_pattern() {
  // A path, a literal (perhaps negative), or `_`.
  const Token first = peek();
  const Nest nest(*this);
  if (failed_ || too_deep()) return error_expr(first.range);
  switch (first.kind) {
    case TokenKind::minus: {
      advance();
      if (!at(TokenKind::integer) && !at(TokenKind::real) && !at(TokenKind::duration)) {
        unexpected("a number after `-`");
        return error_expr(first.range);
      }
      ExprPtr operand = parse_primary();
      return make(since(first.range), ast::Unary{ast::UnaryOp::negate, std::move(operand)});
    }
    case TokenKind::name: case TokenKind::integer: case TokenKind::real: case TokenKind::duration:
    case TokenKind::size: case TokenKind::timestamp: case TokenKind::raw_string: case TokenKind::string_begin: break;
    default:
      unexpected("a variant, a literal or `_`");
      return error_expr(first.range);
  }
  ExprPtr pattern = parse_primary();
  while (accept(TokenKind::dot)) {
    ast::Name member = expect_name("the name of a variant after `.`");
    pattern = make(since(first.range), ast::Member{std::move(pattern), std::move(member)});
    set_height(height_, pattern->range);
  }
  return pattern;
}

ExprPtr Parser::parse_or() {
  ExprPtr left = parse_and();
  while (!failed_ && (at_word("or") || at(TokenKind::bar_bar))) {
    const Range op = peek().range;
    if (at(TokenKind::bar_bar)) {
      complain(Code::E0116, op, "`||` is written `or`")
          .note("text is put together by `concat(a, b)`, or in place: `\"{a}{b}\"`")
          .fix("write `or`", op, "or");
    }
    advance();
    int tallest = height_;
    ExprPtr right = parse_and();
    grow(tallest);
    const Range range = cover(left->range, since(op));
    left = make(range, ast::Binary{BinaryOp::or_, std::move(left), std::move(right), op});
    set_height(tallest, range);
  }
  return left;
}

ExprPtr Parser::parse_and() {
  ExprPtr left = parse_not();
  while (!failed_ && (at_word("and") || at(TokenKind::and_and) || at(TokenKind::ampersand))) {
    const Range op = peek().range;
    if (!at_word("and")) {
      complain(Code::E0116, op, '`' + std::string(text(peek())) + "` is written `and`").fix("write `and`", op, "and");
    }
    advance();
    int tallest = height_;
    ExprPtr right = parse_not();
    grow(tallest);
    const Range range = cover(left->range, since(op));
    left = make(range, ast::Binary{BinaryOp::and_, std::move(left), std::move(right), op});
    set_height(tallest, range);
  }
  return left;
}

ExprPtr Parser::parse_not() {
  const Nest nest(*this);
  if (failed_ || too_deep()) return error_expr(missing_range());
  const Range begin = peek().range;
  if (at(TokenKind::bang)) {
    complain(Code::E0116, begin, "`!` is written `not`").fix("write `not`", begin, "not ");
  } else if (!at_word("not")) {
    return parse_comparison();
  }
  advance();
  ExprPtr operand = parse_not();
  const Range range = since(begin);
  set_height(height_, range);
  return make(range, ast::Unary{ast::UnaryOp::not_, std::move(operand)});
}

/// Consumes a comparison operator other than `is`, if there is one.
std::optional<BinaryOp> Parser::comparison_operator() {
  const Token token = peek();
  const auto foreign = [&](std::string_view ours) {
    complain(Code::E0116, token.range, '`' + std::string(text(token)) + "` is written `" + std::string(ours) + '`')
        .fix("write `" + std::string(ours) + '`', token.range, std::string(ours));
  };
  std::optional<BinaryOp> op;
  switch (token.kind) {
    case TokenKind::equal: op = BinaryOp::eq; break;
    case TokenKind::not_equal: op = BinaryOp::ne; break;
    case TokenKind::less: op = BinaryOp::lt; break;
    case TokenKind::less_equal: op = BinaryOp::le; break;
    case TokenKind::greater: op = BinaryOp::gt; break;
    case TokenKind::greater_equal: op = BinaryOp::ge; break;
    case TokenKind::assign:
      complain(Code::E0116, token.range, "`=` does not compare").fix("write `==`", token.range, "==");
      op = BinaryOp::eq;
      break;
    case TokenKind::equal_3: foreign("=="); op = BinaryOp::eq; break;
    case TokenKind::not_equal_3: case TokenKind::less_greater: foreign("!="); op = BinaryOp::ne; break;
    case TokenKind::name:
      if (text(token) == "in") op = BinaryOp::in;
      if (text(token) == "not") {
        if (!is_word(peek(1), "in")) {
          advance();
          unexpected("`in` after `not`").help("absence is asked by `x is null` and `x is not null`");
          return std::nullopt;
        }
        advance();
        op = BinaryOp::not_in;
      }
      break;
    default: break;
  }
  if (op) advance();
  return op;
}

ExprPtr Parser::parse_comparison() {
  ExprPtr left = parse_arithmetic(0);
  bool compared = false, chained = false;
  while (!failed_) {
    const Range op_begin = peek().range;
    const bool is = at_word("is");
    std::optional<BinaryOp> op;
    if (!is && !(op = comparison_operator())) break;
    if (compared) {
      chained = true;
      complain(Code::E0115, op_begin, "comparisons do not chain")
          .under("a second comparison")
          .help("write `a < b and b < c`, or put one of them in parentheses");
    }
    compared = true;
    if (is) {
      left = parse_is(std::move(left));
      continue;
    }
    const Range op_range = since(op_begin);
    int tallest = height_;
    ExprPtr right = parse_arithmetic(0);
    grow(tallest);
    const Range range = cover(left->range, since(op_range));
    left = make(range, ast::Binary{*op, std::move(left), std::move(right), op_range});
    set_height(tallest, range);
  }
  return chained ? make(since(left->range), ast::Error{}) : std::move(left);
}

ExprPtr Parser::parse_is(ExprPtr left) {
  advance();
  const bool negated = accept_word("not");
  const int tallest = height_;
  if (!accept_word("null") && !failed_) {
    unexpected("`null`").help("`is null` and `is not null` ask for absence; values are compared by `==` and `!=`");
  }
  const Range range = since(left->range);
  set_height(tallest, range);
  return make(range, ast::IsNull{std::move(left), negated});
}

ExprPtr Parser::parse_arithmetic(int level) {
  // level 0: ??   1: + -   2: * / %, each binding tighter; all from left to right.
  if (level == 3) return parse_unary();
  ExprPtr left = parse_arithmetic(level + 1);
  while (!failed_) {
    BinaryOp op;
    const TokenKind kind = peek().kind;
    if (level == 0 && kind == TokenKind::question_question) op = BinaryOp::coalesce;
    else if (level == 1 && kind == TokenKind::plus) op = BinaryOp::add;
    else if (level == 1 && kind == TokenKind::minus) op = BinaryOp::sub;
    else if (level == 2 && kind == TokenKind::star) op = BinaryOp::mul;
    else if (level == 2 && kind == TokenKind::slash) op = BinaryOp::div;
    else if (level == 2 && kind == TokenKind::percent) op = BinaryOp::rem;
    else break;
    const Range op_range = peek().range;
    advance();
    int tallest = height_;
    ExprPtr right = parse_arithmetic(level + 1);
    grow(tallest);
    const Range range = cover(left->range, since(op_range));
    left = make(range, ast::Binary{op, std::move(left), std::move(right), op_range});
    set_height(tallest, range);
  }
  return left;
}

ExprPtr Parser::parse_unary() {
  if (!at(TokenKind::minus) && !at(TokenKind::bang)) return parse_postfix();
  const Nest nest(*this);
  if (failed_ || too_deep()) return error_expr(missing_range());
  const Range begin = peek().range;
  const bool bang = at(TokenKind::bang);
  if (bang) complain(Code::E0116, begin, "`!` is written `not`").fix("write `not`", begin, "not ");
  advance();
  ExprPtr operand = parse_unary();
  const Range range = since(begin);
  set_height(height_, range);
  return make(range, ast::Unary{bang ? ast::UnaryOp::not_ : ast::UnaryOp::negate, std::move(operand)});
}

}  // namespace gress::dsl::detail
