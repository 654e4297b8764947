// `split` by one byte that the program says, where only some of the parts are read: found in one look at the first bytes of
// the text, with the instructions of the program's CPU. How many cuts there are is foreseen better than where they are.
#pragma once
#include <bit>
#include <cstdint>

#include "runtime/core/byte_bits.h"
#include "runtime/core/text_fn.h"
#include "runtime/core/text_part.h"

namespace gress::fn {
inline namespace GRESS_SIMD_LEVEL {

/// Parts of `split(x, kCut)` of which kWhich has the bits, as far as the last of these; the others are not there to be read.
template <char kCut, std::uint32_t kWhich>
inline List<Text> split_some(Eval& ev, const Text& x, Text (&parts)[std::bit_width(kWhich)]) {
  constexpr int kParts = std::bit_width(kWhich);
  const std::size_t size = x.size();
  if (size > Text::kInline) [[likely]] {
    const char* const begin = x.data();
    std::uint64_t cuts = bytes_equal(begin, size, kCut);
    if (std::popcount(cuts) >= kParts) [[likely]] {
      const char *const end = begin + size, *from = begin;
      for (int i = 0; i != kParts; ++i, cuts &= cuts - 1) {
        const char* const to = begin + std::countr_zero(cuts);
        if ((kWhich >> i & 1) != 0) parts[i] = text_part(from, static_cast<std::size_t>(to - from), end);
        from = to + 1;
      }
      return {parts, kParts};
    }
  }
  const char cut = kCut;
  return fn::split_some(ev, x, Text(&cut, 1), kWhich);
}

}  // namespace GRESS_SIMD_LEVEL
}  // namespace gress::fn
