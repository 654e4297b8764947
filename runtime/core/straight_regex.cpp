#include "runtime/core/straight_regex.h"

#include <cstring>

namespace gress::fn {

namespace {

using Kind = StraightRegex::Kind;
using Set = StraightRegex::Set;
using Step = StraightRegex::Step;

Set set_of(char c) {
  Set s;
  s.of[static_cast<unsigned char>(c)] = StraightRegex::kIn;
  s.only = static_cast<unsigned char>(c);
  return s;
}
void add_range(Set& s, int from, int to) {
  for (int c = from; c <= to; ++c) s.of[static_cast<std::size_t>(c)] = StraightRegex::kIn;
}
void add(Set& s, const Set& other) {
  for (std::size_t c = 0; c != 256; ++c)
    if (other.of[c] != StraightRegex::kOut) s.of[c] = other.of[c];
}
/// Code points beyond ASCII are in it; their bytes are not looked at here.
void invert(Set& s) {
  for (std::size_t c = 0; c != 128; ++c) s.of[c] = s.of[c] == StraightRegex::kIn ? StraightRegex::kOut : StraightRegex::kIn;
  for (std::size_t c = 128; c != 256; ++c) s.of[c] = StraightRegex::kUnsure;
}
void note_only(Set& s) {
  int count = 0;
  for (std::size_t c = 0; c != 256; ++c)
    if (s.of[c] != StraightRegex::kOut) {
      s.only = static_cast<int>(c);
      ++count;
    }
  if (count != 1) s.only = -1;
}
bool meet(const Set& a, const Set& b) {
  for (std::size_t c = 0; c != 256; ++c)
    if (a.of[c] != StraightRegex::kOut && b.of[c] != StraightRegex::kOut) return true;
  return false;
}
bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

}  // namespace

/// Reads the part of the syntax that can be straight; `ok` is false at anything else.
class StraightParser {
 public:
  StraightParser(std::string_view pattern, StraightRegex& to) : left_(pattern), to_(to) {}

  bool read() {
    items();
    return ok_ && left_.empty();
  }

 private:
  char next() {
    if (left_.empty()) {
      ok_ = false;
      return 0;
    }
    const char c = left_.front();
    left_.remove_prefix(1);
    return c;
  }
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }

  void items() {
    while (ok_ && !left_.empty() && left_.front() != ')') item();
  }

  void item() {
    if (take('(')) return group();
    if (take('^')) return step(Kind::begin);
    if (take('$')) return step(Kind::end);
    const Set set = atom();
    if (!ok_) return;
    if (take('*')) byte(Kind::many, set);
    else if (take('?')) byte(Kind::maybe, set);
    else if (take('+')) byte(Kind::one, set), byte(Kind::many, set);
    else return byte(Kind::one, set);
    // Lazy ones, and repeats of repeats.
    if (!left_.empty() && std::string_view("*+?{").find(left_.front()) != std::string_view::npos) ok_ = false;
  }

  void group() {
    bool captured = true;
    if (take('?')) {
      captured = !take(':');
      if (captured) {
        take('P');
        if (!take('<') || left_.empty() || left_.front() == '=' || left_.front() == '!') return refuse();
        const std::size_t end = left_.find('>');
        if (end == std::string_view::npos) return refuse();
        left_.remove_prefix(end + 1);
      }
    }
    const std::uint32_t number = captured ? ++groups_ : 0;
    if (captured) step(Kind::open, number);
    if (!alternatives()) items();
    if (captured) step(Kind::close, number);
    if (next() != ')') return refuse();
    if (!left_.empty() && std::string_view("*+?{").find(left_.front()) != std::string_view::npos) refuse();
  }

  /// `a|[bc]|^`, whole: single bytes, and the begin among them. False, with nothing taken, where it is something else.
  bool alternatives() {
    const std::string_view before = left_;
    Set set;
    bool begin = false;
    int count = 0;
    do {
      ++count;
      if (take('^')) begin = true;
      else if (left_.empty() || std::string_view("()$|").find(left_.front()) != std::string_view::npos) ok_ = false;
      else add(set, atom());
    } while (ok_ && take('|'));
    if (!ok_ || count < 2 || left_.empty() || left_.front() != ')') {
      left_ = before;
      ok_ = true;
      return false;
    }
    note_only(set);
    byte(begin ? Kind::one_or_begin : Kind::one, set);
    return true;
  }

