// CSV to rows. A block's line ends and separators are found in one pass; lines with the right number of them and
// nothing unusual are read in short loops, one a column, all others by the complete reader (csv_reader.h), which is also
// the only one that explains.
#pragma once
#include "runtime/core/decode/column.h"
#include "runtime/core/decode/csv_reader.h"
#include "runtime/core/decode/line_index.h"
#include "runtime/core/decode/lines.h"
#include "runtime/core/decode/utf8.h"
#include "runtime/core/eval.h"

namespace gress::decode {

/// Quick: with the short loops; without them far less is compiled (tables, which are read once).
template <class Schema, int Block = kLibraryBlock, bool Quick = true>
class CsvDecoder {
 public:
  using Row = typename Schema::Row;
  using Output = Decoded<Row, Block>;

  explicit CsvDecoder(std::size_t max_record = kMaxRecord) : reader_(CsvLayout<Schema>::fields, max_record) {}
  /// Off: every line goes through the complete reader.
  void use_short_loops(bool yes) { quick_ = yes; }

  /// Takes the header line of an input (a byte order mark before it is skipped) and prepares for what follows. An input
  /// of no bytes has no header and no rows: done, nothing consumed.
  CsvHeader header(const char* data, std::size_t size, bool at_end) {
    unfinished_ = 0;
    return reader_.header(data, size, at_end);
  }

  /// Where it is between two records, its header apart.
  template <class Io>
  void archive(Io& io) { io(reader_.state); }

  /// As JsonDecoder::decode. The header has been taken.
  std::size_t decode(const char* data, std::size_t size, bool at_end, Output& out, Eval& ev) {
    out.clear();
    if (unfinished_ != 0 && lacks_end(data, size, at_end)) {
      unfinished_ = size;
      return 0;
    }
    unfinished_ = 0;
    std::size_t from = 0;
    if (reader_.state.skipping) {
      bool enough;
      from = reader_.state.leave_out(data, size, at_end, enough);
    }
    if (from == size) return from;
    std::size_t used = 0;
    if constexpr (Quick) {
      if (quick_ && reader_.column_count <= kMostColumns) {
        index_.template build<CsvLines>(data + from, size - from);
        used = index_.rows == 0 ? 0 : block(data + from, size - from, at_end, out, ev);
      }
    }
    if (used == 0 && out.bad.empty() && out.count == 0)
      used = each_record(data + from, size - from, at_end, Quick && quick_ ? 1 : Block, out, ev);
    if (from != 0) {
      for (int i = 0; i != out.count; ++i) {
        out.begin[i] += static_cast<std::uint32_t>(from);
        out.end[i] += static_cast<std::uint32_t>(from);
      }
      for (BadRecord& b : out.bad) b.begin += from, b.end += from;
    }
    if (from + used == 0) unfinished_ = size;
    return from + used;
  }

 private:
  /// A record that comes in many parts is not read anew for each: it ends no earlier than the next line.
  bool lacks_end(const char* data, std::size_t size, bool at_end) const {
    return !at_end && size >= unfinished_ && size <= reader_.state.max_record &&
           std::memchr(data + unfinished_, '\n', size - unfinished_) == nullptr;
  }

  using Index = LineIndex<Block>;
  static constexpr int kMostColumns = 4000;

  /// One record by the complete reader, into rows[slot]; a bad one is noted with row = `row`. `open` if more bytes are
  /// wanted.
  Fate record(const char* data, std::size_t begin, std::size_t size, bool at_end, int slot, int row, Output& out, Eval& ev) {
    out.rows[slot] = Row{};
    const Fate fate = reader_.record(data, begin, size, at_end, row, &out.rows[slot], out.bad, ev.arena);
    if (fate == Fate::good) {
      out.begin[slot] = static_cast<std::uint32_t>(begin);
      out.end[slot] = static_cast<std::uint32_t>(reader_.record_end() - data);
    }
    return fate;
  }

  /// Up to `most` records without an index.
  std::size_t each_record(const char* data, std::size_t size, bool at_end, int most, Output& out, Eval& ev) {
    std::size_t at = 0;
    for (int taken = 0; taken != most && at != size && !reader_.state.skipping; ++taken) {
      const Fate fate = record(data, at, size, at_end, out.count, out.count, out, ev);
      if (fate == Fate::open) break;
      out.count += fate == Fate::good;
      at = static_cast<std::size_t>(reader_.next() - data);
    }
    return at;
  }

  std::size_t block(const char* data, std::size_t size, bool at_end, Output& out, Eval& ev) {
    int lines = static_cast<int>(index_.rows);
    std::size_t consumed = index_.list[index_.mark[lines]];
    const bool carriage = index_.carriage;
    bool odd = index_.any_odd && index_.mark_odd(lines, odd_);
    for (int r = 0; r != lines; ++r) {
      out.begin[r] = index_.list[index_.mark[r]];
      out.end[r] = index_.list[index_.mark[r + 1]] - 1u - carriage;
    }
    if (index_.any_high && !is_utf8(data, data + consumed)) {
      if (!odd) std::memset(odd_, 0, sizeof odd_);
      odd = true;
      for (int r = 0; r != lines; ++r) odd_[r] |= !is_utf8(data + out.begin[r], data + index_.list[index_.mark[r + 1]]);
    }
    Picked<Block>& rows = picked_;
    rows.base = data - 1;
    rows.list = index_.list;
    if (!odd && !carriage && reader_.column_count > 1 && reader_.state.max_record >= Index::kBytes && index_.all_have(lines, reader_.column_count)) {
      rows.pick_all(lines, index_.mark);
      std::fill_n(fates_, lines, Fate::good);
    } else {
      pick_usual(rows, data, lines, odd, out);
    }
    int picked = rows.count;
    bool gaps = false;
    if (picked != lines) {
      gaps = unusual_lines(data, size, at_end, lines, consumed, out, ev);
      picked = keep_good(rows, picked, lines);
    }
    rows.count = picked;
    if (picked != 0) {
      read_columns(rows, carriage, out, ev);
      if (rows.any_failed) gaps |= failed_rows(rows, data, out, ev);
    }
    out.count = lines;
    if (gaps) {
      sort_bad(out.bad);
      close_gaps(out, lines, fates_);
    }
    return consumed;
  }

