// Numbers, durations (1h30m) and sizes (64MB).
#include <algorithm>

#include "dsl/syntax/lexer_impl.h"

namespace gress::dsl {
namespace detail {

namespace {

struct Unit {
  std::string_view text;
  std::int64_t factor;  // microseconds, or bytes
  bool size;
};
// Large to small: parts of a duration come in this order.
constexpr Unit units[] = {{"d", 86'400'000'000, false}, {"h", 3'600'000'000, false},
                          {"m", 60'000'000, false},     {"s", 1'000'000, false},
                          {"ms", 1'000, false},         {"us", 1, false},
                          {"KB", 1ll << 10, true},      {"MB", 1ll << 20, true},
                          {"GB", 1ll << 30, true},      {"TB", 1ll << 40, true}};

struct Slip {
  std::string_view written;
  std::string_view meant;
};
constexpr Slip slips[] = {{"sec", "s"},     {"secs", "s"},   {"second", "s"}, {"seconds", "s"}, {"min", "m"},
                          {"mins", "m"},    {"minute", "m"}, {"minutes", "m"}, {"hr", "h"},     {"hrs", "h"},
                          {"hour", "h"},    {"hours", "h"},  {"day", "d"},    {"days", "d"},    {"milli", "ms"},
                          {"millis", "ms"}, {"msec", "ms"},  {"usec", "us"},  {"micros", "us"}, {"kb", "KB"},
                          {"Kb", "KB"},     {"mb", "MB"},    {"Mb", "MB"},    {"gb", "GB"},     {"Gb", "GB"},
                          {"tb", "TB"},     {"KiB", "KB"},   {"MiB", "MB"},   {"GiB", "GB"},    {"TiB", "TB"},
                          {"K", "KB"},      {"M", "MB"},     {"G", "GB"},     {"T", "TB"},      {"k", "KB"},
                          {"g", "GB"},      {"H", "h"},      {"D", "d"},      {"S", "s"},       {"MS", "ms"}};

const Unit* unit_of(std::string_view text) {
  for (const Unit& unit : units) {
    if (unit.text == text) return &unit;
  }
  return nullptr;
}

/// Value of digits and `_`; false when it does not fit.
bool value_of(std::string_view digits, std::int64_t& value) {
  value = 0;
  for (char c : digits) {
    if (c == '_') continue;
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return false;
    if (__builtin_add_overflow(value, std::int64_t{c - '0'}, &value)) return false;
  }
  return true;
}

bool bad_underscores(std::string_view digits) {
  return digits.ends_with('_') || digits.find("__") != std::string_view::npos;
}

}  // namespace
}  // namespace detail

std::string_view unit_meant(std::string_view word) {
  if (const detail::Unit* unit = detail::unit_of(word)) return unit->text;
  const auto slip = std::ranges::find(detail::slips, word, &detail::Slip::written);
  return slip == std::end(detail::slips) ? std::string_view() : slip->meant;
}

namespace detail {

void Lexer::number() {
  const std::size_t begin = at_;
  const auto digits = [&] {
    const std::size_t from = at_;
    while (is_digit(peek()) || (peek() == '_' && at_ > from)) ++at_;
    return text_.substr(from, at_ - from);
  };
  bool misplaced = bad_underscores(digits());
  const std::size_t whole_end = at_;
  bool real = false;
  if (peek() == '.' && is_digit(peek(1))) {  // not `1..2`, not `1.name`
    ++at_;
    real = true;
    misplaced |= bad_underscores(digits());
  }
  const bool exponent = (peek() == 'e' || peek() == 'E') &&
                        (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))));
  if (exponent) {
    at_ += 2;
    real = true;
    misplaced |= bad_underscores(digits());
  }
  if (is_letter(peek())) {
    if (!real) return duration_or_size(begin, whole_end);
    const std::size_t letters = at_;
    while (is_name_char(peek())) ++at_;
    const std::string_view unit = text_.substr(letters, at_ - letters);
    Diagnostic& d = report(Code::E0106, begin, at_, "malformed number `" + std::string(text_.substr(begin, at_ - begin)) + "`");
    if (unit_of(unit) != nullptr) d.help("durations and sizes have whole parts: `1h30m`, `1500ms`, `1536MB`");
  } else if (misplaced) {
    report(Code::E0106, begin, at_, "misplaced `_` in a number").help("`_` stands between digits, once: `1_000_000`");
  }
  add(real ? TokenKind::real : TokenKind::integer, begin, at_);
}

void Lexer::duration_or_size(std::size_t begin, std::size_t digits_end) {
  std::size_t part = begin;
  std::int64_t total = 0;
  const Unit* last = nullptr;
  bool reported = false;
  bool overflow = false;
  for (;;) {
    const std::size_t letters = at_;
    while (is_letter(peek()) && peek() != '_') ++at_;
    const std::string_view word = text_.substr(letters, at_ - letters);
    const Unit* unit = unit_of(word);
    if (unit == nullptr) {
      while (is_name_char(peek())) ++at_;
      if (!reported) {
        const std::string written(text_.substr(letters, at_ - letters));
        const std::string_view lead = text_.substr(part, digits_end - part);
        Diagnostic& d = report(Code::E0107, letters, at_, "unknown unit `" + written + "` after a number");
        const std::string meant(unit_meant(written));
        if (!meant.empty()) d.fix("write `" + std::string(lead) + meant + "`", range(letters, at_), meant);
        if (written == "w" || written == "week" || written == "weeks") d.help("a week is `7d`");
        else if (lead == "0" && (written[0] == 'x' || written[0] == 'b' || written[0] == 'o')) {
          d.help("numbers are decimal");
        } else if (meant.empty()) {
          d.help("durations are written with `d h m s ms us` (`1h30m`), sizes with `KB MB GB TB`");
        }
      }
      add(TokenKind::integer, begin, at_);  // keeps the parser going
      return;
    }
    if (!reported && bad_underscores(text_.substr(part, digits_end - part))) {
      report(Code::E0106, part, digits_end, "misplaced `_` in a number").help("`_` stands between digits, once: `1_000_000`");
      reported = true;
    }
    std::int64_t value = 0;
    overflow |= !value_of(text_.substr(part, digits_end - part), value) ||
                __builtin_mul_overflow(value, unit->factor, &value) || __builtin_add_overflow(total, value, &total);
    if (!reported && last != nullptr && (unit <= last || unit->size != last->size || unit->size)) {
      report(Code::E0106, begin, at_, "the parts of a duration go from large to small, each unit once")
          .help("write it as in `1d12h30m15s250ms`");
      reported = true;
    }
    last = unit;
    if (!is_digit(peek())) break;
    part = at_;
    while (is_digit(peek()) || peek() == '_') ++at_;
    digits_end = at_;
    if (!is_letter(peek())) {
      if (!reported) {
        report(Code::E0107, part, at_, "digits after a unit need a unit of their own").help("write it as in `1h30m`");
      }
      break;
    }
  }
  if (overflow && !reported) {
    const bool size = last->size;
    report(Code::E0108, begin, at_, size ? "this size does not fit 64 bits" : "this duration does not fit 64 bits")
        .note(size ? "the largest is 8388607TB" : "the longest is some 292 000 years (106751991d)");
    total = 0;
  }
  add(last->size ? TokenKind::size : TokenKind::duration, begin, at_).value = total;
}

}  // namespace detail
}  // namespace gress::dsl
