// JSON lines to rows. A block's records are first tried by shape (json_shape.h): fixed text compared, values read in
// short loops; records of no known shape, or with anything unusual, go through the complete reader (json_read.h), which
// is also the only one that explains. What the quick way accepts is exactly what the complete one would give.
#pragma once
#include <array>

#include "runtime/core/decode/json_piece.h"
#include "runtime/core/decode/json_read.h"
#include "runtime/core/decode/line_index.h"
#include "runtime/core/decode/lines.h"
#include "runtime/core/decode/utf8.h"
#include "runtime/core/eval.h"

namespace gress::decode {

template <class Schema, int Block = 128>
class JsonDecoder {
 public:
  using Row = typename Schema::Row;
  using Output = Decoded<Row, Block>;

  explicit JsonDecoder(std::size_t max_record = kMaxRecord) { state_.max_record = max_record; }

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

  /// Decodes up to Block records of [data, data + size), behind which 64 bytes are readable; `at_end`: no more follow,
  /// the last record may lack its line end. Gives the bytes consumed; 0 with nothing in `out`: a whole record is not
  /// there yet. Rows refer to `data` and to ev.arena.
  std::size_t decode(const char* data, std::size_t size, bool at_end, Output& out, Eval& ev) {
    out.clear();
    bool enough;
    const std::size_t left_out = state_.leave_out(data, size, at_end, enough);
    if (left_out == size || !enough) return left_out;
    std::size_t used;
    if (resting_ > 0 || !learning_) {
      if (resting_ > 0) --resting_;
      used = each_record(data + left_out, size - left_out, at_end, Block, out, ev);
    } else {
      index_.template build<JsonLines>(data + left_out, size - left_out);
      used = index_.rows == 0 ? each_record(data + left_out, size - left_out, at_end, 1, out, ev) : block(data + left_out, out, ev);
    }
    if (left_out != 0) {
      for (int i = 0; i != out.count; ++i) {
        out.begin[i] += static_cast<std::uint32_t>(left_out);
        out.end[i] += static_cast<std::uint32_t>(left_out);
      }
      for (BadRecord& b : out.bad) b.begin += left_out, b.end += left_out;
    }
    return left_out + used;
  }

 private:
  using Index = LineIndex<Block>;
  static constexpr std::size_t kShapes = 4;
  static constexpr int kCredit = 16;
  /// Blocks that the shapes may fail before they are left alone for a while; after that one is enough.
  static constexpr int kCold = 4;

  /// One line, up to its line end, by the complete reader, into rows[r], begin[r] and end[r]; a bad one is noted with
  /// row = r.
  Fate record(const char* data, std::size_t begin, std::size_t end, int r, Output& out, Eval& ev) {
    if (end - begin > state_.max_record) {
      add_bad(out.bad, begin, begin + std::min(end - begin, kCutText), r, true, state_.too_long());
      return Fate::bad;
    }
    if (end != begin && data[end - 1] == '\r') --end;
    const char* p = data + begin;
    while (p != data + end && (*p == ' ' || *p == '\t' || *p == '\r')) ++p;
    if (p == data + end) return Fate::blank;
    std::string error;
    if (read_json_record<Schema>(data + begin, data + end, out.rows[r], ev.arena, error)) {
      out.begin[r] = static_cast<std::uint32_t>(begin);
      out.end[r] = static_cast<std::uint32_t>(end);
      return Fate::good;
    }
    add_bad(out.bad, begin, end, r, false, std::move(error));
    return Fate::bad;
  }

  /// Up to `most` records without an index.
  std::size_t each_record(const char* data, std::size_t size, bool at_end, int most, Output& out, Eval& ev) {
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
      out.count += record(data, at, end, out.count, out, ev) == Fate::good;
      at = next;
    }
    return at;
  }

  /// Where line r's line feed is.
  std::size_t line_end(int r) const { return index_.list[index_.mark[r + 1]] - 1u; }

