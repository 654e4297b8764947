// `format: json_array`: the elements of one top-level list as records. An element that is well-formed but no row is bad
// by itself; where the text stops being a list, what is left becomes one bad record, for nothing behind it can be told
// apart with certainty.
#pragma once
#include "runtime/core/decode/json_read.h"
#include "runtime/core/decode/lines.h"
#include "runtime/core/eval.h"

namespace gress::decode {

template <class Schema, int Block = kLibraryBlock>
class JsonArrayDecoder {
 public:
  using Row = typename Schema::Row;
  using Output = Decoded<Row, Block>;

  explicit JsonArrayDecoder(std::size_t max_record = kMaxRecord) { state_.max_record = max_record; }
  void begin_input() {
    state_.skipping = false;
    state_.beginning = true;
    place_ = Place::before;
  }
  /// Where it is between two records.
  template <class Io>
  void archive(Io& io) { io(state_, place_); }

  /// As JsonDecoder::decode.
  std::size_t decode(const char* data, std::size_t size, bool at_end, Output& out, Eval& ev) {
    out.clear();
    if (place_ == Place::lost) return size;
    std::size_t at = 0;
    if (place_ == Place::before) {
      bool enough;
      at = state_.leave_out(data, size, at_end, enough);
      if (!enough) return 0;
    }
    for (int taken = 0; taken != Block;) {
      while (at != size && is_space(data[at])) ++at;
      if (at == size) {
        if (at_end && place_ != Place::after) lose(size, size, "the list is not closed", out);
        return size;
      }
      const char c = data[at];
      switch (place_) {
        case Place::before:
          if (c != '[') return lose(at, size, "not a list", out);
          place_ = Place::first;
          ++at;
          continue;
        case Place::first:
        case Place::behind:
          if (c == ']') {
            place_ = Place::after;
            ++at;
            continue;
          }
          if (place_ == Place::behind) {
            if (c != ',') return lose(at, size, "expected `,` or `]` between elements", out);
            place_ = Place::element;
            ++at;
            continue;
          }
          [[fallthrough]];
        case Place::element: {
          // Whether an element is cut off by the end of the data or malformed is known once its end was looked for.
          const char* end = element_end(data + at, data + size);
          if (end == nullptr && !at_end) {
            if (size - at <= state_.max_record) return at;
            return lose(at, size, state_.too_long(), out);
          }
          JsonCursor value(data + at, end == nullptr ? data + size : end, ev.arena);
          if (!value.skip_value()) return lose(at, size, value.error, out);
          const std::size_t stop = static_cast<std::size_t>(value.p - data);
          std::string error;
          if (stop - at > state_.max_record) {
            add_bad(out.bad, at, at + kCutText, out.count, true, state_.too_long());
          } else if (read_json_record<Schema>(data + at, data + stop, out.rows[out.count], ev.arena, error)) {
            out.begin[out.count] = static_cast<std::uint32_t>(at);
            out.end[out.count++] = static_cast<std::uint32_t>(stop);
          } else {
            add_bad(out.bad, at, stop, out.count, false, std::move(error));
          }
          at = stop;
          place_ = Place::behind;
          ++taken;
          continue;
        }
        case Place::after: return lose(at, size, "text after the list", out);
        case Place::lost: return size;
      }
    }
    return at;
  }

 private:
  enum class Place : std::uint8_t { before, first, element, behind, after, lost };
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  std::size_t lose(std::size_t at, std::size_t size, std::string why, Output& out) {
    place_ = Place::lost;
    add_bad(out.bad, at, at + std::min(size - at, kCutText), out.count, size - at > kCutText, std::move(why));
    return size;
  }

  /// The end of the value at p by its brackets and quotes alone; nullptr if the data ends before it is certain.
  static const char* element_end(const char* p, const char* end) {
    int level = 0;
    bool bare = false;
    for (; p != end; ++p) {
      switch (*p) {
        case '"':
          for (++p; p != end && *p != '"'; ++p)
            if (*p == '\\' && ++p == end) return nullptr;
          if (p == end) return nullptr;
          if (level == 0) return p + 1;
          break;
        case '{':
        case '[': ++level; break;
        case '}':
        case ']':
          if (level == 0) return p;
          if (--level == 0) return p + 1;
          break;
        default:
          if (level != 0) break;
          if (bare && (*p == ',' || is_space(*p))) return p;
          bare = true;
      }
    }
    return nullptr;
  }

  LineState state_;
  Place place_ = Place::before;
};

}  // namespace gress::decode
