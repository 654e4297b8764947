// The usual shape of a source's records, learned while running: the text between the values (names, punctuation, white
// space) and where the values stand, told from the record's quotes. With it a record is checked by a few comparisons,
// and every value is found without looking at what comes before it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/core/decode/path_tree.h"
#include "runtime/core/decode/spot.h"

namespace gress::decode {

struct JsonShape {
  /// Up to 32 bytes that stand in each record of this shape.
  struct Piece {
    static constexpr std::ptrdiff_t kBytes = 32;
    char bytes[kBytes];
    /// 0xff for each byte that counts.
    char ones[kBytes];
    std::uint32_t length;
    Spot at;
  };
  enum class Kind : std::uint8_t {
    quoted,   // text without escapes; the span is inside the quotes
    bare,     // a number, true, false or null
    other,    // a list, or an object that is read whole
    null_only // an optional record that is null
  };
  struct Value {
    Span span;
    Kind kind;
    /// The schema's field, -1 for one that is only checked.
    int field;
  };

  /// Quotes and line ends of a record.
  int entries = 0;
  std::vector<Piece> pieces;
  std::vector<Value> values;
  /// Fields that have no place in this shape; a default stands in only where the record around the field is there.
  struct Missing {
    int field;
    bool record_there;
  };
  std::vector<Missing> missing;
  /// Whether each optional record is there.
  struct Presence {
    int field;
    bool there;
  };
  std::vector<Presence> presences;

  /// Learns from a good record [begin, end) without escapes, whose line end is at `end` (or behind a carriage return
  /// there). False for one whose shape cannot be used (too many parts).
  bool learn(const PathTree& tree, const char* begin, const char* end, const char* line_end);
};

}  // namespace gress::decode
