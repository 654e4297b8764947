// Numbers to digits, written straight to where they go. Each writer returns the end; the caller has made room
// (kNumberRoom) and does not mind bytes being written behind the end, within that room.
#pragma once
#include <cstdint>
#include <cstring>

namespace gress::fn {

/// Room for any number of these types.
inline constexpr std::size_t kNumberRoom = 48;

/// "0000" to "9999".
struct FourDigits {
  char text[40000];
};
extern const FourDigits kFourDigits;

char* write_u64_large(char* to, std::uint64_t v);

/// v < 10000, without leading zeros.
inline char* write_small(char* to, std::uint32_t v) {
  std::uint32_t text;
  std::memcpy(&text, kFourDigits.text + 4 * v, 4);
  const std::uint32_t zeros = (v < 1000) + (v < 100) + (v < 10);
  text >>= 8 * zeros;
  std::memcpy(to, &text, 4);
  return to + (4 - zeros);
}
inline void write_2(char* to, std::uint32_t v) { std::memcpy(to, kFourDigits.text + 4 * v + 2, 2); }
inline void write_4(char* to, std::uint32_t v) { std::memcpy(to, kFourDigits.text + 4 * v, 4); }

inline char* write_u64(char* to, std::uint64_t v) {
  if (v < 10000) [[likely]]
    return write_small(to, static_cast<std::uint32_t>(v));
  return write_u64_large(to, v);
}
inline char* write_i64(char* to, std::int64_t v) {
  *to = '-';
  return write_u64(to + (v < 0),
                   v < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v));
}
__extension__ char* write_u128(char* to, unsigned __int128 v);

/// The shortest digits that read back the same; plain up to 21 digits, else with an exponent (as ECMAScript's
/// Number::toString: 0.000001, 1e-7, 1e21). "NaN", "Infinity", "-Infinity".
char* write_f64(char* to, double);
char* write_f32(char* to, float);

}  // namespace gress::fn
