// CSV to rows. A block's line ends and separators are found in one pass; lines with the right number of them and
// nothing unusual are read in short loops, one a column, all others by the complete reader (csv_record.h), which is also
// the only one that explains.
#pragma once
#include "runtime/core/decode/column.h"
#include "runtime/core/decode/csv_record.h"
#include "runtime/core/decode/line_index.h"
#include "runtime/core/decode/lines.h"
#include "runtime/core/decode/utf8.h"
#include "runtime/core/eval.h"

namespace gress::decode {

/// What became of a header: consumed bytes, or why it does not fit. Neither: more bytes are wanted.
struct CsvHeader {
  std::size_t consumed = 0;
  std::string error;
  bool done = false;
};

/// Quick: with the short loops; without them far less is compiled (tables, which are read once).
template <class Schema, int Block = 128, bool Quick = true>
class CsvDecoder {
 public:
  using Row = typename Schema::Row;
  using Output = Decoded<Row, Block>;

  explicit CsvDecoder(std::size_t max_record = kMaxRecord) { state_.max_record = max_record; }
  /// Off: every line goes through the complete reader.
  void use_short_loops(bool yes) { quick_ = yes; }

  /// Takes the header line of an input (a byte order mark before it is skipped) and prepares for what follows. An input
  /// of no bytes has no header and no rows: done, nothing consumed.
  CsvHeader header(const char* data, std::size_t size, bool at_end) {
    state_.skipping = false;
    CsvHeader result;
    std::size_t at = 0;
    if (size < 3 && !at_end) return result;
    if (size >= 3 && std::memcmp(data, "\xef\xbb\xbf", 3) == 0) at = 3;
    while (at != size && (data[at] == '\n' || (data[at] == '\r' && at + 1 != size && data[at + 1] == '\n'))) ++at;
    if (at == size) {
      result.done = at_end;
      result.consumed = at_end ? size : 0;
      return result;
    }
    Arena arena;
    CsvRecord names;
    switch (names.split(data + at, data + size, at_end, arena)) {
      case CsvRecord::Outcome::unfinished:
        if (at_end) result.error = "the header has a quote that is never closed";
        else if (size > state_.max_record) result.error = "the header is longer than " + std::to_string(state_.max_record) + " bytes";
        return result;
      case CsvRecord::Outcome::bad:
        result.error = "the header: " + names.error;
        return result;
      case CsvRecord::Outcome::good: break;
    }
    std::vector<CsvWanted> wanted;
    for_each_field<Schema>([&]<std::size_t I> {
      using F = FieldOf<Schema, I>;
      wanted.push_back({std::get<I>(Schema::fields).path, is_looked_at<Schema, I>, !F::has_default && !is_optional<typename F::Wire>});
    });
    columns_ = match_columns(names.fields, wanted);
    result.error = columns_.error;
    if (!result.error.empty()) return result;
    count_ = static_cast<int>(names.fields.size());
    result.consumed = static_cast<std::size_t>(names.next - data);
    result.done = true;
    return result;
  }