  std::size_t block(const char* data, Output& out, Eval& ev) {
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
    if (state_.max_record < Index::kBytes) [[unlikely]] odd |= mark_long(lines, out, odd);
    if (shapes_.empty()) learn_from(data, 0, out, ev);

    // Rows still open, by number; each shape takes its own out.
    int open = lines, hits = 0;
    taken_ = 0;
    for (int r = 0; r != lines; ++r) open_[r] = static_cast<std::uint16_t>(r);
    if (odd) {
      open = 0;
      for (int r = 0; r != lines; ++r) {
        open_[open] = static_cast<std::uint16_t>(r);
        open += !odd_[r];
      }
    }
    for (std::size_t s = 0; s != shapes_.size() && open != 0; ++s) {
      const int before = open;
      open = take_shape(shapes_[s], data, open, out, ev);
      hits += before - open;
      if (s != 0 && before - open > lines / 2) std::swap(shapes_[0], shapes_[s]);
    }
    bool gaps = false;
    if (taken_ != lines) {
      for (int r = 0; r != lines; ++r) {
        if (fates_[r] != Fate::open) continue;
        fates_[r] = record(data, out.begin[r], line_end(r), r, out, ev);
        gaps |= fates_[r] != Fate::good;
      }
      adapt(data, lines, hits, open, out, ev);
    }
    out.count = lines;
    if (gaps) close_gaps(out, lines, fates_);
    return index_.list[index_.mark[lines]];
  }

  /// These two add to odd_ if it is in use (`odd`) and begin it else; true if they found any.
  bool mark_bad_utf8(const char* data, int lines, const Output& out, bool odd) {
    if (is_utf8(data, data + out.end[lines - 1])) [[likely]] return false;
    if (!odd) std::memset(odd_, 0, sizeof odd_);
    for (int r = 0; r != lines; ++r) odd_[r] |= !is_utf8(data + out.begin[r], data + out.end[r]);
    return true;
  }
  [[gnu::cold, gnu::noinline]] bool mark_long(int lines, const Output& out, bool odd) {
    if (!odd) std::memset(odd_, 0, sizeof odd_);
    for (int r = 0; r != lines; ++r) odd_[r] |= out.end[r] - out.begin[r] > state_.max_record;
    return true;
  }

  /// Reads the rows among open_[0, open) that have the shape; the others stay, and their new number is given.
  int take_shape(const JsonShape& shape, const char* data, int open, Output& out, Eval& ev) {
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

    for (const JsonShape::Value& v : shape.values) read_values(v, rows, out, ev);
    for (const JsonShape::Missing& m : shape.missing)
      with_field<Schema>(static_cast<std::size_t>(m.field), [&]<std::size_t I> { return fill_missing<I>(rows, m.record_there, out); });
    for (const JsonShape::Presence& p : shape.presences)
      with_field<Schema>(static_cast<std::size_t>(p.field), [&]<std::size_t I> { return fill_presence<I>(rows, p.there, out); });
    // Of this shape, but with a value that is none: left to the complete reader, which says why.
    drop_failed(rows, [](std::uint16_t) {});
    taken_ += rows.count;
    if (rows.count == static_cast<int>(index_.rows)) {
      std::fill_n(fates_, rows.count, Fate::good);
    } else {
      for (int k = 0; k != rows.count; ++k) fates_[rows.slot[k]] = Fate::good;
    }
    return left;
  }

