// A small writer of JSON text: commas and escapes, nothing else. Escapes everything that is not plain text.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace gress::dsl {

class JsonWriter {
 public:
  void begin_object() { comma(); out_ += '{'; fresh_ = true; }
  void end_object() { out_ += '}'; fresh_ = false; }
  void begin_array() { comma(); out_ += '['; fresh_ = true; }
  void end_array() { out_ += ']'; fresh_ = false; }
  JsonWriter& key(std::string_view name) {
    comma();
    quote(name);
    out_ += ':';
    fresh_ = true;
    return *this;
  }
  void string(std::string_view text) { comma(); quote(text); }
  void number(std::int64_t value) { comma(); out_ += std::to_string(value); }
  void boolean(bool value) { comma(); out_ += value ? "true" : "false"; }
  void null() { comma(); out_ += "null"; }
  /// Text that is JSON already.
  void raw(std::string_view text) { comma(); out_ += text; }
  /// Line break for readers; may stand wherever white space may.
  void line() { out_ += '\n'; }
  std::string take() { return std::move(out_); }

 private:
  void comma() {
    if (!fresh_ && !out_.empty()) out_ += ',';
    fresh_ = false;
  }
  void quote(std::string_view text) {
    out_ += '"';
    for (unsigned char c : text) {
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += static_cast<char>(c);
      } else if (c < 0x20) {
        constexpr char hex[] = "0123456789abcdef";
        out_ += "\\u00";
        out_ += hex[c >> 4];
        out_ += hex[c & 15];
      } else {
        out_ += static_cast<char>(c);
      }
    }
    out_ += '"';
  }

  std::string out_;
  bool fresh_ = true;  // no comma before the next value
};

}  // namespace gress::dsl