  Set atom() {
    const char c = next();
    Set set;
    if (c == '[') {
      set = bracket();
    } else if (c == '.') {
      set = set_of('\n');
      invert(set);
    } else if (c == '\\') {
      set = escape();
    } else if (static_cast<signed char>(c) < 0 || std::string_view("|*+?{}])^$").find(c) != std::string_view::npos) {
      ok_ = false;
    } else {
      set = set_of(c);
    }
    if (!left_.empty() && left_.front() == '{') ok_ = false;
    note_only(set);
    return set;
  }

  Set escape() {
    Set set;
    const char c = next();
    switch (c) {
      case 'd':
      case 'D': add_range(set, '0', '9'); break;
      case 'w':
      case 'W': add_range(set, '0', '9'), add_range(set, 'a', 'z'), add_range(set, 'A', 'Z'), add_range(set, '_', '_'); break;
      case 's':
      case 'S':
        for (const char space : {'\t', '\n', '\f', '\r', ' '}) add(set, set_of(space));
        break;
      case 't': return set_of('\t');
      case 'n': return set_of('\n');
      case 'r': return set_of('\r');
      default:
        if (is_letter_or_digit(c) || c <= ' ' || c == 0x7f) ok_ = false;  // and what is beyond ASCII
        return set_of(c);
    }
    if (c < 'a') invert(set);
    return set;
  }

  Set bracket() {
    Set set;
    const bool inverted = take('^');
    for (bool first = true; ok_ && (first || left_.empty() || left_.front() != ']'); first = false) {
      const char c = next();
      if (c == '[' || c == ']' || c == '-' || static_cast<signed char>(c) < 0) {
        ok_ = false;  // named classes, and what is read in several ways
      } else if (c == '\\') {
        const Set part = escape();
        if (part.only < 0) add(set, part);
        else member(set, static_cast<char>(part.only));
      } else {
        member(set, c);
      }
    }
    next();
    // `\D` and its like within a class mix code points of both kinds.
    for (std::size_t c = 128; c != 256; ++c)
      if (set.of[c] != StraightRegex::kOut) ok_ = false;
    if (inverted) invert(set);
    return set;
  }
  /// A byte of a class or the range that begins with it.
  void member(Set& set, char c) {
    if (left_.size() >= 2 && left_[0] == '-' && left_[1] != ']') {
      left_.remove_prefix(1);
      const char to = next();
      if (!is_letter_or_digit(c) || !is_letter_or_digit(to) || to < c) return refuse();
      add_range(set, c, to);
    } else {
      add(set, set_of(c));
    }
  }

  void refuse() { ok_ = false; }
  void step(Kind kind, std::uint32_t number = 0) { to_.steps_.push_back({kind, number}); }
  void byte(Kind kind, const Set& set) {
    if (kind == Kind::one && set.only >= 0) {
      const bool follows = !to_.steps_.empty() && to_.steps_.back().kind == Kind::text;
      if (!follows) {
        step(Kind::text, static_cast<std::uint32_t>(to_.texts_.size()));
        to_.texts_.emplace_back();
      }
      to_.texts_.back() += static_cast<char>(set.only);
      return;
    }
    step(kind, static_cast<std::uint32_t>(to_.sets_.size()));
    to_.sets_.push_back(set);
  }

  std::string_view left_;
  StraightRegex& to_;
  std::uint32_t groups_ = 0;
  bool ok_ = true;
};

/// Whether no step has a choice: what may come after an optional byte cannot be that byte. Finds how a match begins.
bool StraightRegex::straight() {
  // Bytes that can come at a step and, where the steps from there on may take none, the end.
  std::vector<Set> firsts(steps_.size() + 1);
  bool needs = false;  // some byte comes from the step on
  for (std::size_t i = steps_.size(); i-- != 0;) {
    const Step s = steps_[i];
    firsts[i] = firsts[i + 1];
    switch (s.kind) {
      case Kind::text: firsts[i] = set_of(texts_[s.number][0]), needs = true; break;
      case Kind::one: firsts[i] = sets_[s.number], needs = true; break;
      case Kind::maybe:
      case Kind::many:
        if (meet(sets_[s.number], firsts[i + 1])) return false;
        add(firsts[i], sets_[s.number]);
        break;
      case Kind::one_or_begin:
        // Where the begin is meant, what follows must be told from the byte.
        if (!needs || meet(sets_[s.number], firsts[i + 1])) return false;
        for (std::size_t k = 0; k != i; ++k)
          if (steps_[k].kind != Kind::open) return false;
        begin_too_ = true;
        firsts[i] = sets_[s.number];
        break;
      case Kind::begin:
        for (std::size_t k = 0; k != i; ++k)
          if (steps_[k].kind != Kind::open) return false;
        anchored_ = true;
        break;
      case Kind::end:
        for (std::size_t k = i + 1; k != steps_.size(); ++k)
          if (steps_[k].kind != Kind::close) return false;
        break;
      case Kind::open:
      case Kind::close: break;
    }
  }
  if (anchored_) return true;
  // A match that may begin with nothing begins everywhere.
  for (const Step s : steps_) {
    if (s.kind == Kind::open) continue;
    if (s.kind != Kind::text && s.kind != Kind::one && s.kind != Kind::one_or_begin) return false;
    break;
  }
  if (!needs) return false;
  first_ = firsts[0];
  note_only(first_);
  return true;
}

