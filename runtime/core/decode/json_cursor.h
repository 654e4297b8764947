// A place in JSON text, and the first thing that was wrong with it. Tokens and well-formedness only; types are read by
// json_read.h. The text is checked exactly (RFC 8259) and must be valid Unicode: no ill-formed UTF-8, no escape that
// is half of a surrogate pair. 64 bytes beyond `end` are readable.
#pragma once
#include <string>
#include <string_view>

#include "runtime/core/decode/simd.h"
#include "runtime/core/eval.h"

namespace gress::decode {

/// Nesting that is read; deeper text is an error, so that no input can exhaust the stack.
inline constexpr int kMaxDepth = 1024;

/// The contents of a JSON string as they stand, between its quotes.
struct RawString {
  std::string_view text;
  bool escaped;
};

class JsonCursor {
 public:
  JsonCursor(const char* begin, const char* end, Arena& arena) : p(begin), begin(begin), end(end), arena(arena) {}

  const char* p;
  const char* begin;
  const char* end;
  Arena& arena;
  int depth = 0;
  /// Why reading stopped, without the field; where in the record, as a path built while returning.
  std::string error;
  std::string path;
  bool malformed = false;

  bool at_end() const { return p == end; }
  /// The byte here, 0 at the end (which is no byte of any token).
  char peek() const { return p != end ? *p : '\0'; }
  void skip_space() {
    while (p != end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) ++p;
  }
  bool take(char c) {
    if (p == end || *p != c) return false;
    ++p;
    return true;
  }
  bool take_word(std::string_view word) {
    if (static_cast<std::size_t>(end - p) < word.size() || std::memcmp(p, word.data(), word.size()) != 0) return false;
    p += word.size();
    return true;
  }

  /// At an opening quote.
  template <class Level = SimdLevel>
  bool string(RawString& out) {
    const char* first = ++p;
    bool escaped = false;
    std::uint64_t high = 0;
    for (;;) {
      const Bytes64 v(p);
      const std::uint64_t stops = v.equal('"') | v.equal('\\') | v.below(' ');
      const std::uint64_t before = stops ^ (stops - 1);
      high |= v.high() & before;
      p += stops == 0 ? 64 : std::countr_zero(stops);
      if (p >= end) [[unlikely]] return unterminated();
      if (stops == 0) continue;
      if (*p == '"') [[likely]] break;
      if (*p != '\\') return control_character();
      escaped = true;
      if (!skip_escape()) return false;
    }
    out = {{first, static_cast<std::size_t>(p - first)}, escaped};
    ++p;
    return high == 0 || check_utf8(out.text);
  }
  /// The contents of a checked string with its escapes resolved, in the arena.
  std::string_view unescape(std::string_view raw);

  /// A whole value of any type, checked.
  bool skip_value();
  /// Between the members of an object or the elements of a list: true if another follows, else past `close`.
  bool next_member(char close, bool& more) {
    skip_space();
    if (take(',')) {
      skip_space();
      return more = true;
    }
    more = false;
    if (take(close)) return true;
    return expected(close == '}' ? "expected `,` or `}`" : "expected `,` or `]`");
  }
  /// A member's name and its colon; the cursor then stands at the value.
  template <class Level = SimdLevel>
  bool member_name(RawString& name) {
    if (peek() != '"') return expected("expected a name in quotes");
    if (!string<Level>(name)) return false;
    skip_space();
    if (!take(':')) return expected("expected `:`");
    skip_space();
    return true;
  }

  /// All of these note an error and return false. malformed ones carry the byte where it was found.
  [[gnu::cold, gnu::noinline]] bool expected(std::string_view what);
  [[gnu::cold, gnu::noinline]] bool fail(std::string why);
  /// Names the place while a failed read returns.
  [[gnu::cold, gnu::noinline]] bool within(std::string_view name);
  [[gnu::cold, gnu::noinline]] bool within(std::size_t index);
  /// What stands at `token`, for a message: the token itself, or what kind of value begins there.
  std::string shown(const char* token) const;
  /// error with its field.
  std::string message() const;

 private:
  [[gnu::cold, gnu::noinline]] bool unterminated();
  [[gnu::cold, gnu::noinline]] bool control_character();
  [[gnu::cold, gnu::noinline]] bool check_utf8(std::string_view text);
  /// At a backslash: past the escape.
  bool skip_escape();
};

/// End of the bare token (number, true, …) at p.
inline const char* bare_end(const char* p, const char* end) {
  while (p != end && *p != ',' && *p != '}' && *p != ']' && *p != ' ' && *p != '\t' && *p != '\r' && *p != '\n') ++p;
  return p;
}

}  // namespace gress::decode