  void read_values(const JsonShape::Value& v, Picked<Block>& rows, Output& out, Eval& ev) {
    using Kind = JsonShape::Kind;
    if (v.field >= 0) {
      with_field<Schema>(static_cast<std::size_t>(v.field), [&]<std::size_t I> { return read_field<I>(v, rows, out, ev); });
      return;
    }
    if (v.kind == Kind::quoted) return;
    if (v.kind == Kind::bare) return check_bare(rows, v.span);
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

  /// A value that nobody reads must be a number or a word all the same.
  void check_bare(Picked<Block>& rows, Span span) {
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

  template <std::size_t I>
  bool read_field(const JsonShape::Value& v, Picked<Block>& rows, Output& out, Eval& ev) {
    using F = FieldOf<Schema, I>;
    using W = typename F::Wire;
    if constexpr (!std::is_same_v<W, wire::Presence> && is_looked_at<Schema, I>) {
      const auto store = [&]([[maybe_unused]] std::uint16_t slot, [[maybe_unused]] const auto& value) {
        if constexpr (F::read) std::get<I>(Schema::fields).in(out.rows[slot]) = value;
      };
      if constexpr (!IsComposite<Plain<W>>::value) {
        if (v.kind == JsonShape::Kind::quoted) {
          read_column<W, Form::json_text>(rows, v.span, ev.arena, store);
          return true;
        }
        if (v.kind == JsonShape::Kind::bare) {
          read_column<W, Form::json_bare>(rows, v.span, ev.arena, store);
          return true;
        }
      }
      for (int k = 0; k != rows.count; ++k) {
        const std::int32_t begin = rows.at(k, v.span.begin), end = rows.at(k, v.span.end);
        JsonCursor c(rows.base + begin, rows.base + std::max(begin, end), ev.arena);
        typename W::Value value{};
        if (begin < end && JsonValue<W>::read(c, &value) && c.at_end()) {
          store(rows.slot[k], value);
        } else {
          rows.failed[k] = 1;
          rows.any_failed = true;
        }
      }
    }
    return true;
  }

  template <std::size_t I>
  bool fill_missing(Picked<Block>& rows, bool record_there, Output& out) {
    using F = FieldOf<Schema, I>;
    if constexpr (F::read && !std::is_same_v<typename F::Wire, wire::Presence>) {
      for (int k = 0; k != rows.count; ++k) {
        auto& member = std::get<I>(Schema::fields).in(out.rows[rows.slot[k]]);
        member = {};
        if constexpr (F::has_default) {
          if (record_there) member = std::get<I>(Schema::fields).standing_in();
        }
      }
    }
    return true;
  }
  template <std::size_t I>
  bool fill_presence(Picked<Block>& rows, bool there, Output& out) {
    if constexpr (FieldOf<Schema, I>::read && std::is_same_v<typename FieldOf<Schema, I>::Wire, wire::Presence>)
      for (int k = 0; k != rows.count; ++k) std::get<I>(Schema::fields).in(out.rows[rows.slot[k]]) = there;
    return true;
  }

  /// Learns the shape of line r if the complete reader likes it and nothing in it is unusual.
  [[gnu::cold, gnu::noinline]] bool learn_from(const char* data, int r, Output& out, Eval& ev) {
    if (credit_ == 0) return false;
    if (fates_[r] == Fate::open) {
      const std::size_t bad = out.bad.size();
      const bool good = record(data, out.begin[r], line_end(r), r, out, ev) == Fate::good;
      while (out.bad.size() != bad) out.bad.pop_back();
      if (!good) return false;
    }
    --credit_;
    JsonShape shape;
    if (!shape.learn(JsonSchema<Schema>::layout.tree, data + out.begin[r], data + out.end[r], data + line_end(r))) return false;
    if (shapes_.size() == kShapes) shapes_.pop_back();
    shapes_.insert(shapes_.begin(), std::move(shape));
    return true;
  }

  /// After a block with misses: learn another shape if many rows had none, rest if shapes do not help here.
  [[gnu::cold, gnu::noinline]] void adapt(const char* data, int lines, int hits, int open, Output& out, Eval& ev) {
    if (hits * 4 >= lines * 3) {
      credit_ = std::min(credit_ + 1, kCredit);
      cold_ = 0;
      rest_ = 16;
    } else if (hits * 4 < lines && ++cold_ >= kCold) {
      cold_ = kCold - 1;
      resting_ = rest_;
      rest_ = std::min(rest_ * 2, 1024);
      credit_ = std::max(credit_, 2);
    }
    if (open * 8 < lines) return;
    for (int i = 0; i != open; ++i) {
      if (fates_[open_[i]] != Fate::good) continue;
      learn_from(data, open_[i], out, ev);
      return;
    }
  }

  LineState state_;
  bool learning_ = true;
  int credit_ = kCredit;
  int cold_ = 0;
  int rest_ = 16;
  int resting_ = 0;
  std::vector<JsonShape> shapes_;
  Index index_;
  Picked<Block> picked_{};
  std::uint16_t open_[Block];
  /// Rows of the block that the short loops have read.
  int taken_ = 0;
  Fate fates_[Block];
  bool odd_[Block];
};

}  // namespace gress::decode
