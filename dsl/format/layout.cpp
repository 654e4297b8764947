#include "dsl/format/layout.h"

#include "dsl/source/utf8.h"

namespace gress::dsl::detail {

std::size_t columns(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const auto byte = static_cast<unsigned char>(text[at]); byte < 0x80) {
      ++width, ++at;
      continue;
    }
    const char32_t c = decode_utf8(text, at);
    width += c == invalid_utf8 ? 1 : static_cast<std::size_t>(display_width(c));
  }
  return width;
}

namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

/// Marks the groups that cannot be flat: they hold a newline, a comment on its own line, or a comment behind code
/// with more of the group after it. Finds the ends of groups on the way.
void find_broken(std::vector<Op>& ops) {
  std::vector<std::size_t> open;
  std::size_t suffix = none;
  const auto break_all = [&](std::size_t opened_before, bool steady_ones = true) {
    for (std::size_t group : open) {
      if (group < opened_before && (steady_ones || !ops[group].steady)) ops[group].flag = true;
    }
  };
  for (std::size_t i = 0; i < ops.size(); ++i) {
    switch (ops[i].kind) {
      case OpKind::group: open.push_back(i); break;
      case OpKind::group_end:
        ops[open.back()].end = static_cast<std::uint32_t>(i);
        if (ops[open.back()].flag) {
          open.pop_back();
          break_all(i, false);
        } else {
          open.pop_back();
        }
        break;
      case OpKind::hard: case OpKind::own: break_all(i); break;
      case OpKind::suffix: suffix = i; break;
      case OpKind::text:
        if (suffix != none) break_all(suffix);
        suffix = none;
        break;
      default: break;
    }
  }
}

class Layout {
 public:
  Layout(std::vector<Op>& ops, int width) : ops_(ops), width_(width) { laid_.lines.emplace_back(); }

  Laid run() {
    for (std::size_t i = 0; i < ops_.size(); ++i) {
      const Op& op = ops_[i];
      switch (op.kind) {
        case OpKind::text: text(op); break;
        case OpKind::space: space_ = true; break;
        case OpKind::line:
          if (broken()) newline(op.blank);
          else space_ |= op.flag;
          break;
        case OpKind::hard: newline(op.blank); break;
        case OpKind::group: modes_.push_back(op.flag || (!op.rigid && !fits(i))); break;
        case OpKind::group_end: modes_.pop_back(); break;
        case OpKind::indent: indent_ += op.amount; break;
        case OpKind::dedent: indent_ -= op.amount; break;
        case OpKind::if_broken:
          if (broken()) text(op);
          break;
        case OpKind::suffix: suffix(op); break;
        case OpKind::own: own(op); break;
        case OpKind::mark:
          if (op.where == Op::anywhere || broken() == (op.where == Op::in_broken)) {
            laid_.marks.push_back({static_cast<std::uint32_t>(laid_.lines.size() - 1),
                                   static_cast<std::uint32_t>(line().code.size()), op.flag, op.list, op.slot, op.key});
          }
          break;
      }
    }
    return std::move(laid_);
  }

 private:
  Line& line() { return laid_.lines.back(); }
  bool broken() const { return modes_.empty() || modes_.back(); }

  void text(const Op& op) {
    if (after_own_) {
      newline(blank_after_own_);
    } else if (!line().comment.empty() && !op.glue) {
      indent_ += 2;  // code goes on behind a comment that nothing else ends
      newline(false);
      indent_ -= 2;
    }
    if (line().code.empty()) {
      line().code.append(static_cast<std::size_t>(line_indent_), ' ');
    } else if (space_) {
      line().code += ' ';
    }
    space_ = false;
    line().code += op.text;
    opener_ = op.flag;
  }

  void suffix(const Op& op) {
    // Two comments behind one line, since a comma between them moved: the second gets a line of its own.
    if (line().comment.empty() && !after_own_) line().comment = op.text;
    else own(op);
  }

  void own(const Op& op) {
    if (after_own_) newline(blank_after_own_);
    else if (!line().code.empty() || !line().comment.empty()) newline(op.blank);
    line().code.append(static_cast<std::size_t>(line_indent_), ' ');
    line().code += op.text;
    after_own_ = true;
    blank_after_own_ = op.flag;
    opener_ = false;
  }

  /// Ends the line; nothing if it holds nothing yet.
  void newline(bool blank) {
    space_ = false;
    line_indent_ = indent_;
    if (after_own_) blank |= blank_after_own_;
    after_own_ = false;
    if (line().code.empty() && line().comment.empty()) return;
    laid_.lines.emplace_back();
    if (blank && !opener_) laid_.lines.emplace_back();
    opener_ = false;
  }

  /// Whether the group at `begin`, flat, and what follows it up to the next possible newline end within the width.
  bool fits(std::size_t begin) const {
    const std::string& code = laid_.lines.back().code;
    const std::size_t used = after_own_     ? static_cast<std::size_t>(indent_)
                             : code.empty() ? static_cast<std::size_t>(line_indent_)
                                            : columns(code) + (space_ ? 1 : 0);
    long room = width_ - static_cast<long>(used);
    std::vector<bool> inner;              // modes of groups opened during the scan; false is flat
    std::size_t outer = modes_.size();    // the enclosing groups still open
    bool space = false;
    for (std::size_t i = begin; i < ops_.size() && room >= 0; ++i) {
      const Op& op = ops_[i];
      const bool is_broken = !inner.empty() ? inner.back() : outer == 0 || modes_[outer - 1];
      switch (op.kind) {
        // A group behind this one may be broken in its stead.
        case OpKind::group: inner.push_back(op.flag || (i != begin && inner.empty() && !op.rigid)); break;
        case OpKind::group_end:
          if (!inner.empty()) inner.pop_back();
          else if (outer > 0) --outer;
          break;
        case OpKind::text: room -= static_cast<long>(columns(op.text)) + (space ? 1 : 0); space = false; break;
        case OpKind::if_broken:
          if (is_broken) room -= static_cast<long>(op.text.size());
          break;
        case OpKind::space: space = true; break;
        case OpKind::line:
          if (is_broken) return true;
          space |= op.flag;
          break;
        case OpKind::hard: case OpKind::own: return true;
        default: break;
      }
    }
    return room >= 0;
  }

  std::vector<Op>& ops_;
  int width_;
  Laid laid_;
  std::vector<bool> modes_;
  int indent_ = 0;
  int line_indent_ = 0;       // of the line under way
  bool space_ = false;
  bool after_own_ = false;
  bool blank_after_own_ = false;
  bool opener_ = true;        // the last token opened a bracket (or nothing came yet): no blank line after it
};

}  // namespace

Laid lay_out(std::vector<Op>& ops, int width) {
  find_broken(ops);
  return Layout(ops, width).run();
}

}  // namespace gress::dsl::detail
