// What a decoder of JSON lines does with a block that does not hang on the schema: lines, shapes, and the records that no
// shape takes. Compiled once for each instruction set (levels.cpp), not with every program.
#pragma once
#include <algorithm>
#include <vector>

#include "runtime/core/decode/json_piece.h"
#include "runtime/core/decode/json_read.h"
#include "runtime/core/decode/line_index.h"
#include "runtime/core/decode/lines.h"
#include "runtime/core/decode/utf8.h"
#include "runtime/core/eval.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

/// Rows of a schema, for the complete reader.
struct JsonRows {
  const JsonLayout& layout;
  void* rows;
  std::size_t size;  // bytes, of one
  void (*clear)(void* row);
};

template <int Block>
class JsonBlock {
 public:
  /// Another input begins, with a byte order mark perhaps; what was learned stays.
  void begin_input() {
    state_.skipping = false;
    state_.beginning = true;
  }
  /// Where it is between two records.
  template <class Io>
  void archive(Io& io) { io(state_); }
  /// Off: every record goes through the complete reader.
  void learn_shapes(bool yes) {
    learning_ = yes;
    if (!yes) shapes_.clear();
  }

 protected:
  using Lines = DecodedLines<Block>;

  explicit JsonBlock(std::size_t max_record) { state_.max_record = max_record; }

  /// Begins a call of decode(): bytes to leave out, and whether what follows goes without an index.
  struct Begin {
    std::size_t left_out;
    bool nothing;  // to read now
    bool indexed;  // index_ holds a block
  };
  Begin begin(const char* data, std::size_t size, bool at_end, Lines& out);
  /// Adds what was left out to the places in `out`.
  void move_on(std::size_t left_out, Lines& out);

  /// Up to `most` records without an index.
  std::size_t each_record(const char* data, std::size_t size, bool at_end, int most, const JsonRows& to, Lines& out, Eval& ev);
  /// Lines and what is unusual about them; the number of rows in open_, which each shape takes its own out of.
  int begin_lines(const char* data, const JsonRows& to, Lines& out, Eval& ev);
  /// Picks the rows among open_[0, open) that have the shape; the others stay, and their new number is given.
  int pick(const JsonShape& shape, const char* data, int open);
  /// A value that nobody reads must be one all the same.
  void check_value(const JsonShape::Value& v, Eval& ev);
  /// The picked rows are read, but for those that failed, which are left to the complete reader: it says why.
  void take_picked();
  /// Shape s took so many rows.
  void took(std::size_t s, int rows) {
    if (s != 0 && rows > static_cast<int>(index_.rows) / 2) std::swap(shapes_[0], shapes_[s]);
  }
  /// Reads what the shapes left, `open` rows of no shape among it; true if there are lines that gave no row.
  bool end_lines(const char* data, int open, const JsonRows& to, Lines& out, Eval& ev);
  /// Bytes of the block.
  std::size_t consumed() const { return index_.list[index_.mark[index_.rows]]; }

  LineState state_;
  LineIndex<Block> index_;
  std::vector<JsonShape> shapes_;
  Picked<Block> picked_{};
  Fate fates_[Block];

 private:
  static constexpr std::size_t kShapes = 4;
  static constexpr int kCredit = 16;
  /// Blocks that the shapes may fail before they are left alone for a while; after that one is enough.
  static constexpr int kCold = 4;

  Fate record(const char* data, std::size_t begin, std::size_t end, int r, const JsonRows& to, Lines& out, Eval& ev);
  bool mark_bad_utf8(const char* data, int lines, const Lines& out, bool odd);
  bool mark_long(int lines, const Lines& out, bool odd);
  void check_bare(Span span);
  bool learn_from(const char* data, int r, const JsonRows& to, Lines& out, Eval& ev);
  void adapt(const char* data, int lines, int open, const JsonRows& to, Lines& out, Eval& ev);
  /// Where line r's line feed is.
  std::size_t line_end(int r) const { return index_.list[index_.mark[r + 1]] - 1u; }

