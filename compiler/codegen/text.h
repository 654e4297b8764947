// The one way in which anything becomes C++ text: indented lines, escaped literals, safe identifiers.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace gress::codegen {

/// Lines of C++ with indentation. Braces are opened and closed by open()/close(), so they always match.
class Printer {
 public:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    raw(fmt::format(format, std::forward<Args>(args)...));
  }
  /// One line as it is; an empty one stays empty.
  void raw(std::string_view text);
  void blank() { text_ += '\n'; }
  /// `head {` and one level deeper.
  template <class... Args>
  void open(fmt::format_string<Args...> format, Args&&... args) {
    raw(fmt::format(format, std::forward<Args>(args)...) + " {");
    ++depth_;
  }
  void close(std::string_view tail = "");
  /// `#line` back to the program, and a comment with the stage as written.
  void line_directive(std::uint32_t line, std::string_view file);
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
  int depth_ = 0;
};

/// A C++ string literal of exactly these bytes: plain printable ASCII as it is, everything else (quotes, backslashes,
/// `?`, control characters, non-ASCII) as three-digit octal escapes.
std::string literal(std::string_view bytes);
/// `Text("…", n)`.
std::string text_literal(std::string_view bytes);
/// Text for a `//` comment: one line, printable ASCII only, cut when long.
std::string comment(std::string_view text);

/// A program's name as a C++ identifier: itself, unless C++ or the generated code's own vocabulary uses it.
std::string identifier(std::string_view name);

/// Identifiers of one scope; asking twice for a name gives `name_2`.
class Names {
 public:
  std::string fresh(std::string_view name);
  void reserve(std::string_view name) { taken_.insert(std::string(name)); }

 private:
  std::set<std::string> taken_;
};

}  // namespace gress::codegen
