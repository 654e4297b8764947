// Declarations of types and functions: type, enum, union, fn, aggregate, and references to types.
#include "dsl/syntax/parser_impl.h"

namespace gress::dsl::detail {

namespace {

/// What `List<i64>`, `Option<i64>` and their like were meant to be.
void hint_of_generic(Diagnostic& d, std::string name, std::size_t args) {
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (args == 2) d.help("values by key are written `map<K, V>`");
  else if (name.starts_with("opt") || name.starts_with("null") || name == "maybe") d.help("what may be absent is written `T?`");
  else d.help("a list is written `list<T>`, what may be absent `T?`");
}

}  // namespace

std::optional<ast::TypeDecl> Parser::parse_type_decl() {
  ast::TypeDecl type;
  type.name = declared_name("the name of a type");
  if (failed_) return std::nullopt;
  accept(TokenKind::assign);  // `type T = { … }` cannot mean anything else
  const Token open = peek();
  if (!expect(TokenKind::left_brace, "and the fields")) return type;
  list(TokenKind::right_brace, open, [&] {
    ast::Field field = parse_field();
    if (!failed_) type.fields.push_back(std::move(field));
  });
  refuse_empty(type.fields, open, "a type");
  return type;
}

ast::Field Parser::parse_field() {
  ast::Field field;
  field.doc = take_doc();
  const Range begin = peek().range;
  field.name = declared_name("the name of a field");
  if (!failed_ && at(TokenKind::name)) {
    unexpected("`:` and the type of the field").help("a field is written `name: T`, as in `id: i64`");
  }
  expect(TokenKind::colon, "and the type of the field");
  field.type = parse_type_ref();
  if (accept(TokenKind::assign)) field.init = parse_expr();
  field.wire = parse_wire_name();
  field.range = since(begin);
  return field;
}

std::optional<std::string> Parser::parse_wire_name() {
  if (!accept_word("as")) return std::nullopt;
  Range range;
  return parse_plain_text("the name on the wire", range);
}

std::optional<ast::EnumDecl> Parser::parse_enum() {
  ast::EnumDecl decl;
  decl.name = declared_name("the name of an enum");
  if (failed_) return std::nullopt;
  const Token open = peek();
  if (!expect(TokenKind::left_brace, "and the variants")) return decl;
  list(TokenKind::right_brace, open, [&] {
    ast::Variant variant;
    variant.doc = take_doc();
    variant.name = declared_name("the name of a variant");
    if (!failed_ && (at(TokenKind::assign) || at(TokenKind::left_paren))) {
      unexpected("`,` or `}`").help("a variant is a name, on the wire perhaps another: `buy as \"B\"`");
    }
    variant.wire = parse_wire_name();
    if (!failed_) decl.variants.push_back(std::move(variant));
  });
  refuse_empty(decl.variants, open, "an enum");
  return decl;
}

std::optional<ast::UnionDecl> Parser::parse_union() {
  ast::UnionDecl decl;
  decl.name = declared_name("the name of a union");
  if (failed_) return std::nullopt;
  if (accept_word("by")) {
    decl.by = parse_path("the field that holds the tag, after `by`");
    if (accept_word("in")) decl.in = parse_path("the field that holds the record, after `in`");
  }
  const Token open = peek();
  if (!expect(TokenKind::left_brace, "and the cases")) return decl;
  list(TokenKind::right_brace, open, [&] {
    take_doc();
    ast::UnionCase one;
    one.name = declared_name("the name of a case");
    expect(TokenKind::colon, "and the type of the case");
    one.type = expect_name("the name of a type");
    one.wire = parse_wire_name();
    if (!failed_) decl.cases.push_back(std::move(one));
  });
  refuse_empty(decl.cases, open, "a union");
  return decl;
}

std::optional<ast::FnDecl> Parser::parse_fn() {
  ast::FnDecl fn;
  fn.name = declared_name("the name of a function");
  if (failed_) return std::nullopt;
  fn.params = parse_fn_params(false);
  if (!failed_ && at(TokenKind::colon)) {
    complain(Code::E0116, peek().range, "the result type of a function follows `->`").fix("write `->`", peek().range, " ->");
    advance();
  } else {
    expect(TokenKind::arrow, "and the type of the result");
  }
  fn.result = parse_type_ref();
  if (!failed_ && (at(TokenKind::left_brace) || at(TokenKind::fat_arrow))) {
    unexpected("`=` and an expression").help("a function is one expression: `fn twice(x: i64) -> i64 = 2 * x`");
  }
  expect(TokenKind::assign, "and an expression");
  fn.body = parse_expr();
  return fn;
}

std::vector<ast::FnParam> Parser::parse_fn_params(bool required) {
  std::vector<ast::FnParam> params;
  const Token open = peek();
  if (!expect(TokenKind::left_paren, "and the parameters")) return params;
  list(TokenKind::right_paren, open, [&] {
    ast::FnParam param;
    param.name = declared_name("the name of a parameter");
    expect(TokenKind::colon, "and the type of the parameter");
    param.type = parse_type_ref();
    if (!failed_) params.push_back(std::move(param));
  });
  if (required) refuse_empty(params, open, "the parameters of an aggregate");
  return params;
}

std::optional<ast::AggregateDecl> Parser::parse_aggregate_decl() {
  ast::AggregateDecl aggregate;
  aggregate.name = declared_name("the name of an aggregate");
  if (failed_) return std::nullopt;
  aggregate.params = parse_fn_params(true);
  expect(TokenKind::arrow, "and the type of the result");
  aggregate.result_type = parse_type_ref();
  const Token open = peek();
  if (!expect(TokenKind::left_brace, "and `state`, `add`, `merge`, `result`")) {
    aggregate.result = error_expr(missing_range());
    return aggregate;
  }
  expect_word("state", "and its fields, as in `state { n: i64 = 0 }`");
  aggregate.state = parse_state_fields("`state`");
  expect_word("add", "and what a row changes");
  aggregate.add = parse_record_of("`add`");
  if (accept_word("retract")) aggregate.retract = parse_record_of("`retract`");
  expect_word("merge", "and what joining two states gives, as in `merge other { n: n + other.n }`");
  aggregate.merge_name = declared_name("a name for the other state after `merge`");
  aggregate.merge = parse_record_of("`merge`");
  expect_word("result", "and an expression");
  aggregate.result = parse_expr();
  if (!failed_ && !at(TokenKind::right_brace)) {
    unexpected("`}`").at(open.range, "to close this").help("the parts stand in the order `state add retract merge result`");
  }
  accept(TokenKind::right_brace);
  return aggregate;
}

ast::TypeRefPtr Parser::parse_type_ref() {
  const Nest nest(*this);
  auto type = std::make_unique<ast::TypeRef>();
  const Token open = peek();
  type->range = missing_range();
  type->name.range = type->range;
  if (failed_ || too_deep()) return type;
  if (at(TokenKind::left_bracket)) {
    unexpected("a type").help("a list is written `list<T>`");
    return type;
  }
  type->name = expect_name("a type");
  if (failed_) return type;
  if (at(TokenKind::less)) {
    const Token angle = peek();
    const std::string& name = type->name.text;
    const std::size_t wanted = name == "list" ? 1 : name == "map" ? 2 : 0;
    advance();
    do type->args.push_back(parse_type_ref());
    while (accept(TokenKind::comma));
    close_type_args(angle);
    if (wanted != type->args.size()) {
      Diagnostic& d = complain(Code::E0101, since(open.range),
                               wanted == 0 ? "only `list` and `map` take types, `" + name + "` takes none"
                                           : '`' + name + "` takes " + (wanted == 1 ? "one type" : "two types") +
                                                 ", not " + std::to_string(type->args.size()));
      if (wanted == 0) hint_of_generic(d, name, type->args.size());
    }
  } else if (type->name.text == "list" || type->name.text == "map") {
    const std::string shape = type->name.text == "list" ? "list<T>" : "map<K, V>";
    unexpected("`<` after `" + type->name.text + '`').help("write `" + shape + '`');
  }
  if (!failed_ && at(TokenKind::left_bracket) && peek(1).kind == TokenKind::right_bracket) {
    const std::string name = type->name.text;
    unexpected("the end of the type").help("a list is written `list<" + name + ">`");
  }
  if (!failed_ && at(TokenKind::question_question)) {
    complain(Code::E0128, peek().range, "absent is absent: there is no `T??`").fix("write `?`", peek().range, "?");
    advance();
    type->optional = true;
  }
  while (accept(TokenKind::question)) {
    if (type->optional) complain(Code::E0128, previous().range, "absent is absent: there is no `T??`");
    type->optional = true;
  }
  type->range = since(open.range);
  return type;
}

void Parser::close_type_args(const Token& open) {
  if (failed_ || accept(TokenKind::greater)) return;
  Token& token = tokens_[pos_];
  if (token.kind == TokenKind::greater_equal) {  // `list<i64>= [1]`: the lexer joined the two
    token.kind = TokenKind::assign;
    token.range.begin += 1;
    return;
  }
  unexpected("`>` or `,`").at(open.range, "to close this");
}

}  // namespace gress::dsl::detail
