// What the printers of joins of two streams share: the keys of both sides, what is kept of their rows, and how output
// rows are made of them.
#pragma once
#include <string>

#include "compiler/codegen/spec.h"

namespace gress::codegen {

class JoinRows {
 public:
  JoinRows(Unit&, plan::NodeId);

  const plan::Node& node;
  const std::string& name;
  const std::string spec;
  const dsl::checked::Stage& stage;
  const dsl::checked::StreamJoin& join;
  const dsl::checked::Row& right_row;

  /// Before the spec: the comment, NAME_key, NAME_left_row, NAME_right_row.
  void print_structs();
  /// Inside the spec: its types, and the functions that are defined below.
  void declare();
  /// Defines left_key, right_key, left_row, right_row, rest and what belongs to it, pair, left_only, right_only,
  /// left_late, right_late, out, watermark. In a window pair and its like take its `start` and `end` too.
  void define();

  enum class Side : std::uint8_t { left, right };
  /// left_of or right_of: a row of a side that is itself joined, made again from its pair. Nothing for other sides.
  void declare_row_of(Side);
  void define_row_of(Side);
  /// `if (ev.failed)` in a function that has `in` and `i` of a side: the row is routed; then `tail`.
  void check_failed(Side, const std::string& tail);

 private:
  bool made_of_pairs(Side) const;
  /// Pairs are tried when the rows' blocks have gone.
  bool apart() const { return join.window || join.bound == dsl::checked::JoinBound::as_of; }
  bool full() const { return join.kind == dsl::checked::JoinKind::full; }
  std::string block(Side side) const { return u_.block_type(node.in[side == Side::left ? 0 : 1]); }
  void find_uses();
  void key(Side);
  void row(Side);
  void rest();
  void pair_failed(bool fails);
  std::string joined(std::size_t column);
  void made(const char* function, bool with_left, bool with_right, bool bounded);
  void late(Side);
  void outlets();

  Unit& u_;
  plan::Uses left_, right_;  // what is kept of rows
};

}  // namespace gress::codegen
