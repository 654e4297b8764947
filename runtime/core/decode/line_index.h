// The first pass over a block: where its separators and line ends are, and where anything unusual is.
//
// Positions are counted from one byte before the block, so that entry 0 of `list`, always 0, is the line end before
// the first record. Record r lies between entries mark[r] and mark[r + 1] of `list`, both line ends; between them are
// the positions of its separators. A block ends after `max_rows` records, or at about 64 kB.
#pragma once
#include <array>

#include "runtime/core/decode/decoded.h"
#include "runtime/core/decode/simd.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

template <int Block>
struct LineIndex {
  /// Entries that a block may have; one more word of input never overflows `list`.
  static constexpr std::uint32_t kEntries = 16 * 1024;
  static constexpr std::uint32_t kBytes = 65536 - 128;

  std::uint32_t rows = 0;
  /// Bytes looked at.
  std::uint32_t bytes = 0;
  /// Lines end in CR LF, as the first one does; a carriage return elsewhere is unusual, and so is one missing (which is
  /// left to the reader of the line).
  bool carriage = false;
  /// Whether there was any unusual byte, and (perhaps) any with its high bit set.
  bool any_odd = false;
  bool any_high = false;
  std::uint16_t list[kEntries + 192];
  std::uint16_t mark[Block + 80];
  /// A bit for each byte that the short loops cannot take, 64 bytes a word.
  std::uint64_t odd[kBytes / 64 + 2];

  std::uint32_t row_begin(std::uint32_t r) const { return list[mark[r]] + 1u; }
  std::uint32_t row_end(std::uint32_t r) const { return list[mark[r + 1]]; }

  /// `Lines` says which bytes separate and which are unusual.
  template <class Lines>
  [[gnu::noinline]] void build(const char* data, std::size_t size) {
    const std::uint32_t limit = size < kBytes ? static_cast<std::uint32_t>(size) : kBytes;
    const auto* first = static_cast<const char*>(std::memchr(data, '\n', limit));
    carriage = first != nullptr && first != data && first[-1] == '\r';
#if defined(GRESS_AVX512)
    if (!carriage) return scan_plain<Lines>(data, limit);
#endif
    carriage ? scan<Lines, true>(data, limit) : scan<Lines, false>(data, limit);
  }

  /// Whether each of the first `lines` lines has as many entries.
  bool all_have(int lines, int entries) const {
    std::uint16_t different = 0;
    for (int r = 0; r != lines; ++r) different |= static_cast<std::uint16_t>((mark[r + 1] - mark[r]) ^ entries);
    return different == 0;
  }
  /// Marks the lines with unusual bytes among the first `lines`; false if there are none.
  [[gnu::noinline]] bool mark_odd(int lines, bool* to) const {
    std::memset(to, 0, static_cast<std::size_t>(lines));
    bool any = false;
    int r = 0;
    for (std::uint32_t w = 0; w * 64 < bytes; ++w) {
      for (std::uint64_t bits = odd[w]; bits != 0; bits &= bits - 1) {
        const std::uint32_t at = w * 64 + static_cast<std::uint32_t>(std::countr_zero(bits)) + 1;
        while (r != lines && row_end(static_cast<std::uint32_t>(r)) < at) ++r;
        if (r == lines) return any;
        to[r] = any = true;
      }
    }
    return any;
  }

 private:
#if defined(GRESS_AVX512)
  /// The same with less work a word: bytes are classed by one look-up (0x80: separator or line end; 1: unusual),
  /// and where unusual ones are is found in a second pass if there are any.
  template <class Lines>
  void scan_plain(const char* data, std::uint32_t limit) {
    static constexpr auto kClasses = [] {
      std::array<std::uint8_t, 128> classes{};
      for (int c = 0; c != 128; ++c) classes[static_cast<std::size_t>(c)] = Lines::class_of(static_cast<char>(c));
      return classes;
    }();
    const __m512i low_half = _mm512_loadu_si512(kClasses.data()), high_half = _mm512_loadu_si512(kClasses.data() + 64);
    __m512i seen = _mm512_setzero_si512(), seen_classes = _mm512_setzero_si512();
    std::uint32_t entries = 1, found = 0, at = 0;
    list[0] = 0;
    mark[0] = 0;
    const auto word = [&](std::uint64_t valid) {
      const __m512i v = _mm512_maskz_loadu_epi8(valid, data + at);
      // Bytes that are not valid were made NUL, which may be of a class; one with its high bit set is classed like the
      // one without, which for marks is put right here and for unusual ones in the second pass.
      const __m512i classes = _mm512_permutex2var_epi8(low_half, v, high_half);
      const std::uint64_t marks = _mm512_movepi8_mask(_mm512_andnot_si512(v, classes)) & valid;
      const std::uint64_t ends = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n'));
      seen = _mm512_or_si512(seen, v);
      seen_classes = _mm512_or_si512(seen_classes, _mm512_maskz_mov_epi8(valid, classes));
      write_positions(marks, static_cast<std::uint16_t>(at + 1), list + entries);
      note_ends<Lines>(ends, marks, entries, found);
      at += 64;
    };
    while (at + 64 <= limit && found < Block && entries < kEntries) word(~std::uint64_t{0});
    if (at < limit && found < Block && entries < kEntries) word((std::uint64_t{1} << (limit - at)) - 1);
    rows = found < Block ? found : Block;
    bytes = at < limit ? at : limit;
    any_high = _mm512_movepi8_mask(seen) != 0;
    any_odd = _mm512_test_epi8_mask(seen_classes, _mm512_set1_epi8(1)) != 0 && find_odd<Lines>(data, limit);
  }
  template <class Lines>
  [[gnu::noinline]] bool find_odd(const char* data, std::uint32_t limit) {
    std::uint64_t odd_seen = 0;
    for (std::uint32_t at = 0; at < bytes; at += 64) {
      const Bytes64 v(data + at);
      const std::uint64_t valid = limit - at >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (limit - at)) - 1;
      odd[at / 64] = Lines::template odd<false>(v, v.equal('\n'), 0) & valid;
      odd_seen |= odd[at / 64];
    }
    return odd_seen != 0;
  }
