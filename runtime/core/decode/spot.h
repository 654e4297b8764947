// Places in a row, told from its separators.
#pragma once
#include <cstdint>

namespace gress::decode {

/// A byte of a row, found from its separators: list[first + entry] + offset.
struct Spot {
  std::uint16_t entry = 0;
  std::int16_t offset = 0;
};
/// From the first byte of a value to the one behind its last.
struct Span {
  Spot begin, end;
};

}  // namespace gress::decode
