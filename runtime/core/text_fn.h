// Functions of text. Text is UTF-8 and is counted in code points; bytes that are no UTF-8 are kept as they are. Results
// that are a part of their argument are views of it.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#include "runtime/core/convert.h"
#include "runtime/core/eval.h"
#include "runtime/core/letter_bits.h"
#include "runtime/core/list_fn.h"
#include "runtime/core/value.h"

namespace gress::fn {

/// Bytes of a word that continue a code point.
inline int continuations(std::uint64_t word) { return std::popcount(word & 0x8080808080808080u & ~(word << 1)); }
std::int64_t length_long(std::string_view);

/// Code points.
inline std::int64_t length(Eval&, const Text& x) {
  // The bytes behind an inline text, its count among them, are below 0x80.
  if (x.is_inline()) [[likely]]
    return static_cast<std::int64_t>(x.size()) - continuations(x.lo()) - continuations(x.hi());
  return length_long(x.view());
}
/// Bytes.
inline std::int64_t length(Eval&, const Bytes& x) { return static_cast<std::int64_t>(x.raw.size()); }

Text lower_any(Eval&, const Text&);
Text upper_any(Eval&, const Text&);
/// Short ASCII text stays in its registers.
inline Text change_case(Eval& ev, const Text& x, char first, Text (*any)(Eval&, const Text&)) {
  if (!x.is_inline() || ((x.lo() | x.hi()) & kHighBits) != 0) [[unlikely]] return any(ev, x);
  return Text::from_words(x.lo() ^ letter_bits(x.lo(), first), x.hi() ^ letter_bits(x.hi(), first));
}
inline Text lower(Eval& ev, const Text& x) { return change_case(ev, x, 'A', lower_any); }
inline Text upper(Eval& ev, const Text& x) { return change_case(ev, x, 'a', upper_any); }
/// Without Unicode white space at both ends.
Text trim(Eval&, const Text&);

inline bool contains(Eval&, const Text& x, const Text& part) {
  return memmem(x.data(), x.size(), part.data(), part.size()) != nullptr;
}
inline bool starts_with(Eval&, const Text& x, const Text& prefix) {
  return x.size() >= prefix.size() && std::memcmp(x.data(), prefix.data(), prefix.size()) == 0;
}
inline bool ends_with(Eval&, const Text& x, const Text& suffix) {
  return x.size() >= suffix.size() &&
         std::memcmp(x.data() + x.size() - suffix.size(), suffix.data(), suffix.size()) == 0;
}

/// `count` code points from `start` (from 0), as many as there are; negative values are row errors.
Text substring(Eval&, const Text& x, std::int64_t start, std::int64_t count);

/// Every occurrence from the left; an empty `what` occurs nowhere.
Text replace(Eval&, const Text& x, const Text& what, const Text& by);

/// One part more than there are separators, so that empty text is one empty part; an empty separator does not cut.
List<Text> split(Eval&, const Text& x, const Text& separator);
/// The same as far as the last part of which `which` has the bit is; only parts that have it are there to be read.
List<Text> split_some(Eval&, const Text& x, const Text& separator, std::uint32_t which);
Text join(Eval&, const List<Text>& parts, const Text& separator);

}  // namespace gress::fn
