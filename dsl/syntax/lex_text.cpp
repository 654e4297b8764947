// Text: "…" with escapes and interpolation, '…' raw.
#include "dsl/source/utf8.h"
#include "dsl/syntax/lexer_impl.h"

namespace gress::dsl {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Reads `\u{1F600}` at `at` (on the backslash); false if it is malformed. `at` moves behind what belongs to it.
bool unicode_escape(std::string_view text, std::size_t& at, char32_t& c) {
  at += 2;
  if (at >= text.size() || text[at] != '{') return false;
  ++at;
  c = 0;
  std::size_t digits = 0;
  bool good = true;
  for (; at < text.size() && hex_value(text[at]) >= 0; ++at, ++digits) {
    if (digits < 6) c = c * 16 + static_cast<char32_t>(hex_value(text[at]));
  }
  good = digits >= 1 && digits <= 6 && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
  if (at >= text.size() || text[at] != '}') return false;
  ++at;
  return good;
}

char simple_escape(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '\\': case '"': case '{': case '}': return c;
    default: return '\0';
  }
}

}  // namespace

std::string unescape(std::string_view written) {
  std::string out;
  out.reserve(written.size());
  for (std::size_t at = 0; at < written.size();) {
    if (written[at] != '\\' || at + 1 == written.size()) {
      out += written[at++];
      continue;
    }
    const char kind = written[at + 1];
    if (kind == 'u') {
      const std::size_t begin = at;
      char32_t c = 0;
      if (unicode_escape(written, at, c)) append_utf8(out, c);
      else out += written.substr(begin, at - begin);
    } else if (const char c = simple_escape(kind); c != '\0' || kind == '0') {
      out += c;
      at += 2;
    } else {
      out += written[at++];
    }
  }
  return out;
}

namespace detail {

void Lexer::plain_character(bool in_text) {
  const auto byte = static_cast<unsigned char>(text_[at_]);
  if (byte >= 0x20 && byte < 0x7F) {
    ++at_;
    return;
  }
  const std::size_t begin = at_;
  const char32_t c = decode_utf8(text_, at_);
  if (c == invalid_utf8) {
    at_ = begin;
    bad_byte();
  } else if (is_bidi_control(c)) {
    report(Code::W0101, begin, at_, "a bidirectional control in the source text: what is shown is not what is read")
        .help(in_text ? "write it as `\\u{…}`" : "remove it");
  } else if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7F) {
    report(Code::E0111, begin, at_, c == 0 ? "a NUL byte in the source text" : "a control character in the source text")
        .help(in_text ? "write it as `\\u{…}` within \"…\"" : "remove it");
  }
}

void Lexer::open_text() {
  open_.push_back({at_, 0, 0});
  add(TokenKind::string_begin, at_, at_ + 1);
  ++at_;
}

void Lexer::text_body() {
  const std::size_t begin = at_;
  const auto flush = [&] {
    if (at_ > begin) add(TokenKind::string_text, begin, at_);
  };
  while (!at_line_end()) {
    const char c = peek();
    if (c == '"') {
      flush();
      add(TokenKind::string_end, at_, at_ + 1);
      ++at_;
      open_.pop_back();
      return;
    }
    if (c == '{') {
      flush();
      open_.back().braces = 1;
      open_.back().interpolation = at_;
      add(TokenKind::interpolation_begin, at_, at_ + 1);
      ++at_;
      return;
    }
    if (c == '\\') {
      escape();
    } else {
      plain_character(true);
    }
  }
  // A carriage return before the newline is the line's end, not text.
  if (at_ > begin && text_[at_ - 1] == '\r') --at_;
  flush();
  close_unfinished_text();
}

void Lexer::escape() {
  const std::size_t begin = at_;
  const char kind = peek(1);
  if (kind == 'u') {
    char32_t c = 0;
    const std::string_view line = text_.substr(0, text_.find('\n', at_));
    if (!unicode_escape(line, at_, c)) {
      report(Code::E0105, begin, at_, "`\\u` is followed by one to six hexadecimal digits in braces")
          .help("write it as in `\\u{1F600}`; the code point must exist and be no surrogate");
    }
    return;
  }
  ++at_;
  if (at_line_end()) {
    report(Code::E0104, begin, at_, "a backslash at the end of a line: text does not go on on the next");
    return;
  }
  if (simple_escape(kind) != '\0' || kind == '0') {
    ++at_;
    return;
  }
  std::size_t end = at_;
  decode_utf8(text_, end);
  const std::string written = to_valid_utf8(text_.substr(begin, end - begin));
  plain_character(true);
  Diagnostic& d = report(Code::E0104, begin, end, "unknown escape `" + written + "`");
  if (kind == '\'') {
    d.help("`'` needs no escape within \"…\"");
  } else {
    d.help("the escapes are `\\n \\t \\r \\0 \\\\ \\\" \\{ \\} \\u{…}`; a regular expression is written raw, '…'");
  }
}

void Lexer::close_unfinished_text() {
  // Text ends with its line. All open literals and interpolations of the line end here, so that tokens stay paired.
  const OpenText& outermost = open_.front();
  Diagnostic& d = report(Code::E0103, outermost.begin, at_, "this text does not end on its line");
  if (open_.back().braces > 0) {
    d.at(range(open_.back().interpolation, open_.back().interpolation + 1), "this interpolation is still open");
    d.help("a `{` that is meant as such is written `\\{`");
    if (!at_end() && peek() == '/') d.note("a comment cannot stand within an interpolation");
  } else {
    d.help("text ends with `\"`; a newline within it is written `\\n`");
  }
  while (!open_.empty()) {
    if (open_.back().braces > 0) add(TokenKind::interpolation_end, at_, at_);
    add(TokenKind::string_end, at_, at_);
    open_.pop_back();
  }
}

void Lexer::raw_text() {
  const std::size_t begin = at_++;
  while (!at_line_end() && peek() != '\'') plain_character(true);
  if (at_line_end()) {
    if (text_[at_ - 1] == '\r' && at_ - 1 > begin) --at_;
    report(Code::E0103, begin, at_, "this raw text does not end on its line")
        .help("raw text ends with `'`; text with a `'` in it is written \"…\"");
  } else {
    ++at_;
  }
  add(TokenKind::raw_string, begin, at_);
}

}  // namespace detail
}  // namespace gress::dsl
