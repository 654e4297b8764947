#include "runtime/core/decode/values.h"

#include <fast_float/fast_float.h>

#include <array>
#include <limits>

#include "runtime/core/decode/utf8.h"

namespace gress::decode {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_letters(std::string_view a, std::string_view lower_case) {
  if (a.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i != a.size(); ++i)
    if (lower(a[i]) != lower_case[i]) return false;
  return true;
}

template <class Float>
Misfit read_float(std::string_view text, Form form, Float& out) {
  if (form != Form::json_bare) {
    if (text == "NaN") return out = std::numeric_limits<Float>::quiet_NaN(), Misfit::none;
    if (text == "Infinity") return out = std::numeric_limits<Float>::infinity(), Misfit::none;
    if (text == "-Infinity") return out = -std::numeric_limits<Float>::infinity(), Misfit::none;
    // A JSON string holds no other number; CSV text may be any.
    if (form == Form::json_text) return Misfit::type;
  }
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (form == Form::json_bare) {
    if (scan_json_number(begin, end) != end || begin == end) return Misfit::type;
  } else {
    if (begin != end && *begin == '+') ++begin;
    // fast_float knows names of its own for infinities; only digits and a point may begin a number here.
    const char* first = begin != end && *begin == '-' ? begin + 1 : begin;
    if (first == end || (!is_digit(*first) && *first != '.')) return Misfit::type;
    if (begin != text.data() && *begin == '-') return Misfit::type;
  }
  const auto r = fast_float::from_chars(begin, end, out);
  if (r.ptr != end) return Misfit::type;
  if (r.ec != std::errc{} && out != 0) return Misfit::range;
  return out - out == 0 ? Misfit::none : Misfit::range;
}

int hex(char c) {
  if (is_digit(c)) return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

const char* scan_json_number(const char* p, const char* end) {
  if (p != end && *p == '-') ++p;
  if (p == end || !is_digit(*p)) return nullptr;
  if (*p == '0') {
    ++p;
  } else {
    while (p != end && is_digit(*p)) ++p;
  }
  if (p != end && *p == '.') {
    ++p;
    if (p == end || !is_digit(*p)) return nullptr;
    while (p != end && is_digit(*p)) ++p;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (p == end || !is_digit(*p)) return nullptr;
    while (p != end && is_digit(*p)) ++p;
  }
  return p;
}

Misfit read_i64(std::string_view text, bool strict, std::int64_t& out) {
  const char* p = text.data();
  const char* end = p + text.size();
  const bool minus = p != end && *p == '-';
  if (minus || (!strict && p != end && *p == '+')) ++p;
  if (p == end) return Misfit::type;
  if (strict && *p == '0' && end - p > 1) return Misfit::type;
  std::uint64_t value = 0;
  bool fits = true;
  for (; p != end; ++p) {
    if (!is_digit(*p)) return Misfit::type;
    fits = fits && !__builtin_mul_overflow(value, 10u, &value) && !__builtin_add_overflow(value, static_cast<unsigned>(*p - '0'), &value);
  }
  const std::uint64_t limit = (std::uint64_t{1} << 63) - !minus;
  if (!fits || value > limit) return Misfit::range;
  out = static_cast<std::int64_t>(minus ? std::uint64_t{0} - value : value);
  return Misfit::none;
}

Misfit read_i32(std::string_view text, bool strict, std::int32_t& out) {
  std::int64_t wide;
  const Misfit m = read_i64(text, strict, wide);
  if (m != Misfit::none) return m;
  if (wide != static_cast<std::int32_t>(wide)) return Misfit::range;
  out = static_cast<std::int32_t>(wide);
  return Misfit::none;
}

Misfit read_f64(std::string_view text, Form form, double& out) { return read_float(text, form, out); }
Misfit read_f32(std::string_view text, Form form, float& out) { return read_float(text, form, out); }

Misfit read_bool(std::string_view text, Form form, bool& out) {
  const bool yes = form == Form::csv ? same_letters(text, "true") : text == "true";
  const bool no = form == Form::csv ? same_letters(text, "false") : text == "false";
  if (!yes && !no) return Misfit::type;
  out = yes;
  return Misfit::none;
}

Misfit read_epoch(std::string_view text, bool strict, std::int64_t unit, std::int64_t& micros) {
  std::int64_t ticks;
  const Misfit m = read_i64(text, strict, ticks);
  if (m != Misfit::none) return m;
  return __builtin_mul_overflow(ticks, unit, &micros) ? Misfit::range : Misfit::none;
}

Misfit read_duration(std::string_view text, std::int64_t& micros) {
  struct Unit {
    std::string_view name;
    std::int64_t micros;
  };
  static constexpr Unit kShort[] = {{"ms", 1000}, {"us", 1}, {"w", 604800000000}, {"d", 86400000000},
                                    {"h", 3600000000}, {"m", 60000000}, {"s", 1000000}};
  static constexpr Unit kDate[] = {{"W", 604800000000}, {"D", 86400000000}};
  static constexpr Unit kTime[] = {{"H", 3600000000}, {"M", 60000000}, {"S", 1000000}};
  const char* p = text.data();
  const char* end = p + text.size();
  bool minus = false;
  if (p != end && (*p == '-' || *p == '+')) minus = *p++ == '-';
  const bool iso = p != end && *p == 'P';
  bool time = false;
  if (iso) ++p;
  if (p == end) return Misfit::type;
  // Summed as a negative number, which has one value more.
  std::int64_t total = 0;
  bool fits = true;
  while (p != end) {
    if (iso && !time && *p == 'T') {
      time = true;
      if (++p == end) return Misfit::type;
    }
    if (!is_digit(*p)) return Misfit::type;
    std::int64_t whole = 0;
    for (; p != end && is_digit(*p); ++p)
      fits = fits && !__builtin_mul_overflow(whole, 10, &whole) && !__builtin_add_overflow(whole, *p - '0', &whole);
    std::int64_t fraction = 0, scale = 1;
    const bool point = p != end && (*p == '.' || (iso && *p == ','));
    if (point) {
      if (++p == end || !is_digit(*p)) return Misfit::type;
      for (; p != end && is_digit(*p); ++p) {
        if (scale >= 1000000000) continue;
        fraction = fraction * 10 + (*p - '0');
        scale *= 10;
      }
    }
    const std::string_view rest(p, static_cast<std::size_t>(end - p));
    const Unit* unit = nullptr;
    const auto look = [&](const auto& units) {
      for (const Unit& u : units)
        if (unit == nullptr && rest.starts_with(u.name)) unit = &u;
    };
    if (!iso) look(kShort);
    else if (time) look(kTime);
    else look(kDate);
    if (unit == nullptr) return Misfit::type;
    p += unit->name.size();
    std::int64_t part;
    // unit * fraction < 6.1e11 * 1e9 does not fit 64 bits for the long units.
    const auto finer = static_cast<std::int64_t>(static_cast<__int128>(unit->micros) * fraction / scale);
    fits = fits && !__builtin_mul_overflow(whole, unit->micros, &part) && !__builtin_sub_overflow(total, part, &total) &&
           !__builtin_sub_overflow(total, finer, &total);
  }
  if (!fits || (!minus && total == std::numeric_limits<std::int64_t>::min())) return Misfit::range;
  micros = minus ? total : -total;
  return Misfit::none;
}

Misfit read_uuid(std::string_view text, Uuid& out) {
  if (text.size() != 36) return Misfit::type;
  std::uint64_t halves[2] = {0, 0};
  int digits = 0;
  for (std::size_t i = 0; i != 36; ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return Misfit::type;
      continue;
    }
    const int value = hex(text[i]);
    if (value < 0) return Misfit::type;
    halves[digits / 16] = halves[digits / 16] << 4 | static_cast<std::uint64_t>(value);
    ++digits;
  }
  out = {halves[0], halves[1]};
  return Misfit::none;
}

Misfit read_base64(std::string_view text, Arena& arena, Bytes& out) {
  static constexpr auto kValues = [] {
    std::array<std::int8_t, 256> v{};
    v.fill(-1);
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i != 64; ++i) v[static_cast<unsigned char>(kLetters[i])] = static_cast<std::int8_t>(i);
    return v;
  }();
  if (text.size() % 4 != 0) return Misfit::type;
  std::size_t letters = text.size();
  while (letters != 0 && text.size() - letters < 2 && text[letters - 1] == '=') --letters;
  char* to = arena.allocate(text.size() / 4 * 3 + 16);
  char* begin = to;
  std::uint32_t bits = 0;
  int held = 0;
  for (std::size_t i = 0; i != letters; ++i) {
    const int value = kValues[static_cast<unsigned char>(text[i])];
    if (value < 0) return Misfit::type;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      *to++ = static_cast<char>(bits >> held);
    }
  }
  if (held != 0 && (bits & ((1u << held) - 1)) != 0) return Misfit::type;
  out.raw = Text(begin, static_cast<std::size_t>(to - begin));
  return Misfit::none;
}

