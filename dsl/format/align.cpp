// Columns: neighbouring lines with marks of one list are padded to line up, cell by cell; comments behind code too.
#include <algorithm>

#include "dsl/format/layout.h"

namespace gress::dsl::detail {

namespace {

constexpr std::size_t comment_gap = 2;

class Aligner {
 public:
  explicit Aligner(Laid& laid) : lines_(laid.lines), marks_(laid.marks) {}

  void run() {
    // By list, slot and line; slots of a line come from left to right, so earlier cells are padded first.
    std::sort(marks_.begin(), marks_.end(), [](const PlacedMark& a, const PlacedMark& b) {
      if (a.list != b.list) return a.list < b.list;
      if (a.slot != b.slot) return a.slot < b.slot;
      return a.line != b.line ? a.line < b.line : a.offset < b.offset;
    });
    for (std::size_t begin = 0; begin < marks_.size();) {
      std::size_t end = begin + 1;
      while (end < marks_.size() && joins(marks_[end - 1], marks_[end])) ++end;
      pad(begin, end);
      begin = end;
    }
  }

 private:
  static std::size_t indentation(const std::string& code) { return std::min(code.find_first_not_of(' '), code.size()); }

  bool joins(const PlacedMark& a, const PlacedMark& b) const {
    return a.list == b.list && a.slot == b.slot && a.key == b.key && b.line == a.line + 1 &&
           indentation(lines_[a.line].code) == indentation(lines_[b.line].code) && !shares_line(a) && !shares_line(b);
  }

  /// Several entries of one list on one line line up with nothing.
  bool shares_line(const PlacedMark& mark) const {
    const auto index = static_cast<std::size_t>(&mark - marks_.data());
    const auto equal = [&](std::size_t other) {
      return marks_[other].list == mark.list && marks_[other].slot == mark.slot && marks_[other].line == mark.line;
    };
    return (index > 0 && equal(index - 1)) || (index + 1 < marks_.size() && equal(index + 1));
  }

  /// Width of the cell that ends at the mark: from the mark before it on the line, or the line's begin.
  std::size_t cell(const PlacedMark& mark) const {
    std::uint32_t from = 0;
    for (const PlacedMark& other : marks_) {
      if (other.line == mark.line && other.list == mark.list && other.slot < mark.slot) from = std::max(from, other.offset);
    }
    return columns(std::string_view(lines_[mark.line].code).substr(from, mark.offset - from));
  }

  void pad(std::size_t begin, std::size_t end) {
    if (end - begin < 2) return;
    std::vector<std::size_t> widths(end - begin, 0);
    std::size_t widest = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (marks_[i].loose) continue;
      widths[i - begin] = cell(marks_[i]);
      widest = std::max(widest, widths[i - begin]);
    }
    for (std::size_t i = begin; i < end; ++i) {
      const PlacedMark mark = marks_[i];
      std::string& code = lines_[mark.line].code;
      if (mark.loose || widths[i - begin] == widest || mark.offset >= code.size()) continue;
      const auto missing = static_cast<std::uint32_t>(widest - widths[i - begin]);
      code.insert(mark.offset, missing, ' ');
      for (PlacedMark& other : marks_) {
        if (other.line == mark.line && other.offset >= mark.offset) other.offset += missing;
      }
    }
  }

  std::vector<Line>& lines_;
  std::vector<PlacedMark>& marks_;
};

void align_comments(std::vector<Line>& lines) {
  for (std::size_t begin = 0; begin < lines.size(); ++begin) {
    std::size_t end = begin;
    std::size_t widest = 0;
    for (; end < lines.size() && !lines[end].comment.empty(); ++end) widest = std::max(widest, columns(lines[end].code));
    for (std::size_t i = begin; i < end; ++i) {
      Line& line = lines[i];
      line.code.append(widest + comment_gap - columns(line.code), ' ');
      line.code += line.comment;
    }
    begin = end;
  }
}

}  // namespace

std::string align_and_join(Laid laid) {
  Aligner(laid).run();
  align_comments(laid.lines);
  while (!laid.lines.empty() && laid.lines.back().code.empty()) laid.lines.pop_back();
  std::string out;
  for (const Line& line : laid.lines) {
    out += line.code;
    out += '\n';
  }
  return out;
}

}  // namespace gress::dsl::detail