std::optional<StraightRegex> StraightRegex::from(std::string_view pattern) {
  StraightRegex out;
  if (!StraightParser(pattern, out).read() || !out.straight()) return std::nullopt;
  return out;
}

StraightRegex::Found StraightRegex::match(std::string_view text, const char* from, std::string_view* groups, std::size_t count,
                                          std::int64_t& work) const {
  const char* p = from;
  const char* const end = text.data() + text.size();
  for (const Step s : steps_) {
    switch (s.kind) {
      case Kind::text: {
        const std::string& wanted = texts_[s.number];
        if (static_cast<std::size_t>(end - p) < wanted.size() || *p != wanted[0] || std::memcmp(p, wanted.data(), wanted.size()) != 0)
          return Found::no;
        p += wanted.size();
        break;
      }
      case Kind::one: {
        const Member m = p == end ? kOut : sets_[s.number].of[static_cast<unsigned char>(*p)];
        if (m != kIn) return m == kOut ? Found::no : Found::other;
        ++p;
        break;
      }
      case Kind::one_or_begin:
      case Kind::maybe: {
        const Member m = p == end ? kOut : sets_[s.number].of[static_cast<unsigned char>(*p)];
        if (m == kUnsure) return Found::other;
        if (m == kIn) ++p;
        else if (s.kind == Kind::one_or_begin && p != text.data()) return Found::no;
        break;
      }
      case Kind::many: {
        const Set& set = sets_[s.number];
        Member m = kOut;
        const char* const begin = p;
        while (p != end && (m = set.of[static_cast<unsigned char>(*p)]) == kIn) ++p;
        if (p != end && m == kUnsure) return Found::other;
        work -= p - begin;
        break;
      }
      case Kind::begin:
        if (p != text.data()) return Found::no;
        break;
      case Kind::end:
        if (p != end) return Found::no;
        break;
      case Kind::open:
        if (s.number < count) groups[s.number] = {p, 0};
        break;
      case Kind::close:
        if (s.number < count) groups[s.number] = {groups[s.number].data(), static_cast<std::size_t>(p - groups[s.number].data())};
        break;
    }
  }
  if (count != 0) groups[0] = {from, static_cast<std::size_t>(p - from)};
  return Found::yes;
}

StraightRegex::Found StraightRegex::find(std::string_view text, std::string_view* groups, std::size_t count) const {
  // Tries that fail late may read bytes again and again; RE2 reads each once.
  std::int64_t work = 4 * static_cast<std::int64_t>(text.size()) + 256;
  if (text.data() == nullptr) text = "";
  const char* p = text.data();
  const char* const end = p + text.size();
  if (anchored_) return match(text, p, groups, count, work);
  if (begin_too_) {
    const Found found = match(text, p, groups, count, work);
    if (found != Found::no || p == end) return found;
    ++p;
  }
  for (; p != end; ++p) {
    if (first_.only >= 0) {
      p = static_cast<const char*>(std::memchr(p, first_.only, static_cast<std::size_t>(end - p)));
      if (p == nullptr) return Found::no;
    } else {
      const Member m = first_.of[static_cast<unsigned char>(*p)];
      if (m == kOut) continue;
      if (m == kUnsure) return Found::other;
    }
    const Found found = match(text, p, groups, count, work);
    if (found != Found::no) return found;
    work -= static_cast<std::int64_t>(steps_.size()) + 1;
    if (work < 0) return Found::other;
  }
  return Found::no;
}

}  // namespace gress::fn