#endif

  /// The usual number of line ends is written without asking; what is too much is written over.
  template <class Lines>
  void note_ends(std::uint64_t ends, std::uint64_t marks, std::uint32_t& entries, std::uint32_t& found) {
    std::uint64_t ranks = pack_bits(ends, marks);
    const std::uint32_t lines = static_cast<std::uint32_t>(std::popcount(ends));
    for (std::uint32_t i = 1; i <= Lines::kUsualEnds; ++i, ranks &= ranks - 1)
      mark[found + i] = static_cast<std::uint16_t>(entries + static_cast<std::uint32_t>(std::countr_zero(ranks)));
    if (lines > Lines::kUsualEnds) [[unlikely]] {
      for (std::uint32_t i = Lines::kUsualEnds + 1; i <= lines; ++i, ranks &= ranks - 1)
        mark[found + i] = static_cast<std::uint16_t>(entries + static_cast<std::uint32_t>(std::countr_zero(ranks)));
    }
    found += lines;
    entries += static_cast<std::uint32_t>(std::popcount(marks));
  }

  template <class Lines, bool crlf>
  void scan(const char* data, std::uint32_t limit) {
    std::uint32_t entries = 1, found = 0, at = 0;
    std::uint64_t odd_seen = 0;
    Bytes64::HighBits high_seen;
    list[0] = 0;
    mark[0] = 0;
    const auto word = [&](std::uint64_t valid) {
      const Bytes64 v(data + at);
      const std::uint64_t ends = v.equal('\n') & valid;
      const std::uint64_t marks = (Lines::separators(v) & valid) | ends;
      const std::uint64_t before_end = crlf ? ends >> 1 | static_cast<std::uint64_t>(data[at + 64] == '\n') << 63 : 0;
      const std::uint64_t odd_here = Lines::template odd<crlf>(v, ends, before_end) & valid;
      odd[at / 64] = odd_here;
      odd_seen |= odd_here;
      high_seen.add(v, valid);
      write_positions(marks, static_cast<std::uint16_t>(at + 1), list + entries);
      note_ends<Lines>(ends, marks, entries, found);
      at += 64;
    };
    while (at + 64 <= limit && found < Block && entries < kEntries) word(~std::uint64_t{0});
    if (at < limit && found < Block && entries < kEntries) word(limit - at >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << (limit - at)) - 1);
    rows = found < Block ? found : Block;
    bytes = at < limit ? at : limit;
    any_odd = odd_seen != 0;
    any_high = high_seen.any();
  }
};

/// Quoted fields, NUL and stray carriage returns go the complete way.
struct CsvLines {
  static constexpr std::uint32_t kUsualEnds = 2;
  static constexpr std::uint8_t class_of(char c) {
    return c == ',' || c == '\n' ? 0x80 : c == '"' || c == '\r' || c == '\0' ? 1 : 0;
  }
  static std::uint64_t separators(const Bytes64& v) { return v.equal(','); }
  template <bool crlf>
  static std::uint64_t odd(const Bytes64& v, std::uint64_t, std::uint64_t before_end) {
    return crlf ? v.csv_odd() & ~(v.equal('\r') & before_end) : v.csv_odd();
  }
};

/// Escapes and control characters go the complete way.
struct JsonLines {
  static constexpr std::uint32_t kUsualEnds = 1;
  static constexpr std::uint8_t class_of(char c) {
    return c == '"' || c == '\n' ? 0x80 : c == '\\' || c < ' ' ? 1 : 0;
  }
  static std::uint64_t separators(const Bytes64& v) { return v.equal('"'); }
  template <bool crlf>
  static std::uint64_t odd(const Bytes64& v, std::uint64_t ends, std::uint64_t before_end) {
    const std::uint64_t fine = crlf ? ends | (v.equal('\r') & before_end) : ends;
    return v.equal('\\') | (v.below(' ') & ~fine);
  }
};

extern template struct LineIndex<kLibraryBlock>;
extern template void LineIndex<kLibraryBlock>::build<JsonLines>(const char*, std::size_t);
extern template void LineIndex<kLibraryBlock>::build<CsvLines>(const char*, std::size_t);

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
