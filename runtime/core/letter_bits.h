// ASCII letters of eight bytes at once.
#pragma once
#include <cstdint>

namespace gress::fn {

inline constexpr std::uint64_t kHighBits = 0x8080808080808080u;

/// 0x20 in every ASCII byte of `word` that lies in [first, first + 25].
constexpr std::uint64_t letter_bits(std::uint64_t word, char first) {
  constexpr std::uint64_t kEach = 0x0101010101010101u;
  const std::uint64_t low = word & ~kHighBits;
  const std::uint64_t from = low + kEach * (0x80 - static_cast<unsigned char>(first));
  const std::uint64_t beyond = low + kEach * (0x80 - static_cast<unsigned char>(first) - 26);
  return ((from ^ beyond) & kHighBits & ~word) >> 2;
}

}  // namespace gress::fn
