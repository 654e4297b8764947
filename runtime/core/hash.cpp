#include "runtime/core/hash.h"

#include <bit>

namespace gress::fn {

namespace {

std::uint64_t load8(const char* p) {
  std::uint64_t v;
  std::memcpy(&v, p, 8);
  return v;
}
std::uint64_t load4(const char* p) {
  std::uint32_t v;
  std::memcpy(&v, p, 4);
  return v;
}

// The constants of XXH64.
constexpr std::uint64_t kPrime1 = 0x9e3779b185ebca87, kPrime2 = 0xc2b2ae3d27d4eb4f, kPrime3 = 0x165667b19e3779f9,
                        kPrime4 = 0x85ebca77c2b2ae63, kPrime5 = 0x27d4eb2f165667c5;

std::uint64_t round_of(std::uint64_t sum, std::uint64_t word) { return std::rotl(sum + word * kPrime2, 31) * kPrime1; }
std::uint64_t merge(std::uint64_t sum, std::uint64_t lane) { return (sum ^ round_of(0, lane)) * kPrime1 + kPrime4; }

std::uint64_t xxh64(const char* p, std::size_t size) {
  const char* const end = p + size;
  std::uint64_t h;
  if (size >= 32) {
    std::uint64_t lanes[4] = {kPrime1 + kPrime2, kPrime2, 0, std::uint64_t{0} - kPrime1};
    for (; end - p >= 32; p += 32)
      for (int i = 0; i != 4; ++i) lanes[i] = round_of(lanes[i], load8(p + 8 * i));
    h = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (const std::uint64_t lane : lanes) h = merge(h, lane);
  } else {
    h = kPrime5;
  }
  h += size;
  for (; end - p >= 8; p += 8) h = std::rotl(h ^ round_of(0, load8(p)), 27) * kPrime1 + kPrime4;
  if (end - p >= 4) {
    h = std::rotl(h ^ load4(p) * kPrime1, 23) * kPrime2 + kPrime3;
    p += 4;
  }
  for (; p != end; ++p) h = std::rotl(h ^ static_cast<unsigned char>(*p) * kPrime5, 11) * kPrime1;
  h = (h ^ h >> 33) * kPrime2;
  h = (h ^ h >> 29) * kPrime3;
  return h ^ h >> 32;
}

}  // namespace

std::uint64_t hash_bytes(std::string_view x) {
  const char* p = x.data();
  const char* const end = p + x.size();
  std::uint64_t h = kHashA ^ x.size();
  if (x.size() < 16) {
    std::uint64_t words[2] = {0, 0};
    if (!x.empty()) std::memcpy(words, p, x.size());
    return combine(h, fold(words[0] ^ kHashA, words[1] ^ kHashB));
  }
  for (; end - p > 16; p += 16) h = fold(load8(p) ^ kHashB, load8(p + 8) ^ h);
  h = fold(load8(end - 16) ^ kHashB, load8(end - 8) ^ h);
  return fold(h ^ kHashC, x.size() ^ kHashA);
}

std::int64_t stable_hash(std::string_view bytes) {
  return static_cast<std::int64_t>(xxh64(bytes.data(), bytes.size()));
}
std::int64_t stable_hash(std::uint64_t word) {
  char bytes[8];
  std::memcpy(bytes, &word, 8);
  return stable_hash(std::string_view(bytes, 8));
}
std::int64_t stable_hash(Decimal x) {
  x = canonical(x);
  const Decimal::Wide c = x.coefficient();
  char bytes[17];
  std::memcpy(bytes, &c, 16);
  bytes[16] = static_cast<char>(x.scale());
  return stable_hash(std::string_view(bytes, 17));
}
std::int64_t stable_hash(Uuid x) {
  const std::uint64_t halves[2] = {__builtin_bswap64(x.hi), __builtin_bswap64(x.lo)};
  char bytes[16];
  std::memcpy(bytes, halves, 16);
  return stable_hash(std::string_view(bytes, 16));
}

}  // namespace gress::fn
