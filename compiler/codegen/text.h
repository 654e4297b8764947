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
  /// `depth`: levels of indentation from the start, for text that goes into a struct.
  explicit Printer(int depth = 0) : depth_(depth) {}
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    raw(fmt::format(format, std::forward<Args>(args)...));
  }
  /// One line as it is; an empty one stays empty.
  void raw(std::string_view text);
  /// Lines that are indented already.
  void text_block(std::string_view text) { text_ += text; }
  void blank() { text_ += '\n'; }
  /// `head {` and one level deeper.
  template <class... Args>
  void open(fmt::format_string<Args...> format, Args&&... args) {
    raw(fmt::format(format, std::forward<Args>(args)...) + " {");
    ++depth_;
  }
  void close(std::string_view tail = "");
  /// `#line` to the program: what follows is spoken of, by debuggers and profilers, as this line of that file …
  void line_directive(std::uint32_t line, std::string_view file);
  /// … until here, where the generated file speaks for itself again; finish_lines() puts in the number.
  void line_reset() { raw(kLineReset); }
  static constexpr std::string_view kLineReset = "#line reset";
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
  int depth_;
};

/// A C++ string literal of exactly these bytes: plain printable ASCII as it is, everything else (quotes, backslashes,
/// `?`, control characters, non-ASCII) as three-digit octal escapes.
std::string literal(std::string_view bytes);
/// `Text("…", n)`.
std::string text_literal(std::string_view bytes);
/// Without the parentheses that enclose all of it.
std::string unwrapped(const std::string& expression);
/// Text for a `//` comment: one line, printable ASCII only, cut when long.
std::string comment(std::string_view text);

/// A program's name as a C++ identifier of a value or member: itself, unless C++ or the generated code's own vocabulary
/// uses it. Never one that begins with a capital letter, so that it hides no type; different for different names.
std::string identifier(std::string_view name);
/// A program's name as that of a struct or enum: always with a capital letter first, or ending in `type`.
std::string type_identifier(std::string_view name);

/// A program's name as that of a member, function or namespace that people write: itself, unless C++ or a macro has it.
std::string host_name(std::string_view name);

/// The whole generated text with every line_reset() as a `#line` of `file`.
std::string finish_lines(std::string_view text, std::string_view file);

/// Identifiers of one scope; asking twice for a name gives `name_2`.
class Names {
 public:
  std::string fresh(std::string_view name);
  /// The same for what is a C++ identifier already.
  std::string take(const std::string& base);
  void reserve(std::string_view name) { taken_.insert(std::string(name)); }

 private:
  std::set<std::string> taken_;
};

}  // namespace gress::codegen