  bool learning_ = true;
  int credit_ = kCredit;
  int cold_ = 0;
  int rest_ = 16;
  int resting_ = 0;
  std::uint16_t open_[Block];
  /// Rows of the block that had a known shape, and those of them that the short loops have read.
  int hits_ = 0, taken_ = 0;
  bool odd_[Block];
};

template <int Block>
[[gnu::noinline]] auto JsonBlock<Block>::begin(const char* data, std::size_t size, bool at_end, Lines& out) -> Begin {
  out.clear();
  bool enough;
  const std::size_t left_out = state_.leave_out(data, size, at_end, enough);
  if (left_out == size || !enough) return {left_out, true, false};
  if (resting_ > 0 || !learning_) {
    if (resting_ > 0) --resting_;
    return {left_out, false, false};
  }
  index_.template build<JsonLines>(data + left_out, size - left_out);
  return {left_out, false, true};
}

template <int Block>
[[gnu::noinline]] void JsonBlock<Block>::move_on(std::size_t left_out, Lines& out) {
  for (int i = 0; i != out.count; ++i) {
    out.begin[i] += static_cast<std::uint32_t>(left_out);
    out.end[i] += static_cast<std::uint32_t>(left_out);
  }
  for (BadRecord& b : out.bad) b.begin += left_out, b.end += left_out;
}

/// One line, up to its line end, by the complete reader, into row r, begin[r] and end[r]; a bad one is noted with row = r.
template <int Block>
[[gnu::noinline]] Fate JsonBlock<Block>::record(const char* data, std::size_t begin, std::size_t end, int r, const JsonRows& to, Lines& out, Eval& ev) {
  if (end - begin > state_.max_record) {
    add_bad(out.bad, begin, begin + std::min(end - begin, kCutText), r, true, state_.too_long());
    return Fate::bad;
  }
  if (end != begin && data[end - 1] == '\r') --end;
  const char* p = data + begin;
  while (p != data + end && (*p == ' ' || *p == '\t' || *p == '\r')) ++p;
  if (p == data + end) return Fate::blank;
  void* const row = static_cast<char*>(to.rows) + static_cast<std::size_t>(r) * to.size;
  to.clear(row);
  std::string error;
  if (read_json_record(data + begin, data + end, to.layout, row, ev.arena, error)) {
    out.begin[r] = static_cast<std::uint32_t>(begin);
    out.end[r] = static_cast<std::uint32_t>(end);
    return Fate::good;
  }
  add_bad(out.bad, begin, end, r, false, std::move(error));
  return Fate::bad;
}

template <int Block>
[[gnu::noinline]] std::size_t JsonBlock<Block>::each_record(const char* data, std::size_t size, bool at_end, int most, const JsonRows& to, Lines& out,
                                                            Eval& ev) {
  std::size_t at = 0;
  for (int taken = 0; taken != most && at != size; ++taken) {
    const auto* found = static_cast<const char*>(std::memchr(data + at, '\n', size - at));
    if (found == nullptr && !at_end) {
      if (size - at <= state_.max_record) break;
      add_bad(out.bad, at, at + kCutText, out.count, true, state_.too_long());
      state_.skipping = true;
      return size;
    }
    const std::size_t end = found == nullptr ? size : static_cast<std::size_t>(found - data);
    const std::size_t next = found == nullptr ? size : end + 1;
    out.count += record(data, at, end, out.count, to, out, ev) == Fate::good;
    at = next;
  }
  return at;
}

