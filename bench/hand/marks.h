// Where the quotes and line ends of a block of JSON lines are, for records that all have as many of them.
#pragma once
#include <immintrin.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace hand {

template <int kMostRows, int kMarksARow>
struct Marks {
  static constexpr int kMarks = kMostRows * kMarksARow;
  std::uint16_t marks_[kMarks + 200];

  /// marks_[0] is 0; a mark is one more than its position, so that a row begins at the mark of the line end before it.
  int index(const char* p, const char* end) {
    const std::size_t size = static_cast<std::size_t>(end - p) < 65000 ? static_cast<std::size_t>(end - p) : 65000;
    alignas(64) static constexpr auto kCount = [] {
      std::array<std::uint8_t, 64> c{};
      for (int i = 0; i != 64; ++i) c[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
      return c;
    }();
    const __m512i numbers = _mm512_load_si512(kCount.data());
    __m512i high = _mm512_setzero_si512();
    __mmask64 odd = 0;
    int marks = 0, ends = 0;
    marks_[0] = 0;
    for (std::size_t at = 0; at < size && marks < kMarks; at += 64) {
      const __m512i v = _mm512_loadu_si512(p + at);
      const __mmask64 valid = size - at >= 64 ? ~__mmask64{0} : (__mmask64{1} << (size - at)) - 1;
      const __mmask64 line_ends = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\n')) & valid;
      const __mmask64 all = line_ends | (_mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"')) & valid);
      odd |= ((_mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(' ')) & ~line_ends) | _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\'))) & valid;
      high = _mm512_or_si512(high, v);
      const __m512i packed = _mm512_maskz_compress_epi8(all, numbers);
      const __m256i base = _mm256_set1_epi16(static_cast<short>(at + 1));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(marks_ + 1 + marks), _mm256_add_epi16(base, _mm256_cvtepu8_epi16(_mm512_castsi512_si128(packed))));
      const int n = std::popcount(all);
      if (n > 16) [[unlikely]] {
        const __m512i wide = _mm512_broadcast_i64x4(base);
        _mm512_storeu_si512(marks_ + 1 + marks, _mm512_add_epi16(wide, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(packed))));
        _mm512_storeu_si512(marks_ + 33 + marks, _mm512_add_epi16(wide, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(packed, 1))));
      }
      marks += n;
      ends += std::popcount(line_ends);
    }
    const int rows = (marks < kMarks ? marks : kMarks) / kMarksARow;
    for (int i = rows * kMarksARow + 1; i <= marks; ++i) ends -= p[marks_[i] - 1] == '\n';
    unsigned char last = 0;
    for (int r = 1; r <= rows; ++r) last |= static_cast<unsigned char>(p[marks_[r * kMarksARow] - 1] ^ '\n');
    return odd != 0 || _mm512_movepi8_mask(high) != 0 || last != 0 || ends != rows ? 0 : rows;
  }

  /// `piece` stands `before` bytes before mark `mark` of each row (which is one behind a quote).
  template <std::size_t N>
  bool piece(const char* p, int rows, int mark, int before, const char (&piece)[N]) const {
    constexpr std::uint32_t kMask = static_cast<std::uint32_t>((std::uint64_t{1} << (N - 1)) - 1);
    const char* q = p - before;
    if constexpr (N - 1 <= 16) {
      const __m128i bytes = _mm_maskz_loadu_epi8(kMask, piece);
      __mmask16 wrong = 0;
      for (int r = 0; r != rows; ++r)
        wrong |= _mm_mask_cmpneq_epi8_mask(kMask, _mm_loadu_si128(reinterpret_cast<const __m128i*>(q + marks_[r * kMarksARow + mark])), bytes);
      return wrong == 0;
    } else {
      const __m256i bytes = _mm256_maskz_loadu_epi8(kMask, piece);
      __mmask32 wrong = 0;
      for (int r = 0; r != rows; ++r)
        wrong |= _mm256_mask_cmpneq_epi8_mask(kMask, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(q + marks_[r * kMarksARow + mark])), bytes);
      return wrong == 0;
    }
  }
};

}  // namespace hand
