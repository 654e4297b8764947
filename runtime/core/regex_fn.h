// Regular expressions, RE2's. Named groups may be written `(?<name>…)` or `(?P<name>…)`.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/core/eval.h"
#include "runtime/core/value.h"

namespace re2 {
class RE2;
}

namespace gress::fn {

class StraightRegex;

class Regex {
 public:
  explicit Regex(std::string_view pattern);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  /// Why the pattern is none; empty when it is one. The functions below fail with it.
  const std::string& error() const { return error_; }
  const re2::RE2& compiled() const { return *compiled_; }
  /// A quicker way to the first match, nullptr where the pattern allows none.
  const StraightRegex* straight() const { return straight_.get(); }
  /// Numbers of the named groups, in the order of the pattern.
  const std::vector<int>& named() const { return named_; }

 private:
  re2::RE2* compiled_;
  std::unique_ptr<const StraightRegex> straight_;
  std::string error_;
  std::vector<int> named_;
};

/// `(?<name>` as RE2 has it, `(?P<name>`; classes, escapes and quoted stretches are left alone.
std::string re2_pattern(std::string_view pattern);

/// A pattern that the program computes: the latest of a thread are kept. Good until its next call.
const Regex& dynamic_regex(Eval&, const Text& pattern);

/// Whether the pattern is found anywhere in the text.
bool regex_matches(Eval&, const Text&, const Regex&);
/// Every match replaced, from the left; `\0` in `by` is the match, `\1` to `\9` its groups, `\\` a backslash.
Text regex_replace(Eval&, const Text&, const Regex&, const Text& by);
/// A group of the first match (0: all of it), absent when nothing matches or the group took no part.
Opt<Text> regex_extract(Eval&, const Text&, const Regex&, std::int64_t group = 0);
/// The first match's named groups, `count` of them, in the order of the pattern; false when nothing matches.
bool regex_capture(Eval&, const Text&, const Regex&, Opt<Text>* groups, std::size_t count);

}  // namespace gress::fn
