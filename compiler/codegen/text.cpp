#include "compiler/codegen/text.h"

#include <algorithm>
#include <array>

namespace gress::codegen {

void Printer::raw(std::string_view text) {
  if (!text.empty()) {
    if (text[0] != '#') text_.append(static_cast<std::size_t>(depth_) * 2, ' ');
    text_ += text;
  }
  text_ += '\n';
}

void Printer::close(std::string_view tail) {
  --depth_;
  raw(fmt::format("}}{}", tail));
}

void Printer::line_directive(std::uint32_t line, std::string_view file) {
  raw(fmt::format("#line {} {}", line, literal(file)));
}

std::string finish_lines(std::string_view text, std::string_view file) {
  std::string out;
  std::uint32_t number = 1;
  for (std::size_t at = 0; at < text.size(); ++number) {
    const std::size_t end = text.find('\n', at);
    const std::string_view line = text.substr(at, end == std::string_view::npos ? end : end - at);
    if (line == Printer::kLineReset)
      out += fmt::format("#line {} {}", number + 1, literal(file));
    else
      out += line;
    out += '\n';
    at = end == std::string_view::npos ? text.size() : end + 1;
  }
  return out;
}

namespace {

std::string quoted(std::string_view bytes) {
  std::string out = "\"";
  for (const char c : bytes) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (u >= 0x20 && u < 0x7f && c != '"' && c != '\\' && c != '?') {
      out += c;
    } else {
      out += fmt::format("\\{:03o}", u);
    }
  }
  return out + '"';
}

}  // namespace

std::string literal(std::string_view bytes) {
  // A NUL would end what is made from an address alone.
  return bytes.find('\0') == std::string_view::npos ? quoted(bytes) : fmt::format("std::string_view({}, {})", quoted(bytes), bytes.size());
}

std::string text_literal(std::string_view bytes) {
  constexpr std::size_t kInline = 15;  // Text::kInline: those are in the Text itself
  return bytes.size() <= kInline ? fmt::format("Text({}, {})", quoted(bytes), bytes.size())
                                 : fmt::format("Text::lasting({{{}, {}}})", quoted(bytes), bytes.size());
}

std::string unwrapped(const std::string& expression) {
  if (expression.size() < 2 || expression.front() != '(' || expression.back() != ')') return expression;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i != expression.size(); ++i) {
    const char c = expression[i];
    if (c == '"') quoted = !quoted;  // literal() writes quotes inside of text as octal
    if (quoted) continue;
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (depth == 0 && i + 1 != expression.size()) return expression;
  }
  return unwrapped(expression.substr(1, expression.size() - 2));
}

std::string comment(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == '\r') break;
    // A backslash at the end of a line would continue the comment; none is let through at all.
    out += c >= 0x20 && c < 0x7f && c != '\\' ? c : '.';
    if (out.size() == 100) {
      out += "...";
      break;
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

namespace {

/// C++ keywords and alternative tokens, and macros of headers.
constexpr std::array kWords = {
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
    "char8_t", "char16_t", "char32_t", "class", "compl", "concept", "const", "consteval", "constexpr", "constinit",
    "const_cast", "continue", "co_await", "co_return", "co_yield", "decltype", "default", "delete", "do", "double",
    "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
    "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
    "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "return", "short", "signed",
    "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local",
    "throw", "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void",
    "volatile", "wchar_t", "while", "xor", "xor_eq",
    "alloca", "assert", "errno", "issubnormal", "linux", "major", "math_errhandling", "minor", "offsetof", "sched_priority",
    "sigmask", "stderr", "stdin", "stdout", "strdupa", "strndupa", "unix",
};
/// The generated code's own words.
constexpr std::array kReserved = {
    "add", "absent", "block", "clear", "copy", "dense", "emit", "ev", "fn", "gress", "hash", "i",
    "i32", "i64", "f32", "f64", "in", "into", "from", "kDense", "key", "key_of", "late", "main", "members",
    "merge", "n", "o", "op", "out", "p", "params", "r", "result", "row", "rows", "run", "s", "state", "std",
    "update", "watermark", "wire", "decode", "engine", "end", "start",
    "k", "m", "then_emit", "process", "names", "fields", "other", "time", "self", "text", "position", "record",
};
/// How names begin that stand in the structs around a local variable or field, and macros of the headers.
constexpr std::array kReservedStarts = {"aggregate_", "fail_", "flow_", "fn_", "lookup_", "read_time", "regex_", "row_",
                                        "sa_", "si_", "table_", "watermark_", "zone_"};

bool is_shouting(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_word(std::string_view name) { return std::find(kWords.begin(), kWords.end(), name) != kWords.end(); }

bool is_reserved(std::string_view name) {
  return is_word(name) || std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end() ||
         std::any_of(kReservedStarts.begin(), kReservedStarts.end(), [&](std::string_view start) { return name.starts_with(start); });
}

/// A name as C++ lets users have it.
std::string suffixed(std::string_view name, std::string_view suffix) {
  return fmt::format("{}{}{}", name[0] == '_' ? "u" : "", name, suffix);
}

}  // namespace

std::string identifier(std::string_view name) {
  const bool upper = name[0] >= 'A' && name[0] <= 'Z';
  return upper || name.back() == '_' || name[0] == '_' || is_reserved(name) ? suffixed(name, "_") : std::string(name);
}

std::string type_identifier(std::string_view name) {
  const bool upper = name[0] >= 'A' && name[0] <= 'Z';
  return !upper || is_shouting(name) || name.back() == '_' ? suffixed(name, name.back() == '_' ? "type" : "_type") : std::string(name);
}

std::string host_name(std::string_view name) {
  return is_word(name) || is_shouting(name) || name.starts_with("__") ? fmt::format("{}{}_", name.starts_with("__") ? "u" : "", name) : std::string(name);
}

std::string Names::fresh(std::string_view name) { return take(identifier(name)); }

std::string Names::take(const std::string& base) {
  std::string found = base;
  for (int n = 2; !taken_.insert(found).second; ++n) found = fmt::format("{}{}{}", base, base.back() == '_' ? "" : "_", n);
  return found;
}

}  // namespace gress::codegen
