// Regular expressions that leave no choice: at every step the next byte alone says how it goes on, as in
// `(&|^)id=([^&]*)` or `^/[a-z]+/([0-9]+)$`. They are matched by one pass over the bytes. Patterns that are not of this
// kind, and texts in which bytes beyond ASCII decide, are left to RE2, whose results these are.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gress::fn {

class StraightRegex {
 public:
  /// None where the pattern needs more.
  static std::optional<StraightRegex> from(std::string_view pattern);

  /// other: RE2 is to say.
  enum class Found : std::uint8_t { no, yes, other };
  /// The first match and its groups (0: all of it), `count` of them, no more than the pattern has and all of it.
  Found find(std::string_view text, std::string_view* groups, std::size_t count) const;

  /// What becomes of a byte in a set: in it, not in it, or a part of a code point that may be.
  enum Member : std::uint8_t { kOut, kIn, kUnsure };
  struct Set {
    std::array<Member, 256> of{};
    int only = -1;  // the byte, where it holds just one
  };
  enum class Kind : std::uint8_t {
    text,          // exactly these bytes
    one,           // a byte of the set
    maybe,         // one or none
    many,          // as many as come
    one_or_begin,  // one, or none at the begin of the text
    begin,
    end,
    open,
    close,
  };
  struct Step {
    Kind kind;
    std::uint32_t number = 0;  // of the set, the text or the group
  };

 private:
  friend class StraightParser;
  bool straight();
  Found match(std::string_view text, const char* from, std::string_view* groups, std::size_t count, std::int64_t& work) const;

  std::vector<Step> steps_;
  std::vector<Set> sets_;
  std::vector<std::string> texts_;
  Set first_;  // bytes that a match can begin with
  bool anchored_ = false, begin_too_ = false;  // only at the begin; there without a byte of `first_`
};

}  // namespace gress::fn
