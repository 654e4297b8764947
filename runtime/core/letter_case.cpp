#include "runtime/core/letter_case.h"

#include <algorithm>
#include <span>

#include "runtime/core/letter_case_table.h"

namespace gress::fn {

namespace {

char32_t mapped(std::span<const CaseRange> ranges, char32_t c) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), c, [](char32_t x, const CaseRange& r) { return x < r.first; });
  if (after == ranges.begin()) return c;
  const CaseRange& r = *(after - 1);
  if (c > r.last || (c - r.first) % static_cast<std::uint32_t>(r.step) != 0) return c;
  return static_cast<char32_t>(static_cast<std::int64_t>(c) + r.delta);
}

}  // namespace

char32_t small_letter(char32_t c) {
  if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
  return mapped(kToSmall, c);
}
char32_t capital_letter(char32_t c) {
  if (c < 0x80) return c >= U'a' && c <= U'z' ? c - 32 : c;
  return mapped(kToCapital, c);
}

}  // namespace gress::fn
