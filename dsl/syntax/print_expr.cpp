#include "dsl/syntax/tree_writer.h"

namespace gress::dsl::detail {

namespace {

constexpr std::size_t line_width = 100;

constexpr std::string_view operators[] = {"or", "and", "eq",  "ne",  "lt",  "le",  "gt",  "ge",
                                          "in", "not_in", "coalesce", "add", "sub", "mul", "div", "rem"};

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\x";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void TreeWriter::open(std::string_view node) {
  open_.push_back({});
  open_.back().head = '(';
  open_.back().head += node;
}

void TreeWriter::open(std::string_view node, std::string_view text) {
  open(node);
  open_.back().head += ' ';
  append_quoted(open_.back().head, text);
}

void TreeWriter::close() {
  Open done = std::move(open_.back());
  open_.pop_back();
  std::string text = std::move(done.head);
  const bool one_line = done.one_line && text.size() + done.width + 2 * open_.size() < line_width;
  for (const std::string& child : done.children) {
    if (one_line) {
      text += ' ';
      text += child;
      continue;
    }
    text += "\n  ";
    for (char c : child) {
      text += c;
      if (c == '\n') text += "  ";
    }
  }
  text += ')';
  add(std::move(text));
}

void TreeWriter::add(std::string text) {
  if (open_.empty()) {
    out_ += text;
    out_ += '\n';
    return;
  }
  Open& parent = open_.back();
  parent.one_line &= text.find('\n') == std::string::npos;
  parent.width += text.size() + 1;
  parent.children.push_back(std::move(text));
}

void TreeWriter::leaf(std::string_view node) { add('(' + std::string(node) + ')'); }

void TreeWriter::leaf(std::string_view node, std::string_view text) {
  open(node, text);
  close();
}

void TreeWriter::type(const ast::TypeRef& type) {
  open(type.optional ? "optional_type" : "type", type.name.text);
  for (const ast::TypeRefPtr& arg : type.args) this->type(*arg);
  close();
}

void TreeWriter::entries(const std::vector<ast::Entry>& entries) {
  for (const ast::Entry& entry : entries) {
    if (!entry.name) {
      expr(*entry.value);
      continue;
    }
    open("entry", entry.name->text);
    expr(*entry.value);
    close();
  }
}

namespace {

/// Writes the node of one expression; a struct of overloads for std::visit.
struct ExprWriter {
  TreeWriter& out;

  void operator()(const ast::Error&) const { out.leaf("error"); }
  void operator()(const ast::Null&) const { out.leaf("null"); }
  void operator()(const ast::Bool& node) const { out.leaf(node.value ? "true" : "false"); }
  void operator()(const ast::Number& node) const { out.leaf(node.is_float ? "real" : "number", node.digits); }
  void operator()(const ast::DurationLit& node) const { out.leaf("duration", std::to_string(node.micros) + "us"); }
  void operator()(const ast::SizeLit& node) const { out.leaf("size", std::to_string(node.bytes) + 'B'); }
  void operator()(const ast::RateLit& node) const {
    out.leaf("rate", node.digits + " per " + std::to_string(node.per_micros) + "us");
  }
  void operator()(const ast::TimestampLit& node) const { out.leaf("timestamp", std::to_string(node.micros) + "us"); }
  void operator()(const ast::String& node) const {
    out.open(node.raw ? "raw" : "text");
    for (const ast::StringPart& part : node.parts) {
      if (part.expr) out.expr(*part.expr);
      else out.leaf("piece", part.text);
    }
    out.close();
  }
  void operator()(const ast::NameRef& node) const { out.leaf("name", node.name); }
  void operator()(const ast::Member& node) const {
    out.open("member", node.member.text);
    out.expr(*node.base);
    out.close();
  }
  void operator()(const ast::Index& node) const { all("index", *node.base, *node.index); }
  void operator()(const ast::Call& node) const {
    out.open("call");
    out.expr(*node.callee);
    out.entries(node.args);
    out.close();
  }
  void operator()(const ast::Record& node) const {
    out.open("record");
    out.entries(node.entries);
    out.close();
  }
  void operator()(const ast::List& node) const {
    out.open("list");
    for (const ast::ExprPtr& item : node.items) out.expr(*item);
    out.close();
  }
  void operator()(const ast::Comprehension& node) const {
    out.open("comprehension", node.variable.text);
    out.expr(*node.item);
    out.expr(*node.list);
    if (node.condition) out.expr(*node.condition);
    out.close();
  }
  void operator()(const ast::Unary& node) const {
    all(node.op == ast::UnaryOp::negate ? "negate" : "not", *node.operand);
  }
  void operator()(const ast::Binary& node) const {
    all(operators[static_cast<std::size_t>(node.op)], *node.left, *node.right);
  }
  void operator()(const ast::IsNull& node) const { all(node.negated ? "is_not_null" : "is_null", *node.operand); }
  void operator()(const ast::If& node) const { all("if", *node.condition, *node.then, *node.otherwise); }
  void operator()(const ast::Match& node) const {
    out.open("match");
    out.expr(*node.subject);
    for (const ast::Arm& arm : node.arms) {
      out.open("arm");
      for (const ast::ExprPtr& pattern : arm.patterns) out.expr(*pattern);
      out.open("gives");
      out.expr(*arm.value);
      out.close();
      out.close();
    }
    out.close();
  }
  void operator()(const ast::Paren& node) const { all("paren", *node.inner); }

 private:
  template <class... Children>
  void all(std::string_view name, const Children&... children) const {
    out.open(name);
    (out.expr(children), ...);
    out.close();
  }
};

}  // namespace

void TreeWriter::expr(const ast::Expr& expr) { std::visit(ExprWriter{*this}, expr.node); }

std::string TreeWriter::take() { return std::move(out_); }

}  // namespace gress::dsl::detail
