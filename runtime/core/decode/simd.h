// Sixty-four bytes at a time: comparisons to bit masks, and bit masks to lists of positions. The instruction set is the
// one that the translation unit is compiled for: AVX-512 with VBMI2, AVX2, SSE2, or plain C++.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__) && !defined(GRESS_DECODE_SCALAR)
#include <immintrin.h>
#if defined(__AVX2__) && defined(__BMI__) && defined(__BMI2__)
#define GRESS_AVX2 1
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512CD__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && \
    defined(__AVX512VBMI__) && defined(__AVX512VBMI2__)
#define GRESS_AVX512 1
#endif
#endif
#define GRESS_SSE2 1
#endif

/// Everything that depends on the instruction set lives in an inline namespace named after it, so that translation
/// units of several sets can be linked into one program.
#if defined(GRESS_AVX512)
#define GRESS_SIMD_LEVEL avx512
#elif defined(GRESS_AVX2)
#define GRESS_SIMD_LEVEL avx2
#elif defined(GRESS_SSE2)
#define GRESS_SIMD_LEVEL sse2
#else
#define GRESS_SIMD_LEVEL plain
#endif

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

/// Before a loop whose loads or stores are scattered: clang would gather them into wide registers, which costs more than
/// it saves.
#if defined(__clang__)
#define GRESS_ONE_BY_ONE _Pragma("clang loop vectorize(disable)")
#else
#define GRESS_ONE_BY_ONE
#endif

/// Stands in template arguments of members of classes that are the same for all instruction sets.
struct SimdLevel {};

inline std::uint64_t load64(const char* p) {
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}

