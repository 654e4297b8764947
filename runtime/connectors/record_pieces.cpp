#include "runtime/connectors/record_pieces.h"

#include <algorithm>
#include <cstring>

#include "runtime/core/decode/csv_record.h"
#include "runtime/core/decode/decoded.h"

namespace gress {
namespace {

/// Read behind a piece at once, for its last record.
constexpr std::size_t kTail = 4 * 1024;

/// The first record of a piece that is loaded begins at `at`: where the first one behind the piece does. The file had more than
/// the piece when it was cut into pieces.
std::uint64_t behind(file::ByteReader& reader, const engine::Piece& piece, std::uint64_t at) {
  bool at_end = false;
  for (;;) {
    const std::span<const char> bytes = reader.bytes();
    if (const std::uint64_t end = piece.begin + bytes.size(); end < at || (at_end && end < piece.end)) reader.was_cut(std::max(at, piece.end));
    const char *const data = bytes.data(), *const end = data + bytes.size();
    const char* p = data + (at - piece.begin);
    const bool all = decode::pass_csv_records(p, std::min(data + (piece.end - piece.begin), end), end, at_end, decode::kMaxRecord);
    at = piece.begin + static_cast<std::uint64_t>(p - data);
    if (all) return at;
    const auto left = static_cast<std::size_t>(end - p);
    if (left > decode::kMaxRecord + 1 && std::memchr(p, '\n', left) == nullptr) return reader.cut_line(decode::kMaxRecord + 1);
    at_end = !reader.load_more(std::max(left, 2 * kTail));
  }
}

}  // namespace

void take_records(file::ByteReader& reader, engine::Pieces& pieces, const engine::Piece& piece, std::uint64_t header) {
  try {
    const bool last = piece.end == engine::Pieces::kEnd;
    if (!last) reader.load(piece.begin, piece.end - piece.begin + kTail);
    const std::uint64_t begin = std::max(pieces.first_record(piece.number), header);
    if (last) return reader.load_rest(begin);
    const std::uint64_t next = begin >= piece.end ? begin : behind(reader, piece, begin);
    pieces.tell_next(piece.number, next);
    if (begin >= piece.end) reader.take(0, 0);
    else reader.keep(begin, next);
  } catch (...) {
    pieces.give_up();
    throw;
  }
}

}  // namespace gress
