// Walks the tree and the tokens side by side and writes layout operations: the tree says what a token is for, the
// tokens say what was written, so that nothing is lost and nothing but layout can change.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/format/layout.h"
#include "dsl/syntax/ast.h"
#include "dsl/syntax/token.h"

namespace gress::dsl::detail {

class Writer {
 public:
  Writer(std::string_view text, std::vector<Token> tokens) : text_(text), tokens_(std::move(tokens)) {}

  std::vector<Op> file(const ast::File& file);

 private:
  // ---------------------------------------------------------------- tokens (format.cpp)
  /// The next token that is no comment, and its neighbours.
  std::size_t next() const { return next_from(at_); }
  std::size_t next_from(std::size_t index) const;
  TokenKind next_kind() const { return tokens_[next()].kind; }
  bool next_word(std::string_view word) const;
  /// (After a comment it does so at any rate, even if a comma stood between.)
  bool next_starts_line() const { return comment_pending_ || tokens_[next()].line_start; }
  std::string_view text_of(const Token& token) const {
    return text_.substr(token.range.begin, token.range.end - token.range.begin);
  }
  /// Whether the author left an empty line before this token or comment.
  bool blank_before(std::size_t index) const;

  /// Writes the comments before the next token, each on a line of its own.
  void comments();
  /// Writes the next token, with the comments around it.
  void token(bool opens = false);
  /// Passes over the next token without writing it (a comma that the layout decides about), comments excepted.
  void drop_token();
  void trailing_comment();
  /// A whole "…" or '…' as it was written.
  void string_token();
  void words(int count) {  // tokens with spaces before each
    for (int i = 0; i < count; ++i) space(), token();
  }

  // ---------------------------------------------------------------- operations (format.cpp)
  Op& op(OpKind kind) {
    ops_.push_back({.kind = kind});
    return ops_.back();
  }
  void space() { op(OpKind::space); }
  void line(bool flat_space) {
    Op& o = op(OpKind::line);
    o.flag = flat_space;
    o.blank = blank_before(at_);
  }
  void hard() { op(OpKind::hard).blank = blank_before(at_); }
  void indent(int amount) { op(OpKind::indent).amount = amount; }
  void dedent(int amount) { op(OpKind::dedent).amount = amount; }
  Op& begin_group(bool broken, bool rigid = false) {
    Op& o = op(OpKind::group);
    o.flag = broken;
    o.rigid = rigid;
    return o;
  }
  void end_group() { op(OpKind::group_end); }
  void mark(std::uint32_t list, std::uint32_t slot = 0, std::uint64_t key = 0, Op::Where where = Op::in_broken,
            bool loose = false) {
    Op& o = op(OpKind::mark);
    o.list = list, o.slot = slot, o.key = key, o.where = filling_ ? Op::anywhere : where, o.flag = loose;
  }
  /// A newline where the author had one, else a space.
  void kept_break() {
    if (next_starts_line()) hard();
    else space();
  }

  /// What lists of named things have in common.
  enum class Shape {
    braces,    // `{ a, b }`
    brackets,  // `[a, b]`
    parens,    // `(a, b)`: only broken where the author did
    rows,      // `[ {…}, {…} ]` of tests
  };
  /// From the opening to the closing bracket, `entry(i)` writing the entries.
  template <class WriteEntry>
  void list(Shape shape, std::size_t count, WriteEntry entry) {
    const bool spaced = shape == Shape::braces || shape == Shape::rows;
    const bool broken = opens_line(shape);
    begin_group(broken, shape == Shape::parens || in_row_).steady = shape == Shape::parens;
    token(true);
    if (count > 0) {
      indent(2);
      line(spaced);
    } else if (at_ != next()) {
      indent(2);
    }
    const bool filling_before = std::exchange(filling_, false);
    for (std::size_t i = 0; i < count; ++i) {
      comments();
      entry(i);
      if (filling_) end_group();
      filling_ = false;
      if (i + 1 == count) {
        if_broken_comma();
        break;
      }
      token_glued();
      // The author put this entry beside the last one: it stays there if it fits.
      filling_ = broken && at_ == next() && !next_starts_line();
      if (filling_) begin_group(false);
      line(true);
    }
    filling_ = filling_before;
    const bool inside = count > 0 || at_ != next();
    comments();
    if (inside) dedent(2);
    if (inside) close_line(spaced);
    token();
    end_group();
  }
  bool opens_line(Shape shape) const;
  void if_broken_comma();
  void token_glued();
  void close_line(bool spaced) { op(OpKind::line).flag = spaced; }