#if defined(GRESS_AVX512)
struct Bytes64 {
  __m512i v;
  explicit Bytes64(const char* p) : v(_mm512_loadu_si512(p)) {}
  std::uint64_t equal(char c) const { return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(c)); }
  std::uint64_t below(char c) const { return _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(c)); }
  std::uint64_t high() const { return _mm512_movepi8_mask(v); }
  /// A quote, a carriage return or a NUL, told by the low half of a byte, which differs among them.
  std::uint64_t csv_odd() const {
    const __m512i expected = _mm512_broadcast_i32x4(_mm_setr_epi8(0, -1, '"', -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, '\r', -1, -1));
    return _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(expected, v), v);
  }
  /// Gathers high bits over many words.
  struct HighBits {
    __m512i all = _mm512_setzero_si512();
    void add(const Bytes64& b, std::uint64_t) { all = _mm512_or_si512(all, b.v); }
    bool any() const { return _mm512_movepi8_mask(all) != 0; }
  };
};
#elif defined(GRESS_AVX2)
struct Bytes64 {
  __m256i a, b;
  explicit Bytes64(const char* p)
      : a(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))),
        b(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32))) {}
  static std::uint64_t mask(__m256i a, __m256i b) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(a)) |
           static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(b))) << 32;
  }
  std::uint64_t equal(char c) const {
    const __m256i w = _mm256_set1_epi8(c);
    return mask(_mm256_cmpeq_epi8(a, w), _mm256_cmpeq_epi8(b, w));
  }
  std::uint64_t below(char c) const {
    const __m256i w = _mm256_set1_epi8(static_cast<char>(c - 1));
    return mask(_mm256_cmpeq_epi8(_mm256_min_epu8(a, w), a), _mm256_cmpeq_epi8(_mm256_min_epu8(b, w), b));
  }
  std::uint64_t high() const { return mask(a, b); }
  std::uint64_t csv_odd() const { return equal('"') | equal('\r') | equal('\0'); }
  struct HighBits {
    std::uint64_t all = 0;
    void add(const Bytes64& b, std::uint64_t valid) { all |= b.high() & valid; }
    bool any() const { return all != 0; }
  };
};
#elif defined(GRESS_SSE2)
struct Bytes64 {
  __m128i v[4];
  explicit Bytes64(const char* p) {
    for (int i = 0; i != 4; ++i) v[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
  }
  template <class F>
  std::uint64_t each(F f) const {
    std::uint64_t m = 0;
    for (int i = 0; i != 4; ++i) m |= static_cast<std::uint64_t>(_mm_movemask_epi8(f(v[i]))) << (16 * i);
    return m;
  }
  std::uint64_t equal(char c) const {
    const __m128i w = _mm_set1_epi8(c);
    return each([&](__m128i x) { return _mm_cmpeq_epi8(x, w); });
  }
  std::uint64_t below(char c) const {
    const __m128i w = _mm_set1_epi8(static_cast<char>(c - 1));
    return each([&](__m128i x) { return _mm_cmpeq_epi8(_mm_min_epu8(x, w), x); });
  }
  std::uint64_t high() const {
    return each([](__m128i x) { return x; });
  }
  std::uint64_t csv_odd() const { return equal('"') | equal('\r') | equal('\0'); }
  struct HighBits {
    std::uint64_t all = 0;
    void add(const Bytes64& b, std::uint64_t valid) { all |= b.high() & valid; }
    bool any() const { return all != 0; }
  };
};
#else
struct Bytes64 {
  const char* p;
  explicit Bytes64(const char* at) : p(at) {}
  template <class F>
  std::uint64_t each(F f) const {
    std::uint64_t m = 0;
    for (int i = 0; i != 64; ++i) m |= static_cast<std::uint64_t>(f(static_cast<unsigned char>(p[i]))) << i;
    return m;
  }
  std::uint64_t equal(char c) const {
    return each([c](unsigned char x) { return x == static_cast<unsigned char>(c); });
  }
  std::uint64_t below(char c) const {
    return each([c](unsigned char x) { return x < static_cast<unsigned char>(c); });
  }
  std::uint64_t high() const {
    return each([](unsigned char x) { return x >= 0x80; });
  }
  std::uint64_t csv_odd() const { return equal('"') | equal('\r') | equal('\0'); }
  struct HighBits {
    std::uint64_t all = 0;
    void add(const Bytes64& b, std::uint64_t valid) { all |= b.high() & valid; }
    bool any() const { return all != 0; }
  };
};
#endif

/// Writes `at` + the number of each set bit of `mask` to `to`, lowest first; up to 64 entries of room are written to,
/// the caller counts the bits.
inline void write_positions(std::uint64_t mask, std::uint16_t at, std::uint16_t* to) {
#if defined(GRESS_AVX512)
  alignas(64) static constexpr std::uint8_t kCount[64] = {
      0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
      32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  const __m512i packed = _mm512_maskz_compress_epi8(mask, _mm512_load_si512(kCount));
  const __m128i low = _mm512_castsi512_si128(packed);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_add_epi16(_mm256_set1_epi16(static_cast<short>(at)), _mm256_cvtepu8_epi16(low)));
  if (std::popcount(mask) <= 16) [[likely]] return;
  const __m512i base = _mm512_set1_epi16(static_cast<short>(at));
  _mm512_storeu_si512(to, _mm512_add_epi16(base, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(packed))));
  _mm512_storeu_si512(to + 32, _mm512_add_epi16(base, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(packed, 1))));
#else
  int left = std::popcount(mask);
  // Eight at a time without asking: the entries beyond the last bit are written over later.
  for (std::uint16_t* end = to + left; to < end; to += 8) {
    for (int i = 0; i != 8; ++i) {
      to[i] = static_cast<std::uint16_t>(at + std::countr_zero(mask));
      mask &= mask - 1;
    }
  }
#endif
}

/// The bits of `value` that stand where `mask` has ones, packed together.
inline std::uint64_t pack_bits(std::uint64_t value, std::uint64_t mask) {
#if defined(__BMI2__) && defined(GRESS_SSE2)
  return _pext_u64(value, mask);
#else
  std::uint64_t out = 0;
  for (std::uint64_t v = value & mask; v != 0; v &= v - 1) {
    const std::uint64_t below = (v & (~v + 1)) - 1;
    out |= std::uint64_t{1} << std::popcount(mask & below);
  }
  return out;
#endif
}

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
