// UTF-8, one code point at a time, and how wide a terminal shows it.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace gress::dsl {

/// What decode gives for a byte that is no well-formed UTF-8 (overlong forms, surrogates and lone bytes included).
inline constexpr char32_t invalid_utf8 = 0xFFFFFFFF;

/// The code point that starts at `at` (< text.size()); moves `at` behind it. A bad byte gives `invalid_utf8`
/// and moves by one.
char32_t decode_utf8(std::string_view text, std::size_t& at);

/// Appends a code point (a Unicode scalar value) as UTF-8.
void append_utf8(std::string& out, char32_t c);

/// Columns of a terminal: 0 for combining marks and joiners, 2 for East Asian wide and emoji, else 1.
int display_width(char32_t c);

/// Controls that reorder the text around them (U+202A–202E, U+2066–2069): what is seen is not what is read.
bool is_bidi_control(char32_t c);

/// The text with every bad byte replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

}  // namespace gress::dsl
