// Comparing the fixed text of a block's records with a shape's, one short loop a piece.
#pragma once
#include <algorithm>

#include "runtime/core/decode/column.h"
#include "runtime/core/decode/json_shape.h"

namespace gress::decode {
inline namespace GRESS_SIMD_LEVEL {

#if defined(GRESS_AVX2)
/// Loads of one width and their comparison with a piece; `Wide` says which.
struct Wide16 {
  using Vector = __m128i;
  static Vector load(const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
  static Vector difference(Vector a, Vector bytes, Vector mask) { return _mm_and_si128(_mm_xor_si128(a, bytes), mask); }
  static Vector either(Vector a, Vector b) { return _mm_or_si128(a, b); }
  static bool none(Vector a) { return _mm_testz_si128(a, a) != 0; }
};
struct Wide32 {
  using Vector = __m256i;
  static Vector load(const char* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static Vector difference(Vector a, Vector bytes, Vector mask) { return _mm256_and_si256(_mm256_xor_si256(a, bytes), mask); }
  static Vector either(Vector a, Vector b) { return _mm256_or_si256(a, b); }
  static bool none(Vector a) { return _mm256_testz_si256(a, a) != 0; }
};

/// `place(k)` is where the piece stands in row k.
template <class Wide, int Block, class Place>
void compare_piece(Picked<Block>& rows, const JsonShape::Piece& piece, Place place) {
  const typename Wide::Vector bytes = Wide::load(piece.bytes), mask = Wide::load(piece.ones);
  typename Wide::Vector all = Wide::difference(bytes, bytes, mask);
  for (int k = 0, n = rows.count; k != n; ++k) all = Wide::either(all, Wide::difference(Wide::load(place(k)), bytes, mask));
  if (Wide::none(all)) [[likely]] return;
  for (int k = 0, n = rows.count; k != n; ++k) rows.failed[k] |= !Wide::none(Wide::difference(Wide::load(place(k)), bytes, mask));
  rows.any_failed = true;
}
#endif

/// Marks as failed the rows that do not have the piece's bytes. `last` is the highest position that may be looked at.
template <int Block>
void check_piece(Picked<Block>& rows, const JsonShape::Piece& piece, std::int32_t last) {
  const char* base = rows.base;
  const std::uint16_t* list = rows.list + piece.at.entry;
  const std::int32_t offset = piece.at.offset;
#if defined(GRESS_AVX2)
  const auto compare = [&](auto place) {
    if (piece.length <= 16) return compare_piece<Wide16>(rows, piece, place);
    compare_piece<Wide32>(rows, piece, place);
  };
#else
  const auto compare = [&](auto place) {
    for (int k = 0, n = rows.count; k != n; ++k) {
      if (std::memcmp(place(k), piece.bytes, piece.length) == 0) continue;
      rows.failed[k] = 1;
      rows.any_failed = true;
    }
  };
#endif
  // Marks only grow: mark e stands at e or behind, so near enough to it no row leads outside; further away a row of
  // another shape may, and is held inside the block.
  if (piece.at.entry + offset >= 1 && offset <= 64 - JsonShape::Piece::kBytes) return compare([&](int k) { return base + offset + list[rows.first[k]]; });
  compare([&](int k) { return base + std::clamp<std::int32_t>(list[rows.first[k]] + offset, 1, last); });
}

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::decode
