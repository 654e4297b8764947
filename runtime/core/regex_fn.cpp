#include "runtime/core/regex_fn.h"

#include <re2/re2.h>

#include <memory>

#include "runtime/core/decode/values.h"
#include "runtime/core/straight_regex.h"
#include "runtime/core/text_part.h"

namespace gress::fn {

namespace {

re2::StringPiece piece(const Text& t) { return {t.data(), t.size()}; }
template <class View>
Text part(const Text& of, const View& s) { return text_part(s.data(), s.size(), of.data() + of.size()); }

[[gnu::cold, gnu::noinline]] void bad_pattern(Eval& ev, const Regex& re) { ev.fail(re.error()); }

bool usable(Eval& ev, const Regex& re) {
  if (re.error().empty()) [[likely]]
    return true;
  bad_pattern(ev, re);
  return false;
}

constexpr int kMostGroups = 10;  // \0 to \9

/// The first match and its groups, `count` of them with the match itself.
bool first_match(const Text& x, const Regex& re, re2::StringPiece* match, std::size_t count) {
  constexpr std::size_t kMost = 8;
  if (const StraightRegex* straight = re.straight(); straight != nullptr && count <= kMost) {
    std::string_view groups[kMost];
    const auto found = straight->find(x.view(), groups, count);
    if (found != StraightRegex::Found::other) {
      for (std::size_t i = 0; i != count; ++i) match[i] = {groups[i].data(), groups[i].size()};
      return found == StraightRegex::Found::yes;
    }
  }
  const re2::StringPiece in = piece(x);
  return re.compiled().Match(in, 0, in.size(), re2::RE2::UNANCHORED, match, static_cast<int>(count));
}

/// Bytes of `by` with the groups put in; written to `to` unless that is nullptr.
std::size_t rewrite(const Text& by, const re2::StringPiece* groups, char* to) {
  std::size_t size = 0;
  const auto put = [&](const char* p, std::size_t n) {
    if (to != nullptr && n != 0) std::memcpy(to + size, p, n);
    size += n;
  };
  const char* p = by.data();
  const char* end = p + by.size();
  while (p != end) {
    const char* plain = p;
    while (p != end && *p != '\\') ++p;
    put(plain, static_cast<std::size_t>(p - plain));
    if (p == end) break;
    ++p;  // checked before: a digit or a backslash follows
    if (*p == '\\')
      put(p, 1);
    else
      put(groups[*p - '0'].data(), groups[*p - '0'].size());
    ++p;
  }
  return size;
}

/// The highest group that `by` speaks of, -1 for what is no replacement.
int highest_group(const Text& by) {
  int highest = 0;
  const char* p = by.data();
  const char* end = p + by.size();
  for (; p != end; ++p) {
    if (*p != '\\') continue;
    if (++p == end || (*p != '\\' && (*p < '0' || *p > '9'))) return -1;
    if (*p != '\\' && *p - '0' > highest) highest = *p - '0';
  }
  return highest;
}

}  // namespace

std::string re2_pattern(std::string_view pattern) {
  std::string out;
  out.reserve(pattern.size() + 8);
  const auto take = [&](std::size_t n) {
    n = n < pattern.size() ? n : pattern.size();
    out += pattern.substr(0, n);
    pattern.remove_prefix(n);
  };
  bool in_class = false;
  while (!pattern.empty()) {
    if (pattern.starts_with("\\Q") && !in_class) {
      const std::size_t end = pattern.find("\\E");
      take(end == std::string_view::npos ? pattern.size() : end + 2);
    } else if (pattern.front() == '\\') {
      take(2);
    } else if (in_class) {
      if (pattern.starts_with("[:")) {
        const std::size_t end = pattern.find(":]");
        take(end == std::string_view::npos ? 1 : end + 2);
      } else {
        in_class = pattern.front() != ']';
        take(1);
      }
    } else if (pattern.front() == '[') {
      // A bracket right at the start of a class is one of its members.
      in_class = true;
      take(pattern.starts_with("[^]") ? 3 : pattern.starts_with("[]") || pattern.starts_with("[^") ? 2 : 1);
    } else if (pattern.starts_with("(?<") && pattern.size() > 3 && pattern[3] != '=' && pattern[3] != '!') {
      out += "(?P<";
      pattern.remove_prefix(3);
    } else {
      take(1);
    }
  }
  return out;
}

Regex::Regex(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  compiled_ = new re2::RE2(re2_pattern(pattern), options);
  if (!compiled_->ok()) error_ = "no regular expression: " + decode::shown_text(pattern) + ": " + compiled_->error();
  for (const auto& [number, name] : compiled_->CapturingGroupNames()) named_.push_back(number);
  if (!compiled_->ok()) return;
  if (auto straight = StraightRegex::from(pattern)) straight_ = std::make_unique<const StraightRegex>(std::move(*straight));
}
Regex::~Regex() { delete compiled_; }

const Regex& dynamic_regex(Eval&, const Text& pattern) {
  struct Kept {
    std::string pattern;
    std::unique_ptr<Regex> regex;
    std::uint64_t used = 0;
  };
  constexpr std::size_t kKept = 32;
  thread_local Kept kept[kKept];
  thread_local std::uint64_t clock = 0;
  const std::string_view wanted = pattern.view();
  Kept* oldest = kept;
  for (Kept& k : kept) {
    if (k.regex != nullptr && k.pattern == wanted) {
      k.used = ++clock;
      return *k.regex;
    }
    if (k.used < oldest->used) oldest = &k;
  }
  oldest->regex = std::make_unique<Regex>(wanted);
  oldest->pattern = wanted;
  oldest->used = ++clock;
  return *oldest->regex;
}

bool regex_matches(Eval& ev, const Text& x, const Regex& re) {
  if (!usable(ev, re)) return false;
  return first_match(x, re, nullptr, 0);
}

Text regex_replace(Eval& ev, const Text& x, const Regex& re, const Text& by) {
  if (!usable(ev, re)) return {};
  const int groups = highest_group(by);
  if (groups < 0 || groups > re.compiled().NumberOfCapturingGroups()) [[unlikely]] {
    const std::string shown = decode::shown_text(by.view());
    ev.fail(groups < 0 ? "regex_replace: in " + shown + " a backslash is followed by neither a digit nor a backslash"
                       : "regex_replace: " + shown + " speaks of group " + std::to_string(groups) +
                             ", the pattern has " + std::to_string(re.compiled().NumberOfCapturingGroups()));
    return {};
  }
  const re2::StringPiece in = piece(x);
  re2::StringPiece match[kMostGroups];
  std::size_t room = 0, size = 0;
  char* out = nullptr;
  const auto reserve = [&](std::size_t more) {
    if (size + more <= room) return;
    room = 2 * (size + more) + 64;
    char* larger = ev.arena.allocate(room);
    if (size != 0) std::memcpy(larger, out, size);
    out = larger;
  };
  const auto put = [&](const char* p, std::size_t n) {
    if (n == 0) return;
    reserve(n);
    std::memcpy(out + size, p, n);
    size += n;
  };
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t at = 0, last = kNone;
  while (at <= in.size() && re.compiled().Match(in, at, in.size(), re2::RE2::UNANCHORED, match, groups + 1)) {
    const auto begin = static_cast<std::size_t>(match[0].data() - in.data());
    put(in.data() + at, begin - at);
    at = begin;
    if (match[0].empty() && begin == last) {
      // An empty match right behind the one before is none: on by a code point.
      if (at == in.size()) break;
      do put(in.data() + at++, 1);
      while (at != in.size() && (in[at] & 0xc0) == 0x80);
      continue;
    }
    const std::size_t added = rewrite(by, match, nullptr);
    reserve(added);
    size += rewrite(by, match, out + size);
    at = last = begin + match[0].size();
  }
  if (last == kNone) return x;
  put(in.data() + at, in.size() - at);
  return size == 0 ? Text() : Text(out, size);
}

Opt<Text> regex_extract(Eval& ev, const Text& x, const Regex& re, std::int64_t group) {
  if (!usable(ev, re)) return {};
  const int groups = re.compiled().NumberOfCapturingGroups();
  if (group < 0 || group > groups) [[unlikely]] {
    ev.fail("regex_extract: no group " + std::to_string(group) + ", the pattern has " + std::to_string(groups));
    return {};
  }
  const auto wanted = static_cast<std::size_t>(group) + 1;
  constexpr std::size_t kFew = 4;
  if (const StraightRegex* straight = re.straight(); straight != nullptr && wanted <= kFew) {
    std::string_view match[kFew];
    const auto found = straight->find(x.view(), match, wanted);
    if (found == StraightRegex::Found::no || (found == StraightRegex::Found::yes && match[group].data() == nullptr)) return {};
    if (found == StraightRegex::Found::yes) return part(x, match[group]);
  }
  constexpr std::size_t kSmall = 16;
  re2::StringPiece small[kSmall];
  std::vector<re2::StringPiece> large;
  if (wanted > kSmall) large.resize(wanted);
  re2::StringPiece* match = wanted > kSmall ? large.data() : small;
  if (!first_match(x, re, match, wanted)) return {};
  if (match[group].data() == nullptr) return {};
  return part(x, match[group]);
}

bool regex_capture(Eval& ev, const Text& x, const Regex& re, Opt<Text>* out, std::size_t count) {
  if (!usable(ev, re)) return false;
  constexpr std::size_t kSmall = 16;
  re2::StringPiece small[kSmall];
  std::vector<re2::StringPiece> large;
  const std::size_t wanted = re.named().empty() ? 1 : static_cast<std::size_t>(re.named().back()) + 1;
  if (wanted > kSmall) large.resize(wanted);
  re2::StringPiece* match = wanted > kSmall ? large.data() : small;
  if (!first_match(x, re, match, wanted)) return false;
  for (std::size_t i = 0; i != count && i != re.named().size(); ++i) {
    const re2::StringPiece& group = match[re.named()[i]];
    out[i] = group.data() == nullptr ? Opt<Text>() : Opt<Text>(part(x, group));
  }
  return true;
}

}  // namespace gress::fn
