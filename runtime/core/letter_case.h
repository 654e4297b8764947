// Capital and small letters: the simple case mappings of Unicode, one code point to one.
#pragma once
#include <cstdint>

namespace gress::fn {

/// The code point itself where it has no other case.
char32_t small_letter(char32_t);
char32_t capital_letter(char32_t);

}  // namespace gress::fn
