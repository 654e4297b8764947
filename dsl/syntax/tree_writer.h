// Writes indented S-expressions: a node whose children are all short stands on one line.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "dsl/syntax/ast.h"

namespace gress::dsl::detail {

/// Appends `text` as "…", everything but plain printable ASCII and UTF-8 escaped.
void append_quoted(std::string& out, std::string_view text);

class TreeWriter {
 public:
  void open(std::string_view node);
  void open(std::string_view node, std::string_view text);
  void close();
  void leaf(std::string_view node);
  void leaf(std::string_view node, std::string_view text);
  void expr(const ast::Expr&);
  void type(const ast::TypeRef&);
  void entries(const std::vector<ast::Entry>&);
  std::string take();

 private:
  /// A node under construction: its head, and its finished children, each the text of one or more lines.
  struct Open {
    std::string head;
    std::vector<std::string> children;
    bool one_line = true;
    std::size_t width = 0;
  };
  void add(std::string text);
  std::vector<Open> open_;
  std::string out_;
};

}  // namespace gress::dsl::detail