template <int Block>
[[gnu::noinline]] int JsonBlock<Block>::begin_lines(const char* data, const JsonRows& to, Lines& out, Eval& ev) {
  const int lines = static_cast<int>(index_.rows);
  for (int r = 0; r != lines; ++r) {
    out.begin[r] = index_.list[index_.mark[r]];
    out.end[r] = index_.list[index_.mark[r + 1]] - 1u;
  }
  if (index_.carriage) {
    for (int r = 0; r != lines; ++r) out.end[r] -= out.end[r] != out.begin[r] && data[out.end[r] - 1] == '\r';
  }
  std::fill_n(fates_, lines, Fate::open);
  bool odd = index_.any_odd && index_.mark_odd(lines, odd_);
  if (index_.any_high) odd |= mark_bad_utf8(data, lines, out, odd);
  if (state_.max_record < LineIndex<Block>::kBytes) [[unlikely]] odd |= mark_long(lines, out, odd);
  if (shapes_.empty()) learn_from(data, 0, to, out, ev);

  int open = lines;
  taken_ = hits_ = 0;
  for (int r = 0; r != lines; ++r) open_[r] = static_cast<std::uint16_t>(r);
  if (odd) {
    open = 0;
    for (int r = 0; r != lines; ++r) {
      open_[open] = static_cast<std::uint16_t>(r);
      open += !odd_[r];
    }
  }
  return open;
}

/// These two add to odd_ if it is in use (`odd`) and begin it else; true if they found any.
template <int Block>
bool JsonBlock<Block>::mark_bad_utf8(const char* data, int lines, const Lines& out, bool odd) {
  if (is_utf8(data, data + out.end[lines - 1])) [[likely]] return false;
  if (!odd) std::memset(odd_, 0, sizeof odd_);
  for (int r = 0; r != lines; ++r) odd_[r] |= !is_utf8(data + out.begin[r], data + out.end[r]);
  return true;
}
template <int Block>
bool JsonBlock<Block>::mark_long(int lines, const Lines& out, bool odd) {
  if (!odd) std::memset(odd_, 0, sizeof odd_);
  for (int r = 0; r != lines; ++r) odd_[r] |= out.end[r] - out.begin[r] > state_.max_record;
  return true;
}

template <int Block>
[[gnu::noinline]] int JsonBlock<Block>::pick(const JsonShape& shape, const char* data, int open) {
  Picked<Block>& rows = picked_;
  rows.base = data - 1;
  rows.list = index_.list;
  int left = 0;
  if (open == static_cast<int>(index_.rows) && index_.all_have(open, shape.entries)) {
    rows.pick_all(open, index_.mark);
  } else {
    int picked = 0;
    for (int i = 0; i != open; ++i) {
      const std::uint16_t r = open_[i];
      const std::uint16_t first = index_.mark[r];
      rows.first[picked] = first;
      rows.slot[picked] = r;
      open_[left] = r;
      const bool same = index_.mark[r + 1] - first == shape.entries;
      picked += same;
      left += !same;
    }
    rows.count = picked;
    if (picked == 0) return left;
  }
  const auto last = static_cast<std::int32_t>(index_.bytes) + 1;
  for (const JsonShape::Piece& piece : shape.pieces) check_piece(rows, piece, last);
  drop_failed(rows, [&](std::uint16_t r) { open_[left++] = r; });
  hits_ += rows.count;
  return left;
}

template <int Block>
[[gnu::noinline]] void JsonBlock<Block>::take_picked() {
  Picked<Block>& rows = picked_;
  drop_failed(rows, [](std::uint16_t) {});
  taken_ += rows.count;
  if (rows.count == static_cast<int>(index_.rows)) {
    std::fill_n(fates_, rows.count, Fate::good);
  } else {
    for (int k = 0; k != rows.count; ++k) fates_[rows.slot[k]] = Fate::good;
  }
}

template <int Block>
[[gnu::noinline]] bool JsonBlock<Block>::end_lines(const char* data, int open, const JsonRows& to, Lines& out, Eval& ev) {
  const int lines = out.count = static_cast<int>(index_.rows);
  if (taken_ == lines) return false;
  bool gaps = false;
  for (int r = 0; r != lines; ++r) {
    if (fates_[r] != Fate::open) continue;
    fates_[r] = record(data, out.begin[r], line_end(r), r, to, out, ev);
    gaps |= fates_[r] != Fate::good;
  }
  adapt(data, lines, open, to, out, ev);
  return gaps;
}

