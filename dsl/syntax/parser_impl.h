// The parser's inside: recursive descent, split by construct over the parse_*.cpp files.
//
// Errors. `fail` reports and sets `failed_`; until someone resynchronises, everything that would consume or report
// does nothing, so a function may go on to its end without asking. Those who resynchronise: lists (at the next comma),
// interpolations, chains (at the next `|>`), the file (at the next item). `complain` reports a slip whose meaning is
// clear and goes on.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/syntax/lexer.h"
#include "dsl/syntax/parser.h"

namespace gress::dsl::detail {

using ast::Entry;
using ast::Expr;
using ast::ExprPtr;

/// Words that may follow a complete operand: an expression ends before them, an item never starts with them.
bool is_clause_word(std::string_view word);

class Parser {
 public:
  Parser(const SourceManager& sources, FileId file, Diagnostics& diagnostics);
  ast::File run();

 private:
  // ---------------------------------------------------------------- tokens (parser.cpp)
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[pos_ + ahead < tokens_.size() ? pos_ + ahead : tokens_.size() - 1];
  }
  const Token& previous() const { return tokens_[pos_ == 0 ? 0 : pos_ - 1]; }
  bool at(TokenKind kind) const { return peek().kind == kind; }
  std::string_view text(const Token& token) const { return sources_.text(token.range); }
  bool is_word(const Token& token, std::string_view word) const {
    return token.kind == TokenKind::name && text(token) == word;
  }
  bool at_word(std::string_view word) const { return is_word(peek(), word); }
  void advance() {
    if (pos_ + 1 < tokens_.size()) ++pos_;
  }
  /// Consumes the token if it is there; never while failed.
  bool accept(TokenKind kind);
  bool accept_word(std::string_view word);
  /// A word of a stage and what it says; a `:` between them is refused.
  bool accept_clause(std::string_view word);
  /// Consumes it or fails. `where` completes the message: "expected `{` " + where.
  bool expect(TokenKind kind, std::string_view where = {});
  bool expect_word(std::string_view word, std::string_view where = {});
  /// A name, or a failure and an empty one. `what` as in "the name of a stream".
  ast::Name expect_name(std::string_view what);
  /// The same for names that will be used in expressions: words that start an expression are refused.
  ast::Name declared_name(std::string_view what);
  /// The range from `begin` to the last consumed token.
  Range since(Range begin) const;
  /// Text of the `///` lines before the current token.
  std::string take_doc();

  // ---------------------------------------------------------------- errors (parser.cpp, parser_hints.cpp)
  Diagnostic& fail(Code code, Range range, std::string message);
  Diagnostic& complain(Code code, Range range, std::string message);
  /// "expected X, found Y" with whatever hint the found token calls for.
  Diagnostic& unexpected(std::string expected);
  void add_hint(Diagnostic& diagnostic, const Token& found) const;
  std::string found_words(const Token& token) const;
  /// Where something is missing: behind the last token if the next one stands on another line.
  Range missing_range() const;
  void unclosed(const Token& open, TokenKind close);
  /// Complains of a `;` here and skips it; `instead` is what was meant: nothing, or in lists a `,`.
  bool skip_semicolon(std::string_view instead = {});

  // ---------------------------------------------------------------- recovery (parser.cpp)
  bool item_at(std::size_t index) const;
  bool at_boundary() const;  // end of file, `|>`, or an item: nothing within brackets goes beyond
  bool resync_in_list(TokenKind close);
  void sync_to_item();
  void sync_to_stage();
  /// Stages where none can stand: on to the `,` or the closing bracket behind them.
  void skip_chain_in(TokenKind close);
  /// `entry { "," entry } [ "," ] close` after the consumed `open`; entries that fail are skipped.
  template <class ParseEntry>
  void list(TokenKind close, const Token open, ParseEntry parse_entry, bool items_end_it = true) {
    while (!failed_) {
      if (accept(close)) return;
      if (items_end_it ? at_boundary() : at(TokenKind::eof) || at(TokenKind::pipe)) return unclosed(open, close);
      parse_entry();
      if (failed_ && !resync_in_list(close)) return;
      if (accept(TokenKind::comma) || at(close) || skip_semicolon(",")) continue;
      if (at_boundary()) return unclosed(open, close);
      if (missing_comma()) continue;
      const bool entry = starts_entry(peek().kind);
      Diagnostic& d = unexpected("`,` or " + std::string(words_for(close))).at(open.range, "to close this");
      if (entry && d.helps.empty() && d.fixes.empty()) d.help("entries are separated by `,`");
      if (!resync_in_list(close)) return;
      accept(TokenKind::comma);
    }
  }
  /// Whether an entry of a list may begin so.
  static bool starts_entry(TokenKind kind);
  /// The next entry stands on a line of its own and only the comma is missing: complains and says so.
  bool missing_comma();

