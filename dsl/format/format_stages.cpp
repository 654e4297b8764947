#include "dsl/format/writer.h"

namespace gress::dsl::detail {

bool Writer::chain_breaks(const std::vector<ast::Stage>& stages) const {
  if (stages.empty()) return false;
  for (std::size_t i = next(); tokens_[i].range.begin < stages.back().keyword.begin; ++i) {
    if (tokens_[i].kind == TokenKind::pipe && tokens_[i].line_start) return true;
  }
  return false;
}

void Writer::chain(const std::vector<ast::Stage>& stages, bool first) {
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (i > 0 || first) {
      line(true);
      token();
      space();
      indent(3);
      stage(stages[i]);
      dedent(3);
    } else {
      stage(stages[i]);
    }
  }
}

void Writer::stage(const ast::Stage& stage) {
  std::visit([this](const auto& node) { write(node); }, stage.node);
}

void Writer::clause(const ast::Expr& value) {
  kept_break();
  token();
  space();
  expr(value);
}

void Writer::retain(const std::optional<ast::Retain>& node) {
  if (!node) return;
  kept_break();
  token();
  space();
  if (node->duration) expr(*node->duration);
  else token();
}

void Writer::late_to(const std::optional<ast::LateTo>& node) {
  if (!node) return;
  kept_break();
  token();
  for (std::size_t i = 0; i < node->names.size(); ++i) {
    if (i > 0) token_glued();
    space();
    token();
  }
}

void Writer::emit(const ast::Emit& node) {
  token();
  space();
  record(node.entries);
  if (node.when) clause(*node.when);
}

void Writer::window(const ast::Window& node) {
  token();
  if (next_kind() == TokenKind::left_paren) args(node.args);
}

void Writer::keys(const std::vector<ast::Entry>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) token_glued();
    if (i > 0 && next_starts_line()) hard();
    else space();
    entry(keys[i], lists_++);
  }
}

void Writer::write(const ast::Key& node) {
  token();
  indent(2);
  keys(node.keys);
  dedent(2);
}

void Writer::write(const ast::Filter& node) {
  token();
  space();
  expr(*node.condition);
}

void Writer::write(const ast::Select& node) {
  token();
  space();
  record(node.entries);
}

void Writer::write(const ast::Extend& node) {
  token();
  space();
  record(node.entries);
  retain(node.retain);
}

void Writer::write(const ast::Drop& node) {
  token();
  for (std::size_t i = 0; i < node.names.size(); ++i) {
    if (i > 0) token_glued();
    space();
    token();
  }
}

void Writer::write(const ast::Rename& node) {
  token();
  space();
  record(node.entries);
}

void Writer::write(const ast::Flatten& node) {
  token();
  space();
  expr(*node.list);
  words(2);
}

void Writer::write(const ast::Time& node) {
  token();
  space();
  expr(*node.time);
  if (node.delay) clause(*node.delay);
}

void Writer::write(const ast::InOrder& node) {
  token();
  late_to(node.late_to);
}

void Writer::write(const ast::Changes&) { token(); }

void Writer::write(const ast::WindowStage& node) {
  token();
  space();
  window(node.window);
}

void Writer::write(const ast::Aggregate& node) {
  token();
  space();
  record(node.entries);
  retain(node.retain);
}

void Writer::write(const ast::Scan& node) {
  token();
  space();
  state_fields(node.state);
  hard();
  token();
  space();
  record(node.update);
  hard();
  emit(node.emit);
  if (node.retain) {
    hard();
    token();
    space();
    if (node.retain->duration) expr(*node.retain->duration);
    else token();
  }
  if (node.then_emit) {
    hard();
    token();
    space();
    emit(*node.then_emit);
  }
}

void Writer::write(const ast::Join& node) {
  token();
  if (node.kind != ast::JoinKind::inner) words(1);
  space();
  stream_ref(node.right);
  if (node.alias) words(2);
  clause(*node.on);
  // The bounds and `late_to` come in any order; the next word says which.
  for (;;) {
    if (next_word("within") && node.within_low) {
      clause(*node.within_low);
      if (node.within_high) {
        token();
        expr(*node.within_high);
      }
    } else if (next_word("as_of") && node.as_of) {
      clause(*node.as_of);
      if (node.as_of_within) clause(*node.as_of_within);
    } else if (next_word("window") && node.window) {
      kept_break();
      token();
      space();
      window(*node.window);
    } else if (next_word("retain") && node.retain) {
      retain(node.retain);
    } else if (next_word("late_to") && node.late_to) {
      late_to(node.late_to);
    } else {
      return;
    }
  }
}

void Writer::write(const ast::Distinct& node) {
  token();
  indent(2);
  keys(node.keys);
  dedent(2);
  clause(*node.within);
}

void Writer::write(const ast::Latest& node) {
  token();
  retain(node.retain);
}

void Writer::write(const ast::Top& node) {
  token();
  space();
  expr(*node.count);
  if (node.with_ties) words(2);
  kept_break();
  token();
  for (std::size_t i = 0; i < node.by.size(); ++i) {
    if (i > 0) token_glued();
    space();
    expr(*node.by[i].value);
    if (node.by[i].explicit_direction) words(1);
  }
  if (node.rank) words(2);
  retain(node.retain);
}

void Writer::write(const ast::Pattern& node) {
  token();
  space();
  const std::uint32_t id = lists_++;
  list(Shape::braces, node.steps.size(), [&](std::size_t i) {
    const ast::PatternStep& step = node.steps[i];
    const bool modified = step.next || step.negated;
    token();
    if (modified) words(step.next && step.negated ? 2 : 1);
    if (step.low) {
      token();
      expr(*step.low);
      if (step.open || step.high) token();
      if (step.high) expr(*step.high);
      token();
    }
    token();
    if (!modified && !step.low) mark(id);  // plain steps line up; what is qualified stands out
    space();
    indent(2);
    expr(*step.condition);
    dedent(2);
  });
  if (node.within) clause(*node.within);
  retain(node.retain);
  hard();
  emit(node.emit);
  if (node.else_emit) {
    hard();
    token();
    space();
    emit(*node.else_emit);
  }
  if (node.overlapping) {
    kept_break();
    token();
  }
  late_to(node.late_to);
}

void Writer::write(const ast::UseStage& node) {
  token();
  if (node.has_parens) args(node.args);
}

}  // namespace gress::dsl::detail
