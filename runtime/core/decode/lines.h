// What all line decoders share: the way through the data by lines, records that are too long, and what is at the end.
#pragma once
#include <algorithm>
#include <cstring>
#include <string>

#include "runtime/core/decode/decoded.h"

namespace gress::decode {

/// What became of a line of a block.
enum class Fate : std::uint8_t { open, good, bad, blank };

/// State between calls: whether the rest of a record that was too long is being passed over, and whether the data has
/// just begun (a byte order mark is skipped there).
struct LineState {
  std::size_t max_record = kMaxRecord;
  bool skipping = false;
  bool beginning = true;

  template <class Io>
  void archive(Io& io) { io(skipping, beginning); }

  /// Bytes to leave out before the first record: the rest of a record that was too long, or a byte order mark.
  /// `enough` is false when that cannot be told yet.
  std::size_t leave_out(const char* data, std::size_t size, bool at_end, bool& enough) {
    enough = true;
    if (skipping) {
      const void* found = std::memchr(data, '\n', size);
      if (found == nullptr) return size;
      skipping = false;
      return static_cast<std::size_t>(static_cast<const char*>(found) - data) + 1;
    }
    if (!beginning) return 0;
    if (size < 3 && !at_end && std::memcmp(data, "\xef\xbb\xbf", size) == 0) {
      enough = false;
      return 0;
    }
    beginning = false;
    return size >= 3 && std::memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  }

  [[gnu::cold]] std::string too_long() const;
};

/// What is rare about bad records, compiled once.
[[gnu::cold]] void add_bad(std::vector<BadRecord>& bad, std::size_t begin, std::size_t end, int row, bool cut, std::string error);
[[gnu::cold]] void sort_bad(std::vector<BadRecord>& bad);
/// `row` of each becomes the number of good ones among the lines before it.
[[gnu::cold]] void number_bad(std::vector<BadRecord>& bad, const Fate* fates);

/// Removes the lines that gave no row from `out`, whose first `lines` rows, begins and ends are by line. `row` of each
/// bad record is its line before, and the number of good rows before it afterwards.
template <class Row, int Block>
void close_gaps(Decoded<Row, Block>& out, int lines, const Fate* fates) {
  int kept = 0;
  for (int r = 0; r != lines; ++r) {
    if (fates[r] != Fate::good) continue;
    if (kept != r) {
      out.rows[kept] = out.rows[r];
      out.begin[kept] = out.begin[r];
      out.end[kept] = out.end[r];
    }
    ++kept;
  }
  out.count = kept;
  number_bad(out.bad, fates);
}

}  // namespace gress::decode