  // ---------------------------------------------------------------- constructs
  // format_items.cpp
  void item(const ast::Item& item);
  void pipeline(const ast::Pipeline& node);
  void write(const ast::Param& node);
  void write(const ast::TypeDecl& node);
  void write(const ast::EnumDecl& node);
  void write(const ast::UnionDecl& node);
  void write(const ast::FnDecl& node);
  void write(const ast::AggregateDecl& node);
  void write(const ast::UseDecl& node);
  void write(const ast::SourceDecl& node);
  void write(const ast::TableDecl& node);
  void write(const ast::StreamDecl& node);
  void write(const ast::SinkDecl& node);
  void write(const ast::SplitDecl& node);
  void write(const ast::StageDecl& node);
  void write(const ast::TestDecl& node);
  void test_step(const ast::TestStep& step);
  void rows(const std::vector<ast::ExprPtr>& rows);
  void wire(const std::optional<std::string>& name);
  void path(const ast::Path& path);
  void stream_ref(const ast::StreamRef& ref);
  void fn_params(const std::vector<ast::FnParam>& params);
  void state_fields(const std::vector<ast::StateField>& fields);
  void options(const std::optional<ast::Options>& options);
  void type(const ast::TypeRef& type);
  void connector(std::uint32_t list, const std::optional<ast::Options>& options);
  // format_stages.cpp
  /// `first`: whether the first stage stands behind a `|>`, too.
  void chain(const std::vector<ast::Stage>& stages, bool first);
  /// Whether the author began a line with a `|>` of these.
  bool chain_breaks(const std::vector<ast::Stage>& stages) const;
  void stage(const ast::Stage& stage);
  void write(const ast::Key& node);
  void write(const ast::Filter& node);
  void write(const ast::Select& node);
  void write(const ast::Extend& node);
  void write(const ast::Drop& node);
  void write(const ast::Rename& node);
  void write(const ast::Flatten& node);
  void write(const ast::Time& node);
  void write(const ast::InOrder& node);
  void write(const ast::Changes& node);
  void write(const ast::WindowStage& node);
  void write(const ast::Aggregate& node);
  void write(const ast::Scan& node);
  void write(const ast::Join& node);
  void write(const ast::Distinct& node);
  void write(const ast::Latest& node);
  void write(const ast::Top& node);
  void write(const ast::Pattern& node);
  void write(const ast::UseStage& node);
  void retain(const std::optional<ast::Retain>& node);
  void late_to(const std::optional<ast::LateTo>& node);
  void emit(const ast::Emit& node);
  void window(const ast::Window& node);
  void keys(const std::vector<ast::Entry>& keys);
  void clause(const ast::Expr& value);
  // format_expr.cpp
  void expr(const ast::Expr& expr);
  void entry(const ast::Entry& entry, std::uint32_t list);
  /// What is named: further lines of it are indented, but for those within its own brackets.
  void named(const ast::Expr& value);
  void record(const std::vector<ast::Entry>& entries, Shape shape = Shape::braces);
  void args(const std::vector<ast::Entry>& entries);
  struct ExprWriter;

  std::string_view text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::vector<Op> ops_;
  bool comment_pending_ = false;  // a comment behind code was written, and no token but a comma since
  bool filling_ = false;      // within an entry that shares a line with the one before
  bool in_row_ = false;       // within a row of a test: broken only where the author did
  std::uint32_t lists_ = 16;  // lists of entries are numbered; the numbers below are kinds of items
};

}  // namespace gress::dsl::detail