  /// As JsonDecoder::decode. The header has been taken.
  std::size_t decode(const char* data, std::size_t size, bool at_end, Output& out, Eval& ev) {
    out.clear();
    std::size_t from = 0;
    if (state_.skipping) {
      bool enough;
      from = state_.leave_out(data, size, at_end, enough);
    }
    if (from == size) return from;
    std::size_t used = 0;
    if constexpr (Quick) {
      if (quick_ && count_ <= kMostColumns) {
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
    return from + used;
  }

 private:
  using Index = LineIndex<Block>;
  static constexpr int kMostColumns = 4000;

  /// One record by the complete reader, into rows[slot]; a bad one is noted with row = `row`. Sets record_.next; `open`
  /// if more bytes are wanted.
  Fate record(const char* data, std::size_t begin, std::size_t size, bool at_end, int slot, int row, Output& out, Eval& ev) {
    CsvRecord::Outcome outcome = record_.split(data + begin, data + size, at_end, ev.arena);
    const bool unfinished = outcome == CsvRecord::Outcome::unfinished;
    if (unfinished && !at_end && size - begin <= state_.max_record) return Fate::open;
    if (unfinished || static_cast<std::size_t>(record_.end - data) - begin > state_.max_record) return too_long(data, begin, size, row, out);
    const auto end = static_cast<std::size_t>(record_.end - data);
    if (end == begin) return Fate::blank;
    std::string error = std::move(record_.error);
    if (outcome == CsvRecord::Outcome::good && read_fields(out.rows[slot], ev, error)) {
      out.begin[slot] = static_cast<std::uint32_t>(begin);
      out.end[slot] = static_cast<std::uint32_t>(end);
      return Fate::good;
    }
    out.bad.push_back({begin, end, row, false, std::move(error)});
    return Fate::bad;
  }

  /// A record that is longer than allowed, or has a quote that is never closed. Its first line is the bad record, and
  /// the next one begins behind that, so that a stray quote costs a line and not what follows.
  [[gnu::cold, gnu::noinline]] Fate too_long(const char* data, std::size_t begin, std::size_t size, int row, Output& out) {
    const auto* found = static_cast<const char*>(std::memchr(data + begin, '\n', size - begin));
    std::size_t end = found == nullptr ? size : static_cast<std::size_t>(found - data);
    record_.next = found == nullptr ? data + size : found + 1;
    if (end != begin && data[end - 1] == '\r') --end;
    if (end - begin > state_.max_record) {
      state_.skipping = found == nullptr;
      out.bad.push_back({begin, begin + std::min(end - begin, kCutText), row, true, state_.too_long()});
    } else {
      const bool long_enough = size - begin > state_.max_record;
      out.bad.push_back({begin, end, row, false, long_enough ? "a quote is not closed within " + std::to_string(state_.max_record) + " bytes" : "a quote is never closed"});
    }
    return Fate::bad;
  }

  bool read_fields(Row& row, Eval& ev, std::string& error) {
    const std::size_t have = record_.fields.size();
    if (have != static_cast<std::size_t>(count_)) {
      error = "line has " + std::to_string(have) + (have == 1 ? " field" : " fields") + ", the header has " + std::to_string(count_);
      return false;
    }
    row = Row{};
    for (std::size_t c = 0; c != have; ++c) {
      const int field = columns_.field_of_column[c];
      if (field >= 0 && !with_field<Schema>(static_cast<std::size_t>(field), [&]<std::size_t I> { return read_field<I>(record_.fields[c], row, ev, error); }))
        return false;
    }
    fill_missing(row);
    return true;
  }

  template <std::size_t I>
  static bool read_field(const CsvField& f, Row& row, Eval& ev, std::string& error) {
    using F = FieldOf<Schema, I>;
    using W = typename F::Wire;
    using P = Plain<W>;
    if constexpr (is_looked_at<Schema, I> && !IsComposite<P>::value && !std::is_same_v<P, wire::Presence>) {
      typename W::Value value{};
      if (!(is_optional<W> && f.text.empty() && !f.quoted)) {
        typename P::Value plain{};
        const Misfit m = ValueReader<P>::template read<Form::csv>(f.text, ev.arena, plain);
        if (m != Misfit::none) {
          error = "field `" + std::string(std::get<I>(Schema::fields).path) + "`: " + misfit_text<W>(m, m == Misfit::range ? std::string(f.text.substr(0, 60)) : shown_text(f.text));
          return false;
        }
        value = plain;
      }
      if constexpr (F::read) std::get<I>(Schema::fields).in(row) = value;
    } else if constexpr (is_looked_at<Schema, I>) {
      error = "field `" + std::string(std::get<I>(Schema::fields).path) + "`: lists, maps and records have no CSV form";
      return false;
    }
    return true;
  }

  /// Defaults for the fields that have no column; the others are as Row{} has them.
  void fill_missing(Row& row) {
    for_each_field<Schema>([&]<std::size_t I> {
      using F = FieldOf<Schema, I>;
      if constexpr (F::read && F::has_default)
        if (columns_.column_of_field[I] < 0) std::get<I>(Schema::fields).in(row) = std::get<I>(Schema::fields).standing_in();
    });
  }

  /// Up to `most` records without an index.
  std::size_t each_record(const char* data, std::size_t size, bool at_end, int most, Output& out, Eval& ev) {
    std::size_t at = 0;
    for (int taken = 0; taken != most && at != size && !state_.skipping; ++taken) {
      const Fate fate = record(data, at, size, at_end, out.count, out.count, out, ev);
      if (fate == Fate::open) break;
      out.count += fate == Fate::good;
      at = static_cast<std::size_t>(record_.next - data);
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
    if (!odd && !carriage && count_ > 1 && state_.max_record >= Index::kBytes && index_.all_have(lines, count_)) {
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
      std::sort(out.bad.begin(), out.bad.end(), [](const BadRecord& a, const BadRecord& b) { return a.begin < b.begin; });
      close_gaps(out, lines, fates_);
    }
    return consumed;
  }

  /// Picks the lines that the short loops can take.
  void pick_usual(Picked<Block>& rows, const char* data, int lines, bool odd, const Output& out) {
    const std::uint32_t longest = static_cast<std::uint32_t>(std::min<std::size_t>(state_.max_record, Index::kBytes));
    int picked = 0;
    for (int r = 0; r != lines; ++r) {
      // A blank line's end may stand before its begin here.
      const std::uint32_t begin = out.begin[r], end = out.end[r];
      const std::uint32_t line_end = end + index_.carriage;
      const bool ends_alike = (data[line_end - (line_end != 0)] == '\r') == index_.carriage;
      const bool take = (index_.mark[r + 1] - index_.mark[r] == count_) & (end - begin - 1 < longest) & ends_alike & !(odd && odd_[r]);
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
        const int c = columns_.column_of_field[I];
        if (c >= 0) {
          Span span;
          span.begin = {static_cast<std::uint16_t>(c), 1};
          span.end = {static_cast<std::uint16_t>(c + 1), static_cast<std::int16_t>(carriage && c + 1 == count_ ? -1 : 0)};
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
  [[gnu::noinline]] bool unusual_lines(const char* data, std::size_t size, bool at_end, int& lines, std::size_t& consumed, Output& out, Eval& ev) {
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
      const auto next = static_cast<std::size_t>(record_.next - data);
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
  [[gnu::noinline]] bool failed_rows(Picked<Block>& rows, const char* data, Output& out, Eval& ev) {
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

  LineState state_;
  bool quick_ = true;
  int count_ = 0;
  CsvColumns columns_;
  CsvRecord record_;
  Index index_;
  Picked<Block> picked_{};
  Fate fates_[Block];
  bool odd_[Block];
};

}  // namespace gress::decode
