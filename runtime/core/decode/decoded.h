// What a decoder hands out: up to `Block` rows and the records that could not be read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace gress::decode {

/// A record that is no row. Its bytes are [begin, end) of the data given to decode(), without the line end.
struct BadRecord {
  std::size_t begin = 0;
  std::size_t end = 0;
  /// How many good rows of this call came before it.
  int row = 0;
  /// The range is only the beginning of the record, which was longer than the limit.
  bool cut = false;
  /// Lower case, no full stop.
  std::string error;
  /// Of a union: well-formed, but its tag is missing or none of the union's.
  bool unknown = false;
};

/// Rows of the blocks for which the decoders of the library are compiled, those of programs (kBlock).
inline constexpr int kLibraryBlock = 128;

/// What is known of a block's records, whatever their rows are.
template <int Block>
struct DecodedLines {
  int count = 0;
  /// Where each row's record was, relative to the data given to decode(), without the line end.
  std::uint32_t begin[Block];
  std::uint32_t end[Block];
  std::vector<BadRecord> bad;

  void clear() {
    count = 0;
    bad.clear();
  }
};

template <class Row, int Block>
struct Decoded : DecodedLines<Block> {
  Row rows[Block];
};

/// Longest record taken by default; a longer one is bad, and its first kCutText bytes are shown.
inline constexpr std::size_t kMaxRecord = std::size_t{64} << 20;
inline constexpr std::size_t kCutText = 1024;

}  // namespace gress::decode
