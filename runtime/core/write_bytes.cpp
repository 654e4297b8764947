#include "runtime/core/write_bytes.h"

namespace gress::fn {

char* write_uuid(char* to, Uuid u) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (int i = 0; i != 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) *to++ = '-';
    *to++ = kHex[(i < 16 ? u.hi >> (60 - 4 * i) : u.lo >> (124 - 4 * i)) & 15];
  }
  return to;
}

char* write_base64(char* to, std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3, to += 4) {
    const std::uint32_t v = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    to[0] = kDigits[v >> 18];
    to[1] = kDigits[v >> 12 & 63];
    to[2] = kDigits[v >> 6 & 63];
    to[3] = kDigits[v & 63];
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return to;
  const std::uint32_t v = byte(i) << 16 | (left == 2 ? byte(i + 1) << 8 : 0);
  to[0] = kDigits[v >> 18];
  to[1] = kDigits[v >> 12 & 63];
  to[2] = left == 2 ? kDigits[v >> 6 & 63] : '=';
  to[3] = '=';
  return to + 4;
}

}  // namespace gress::fn
