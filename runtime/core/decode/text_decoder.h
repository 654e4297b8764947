// Lines of text to rows of one string field.
#pragma once
#include "runtime/core/decode/lines.h"
#include "runtime/core/decode/schema.h"
#include "runtime/core/decode/text_value.h"
#include "runtime/core/decode/utf8.h"
#include "runtime/core/eval.h"

namespace gress::decode {

/// Ends a message of text, which may hold line ends itself: never part of UTF-8.
inline constexpr char kMessageEnd = '\xff';

/// `End` closes a record. Messages may be empty.
template <class Schema, int Block = kLibraryBlock, char End = '\n'>
class TextDecoder {
 public:
  using Row = typename Schema::Row;
  using Output = Decoded<Row, Block>;

  explicit TextDecoder(std::size_t max_record = kMaxRecord) { state_.max_record = max_record; }
  void begin_input() {
    state_.skipping = false;
    state_.beginning = true;
  }
  /// Where it is between two records.
  template <class Io>
  void archive(Io& io) { io(state_); }

  /// As JsonDecoder::decode. Blank lines are skipped; a line that is not valid UTF-8 or holds a NUL byte is bad.
  std::size_t decode(const char* data, std::size_t size, bool at_end, Output& out, Eval&) {
    static_assert(field_count<Schema> == 1, "the row type of a text source has one string field");
    out.clear();
    bool enough;
    std::size_t at = state_.leave_out(data, size, at_end, enough);
    if (!enough) return 0;
    for (int taken = 0; taken != Block && at != size; ++taken) {
      const auto* found = static_cast<const char*>(std::memchr(data + at, End, size - at));
      if (found == nullptr && !at_end) {
        if (size - at <= state_.max_record) break;
        add_bad(out.bad, at, at + std::min(size - at, kCutText), out.count, true, state_.too_long());
        state_.skipping = true;
        return size;
      }
      std::size_t end = found == nullptr ? size : static_cast<std::size_t>(found - data);
      const std::size_t next = found == nullptr ? size : end + 1;
      if (End == '\n' && end != at && data[end - 1] == '\r') --end;
      if (end != at || End != '\n') line(data, at, end, out);
      at = next;
    }
    return at;
  }

 private:
  void line(const char* data, std::size_t begin, std::size_t end, Output& out) {
    const char* p = data + begin;
    if (end - begin > state_.max_record) {
      add_bad(out.bad, begin, begin + std::min(end - begin, kCutText), out.count, true, state_.too_long());
    } else if (!is_utf8(p, data + end)) {
      add_bad(out.bad, begin, end, out.count, false, "line is not valid UTF-8");
    } else if (std::memchr(p, '\0', end - begin) != nullptr) {
      add_bad(out.bad, begin, end, out.count, false, "line holds a NUL byte");
    } else {
      if constexpr (FieldOf<Schema, 0>::read) {
        Text text;
        quick_text(p, static_cast<std::uint32_t>(end - begin), &text);
        std::get<0>(Schema::fields).in(out.rows[out.count]) = text;
      }
      out.begin[out.count] = static_cast<std::uint32_t>(begin);
      out.end[out.count++] = static_cast<std::uint32_t>(end);
    }
  }

  LineState state_;
};

}  // namespace gress::decode
