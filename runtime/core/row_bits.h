// Rows of a block as bits: which of them have a property, 64 at a time.
#pragma once
#include <bit>
#include <cstdint>

#include "runtime/core/block.h"
#include "runtime/core/decode/simd.h"

namespace gress {
inline namespace GRESS_SIMD_LEVEL {

/// A set of rows of one block.
struct RowBits {
  static constexpr int kWords = (kBlock + 63) / 64;
  std::uint64_t words[kWords];

  /// Rows [begin, end).
  static RowBits between(int begin, int end) {
    RowBits b;
    for (int w = 0; w != kWords; ++w) b.words[w] = below(end - w * 64) & ~below(begin - w * 64);
    return b;
  }
  static RowBits only(int row) { return between(row, row + 1); }

  bool any() const {
    std::uint64_t all = 0;
    for (const std::uint64_t word : words) all |= word;
    return all != 0;
  }
  bool has(int row) const { return (words[row / 64] >> (row % 64) & 1) != 0; }
  /// The lowest row; there is one.
  int first() const {
    int w = 0;
    while (words[w] == 0) ++w;
    return w * 64 + std::countr_zero(words[w]);
  }
  RowBits operator&(const RowBits& o) const {
    RowBits b;
    for (int w = 0; w != kWords; ++w) b.words[w] = words[w] & o.words[w];
    return b;
  }
  void remove(const RowBits& o) {
    for (int w = 0; w != kWords; ++w) words[w] &= ~o.words[w];
  }
  void add(const RowBits& o) {
    for (int w = 0; w != kWords; ++w) words[w] |= o.words[w];
  }
  /// Writes the rows' numbers, lowest first, and gives how many they are; there is room for 64 more.
  int write(std::uint16_t* to) const {
    int n = 0;
    for (int w = 0; w != kWords; ++w) {
      decode::write_positions(words[w], static_cast<std::uint16_t>(w * 64), to + n);
      n += std::popcount(words[w]);
    }
    return n;
  }

 private:
  static std::uint64_t below(int n) { return n <= 0 ? 0 : n >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1; }
};

/// Numbers x with begin <= x < end.
struct Interval64 {
  std::int64_t begin, end;
  bool has(std::int64_t x) const { return (x >= begin) & (x < end); }
};

/// Of the rows in `among` those whose `a` lies in `in_a` and whose `b` lies in `in_b`; without `b` only the first.
inline RowBits rows_inside(const RowBits& among, const std::int64_t* a, Interval64 in_a, const std::int64_t* b, Interval64 in_b) {
  RowBits found;
  for (int w = 0; w != RowBits::kWords; ++w, a += 64) {
    const std::uint64_t valid = among.words[w];
    std::uint64_t bits = 0;
    if (valid != 0) {
#if defined(GRESS_AVX512)
      for (int k = 0; k < 64; k += 8) {
        auto m = static_cast<__mmask8>(valid >> k);
        const __m512i x = _mm512_maskz_loadu_epi64(m, a + k);
        m = _mm512_mask_cmpge_epi64_mask(m, x, _mm512_set1_epi64(in_a.begin));
        m = _mm512_mask_cmplt_epi64_mask(m, x, _mm512_set1_epi64(in_a.end));
        if (b != nullptr) {
          const __m512i y = _mm512_maskz_loadu_epi64(m, b + w * 64 + k);
          m = _mm512_mask_cmpge_epi64_mask(m, y, _mm512_set1_epi64(in_b.begin));
          m = _mm512_mask_cmplt_epi64_mask(m, y, _mm512_set1_epi64(in_b.end));
        }
        bits |= static_cast<std::uint64_t>(m) << k;
      }
#else
      const int rows = kBlock - w * 64 < 64 ? kBlock - w * 64 : 64;
      for (int k = 0; k < rows; ++k) {
        const bool in = in_a.has(a[k]) && (b == nullptr || in_b.has(b[w * 64 + k]));
        bits |= static_cast<std::uint64_t>(in) << k;
      }
      bits &= valid;
#endif
    }
    found.words[w] = bits;
  }
  return found;
}

/// A byte for each row of a block, to be looked at 64 at a time.
using RowBytes = std::uint8_t[RowBits::kWords * 64];

/// Of the first `count` rows those whose byte is this.
inline RowBits rows_equal(const RowBytes& bytes, int count, std::uint8_t byte) {
  RowBits found = RowBits::between(0, count);
  for (int w = 0; w != RowBits::kWords; ++w) {
    std::uint64_t bits = 0;
#if defined(GRESS_AVX512)
    bits = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(bytes + w * 64), _mm512_set1_epi8(static_cast<char>(byte)));
#else
    for (int k = 0; k != 64; ++k) bits |= static_cast<std::uint64_t>(bytes[w * 64 + k] == byte) << k;
#endif
    found.words[w] &= bits;
  }
  return found;
}

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress
