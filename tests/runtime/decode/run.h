// Decodes whole inputs the way a source does, in pieces of any size, and gathers all that comes out.
#pragma once
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/decode/csv_decoder.h"
#include "runtime/core/decode/json_array_decoder.h"
#include "runtime/core/decode/json_decoder.h"
#include "runtime/core/decode/text_decoder.h"

namespace gress::testing {

template <class Row>
struct Gathered {
  std::vector<Row> rows;
  /// What each row's range shows, with its offset in the input.
  std::vector<std::pair<std::size_t, std::string>> records;
  struct Bad {
    std::size_t offset;
    std::string text;
    std::string error;
    std::size_t rows_before;
    bool cut;
    friend bool operator==(const Bad&, const Bad&) = default;
  };
  std::vector<Bad> bad;
  std::string header_error;
  friend bool operator==(const Gathered&, const Gathered&) = default;
};

/// Rows refer to `evals` and to the copies of the input in `inputs`; keep both for as long as the rows.
struct Kept {
  std::vector<std::unique_ptr<Eval>> evals;
  std::vector<std::unique_ptr<char[]>> inputs;
};

/// `piece` bytes become visible at a time (0: all at once); what a decoder leaves is offered again with more. Each
/// call gets a copy of its bytes alone with 64 bytes of rubbish behind them, so that reads too far show.
template <class Decoder>
Gathered<typename Decoder::Row> gather(Decoder& decoder, std::string_view input, std::size_t piece, Kept& kept) {
  Gathered<typename Decoder::Row> all;
  auto out = std::make_unique<typename Decoder::Output>();
  std::size_t at = 0, seen = piece == 0 ? input.size() : std::min(piece, input.size());
  const auto copy = [&](char fill) {
    kept.inputs.push_back(std::make_unique<char[]>(seen - at + 64));
    char* bytes = kept.inputs.back().get();
    std::memcpy(bytes, input.data() + at, seen - at);
    std::memset(bytes + (seen - at), fill, 64);
    return bytes;
  };
  if constexpr (requires { decoder.header(nullptr, 0, false); }) {
    for (;;) {
      const decode::CsvHeader header = decoder.header(copy('"'), seen - at, seen == input.size());
      all.header_error = header.error;
      at = header.consumed;
      if (header.done || !header.error.empty()) break;
      if (seen == input.size()) break;
      seen = std::min(seen + std::max<std::size_t>(piece, 1), input.size());
    }
    if (!all.header_error.empty()) return all;
  }
  while (at != input.size()) {
    kept.evals.push_back(std::make_unique<Eval>());
    const bool at_end = seen == input.size();
    const char* bytes = copy(at % 2 != 0 ? '"' : '7');
    const std::size_t used = decoder.decode(bytes, seen - at, at_end, *out, *kept.evals.back());
    for (const decode::BadRecord& b : out->bad)
      all.bad.push_back({at + b.begin, std::string(bytes + b.begin, b.end - b.begin), b.error, all.rows.size() + static_cast<std::size_t>(b.row), b.cut});
    for (int i = 0; i != out->count; ++i) {
      all.rows.push_back(out->rows[i]);
      all.records.emplace_back(at + out->begin[i], std::string(bytes + out->begin[i], out->end[i] - out->begin[i]));
    }
    at += used;
    if (used == 0) {
      if (at_end) break;
      seen = std::min(seen + std::max<std::size_t>(piece, 1), input.size());
    }
  }
  return all;
}

}  // namespace gress::testing
