// Regular expressions that are known while checking; the only place that includes RE2.
#include <re2/re2.h>

#include "dsl/check/expr_impl.h"

namespace gress::dsl {

namespace {

re2::RE2::Options options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return options;
}

/// Walks a pattern: rewrites `(?<n>` to the `(?P<n>` of RE2, and finds the groups that may take no part in a match,
/// being repeated from zero, or one of several alternatives.
class Walker {
 public:
  explicit Walker(std::string_view pattern) : pattern_(pattern) {
    frames_.push_back({0, false, false});
    for (at_ = 0; at_ < pattern.size();) step();
    close(frames_.front());
  }

  std::string rewritten;
  std::vector<char> optional{false};  // by group number; 0 is the whole match

 private:
  struct Frame {
    std::size_t first;  // number of the first group inside
    bool captures;      // the frame is the group before `first`
    bool alternatives;
  };

  void take(std::size_t count) {
    rewritten += pattern_.substr(at_, count);
    at_ += count;
  }
  bool at(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
  void mark_from(std::size_t group) {
    for (; group < optional.size(); ++group) optional[group] = true;
  }
  void close(const Frame& frame) {
    if (frame.alternatives) mark_from(frame.first);
  }

  void step() {
    const char c = pattern_[at_];
    if (at("\\Q")) {
      const std::size_t end = pattern_.find("\\E", at_);
      take(end == std::string_view::npos ? pattern_.size() - at_ : end + 2 - at_);
    } else if (c == '\\') {
      take(at_ + 1 < pattern_.size() ? 2 : 1);
    } else if (c == '[') {
      take_class();
    } else if (c == '|') {
      frames_.back().alternatives = true;
      take(1);
    } else if (c == '(') {
      open();
    } else if (c == ')') {
      take(1);
      if (frames_.size() == 1) return;  // RE2 complains
      const Frame frame = frames_.back();
      frames_.pop_back();
      close(frame);
      if (repeats_from_zero()) mark_from(frame.captures ? frame.first - 1 : frame.first);
    } else {
      take(1);
    }
  }

  void open() {
    const bool named = at("(?P<") || (at("(?<") && !at("(?<=") && !at("(?<!"));
    const bool captures = named || !at("(?");
    if (captures) optional.push_back(false);
    frames_.push_back({optional.size(), captures, false});
    if (named && !at("(?P<")) {
      rewritten += "(?P";
      at_ += 2;
    } else {
      take(1);
    }
  }

  void take_class() {
    take(1);
    if (at("^")) take(1);
    if (at("]")) take(1);
    while (at_ < pattern_.size() && pattern_[at_] != ']') {
      if (at("[:")) {
        const std::size_t end = pattern_.find(":]", at_ + 2);
        take(end == std::string_view::npos ? 1 : end + 2 - at_);
      } else {
        take(pattern_[at_] == '\\' && at_ + 1 < pattern_.size() ? 2 : 1);
      }
    }
    if (at_ < pattern_.size()) take(1);
  }

  bool repeats_from_zero() const {
    if (at("?") || at("*")) return true;
    if (!at("{")) return false;
    std::size_t i = at_ + 1;
    while (i < pattern_.size() && pattern_[i] == '0') ++i;
    return i > at_ + 1 && i < pattern_.size() && (pattern_[i] == ',' || pattern_[i] == '}');
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  std::vector<Frame> frames_;
};

}  // namespace

RegexInfo inspect_regex(std::string_view pattern) {
  RegexInfo info;
  const Walker walker(pattern);
  const re2::RE2 compiled(walker.rewritten, options());
  if (!compiled.ok()) {
    info.error = compiled.error();
    return info;
  }
  info.groups = compiled.NumberOfCapturingGroups();
  for (const auto& [number, name] : compiled.CapturingGroupNames()) {
    const auto at = static_cast<std::size_t>(number);
    info.named.push_back({name, number, at < walker.optional.size() && walker.optional[at]});
  }
  return info;
}

std::string check_replacement(std::string_view pattern, std::string_view by) {
  const Walker walker(pattern);
  const re2::RE2 compiled(walker.rewritten, options());
  std::string error;
  if (!compiled.ok() || compiled.CheckRewriteString(re2::StringPiece(by.data(), by.size()), &error)) return {};
  return error;
}

}  // namespace gress::dsl
