// Chains and their stages, but for joins, `top` and patterns.
#include <algorithm>
#include <utility>

#include "dsl/syntax/parser_impl.h"

namespace gress::dsl::detail {

std::vector<ast::Stage> Parser::parse_chain(bool starts_with_stage) {
  std::vector<ast::Stage> stages;
  if (starts_with_stage && !failed_) {
    if (at(TokenKind::pipe)) {
      complain(Code::E0101, peek().range, "the first stage of a definition has no `|>` before it")
          .fix("remove it", peek().range, "");
      advance();
    }
    parse_stage(stages);
  } else if (!at_boundary() && !at(TokenKind::bar) && !at(TokenKind::semicolon) && !peek().line_start) {
    unexpected("`|>` and a stage");
    sync_to_stage();
  }
  for (;;) {
    if (at(TokenKind::bar)) {
      complain(Code::E0116, peek().range, "stages are joined by `|>`").fix("write `|>`", peek().range, "|>");
    } else if (at(TokenKind::semicolon) && (peek(1).kind == TokenKind::pipe || peek(1).kind == TokenKind::bar)) {
      skip_semicolon();
      continue;
    } else if (!at(TokenKind::pipe)) {
      return stages;
    }
    advance();
    parse_stage(stages);
  }
}

void Parser::parse_stage(std::vector<ast::Stage>& stages) {
  const std::size_t begin = pos_;
  const bool whole = std::exchange(whole_, true);
  ast::Stage stage = read_stage();
  if (failed_) sync_to_stage();
  if (!whole_) {
    // The checker asks no more of the chain, and of others as ever, unless they may speak of a stream declared here.
    stage.node = ast::UseStage{};
    const auto declares = [&](const Token& token) { return is_word(token, "late_to"); };
    whole_ = std::none_of(tokens_.begin() + static_cast<std::ptrdiff_t>(begin),
                          tokens_.begin() + static_cast<std::ptrdiff_t>(pos_), declares);
  }
  whole_ = whole_ && whole;
  stages.push_back(std::move(stage));
}

ast::Stage Parser::read_stage() {
  const Token keyword = peek();
  ast::Stage stage;
  stage.keyword = stage.range = keyword.range;
  if (keyword.kind != TokenKind::name || item_at(pos_)) {
    const bool none = item_at(pos_) || keyword.kind == TokenKind::eof;
    (none ? fail(Code::E0101, previous().range, "no stage follows this `|>`") : unexpected("a stage"))
        .help("stages are `filter select extend drop rename flatten time in_order key window aggregate scan join "
              "distinct latest top changes match`");
    return stage;
  }
  const std::string_view word = text(keyword);
  advance();
  if (word == "filter") stage.node = ast::Filter{parse_expr()};
  else if (word == "select") stage.node = ast::Select{parse_record_of("`select`")};
  else if (word == "extend") {
    ast::Extend extend{parse_record_of("`extend`"), {}};
    extend.retain = parse_retain();
    stage.node = std::move(extend);
  } else if (word == "drop") stage.node = ast::Drop{parse_names("the name of a field to drop")};
  else if (word == "rename") stage.node = parse_rename();
  else if (word == "flatten") {
    ast::Flatten flatten{parse_expr(), {}};
    expect_word("as", "and a name for the element");
    flatten.as = declared_name("a name for the element after `as`");
    stage.node = std::move(flatten);
  } else if (word == "time") {
    ast::Time time{parse_expr(), {}};
    if (accept_clause("delay")) time.delay = parse_expr();
    stage.node = std::move(time);
  } else if (word == "in_order") stage.node = ast::InOrder{parse_late_to()};
  else if (word == "changes") stage.node = ast::Changes{};
  else if (word == "key") stage.node = ast::Key{parse_keys()};
  else if (word == "window") stage.node = ast::WindowStage{parse_window()};
  else if (word == "aggregate") {
    ast::Aggregate aggregate{parse_record_of("`aggregate`"), {}};
    aggregate.retain = parse_retain();
    stage.node = std::move(aggregate);
  } else if (word == "scan") stage.node = parse_scan();
  else if (word == "join") stage.node = parse_join(ast::JoinKind::inner, keyword);
  else if (word == "left" && accept_word("join")) stage.node = parse_join(ast::JoinKind::left, keyword);
  else if (word == "full" && accept_word("join")) stage.node = parse_join(ast::JoinKind::full, keyword);
  else if (word == "semi" && accept_word("join")) stage.node = parse_join(ast::JoinKind::semi, keyword);
  else if (word == "anti" && accept_word("join")) stage.node = parse_join(ast::JoinKind::anti, keyword);
  else if (word == "distinct") stage.node = parse_distinct();
  else if (word == "latest") stage.node = ast::Latest{parse_retain()};
  else if (word == "top") stage.node = parse_top();
  else if (word == "match") stage.node = parse_pattern();
  else if (!foreign_stage(keyword)) {
    ast::UseStage use{{std::string(word), keyword.range}, {}, false};
    const Token open = peek();
    if (accept(TokenKind::left_paren)) {
      use.has_parens = true;
      use.args = parse_args(open);
    }
    stage.node = std::move(use);
  }
  stage.range = since(keyword.range);
  check_stage_end(stage);
  return stage;
}

/// After a stage comes another, or an item; anything else belongs to the stage and was not understood.
void Parser::check_stage_end(const ast::Stage& stage) {
  if (failed_ || at_boundary() || at(TokenKind::bar) || at(TokenKind::semicolon)) return;
  const Token next = peek();
  const std::string stage_word(sources_.text(stage.keyword));
  if (next.kind == TokenKind::name && next.line_start && !is_clause_word(text(next))) return;  // an item, or one misspelt
  if (stage.as<ast::UseStage>() != nullptr) return unknown_stage({TokenKind::name, false, stage.keyword, 0});
  if (next.kind == TokenKind::name && is_clause_word(text(next))) {
    Diagnostic& d = fail(Code::E0101, next.range, '`' + std::string(text(next)) + "` cannot follow here");
    d.at(stage.keyword, "the stage `" + stage_word + "` ended before it");
    if (is_word(next, "by")) d.help("grouping is a stage before it: `|> key a, b`");
    return;
  }
  Diagnostic& d = unexpected("`|>` or the next item").at(stage.keyword, "after the stage `" + stage_word + '`');
  if (stage.as<ast::InOrder>() != nullptr) d.help("how long it waits is the source's `watermark_delay:`, or said by a stage before it: `|> time at delay 5s`");
}

std::vector<Entry> Parser::parse_record_of(std::string_view what) {
  const Token open = peek();
  if (!failed_ && !at(TokenKind::left_brace)) {
    const std::string written(what.substr(1, what.size() - 2));
    unexpected("`{` after " + std::string(what)).help("write `" + written + " { a, b: expression }`");
  }
  if (!accept(TokenKind::left_brace)) return {};
  return parse_entries(open);
}

std::vector<Entry> Parser::parse_keys() {
  std::vector<Entry> keys;
  if (!failed_ && at(TokenKind::left_brace)) {
    unexpected("a key").help("keys stand without braces: `key a, b: expression`");
    return keys;
  }
  if (!failed_ && at(TokenKind::left_paren)) {
    unexpected("a key").help("keys stand without parentheses: `key a, b: expression`");
    return keys;
  }
  do keys.push_back(parse_entry(true, TokenKind::pipe));
  while (accept(TokenKind::comma));
  return keys;
}

std::vector<ast::Name> Parser::parse_names(std::string_view what) {
  std::vector<ast::Name> names;
  if (!failed_ && at(TokenKind::left_brace)) {
    unexpected(std::string(what)).help("names stand without braces: `drop a, b`");
    return names;
  }
  do names.push_back(expect_name(what));
  while (accept(TokenKind::comma));
  return names;
}

std::vector<ast::StateField> Parser::parse_state_fields(std::string_view what) {
  std::vector<ast::StateField> fields;
  const Token open = peek();
  if (!expect(TokenKind::left_brace, "after " + std::string(what))) return fields;
  list(TokenKind::right_brace, open, [&] {
    ast::StateField field;
    const Range begin = peek().range;
    field.name = declared_name("the name of a field of the state");
    expect(TokenKind::colon, "and the type, as in `n: i64 = 0`");
    field.type = parse_type_ref();
    expect(TokenKind::assign, "and what the field begins with");
    field.init = parse_expr();
    field.range = since(begin);
    if (!failed_) fields.push_back(std::move(field));
  });
  refuse_empty(fields, open, what);
  return fields;
}

ast::Window Parser::parse_window() {
  ast::Window window;
  const Range begin = peek().range;
  window.name = expect_name("a window such as `tumbling(5m)`");
  const Token open = peek();
  if (window.name.text != "same" || at(TokenKind::left_paren)) {
    if (expect(TokenKind::left_paren, "after the name of the window")) window.args = parse_args(open);
  }
  window.range = since(begin);
  return window;
}

std::optional<ast::Retain> Parser::parse_retain() {
  const Range begin = peek().range;
  if (!accept_clause("retain")) return std::nullopt;
  ast::Retain retain;
  if (at_boundary()) {
    fail(Code::E0120, begin, "`retain` without a time").help("say for how long: `retain 30d`, or `retain forever`");
    return std::nullopt;
  }
  if (!accept_word("forever")) retain.duration = parse_expr();
  retain.range = since(begin);
  if (!failed_ && at_word("retain")) {
    fail(Code::E0119, peek().range, "a second `retain`").at(retain.range, "the first is here");
  }
  return retain;
}

std::optional<ast::LateTo> Parser::parse_late_to() {
  const Range begin = peek().range;
  if (!accept_clause("late_to")) return std::nullopt;
  ast::LateTo late;
  do late.names.push_back(expect_name("the name of a stream for late rows"));
  while (accept(TokenKind::comma));
  late.range = since(begin);
  if (!failed_ && late.names.size() > 2) {
    complain(Code::E0119, late.range, "`late_to` takes one stream, for a join two: LEFT, RIGHT");
  }
  if (!failed_ && at_word("late_to")) {
    fail(Code::E0119, peek().range, "a second `late_to`").at(late.range, "the first is here");
  }
  return late;
}

ast::Emit Parser::parse_emit(bool with_when) {
  ast::Emit emit;
  const Range begin = peek().range;
  expect_word("emit", "and a record");
  emit.entries = parse_record_of("`emit`");
  if (with_when && accept_word("when")) emit.when = parse_expr();
  emit.range = since(begin);
  return emit;
}

ast::Rename Parser::parse_rename() {
  ast::Rename rename{parse_record_of("`rename`")};
  for (const Entry& entry : rename.entries) {
    if (failed_) break;
    if (entry.name && entry.value->as<ast::NameRef>() != nullptr) continue;
    fail(Code::E0101, entry.range, "an entry of `rename` is `new: old`, two names");
  }
  return rename;
}

ast::Scan Parser::parse_scan() {
  ast::Scan scan;
  scan.state = parse_state_fields("`scan`");
  const auto part = [&](std::string_view word, std::string_view what) {
    if (failed_ || at_word(word)) return;
    const bool elsewhere = at_boundary() || at_word("emit") || at_word("retain") || at_word("when");
    if (!elsewhere) {
      unexpected('`' + std::string(word) + '`');
      return;
    }
    fail(Code::E0120, missing_range(), "`scan` without `" + std::string(word) + '`').help(std::string(what));
  };
  part("update", "say how a row changes the state: `update { n: n + 1 }`");
  accept_word("update");
  scan.update = parse_record_of("`update`");
  part("emit", "say what a row gives: `emit { key, n }`, perhaps with `when condition`");
  scan.emit = parse_emit(true);
  scan.retain = parse_retain();
  const Token then = peek();
  if (accept_word("then")) {
    scan.then_emit = parse_emit(true);
    if (!failed_ && !scan.retain) {
      fail(Code::E0120, then.range, "`then emit` without `retain`")
          .help("it gives a row when the key has been silent for the time of `retain`: `retain 10m then emit { … }`");
    }
  }
  return scan;
}

ast::Distinct Parser::parse_distinct() {
  if (at_word("by") && peek(1).kind == TokenKind::name)
    fail(Code::E0101, peek().range, "`distinct` has no `by`").help("write `distinct a, b within 1h`");
  ast::Distinct distinct{parse_keys(), {}};
  if (!failed_ && !at_word("within")) {
    const bool ended = at_boundary() || at_word("retain");
    if (ended) {
      fail(Code::E0120, missing_range(), "`distinct` without `within`")
          .help("say for how long a value is remembered: `distinct a within 1h`");
    } else {
      unexpected("`within` or `,`");
    }
  }
  accept_clause("within");
  distinct.within = parse_expr();
  return distinct;
}

}  // namespace gress::dsl::detail