  /// Picks the lines that the short loops can take.
  void pick_usual(Picked<Block>& rows, const char* data, int lines, bool odd, const Output& out) {
    const std::uint32_t longest = static_cast<std::uint32_t>(std::min<std::size_t>(reader_.state.max_record, Index::kBytes));
    const int columns = reader_.column_count;
    int picked = 0;
    for (int r = 0; r != lines; ++r) {
      // A blank line's end may stand before its begin here.
      const std::uint32_t begin = out.begin[r], end = out.end[r];
      const std::uint32_t line_end = end + index_.carriage;
      const bool ends_alike = (data[line_end - (line_end != 0)] == '\r') == index_.carriage;
      const bool take = (index_.mark[r + 1] - index_.mark[r] == columns) & (end - begin - 1 < longest) & ends_alike & !(odd && odd_[r]);
      rows.first[picked] = index_.mark[r];
      rows.slot[picked] = static_cast<std::uint16_t>(r);
      fates_[r] = take ? Fate::good : Fate::open;
      picked += take;
    }
    rows.count = picked;
  }

  void read_columns(Picked<Block>& rows, bool carriage, Output& out, Eval& ev) {
    for_each_field<Schema>([&]<std::size_t I> {
      using F = FieldOf<Schema, I>;
      using W = typename F::Wire;
      if constexpr (is_looked_at<Schema, I> && !IsComposite<Plain<W>>::value && !std::is_same_v<Plain<W>, wire::Presence>) {
        const int c = reader_.columns.column_of_field[I];
        if (c >= 0) {
          Span span;
          span.begin = {static_cast<std::uint16_t>(c), 1};
          span.end = {static_cast<std::uint16_t>(c + 1), static_cast<std::int16_t>(carriage && c + 1 == reader_.column_count ? -1 : 0)};
          read_column<W, Form::csv>(rows, span, ev.arena, [&]([[maybe_unused]] std::uint16_t slot, [[maybe_unused]] const auto& value) {
            if constexpr (F::read) std::get<I>(Schema::fields).in(out.rows[slot]) = value;
          });
          return;
        }
      }
      if constexpr (F::read) {
        for (int k = 0; k != rows.count; ++k) {
          auto& member = std::get<I>(Schema::fields).in(out.rows[rows.slot[k]]);
          member = {};
          if constexpr (F::has_default) member = std::get<I>(Schema::fields).standing_in();
        }
      }
    });
  }

  /// The lines that the short loops do not take, in order, by the complete reader. A quoted field may reach over the
  /// lines behind its own; `lines` and `consumed` are set to where the block ends then.
  [[gnu::cold, gnu::noinline]] bool unusual_lines(const char* data, std::size_t size, bool at_end, int& lines, std::size_t& consumed, Output& out, Eval& ev) {
    bool gaps = false;
    for (int r = 0; r != lines; ++r) {
      if (fates_[r] != Fate::open) continue;
      const std::size_t begin = out.begin[r];
      const Fate fate = record(data, begin, size, at_end, r, r, out, ev);
      if (fate == Fate::open) {
        lines = r;
        consumed = begin;
        break;
      }
      fates_[r] = fate;
      gaps |= fate != Fate::good;
      const auto next = static_cast<std::size_t>(reader_.next() - data);
      while (r + 1 != lines && out.begin[r + 1] < next) {
        fates_[++r] = Fate::blank;
        gaps = true;
      }
      if (r + 1 == lines) consumed = next;
    }
    return gaps;
  }
  int keep_good(Picked<Block>& rows, int picked, int lines) {
    int kept = 0;
    for (int k = 0; k != picked; ++k) {
      if (rows.slot[k] >= lines || fates_[rows.slot[k]] != Fate::good) continue;
      rows.first[kept] = rows.first[k];
      rows.slot[kept++] = rows.slot[k];
    }
    return kept;
  }
  /// Rows in which a value was none: the complete reader says why.
  [[gnu::cold, gnu::noinline]] bool failed_rows(Picked<Block>& rows, const char* data, Output& out, Eval& ev) {
    bool gaps = false;
    for (int k = 0; k != rows.count; ++k) {
      if (!rows.failed[k]) continue;
      const int r = rows.slot[k];
      fates_[r] = record(data, out.begin[r], index_.list[index_.mark[r + 1]], false, r, r, out, ev);
      gaps |= fates_[r] != Fate::good;
    }
    rows.any_failed = false;
    std::memset(rows.failed, 0, sizeof rows.failed);
    return gaps;
  }

  CsvReader reader_;
  std::size_t unfinished_ = 0;  // bytes that were seen to hold no whole record
  bool quick_ = true;
  Index index_;
  Picked<Block> picked_{};
  Fate fates_[Block];
  bool odd_[Block];
};

}  // namespace gress::decode
