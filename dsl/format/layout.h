// The layout engine: a flat list of operations, made by the formatter, becomes lines. Groups are laid out flat where
// they fit and broken where they do not, are told to be, or hold a comment (after Oppen, "Prettyprinting", 1980).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gress::dsl::detail {

enum class OpKind : std::uint8_t {
  text,         // a token
  space,        // a space, unless a line begins here
  line,         // newline in a broken group, else `flat`
  hard,         // newline
  group,        // up to its group_end
  group_end,
  indent,       // by `amount`, until dedent
  dedent,
  if_broken,    // text only in a broken group
  suffix,       // a comment behind the code of this line
  own,          // a comment on lines of its own
  mark,         // a place that lines up with the same place of neighbouring lines
};

struct Op {
  OpKind kind;
  bool flag = false;         // text: opens a bracket; line: flat is a space, not nothing; group: broken at any rate;
                             // mark: loose (takes part without being padded); own: a blank line after it
  bool glue = false;         // text, if_broken: may stand before a pending comment (a comma)
  bool blank = false;        // line, hard, own: a blank line before
  bool rigid = false;        // group: not broken for want of room
  bool steady = false;       // group: stays flat around a group within it that is broken
  enum Where : std::uint8_t { in_broken, anywhere, in_flat } where = in_broken;  // mark: groups it counts in
  int amount = 0;            // indent, dedent
  std::string_view text{};   // text, if_broken, suffix, own
  std::uint32_t end = 0;     // group: index of its group_end
  std::uint32_t list = 0;    // mark: which list or kind of item it belongs to
  std::uint32_t slot = 0;    // mark: which of several on a line
  std::uint64_t key = 0;     // mark: lines up with those of equal key only
};

struct Line {
  std::string code;     // with its indentation
  std::string comment;  // behind it
};

struct PlacedMark {
  std::uint32_t line;
  std::uint32_t offset;  // bytes into the line's code
  bool loose;
  std::uint32_t list, slot;
  std::uint64_t key;
};

struct Laid {
  std::vector<Line> lines;
  std::vector<PlacedMark> marks;
};

/// Lays the operations out in `width` columns.
Laid lay_out(std::vector<Op>& ops, int width);

/// Pads marks that belong together, lines up comments, and joins the lines; ends with one newline, or is empty.
std::string align_and_join(Laid laid);

/// Columns of a terminal.
std::size_t columns(std::string_view text);

}  // namespace gress::dsl::detail
