// Parts of a text as Texts of their own: a short part is sixteen bytes of the whole and a mask, without a branch on its
// length; nothing outside the whole is read.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>

#include "runtime/core/text.h"

namespace gress::fn {

/// The first `size` of 16 bytes: of a whole inline text.
inline constexpr auto kFirstBytes = [] {
  std::array<std::array<std::uint64_t, 2>, 16> masks{};
  for (std::size_t size = 0; size != 16; ++size)
    for (std::size_t i = 0; i != size; ++i) masks[size][i / 8] |= std::uint64_t{0xff} << (8 * (i % 8));
  return masks;
}();

/// The `size` bytes at `from`, of a text that ends at `end`.
inline Text text_part(const char* from, std::size_t size, const char* end) {
  if (size > Text::kInline || end - from < 16) return Text(from, size);
  std::uint64_t words[2];
  std::memcpy(words, from, 16);
  return Text::from_words(words[0] & kFirstBytes[size][0], (words[1] & kFirstBytes[size][1]) | std::uint64_t{size} << 56);
}

}  // namespace gress::fn
