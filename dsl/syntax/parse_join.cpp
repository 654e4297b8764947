// The stages with many clauses: joins, `top`, patterns.
#include "dsl/syntax/parser_impl.h"

namespace gress::dsl::detail {

ast::Join Parser::parse_join(ast::JoinKind kind, const Token& keyword) {
  ast::Join join;
  join.kind = kind;
  join.right = parse_stream_ref();
  if (accept_word("as")) join.alias = declared_name("a name for the joined record after `as`");
  if (!failed_ && !at_word("on")) {
    const bool ended = at_boundary() || at_word("within") || at_word("window") || at_word("retain") || at_word("as_of");
    if (ended) {
      const std::string behind = at_boundary() ? "" : ' ' + std::string(text(peek())) + " …";
      fail(Code::E0120, missing_range(), "a join without `on`")
          .at(keyword.range, "this join")
          .help("say what must be equal" + std::string(behind.empty() ? "" : ", before the rest") + ": `on id == other.id" + behind + '`');
    } else {
      unexpected(join.alias ? "`on`" : "`as` or `on`");
    }
  }
  accept_word("on");
  join.on = parse_expr();

  std::optional<Range> bound;
  const auto new_bound = [&](Range begin) {
    const Range range = since(begin);
    if (bound && !failed_) {
      fail(Code::E0119, range, "a second bound of the join")
          .at(*bound, "the first is here")
          .help("a join has one of `within`, `window`, `as_of … [within …]` and `retain`");
    }
    bound = range;
  };
  while (!failed_) {
    const Range begin = peek().range;
    if (accept_clause("within")) {
      ExprPtr low = parse_expr();
      ExprPtr high;
      if (accept(TokenKind::dot_dot)) high = parse_expr();
      new_bound(begin);
      join.within_low = std::move(low);
      join.within_high = std::move(high);
    } else if (accept_word("window")) {
      join.window = parse_window();
      new_bound(begin);
    } else if (at_word("retain")) {
      join.retain = parse_retain();
      new_bound(begin);
    } else if (accept_clause("as_of")) {
      if (at_boundary() || at_word("within") || at_word("late_to")) {
        fail(Code::E0120, missing_range(), "`as_of` without a time")
            .at(begin, "as of when?")
            .help("say which time of the left row: `as_of at within 30m`, or `as_of at` where the other side is an upsert stream");
        break;
      }
      join.as_of = parse_expr();
      if (accept_clause("within")) join.as_of_within = parse_expr();
      new_bound(begin);
    } else if (at_word("late_to")) {
      if (join.late_to) {
        fail(Code::E0119, begin, "a second `late_to`").at(join.late_to->range, "the first is here");
      }
      join.late_to = parse_late_to();
    } else {
      break;
    }
  }
  return join;
}

ast::Top Parser::parse_top() {
  if (at_word("by") && peek(1).kind == TokenKind::name && !is_clause_word(text(peek(1)))) {
    unexpected("how many rows").help("write `top 10 by price desc`");
  }
  ast::Top top{parse_expr(), false, {}, {}, {}};
  if (accept_word("with")) {
    expect_word("ties", "after `with`");
    top.with_ties = true;
  } else if (!failed_ && at_word("ties")) {
    const Range begin = peek().range;
    complain(Code::E0101, begin, "rows that tie are kept by `with ties`").fix("write `with ties`", {file_, begin.begin, begin.begin}, "with ");
    advance();
    top.with_ties = true;
  }
  if (!failed_ && !at_word("by")) {
    if (at_boundary() || at_word("as") || at_word("retain")) {
      fail(Code::E0120, missing_range(), "`top` without `by`").help("say by what rows are ranked: `top 10 by price desc`");
    } else {
      unexpected("`by`");
    }
  }
  accept_word("by");
  do {
    ast::Order order{parse_expr(), false, false};
    if (accept_word("desc")) order.descending = order.explicit_direction = true;
    else if (accept_word("asc")) order.explicit_direction = true;
    for (const std::string_view word : {"descending", "ascending"}) {
      if (failed_ || !at_word(word)) continue;
      const std::string_view short_word = word.substr(0, word.find("ending"));
      fail(Code::E0101, peek().range, "`" + std::string(word) + "` is not a word for an order").help("write `" + std::string(short_word) + "`");
    }
    top.by.push_back(std::move(order));
  } while (accept(TokenKind::comma));
  if (accept_word("as")) top.rank = declared_name("a name for the rank after `as`");
  top.retain = parse_retain();
  return top;
}

ast::Pattern Parser::parse_pattern() {
  ast::Pattern pattern{};
  const Token open = peek();
  if (!expect(TokenKind::left_brace, "and the steps of the pattern")) return pattern;
  list(TokenKind::right_brace, open, [&] {
    ast::PatternStep step = parse_pattern_step();
    if (!failed_) pattern.steps.push_back(std::move(step));
  });
  refuse_empty(pattern.steps, open, "a pattern");
  if (accept_clause("within")) {
    pattern.within = parse_expr();
    if (!failed_ && at_word("retain")) fail(Code::E0119, peek().range, "a pattern has `within` or `retain forever`, not both");
  } else if (!failed_ && at_word("retain")) {
    pattern.retain = parse_retain();
    if (!failed_ && pattern.retain->duration) {
      complain(Code::E0101, pattern.retain->range, "a pattern has `within 1h` or `retain forever`")
          .help("`within` says how long an attempt may take");
    }
  } else if (!failed_) {
    fail(Code::E0120, missing_range(), "a pattern without `within`")
        .help("say how long an attempt may take: `within 1h`, or `retain forever`");
  }
  if (!failed_ && !at_word("emit")) {
    fail(Code::E0120, missing_range(), "a pattern without `emit`").help("say what a match gives: `emit { user, at: pay.at }`");
  }
  pattern.emit = parse_emit(false);
  if (accept_word("else")) pattern.else_emit = parse_emit(false);
  pattern.overlapping = accept_word("overlapping");
  pattern.late_to = parse_late_to();
  return pattern;
}

ast::PatternStep Parser::parse_pattern_step() {
  ast::PatternStep step{};
  const Range begin = peek().range;
  // `next: cond` and `not[1..]: …` are steps of those names.
  const auto modifier = [&](std::string_view word) {
    return at_word(word) && peek(1).kind == TokenKind::name && accept_word(word);
  };
  step.next = modifier("next");
  step.negated = modifier("not");
  if (!failed_ && at(TokenKind::name)) {
    step.name = {std::string(text(peek())), peek().range};
    advance();
  } else {
    step.name = expect_name("the name of a step");
  }
  const Token open = peek();
  if (accept(TokenKind::left_bracket)) {
    step.low = parse_expr();
    if (accept(TokenKind::dot_dot)) {
      if (at(TokenKind::right_bracket)) step.open = true;
      else step.high = parse_expr();
    }
    if (!failed_ && !at(TokenKind::right_bracket)) {
      unexpected("`]`").at(open.range, "to close this").help("a step is repeated as in `[3]`, `[1..]` or `[0..5]`");
    }
    accept(TokenKind::right_bracket);
  }
  expect(TokenKind::colon, "and the condition of the step");
  step.condition = parse_expr();
  step.range = since(begin);
  return step;
}

}  // namespace gress::dsl::detail