  // ---------------------------------------------------------------- items (parse_items.cpp, parse_types.cpp)
  void parse_pipeline(ast::File& file, std::string doc);
  void parse_item(ast::File& file, std::string doc);
  void unknown_item();
  template <class Node>
  void add_item(ast::File& file, Range begin, std::string& doc, std::optional<Node> node) {
    if (node) file.items.push_back({since(begin), std::move(doc), std::move(*node)});
  }
  std::optional<ast::Param> parse_param();
  std::optional<ast::TypeDecl> parse_type_decl();
  std::optional<ast::EnumDecl> parse_enum();
  std::optional<ast::UnionDecl> parse_union();
  std::optional<ast::FnDecl> parse_fn();
  std::optional<ast::AggregateDecl> parse_aggregate_decl();
  std::optional<ast::UseDecl> parse_use();
  std::optional<ast::SourceDecl> parse_source();
  std::optional<ast::TableDecl> parse_table();
  std::optional<ast::StreamDecl> parse_stream();
  std::optional<ast::SinkDecl> parse_sink();
  std::optional<ast::SplitDecl> parse_split();
  std::optional<ast::StageDecl> parse_stage_decl();
  std::optional<ast::TestDecl> parse_test();
  ast::Used parse_used();
  ast::Field parse_field();
  std::vector<ast::FnParam> parse_fn_params(bool required);
  ast::TypeRefPtr parse_type_ref();
  void close_type_args(const Token& open);
  std::optional<std::string> parse_wire_name();
  ast::StreamRef parse_stream_ref();
  ast::Path parse_path(std::string_view what);
  ast::From parse_from();
  std::optional<ast::Options> parse_options();
  /// Text that must be constant, and its range.
  std::string parse_plain_text(std::string_view what, Range& range);
  template <class Entries>
  void refuse_empty(const Entries& entries, const Token& open, std::string_view what) {
    // Nothing between the brackets; entries that failed were reported.
    if (!entries.empty() || pos_ < 2 || tokens_[pos_ - 2].range != open.range) return;
    complain(Code::E0124, since(open.range), std::string(what) + " needs at least one entry");
  }

  // ---------------------------------------------------------------- stages (parse_stages.cpp, parse_join.cpp)
  std::vector<ast::Stage> parse_chain(bool starts_with_stage);
  void parse_stage(std::vector<ast::Stage>& stages);
  ast::Stage read_stage();
  void check_stage_end(const ast::Stage& stage);
  bool foreign_stage(const Token& keyword);
  void unknown_stage(const Token& keyword);
  bool defines_stage(std::string_view name) const;
  std::vector<Entry> parse_keys();
  std::vector<Entry> parse_record_of(std::string_view what);
  std::vector<ast::Name> parse_names(std::string_view what);
  std::vector<ast::StateField> parse_state_fields(std::string_view what);
  ast::Window parse_window();
  std::optional<ast::Retain> parse_retain();
  std::optional<ast::LateTo> parse_late_to();
  ast::Emit parse_emit(bool with_when);
  ast::Rename parse_rename();
  ast::Scan parse_scan();
  ast::Distinct parse_distinct();
  ast::Join parse_join(ast::JoinKind kind, const Token& keyword);
  ast::Top parse_top();
  ast::Pattern parse_pattern();
  ast::PatternStep parse_pattern_step();

  // ---------------------------------------------------------------- expressions (parse_expr.cpp, parse_primary.cpp)
  ExprPtr parse_expr();
  ExprPtr parse_if();
  ExprPtr parse_match();
  ast::Arm parse_arm();
  ExprPtr parse_arm_pattern();
  ExprPtr parse_or();
  ExprPtr parse_and();
  ExprPtr parse_not();
  ExprPtr parse_comparison();
  ExprPtr parse_is(ExprPtr left);
  ExprPtr parse_arithmetic(int level);
  ExprPtr parse_unary();
  ExprPtr parse_postfix();
  ExprPtr parse_primary();
  ExprPtr parse_name();
  ExprPtr parse_text();
  void parse_interpolation(std::vector<ast::StringPart>& parts);
  ExprPtr parse_list();
  ExprPtr parse_paren();
  Entry parse_entry(bool record, TokenKind close);
  std::vector<Entry> parse_entries(const Token& open);
  std::vector<Entry> parse_args(const Token& open);
  std::optional<ast::BinaryOp> comparison_operator();
  bool match_ahead() const;
  bool text_then_colon() const;
  ExprPtr error_expr(Range range);
  template <class Node>
  ExprPtr make(Range range, Node node) {
    return ExprPtr(new Expr{range, std::move(node)});
  }

  /// Height of the expression parsed last, for the limit on trees that grow without nesting (`a + a + a …`).
  int height_ = 0;
  /// Raises the height over that of the children seen; fails (E0112) beyond the limit.
  void grow(int& tallest);
  void set_height(int tallest, Range range);
  bool too_deep();
  struct Nest {
    explicit Nest(Parser& parser) : depth(parser.depth_) { ++depth; }
    ~Nest() { --depth; }
    Nest(const Nest&) = delete;
    Nest& operator=(const Nest&) = delete;
    int& depth;
  };

  // ---------------------------------------------------------------- tests (parse_tests.cpp)
  bool parse_test_step(ast::TestDecl& test);
  std::vector<ExprPtr> parse_rows();
  bool test_step_ahead() const;

  struct Doc {
    std::size_t token;  // index of the token it stands before
    Range range;
    std::string text;
    bool used;
  };

  const SourceManager& sources_;
  FileId file_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;  // without comments
  std::vector<Doc> docs_;
  std::size_t next_doc_ = 0;
  std::size_t pos_ = 0;
  int depth_ = 0;
  int reports_ = 0;
  bool failed_ = false;
  bool whole_ = true;  // nothing that is being read, and no token, was beyond understanding
  bool in_rows_ = false;  // of a test: its next step ends them
  Diagnostic muted_{};
};

}  // namespace gress::dsl::detail
