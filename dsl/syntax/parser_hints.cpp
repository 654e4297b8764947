// Words: the keywords, how messages speak of tokens, and what people write who come from other languages.
#include <algorithm>
#include <array>

#include "dsl/syntax/parser_impl.h"

namespace gress::dsl {

std::span<const std::string_view> item_words() {
  static constexpr std::string_view words[] = {"pipeline", "param",  "type",   "enum", "union", "fn",    "aggregate", "use",
                                               "source",   "table",  "stream", "sink", "split", "stage", "test"};
  return words;
}

std::span<const std::string_view> stage_words() {
  static constexpr std::string_view words[] = {
      "filter", "select", "extend", "drop", "rename", "flatten", "time", "in_order", "changes",  "key",    "window", "aggregate",
      "scan",   "join",   "left",   "full", "semi",   "anti",    "distinct", "latest", "top", "match"};
  return words;
}

namespace detail {

bool is_clause_word(std::string_view word) {
  static constexpr std::string_view words[] = {"and",    "or",   "in",   "is",   "not",  "within", "retain", "as_of",
                                               "late_to", "as",  "desc", "asc",  "when", "then",   "else",   "emit",
                                               "window", "with", "by",   "on",   "delay", "update", "if",    "for"};
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

std::string Parser::found_words(const Token& token) const {
  switch (token.kind) {
    case TokenKind::name: case TokenKind::integer: case TokenKind::real: case TokenKind::duration:
    case TokenKind::size: case TokenKind::timestamp: return '`' + std::string(text(token)) + '`';
    default: return std::string(words_for(token.kind));
  }
}

void Parser::add_hint(Diagnostic& diagnostic, const Token& found) const {
  switch (found.kind) {
    case TokenKind::bar:
      diagnostic.fix("stages are joined by `|>`", found.range, "|>");
      return;
    case TokenKind::question:
      diagnostic.help("a choice is written `if a then b else c`, a default `a ?? b`; `?` makes a type optional: `x: i64?`");
      return;
    case TokenKind::semicolon:
      diagnostic.help("no `;` is needed: an item ends where the next one begins");
      return;
    case TokenKind::assign:
      diagnostic.help("names in a record or in options are given with `:`; `=` follows the head of an item");
      return;
    case TokenKind::fat_arrow:
      diagnostic.help("`=>` is for the arms of a `match`; lists are taken apart by a stage, `|> flatten list as x`");
      return;
    case TokenKind::star:
      if (previous().kind == TokenKind::star) diagnostic.help("a power is `pow(a, b)`");
      return;
    case TokenKind::minus:
      if (peek(1).kind == TokenKind::minus) diagnostic.help("comments start with `//`");
      return;
    case TokenKind::dot:
      diagnostic.help("a number has a digit before its point: `0.5`");
      return;
    case TokenKind::arrow:
      diagnostic.help("`->` stands before the result type of a function; the arms of a `match` have `=>`");
      return;
    case TokenKind::name: break;
    default: return;
  }
  struct Hint {
    std::string_view word, help;
  };
  static constexpr Hint hints[] = {
      {"to", "rows leave by an item of their own: `sink stream to connector { … }`"},
      {"where", "rows are chosen by a stage: `|> filter condition`; within an aggregate: `count(where: condition)`"},
      {"having", "filter after the aggregate: `|> aggregate { … } |> filter condition`"},
      {"group", "grouping is a stage: `|> key a, b |> window tumbling(1h) |> aggregate { … }`"},
      {"order", "ranking is a stage: `|> top 10 by x desc`; rows are put in order of time by `|> in_order`"},
      {"limit", "the first rows of an order are a stage: `|> top 10 by x desc`"},
      {"between", "write `x >= a and x <= b`"},
      {"like", "write `starts_with(x, \"…\")`, `contains(x, \"…\")` or `regex_matches(x, '…')`"},
      {"as", "a name stands before what it names, `new: old`; a value is converted by a call, `f64(x)`"},
      {"when", "a choice is written `if a then b else c`; `when` follows the `emit` of a `scan`"},
      {"case", "a choice is written `if a then b else c`, or `match x { a => 1, _ => 2 }`"},
      {"elif", "write `else if`"},
      {"over", "a frame is an argument of the aggregate: `extend { n: count(over: 10m) }`"},
      {"before", "a frame is an argument of the aggregate: `extend { n: count(before: 10m) }`"},
      {"using", "name the fields of both sides: `on a == other.a`"}};
  std::string folded(text(found));
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (folded != text(found) && is_clause_word(folded)) {
    diagnostic.fix("words are written in small letters", found.range, folded);
    return;
  }
  for (const Hint& hint : hints) {
    if (folded == hint.word) diagnostic.help(std::string(hint.help));
  }
}

void Parser::unknown_item() {
  struct Hint {
    std::string_view word, help;
  };
  static constexpr Hint hints[] = {
      {"select", "a program names its steps: `stream x = source |> select { … }`"},
      {"from", "a chain has a name: `stream x = source |> …`"},
      {"create", "write `source`, `table`, `stream` or `sink`"},
      {"insert", "rows leave by a sink: `sink stream to connector { … }`"},
      {"output", "rows leave by a sink: `sink stream to connector { … }`"},
      {"input", "rows come from a source: `source name: Type from connector { … }`"},
      {"let", "write `stream x = …`, `param x: T = …` or `fn x() -> T = …`"},
      {"var", "nothing varies; write `param x: T = …`"},
      {"val", "write `param x: T = …`"},
      {"const", "write `param x: T = …`"},
      {"def", "write `fn name(x: T) -> U = …`"},
      {"func", "write `fn name(x: T) -> U = …`"},
      {"function", "write `fn name(x: T) -> U = …`"},
      {"struct", "write `type Name { field: T }`"},
      {"record", "write `type Name { field: T }`"},
      {"class", "write `type Name { field: T }`"},
      {"message", "write `type Name { field: T }`"},
      {"import", "write `use \"file.gress\" { type Name, fn name }`"},
      {"include", "write `use \"file.hpp\" { fn name }`"},
      {"view", "write `stream name = …`"},
      {"merge", "a chain has a name: `stream x = merge(a, b) |> …`"}};
  const Token word = peek();
  if (word.kind == TokenKind::pipe) {
    fail(Code::E0101, word.range, "a stage outside of a stream")
        .help("a chain begins with its name and where its rows come from: `stream x = y |> …`");
    return;
  }
  if (word.kind != TokenKind::name) {
    const bool closer = word.kind == TokenKind::right_brace || word.kind == TokenKind::right_paren ||
                        word.kind == TokenKind::right_bracket;
    if (closer) {
      fail(Code::E0101, word.range, "unmatched " + std::string(words_for(word.kind)));
    } else {
      unexpected("an item (`source`, `stream`, `sink`, …)");
    }
    return;
  }
  const std::string written(text(word));
  Diagnostic& d = fail(Code::E0117, word.range, "expected an item, found `" + written + '`');
  std::string folded = written;
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (const Hint& hint : hints) {
    if (hint.word == folded) {
      d.help(std::string(hint.help));
      return;
    }
  }
  for (std::string_view stage : stage_words()) {
    if (stage == written) {
      d.help("a stage follows `|>`: `|> " + written + " …`");
      return;
    }
  }
  if (const std::string_view near = nearest(written, item_words()); !near.empty()) {
    d.fix("did you mean `" + std::string(near) + "`?", word.range, std::string(near));
    return;
  }
  d.help("items are `param type enum union fn aggregate use source table stream sink split stage test`");
}

bool Parser::foreign_stage(const Token& keyword) {
  struct Hint {
    std::string_view word, help;
  };
  static constexpr Hint hints[] = {
      {"where", "write `filter condition`"},
      {"having", "write `filter condition`, after the aggregate"},
      {"map", "write `select { … }` (these fields) or `extend { … }` (these beside the others)"},
      {"project", "write `select { … }`"},
      {"derive", "write `extend { … }`"},
      {"with_columns", "write `extend { … }`"},
      {"group", "write `key a, b`, then `window …` and `aggregate { … }`"},
      {"group_by", "write `key a, b`, then `window …` and `aggregate { … }`"},
      {"groupby", "write `key a, b`, then `window …` and `aggregate { … }`"},
      {"keyby", "write `key a, b`"},
      {"key_by", "write `key a, b`"},
      {"order", "write `top 10 by x desc` for a ranking, `in_order` for order of time"},
      {"order_by", "write `top 10 by x desc` for a ranking, `in_order` for order of time"},
      {"sort", "write `top 10 by x desc` for a ranking, `in_order` for order of time"},
      {"limit", "write `top 10 by x desc`"},
      {"take", "write `top 10 by x desc`"},
      {"union", "write `stream x = merge(a, b)` at the head of a chain"},
      {"merge", "write `stream x = merge(a, b)` at the head of a chain"},
      {"dedup", "write `distinct a, b within 1h`"},
      {"deduplicate", "write `distinct a, b within 1h`"},
      {"unique", "write `distinct a, b within 1h`"},
      {"flat_map", "write `flatten list as x`"},
      {"flatmap", "write `flatten list as x`"},
      {"unnest", "write `flatten list as x`"},
      {"explode", "write `flatten list as x`"},
      {"reduce", "write `aggregate { … }`, or `scan` for state of your own"},
      {"fold", "write `scan { state: T = init } update { … } emit { … }`"},
      {"count", "write `aggregate { n: count() } retain …`"},
      {"sum", "write `aggregate { total: sum(x) } retain …`"},
      {"tumbling", "write `window tumbling(5m)`, and `aggregate { … }` after it"},
      {"sliding", "write `window sliding(10m, every: 1m)`, and `aggregate { … }` after it"},
      {"session", "write `window session(gap: 30s)`, and `aggregate { … }` after it"},
      {"cumulative", "write `window cumulative(1d, every: 1h)`, and `aggregate { … }` after it"},
      {"inspect", "there is no such stage: run with `gressc run FILE --tap STREAM`"},
      {"peek", "there is no such stage: run with `gressc run FILE --tap STREAM`"},
      {"print", "write `sink stream to console`, or run with `gressc run FILE --tap STREAM`"},
      {"sink", "a sink is an item of its own: `sink stream to connector { … }`"},
      {"to", "rows leave by an item of their own: `sink stream to connector { … }`"},
      {"right", "swap the sides: `other |> left join this on …`"},
      {"inner", "write `join stream as x on … within …`"},
      {"outer", "write `full join stream as x on …`"},
      {"cross", "a `table` may be joined on any condition; streams need an equality"}};
  const std::string_view word = text(keyword);
  std::string folded(word);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (at_word("outer") && (folded == "left" || folded == "full")) {
    fail(Code::E0101, peek().range, "`outer` is no word of a join").help("write `" + folded + " join stream as x on …`");
    return true;
  }
  for (const Hint& hint : hints) {
    if (hint.word != folded || defines_stage(word)) continue;
    fail(Code::E0118, keyword.range, "there is no stage `" + std::string(word) + '`').help(std::string(hint.help));
    return true;
  }
  return false;
}

void Parser::unknown_stage(const Token& keyword) {
  const std::string written(text(keyword));
  Diagnostic& d = fail(Code::E0118, keyword.range, "there is no stage `" + written + '`');
  if (const std::string_view near = nearest(written, stage_words()); !near.empty()) {
    d.fix("did you mean `" + std::string(near) + "`?", keyword.range, std::string(near));
  } else {
    d.help("a stage of your own (`stage " + written + "(…) = …`) is used as `|> " + written + "(…)`");
  }
}

bool Parser::defines_stage(std::string_view name) const {
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    if (is_word(tokens_[i], "stage") && is_word(tokens_[i + 1], name)) return true;
  }
  return false;
}

}  // namespace detail
}  // namespace gress::dsl
