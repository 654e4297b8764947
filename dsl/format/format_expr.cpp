#include "dsl/format/writer.h"

namespace gress::dsl::detail {

void Writer::entry(const ast::Entry& entry, std::uint32_t list) {
  if (!entry.name) return expr(*entry.value);
  token();
  token();
  mark(list);
  space();
  named(*entry.value);
}

void Writer::named(const ast::Expr& value) {
  const bool bracketed = value.as<ast::Match>() || value.as<ast::Record>() || value.as<ast::List>() || value.as<ast::Call>();
  if (!bracketed) indent(2);
  expr(value);
  if (!bracketed) dedent(2);
}

void Writer::record(const std::vector<ast::Entry>& entries, Shape shape) {
  const std::uint32_t id = lists_++;
  list(shape, entries.size(), [&](std::size_t i) { entry(entries[i], id); });
}

void Writer::args(const std::vector<ast::Entry>& entries) { record(entries, Shape::parens); }

struct Writer::ExprWriter {
  Writer& w;

  void operator()(const ast::Error&) const {}
  void operator()(const ast::Null&) const { w.token(); }
  void operator()(const ast::Bool&) const { w.token(); }
  void operator()(const ast::Number&) const { w.token(); }
  void operator()(const ast::DurationLit&) const { w.token(); }
  void operator()(const ast::SizeLit&) const { w.token(); }
  void operator()(const ast::RateLit&) const { w.token(); }
  void operator()(const ast::TimestampLit&) const { w.token(); }
  void operator()(const ast::String&) const { w.string_token(); }
  void operator()(const ast::NameRef&) const { w.token(); }
  void operator()(const ast::Member& node) const {
    w.expr(*node.base);
    w.token();
    w.token();
  }
  void operator()(const ast::Index& node) const {
    w.expr(*node.base);
    w.token();
    w.expr(*node.index);
    w.token();
  }
  void operator()(const ast::Call& node) const {
    w.expr(*node.callee);
    w.args(node.args);
  }
  void operator()(const ast::Record& node) const { w.record(node.entries); }
  void operator()(const ast::List& node) const {
    w.list(Shape::brackets, node.items.size(), [&](std::size_t i) { w.expr(*node.items[i]); });
  }
  void operator()(const ast::Comprehension& node) const {
    w.token();
    w.expr(*node.item);
    w.words(3);  // for x in
    w.space();
    w.expr(*node.list);
    if (node.condition) {
      w.words(1);
      w.space();
      w.expr(*node.condition);
    }
    if (w.next_kind() == TokenKind::comma) w.drop_token();
    w.token();
  }
  void operator()(const ast::Unary& node) const {
    w.token();
    if (node.op == ast::UnaryOp::not_) w.space();
    w.expr(*node.operand);
  }
  void operator()(const ast::Binary& node) const {
    w.expr(*node.left);
    // A break on either side of the operator is a break before it.
    std::size_t after = w.next_from(w.next() + 1);
    if (node.op == ast::BinaryOp::not_in) after = w.next_from(after + 1);
    const bool broken = w.next_starts_line() || w.tokens_[after].line_start;
    w.indent(2);
    if (broken) w.hard();
    else w.space();
    w.token();
    if (node.op == ast::BinaryOp::not_in) w.words(1);
    w.space();
    w.expr(*node.right);
    w.dedent(2);
  }
  void operator()(const ast::IsNull& node) const {
    w.expr(*node.operand);
    w.words(node.negated ? 3 : 2);
  }
  void operator()(const ast::If& node) const {
    w.token();
    w.space();
    w.expr(*node.condition);
    w.kept_break();
    w.token();
    w.space();
    w.expr(*node.then);
    w.kept_break();
    w.token();
    w.space();
    w.expr(*node.otherwise);
  }
  void operator()(const ast::Match& node) const {
    w.token();
    w.space();
    w.expr(*node.subject);
    w.space();
    const std::uint32_t id = w.lists_++;
    w.list(Shape::braces, node.arms.size(), [&](std::size_t i) {
      const ast::Arm& arm = node.arms[i];
      for (std::size_t p = 0; p < arm.patterns.size(); ++p) {
        if (p > 0) {
          w.words(1);
          w.space();
        }
        w.expr(*arm.patterns[p]);
      }
      w.mark(id);
      w.words(1);
      w.space();
      w.named(*arm.value);
    });
  }
  void operator()(const ast::Paren& node) const {
    w.token();
    w.indent(2);
    w.expr(*node.inner);
    w.dedent(2);
    w.token();
  }
};

void Writer::expr(const ast::Expr& expr) { std::visit(ExprWriter{*this}, expr.node); }

}  // namespace gress::dsl::detail
