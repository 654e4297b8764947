#include "runtime/engine/json_writer.h"

#include <cstdio>

namespace gress::engine {
namespace {

/// Length of the well-formed UTF-8 sequence at `i`, 0 if there is none (RFC 3629: no overlong forms, no surrogates).
std::size_t sequence_length(std::string_view s, std::size_t i) {
  const auto byte = [&](std::size_t k) { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0u; };
  const auto follows = [&](std::size_t k) { return (byte(k) & 0xc0) == 0x80; };
  const unsigned b = byte(i);
  if (b < 0x80) return 1;
  if (b >= 0xc2 && b <= 0xdf) return follows(i + 1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    const unsigned c = byte(i + 1);
    if (!follows(i + 1) || !follows(i + 2)) return 0;
    if ((b == 0xe0 && c < 0xa0) || (b == 0xed && c > 0x9f)) return 0;
    return 3;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    const unsigned c = byte(i + 1);
    if (!follows(i + 1) || !follows(i + 2) || !follows(i + 3)) return 0;
    if ((b == 0xf0 && c < 0x90) || (b == 0xf4 && c > 0x8f)) return 0;
    return 4;
  }
  return 0;
}

}  // namespace

std::string json_text(std::string_view s) {
  std::string out = "\"";
  for (std::size_t i = 0; i < s.size();) {
    const std::size_t length = sequence_length(s, i);
    const char c = s[i];
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out.append(s, i, length);
    }
    i += length == 0 ? 1 : length;
  }
  return out += '"';
}

void JsonWriter::separate() {
  if (comma_) out_ += ',';
  comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  out_ += json_text(name);
  out_ += ':';
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) { return raw(json_text(value)); }

JsonWriter& JsonWriter::seconds(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3f", value);
  return raw(buffer);
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace gress::engine
