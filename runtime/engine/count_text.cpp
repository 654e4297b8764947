#include "runtime/engine/count_text.h"

#include <cstdio>

namespace gress::engine {

std::string grouped(std::uint64_t n) {
  std::string s = std::to_string(n);
  for (std::size_t i = s.size(); i > 3;) {
    i -= 3;
    s.insert(i, ",");
  }
  return s;
}

std::string short_count(double n) {
  static constexpr const char* kUnits[] = {"", " k", " M", " G", " T"};
  std::size_t unit = 0;
  while (n >= 999.95 && unit + 1 < std::size(kUnits)) {
    n /= 1000;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 || n >= 99.95 ? "%.0f" : "%.1f", n);
  return std::string(text) + kUnits[unit];
}

}  // namespace gress::engine
