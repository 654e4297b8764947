#pragma once
#include <cstdint>
#include <string>

namespace gress::engine {

/// "1,234,567"
std::string grouped(std::uint64_t n);
/// At most four characters and a unit: "17", "3.4 k", "59.1 M", "2.2 G".
std::string short_count(double n);

}  // namespace gress::engine
