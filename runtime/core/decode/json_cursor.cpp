#include "runtime/core/decode/json_cursor.h"

#include "runtime/core/decode/utf8.h"
#include "runtime/core/decode/values.h"

namespace gress::decode {
namespace {

int hex4(const char* p, const char* end) {
  if (end - p < 4) return -1;
  int value = 0;
  for (int i = 0; i != 4; ++i) {
    const char c = p[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

char* put_utf8(char* to, int code) {
  if (code < 0x80) {
    *to++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *to++ = static_cast<char>(0xc0 | code >> 6);
    *to++ = static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    *to++ = static_cast<char>(0xe0 | code >> 12);
    *to++ = static_cast<char>(0x80 | (code >> 6 & 63));
    *to++ = static_cast<char>(0x80 | (code & 63));
  } else {
    *to++ = static_cast<char>(0xf0 | code >> 18);
    *to++ = static_cast<char>(0x80 | (code >> 12 & 63));
    *to++ = static_cast<char>(0x80 | (code >> 6 & 63));
    *to++ = static_cast<char>(0x80 | (code & 63));
  }
  return to;
}

}  // namespace

bool JsonCursor::skip_escape() {
  if (end - p < 2) return p = end, unterminated();
  const char c = p[1];
  if (c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't') {
    p += 2;
    return true;
  }
  if (c != 'u') return expected("unknown escape");
  const int code = hex4(p + 2, end);
  if (code < 0) return expected("`\\u` wants four hexadecimal digits");
  if (code >= 0xd800 && code < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u') {
    const int low = hex4(p + 8, end);
    if (low >= 0xdc00 && low < 0xe000) {
      p += 12;
      return true;
    }
  }
  if (code >= 0xd800 && code < 0xe000) return expected("half of a surrogate pair");
  p += 6;
  return true;
}

std::string_view JsonCursor::unescape(std::string_view raw) {
  char* first = arena.allocate(raw.size());
  char* to = first;
  const char* stop = raw.data() + raw.size();
  for (const char* at = raw.data(); at != stop;) {
    const auto* slash = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(stop - at)));
    const char* plain = slash == nullptr ? stop : slash;
    std::memcpy(to, at, static_cast<std::size_t>(plain - at));
    to += plain - at;
    if (slash == nullptr) break;
    at = slash + 2;
    switch (slash[1]) {
      case 'b': *to++ = '\b'; break;
      case 'f': *to++ = '\f'; break;
      case 'n': *to++ = '\n'; break;
      case 'r': *to++ = '\r'; break;
      case 't': *to++ = '\t'; break;
      case 'u': {
        int code = hex4(at, stop);
        at += 4;
        if (code >= 0xd800 && code < 0xdc00) {
          code = 0x10000 + ((code - 0xd800) << 10) + (hex4(at + 2, stop) - 0xdc00);
          at += 6;
        }
        to = put_utf8(to, code);
        break;
      }
      default: *to++ = slash[1];
    }
  }
  return {first, static_cast<std::size_t>(to - first)};
}

bool JsonCursor::skip_value() {
  // One bit a level: 1 for an object, 0 for a list.
  std::uint64_t objects[kMaxDepth / 64] = {};
  int level = 0;
  const auto in_object = [&] { return (objects[(level - 1) / 64] >> ((level - 1) % 64) & 1) != 0; };
  for (;;) {
    // At a value.
    bool done = true;
    switch (peek()) {
      case '"': {
        RawString s;
        if (!string(s)) return false;
        break;
      }
      case '{':
      case '[': {
        const bool object = *p++ == '{';
        if (level + depth >= kMaxDepth) return fail("nested deeper than 1024 levels");
        objects[level / 64] = (objects[level / 64] & ~(std::uint64_t{1} << (level % 64))) | static_cast<std::uint64_t>(object) << (level % 64);
        ++level;
        skip_space();
        if (take(object ? '}' : ']')) {
          --level;
          break;
        }
        if (object) {
          RawString name;
          if (!member_name(name)) return false;
        }
        done = false;
        break;
      }
      case 't':
        if (!take_word("true")) return expected("expected a value");
        break;
      case 'f':
        if (!take_word("false")) return expected("expected a value");
        break;
      case 'n':
        if (!take_word("null")) return expected("expected a value");
        break;
      default: {
        const char* after = scan_json_number(p, end);
        if (after == nullptr) return expected("expected a value");
        p = after;
      }
    }
    while (done && level != 0) {
      bool more;
      const bool object = in_object();
      if (!next_member(object ? '}' : ']', more)) return false;
      if (!more) {
        --level;
        continue;
      }
      if (object) {
        RawString name;
        if (!member_name(name)) return false;
      }
      done = false;
    }
    if (done) return true;
  }
}

bool JsonCursor::expected(std::string_view what) {
  malformed = true;
  if (p >= end) return fail(std::string(what) + ", got the end of the line");
  return fail(std::string(what) + " at byte " + std::to_string(p - begin + 1));
}
bool JsonCursor::fail(std::string why) {
  error = std::move(why);
  return false;
}
bool JsonCursor::within(std::string_view name) {
  if (malformed) return false;
  if (!path.empty() && path.front() != '[') path.insert(0, 1, '.');
  path.insert(0, name);
  return false;
}
bool JsonCursor::within(std::size_t index) {
  if (malformed) return false;
  if (!path.empty() && path.front() != '[') path.insert(0, 1, '.');
  path.insert(0, "[" + std::to_string(index) + "]");
  return false;
}

std::string JsonCursor::shown(const char* token) const {
  if (token == end) return "the end of the line";
  if (*token == '{') return "an object";
  if (*token == '[') return "a list";
  if (*token != '"') return shown_token({token, static_cast<std::size_t>(bare_end(token, end) - token)});
  const char* close = token + 1;
  while (close < end && *close != '"') close += *close == '\\' ? 2 : 1;
  close = close < end ? close + 1 : end;
  return shown_token({token, static_cast<std::size_t>(close - token)});
}

std::string JsonCursor::message() const {
  if (malformed || path.empty()) return error;
  return "field `" + path + "`: " + error;
}

bool JsonCursor::unterminated() {
  malformed = true;
  return fail("unterminated string");
}
bool JsonCursor::control_character() {
  malformed = true;
  return fail("control character in a string at byte " + std::to_string(p - begin + 1));
}
bool JsonCursor::check_utf8(std::string_view text) {
  if (is_utf8(text.data(), text.data() + text.size())) return true;
  malformed = true;
  return fail("a string is not valid UTF-8");
}

}  // namespace gress::decode
