// Uuids and bytes as text, written straight to where they go; each writer returns the end.
#pragma once
#include <cstddef>
#include <string_view>

#include "runtime/core/value.h"

namespace gress::fn {

inline constexpr std::size_t kUuidRoom = 36;
/// 8-4-4-4-12 hexadecimal digits in small letters (RFC 4122).
char* write_uuid(char* to, Uuid);

constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }
/// RFC 4648 with padding.
char* write_base64(char* to, std::string_view bytes);

}  // namespace gress::fn