std::string shown_text(std::string_view text) {
  constexpr std::size_t kShown = 60;
  std::string shown;
  shown += '"';
  std::size_t cut = text.size();
  if (cut > kShown) {
    cut = kShown;
    while (cut != 0 && (text[cut] & 0xc0) == 0x80) --cut;
  }
  for (const char c : replace_bad_utf8(text.substr(0, cut))) {
    if (c == '"' || c == '\\') shown += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      shown += c;
    } else {
      constexpr char kHex[] = "0123456789abcdef";
      shown += "\\u00";
      shown += kHex[c >> 4];
      shown += kHex[c & 15];
    }
  }
  shown += cut == text.size() ? "\"" : "…\"";
  return shown;
}

std::string shown_token(std::string_view token) {
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') return shown_text(token.substr(1, token.size() - 2));
  const std::string shown = shown_text(token);
  return shown.substr(1, shown.size() - 2);
}

std::string misfit_text(Misfit why, const TypeText& type, std::string_view got) {
  std::string text;
  if (why == Misfit::range) return text.append(got).append(" does not fit ").append(type.name);
  if (why == Misfit::variant) {
    text.append(got).append(" is not one of ");
    for (std::size_t i = 0; i != type.variants.size() && i != 12; ++i) text.append(i == 0 ? "" : ", ").append(type.variants[i]);
    if (type.variants.size() > 12) text.append(", …");
    return text;
  }
  return text.append("expected ").append(type.name).append(", got ").append(got);
}

std::string replace_bad_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  const char* p = bytes.data();
  const char* end = p + bytes.size();
  while (p != end) {
    if (static_cast<signed char>(*p) >= 0) {
      out += *p++;
      continue;
    }
    const int n = utf8_sequence(p, end);
    if (n != 0) {
      out.append(p, static_cast<std::size_t>(n));
      p += n;
      continue;
    }
    out += "\xef\xbf\xbd";
    // The longest beginning of a sequence counts as one bad part (Unicode 15, 3.9).
    const auto lead = static_cast<unsigned char>(*p++);
    if (p == end || lead < 0xc2 || lead > 0xf4) continue;
    const auto second = static_cast<unsigned char>(*p);
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned top = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > top || lead < 0xe0) continue;
    ++p;
    if (lead >= 0xf0 && p != end && (*p & 0xc0) == 0x80) ++p;
  }
  return out;
}

}  // namespace gress::decode