template <int Block>
[[gnu::noinline]] void JsonBlock<Block>::check_value(const JsonShape::Value& v, Eval& ev) {
  using Kind = JsonShape::Kind;
  if (v.kind == Kind::quoted) return;
  if (v.kind == Kind::bare) return check_bare(v.span);
  Picked<Block>& rows = picked_;
  for (int k = 0; k != rows.count; ++k) {
    const std::int32_t begin = rows.at(k, v.span.begin), end = rows.at(k, v.span.end);
    bool good;
    if (v.kind == Kind::null_only) {
      good = end - begin == 4 && std::memcmp(rows.base + begin, "null", 4) == 0;
    } else {
      JsonCursor c(rows.base + begin, rows.base + std::max(begin, end), ev.arena);
      good = begin < end && c.skip_value() && c.at_end();
    }
    if (!good) rows.failed[k] = 1, rows.any_failed = true;
  }
}

/// It must be a number or a word.
template <int Block>
void JsonBlock<Block>::check_bare(Span span) {
  Picked<Block>& rows = picked_;
  std::uint8_t again[Block + 31];
  NumberForms<Block> forms;
  for (int k = 0, n = rows.count; k != n; ++k) {
    const std::int32_t begin = rows.at(k, span.begin);
    forms.note(k, rows.base + begin, static_cast<std::uint32_t>(rows.at(k, span.end) - begin));
  }
  if (!forms.template wrong<true>(rows.count, again)) [[likely]] return;
  for (int k = 0; k != rows.count; ++k) {
    if (!again[k]) continue;
    const std::int32_t begin = rows.at(k, span.begin), length = rows.at(k, span.end) - begin;
    if (length > 0) {
      const std::string_view s(rows.base + begin, static_cast<std::size_t>(length));
      if (s == "null" || s == "true" || s == "false" || scan_json_number(s.data(), s.data() + s.size()) == s.data() + s.size()) continue;
    }
    rows.failed[k] = 1;
    rows.any_failed = true;
  }
}

/// Learns the shape of line r if the complete reader likes it and nothing in it is unusual.
template <int Block>
bool JsonBlock<Block>::learn_from(const char* data, int r, const JsonRows& to, Lines& out, Eval& ev) {
  if (credit_ == 0) return false;
  if (fates_[r] == Fate::open) {
    const std::size_t bad = out.bad.size();
    const bool good = record(data, out.begin[r], line_end(r), r, to, out, ev) == Fate::good;
    while (out.bad.size() != bad) out.bad.pop_back();
    if (!good) return false;
  }
  --credit_;
  JsonShape shape;
  if (!shape.learn(to.layout.tree, data + out.begin[r], data + out.end[r], data + line_end(r))) return false;
  if (shapes_.size() == kShapes) shapes_.pop_back();
  shapes_.insert(shapes_.begin(), std::move(shape));
  return true;
}

/// After a block with misses: learn another shape if many rows had none, rest if shapes do not help here.
template <int Block>
void JsonBlock<Block>::adapt(const char* data, int lines, int open, const JsonRows& to, Lines& out, Eval& ev) {
  if (hits_ * 4 >= lines * 3) {
    credit_ = std::min(credit_ + 1, kCredit);
    cold_ = 0;
    rest_ = 16;
  } else if (hits_ * 4 < lines && ++cold_ >= kCold) {
    cold_ = kCold - 1;
    resting_ = rest_;
    rest_ = std::min(rest_ * 2, 1024);
    credit_ = std::max(credit_, 2);
  }
  if (open * 8 < lines) return;
  for (int i = 0; i != open; ++i) {
    if (fates_[open_[i]] != Fate::good) continue;
    learn_from(data, open_[i], to, out, ev);
    return;
  }
}

extern template class JsonBlock<kLibraryBlock>;

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
