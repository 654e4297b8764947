// One JSON object a line, for editors and CI. Ranges are byte offsets, lines and columns are 1-based.
#include "dsl/diagnostics/render.h"
#include "dsl/source/utf8.h"

namespace gress::dsl::detail {

namespace {

void quoted(std::string& out, std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  out += '"';
  for (char c : to_valid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void member(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  quoted(out, value);
}

/// `"file":…,"line":…,…` without braces; nothing but null when the range lies in no file.
void place(std::string& out, Range range, const SourceManager& sources) {
  if (range.file >= sources.size()) {
    out += "\"file\":null";
    return;
  }
  const SourceFile& file = sources.file(range.file);
  const Position begin = file.position(range.begin);
  const Position end = file.position(range.end);
  out += "\"file\":";
  quoted(out, file.name());
  out += ",\"line\":" + std::to_string(begin.line) + ",\"column\":" + std::to_string(begin.column) +
         ",\"end_line\":" + std::to_string(end.line) + ",\"end_column\":" + std::to_string(end.column) +
         ",\"begin\":" + std::to_string(range.begin) + ",\"end\":" + std::to_string(range.end);
}

void texts(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  out += ",\"";
  out += name;
  out += "\":[";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ',';
    quoted(out, values[i]);
  }
  out += ']';
}

}  // namespace

void render_json(std::string& out, const Diagnostic& diagnostic, const SourceManager& sources) {
  const CodeInfo& code = info(diagnostic.code);
  out += "{\"severity\":";
  quoted(out, word(code.severity));
  member(out, "code", code.id);
  member(out, "name", code.slug);
  member(out, "message", diagnostic.message);
  out += ',';
  place(out, diagnostic.range, sources);
  member(out, "label", diagnostic.label);
  out += ",\"labels\":[";
  for (std::size_t i = 0; i < diagnostic.labels.size(); ++i) {
    if (i != 0) out += ',';
    out += '{';
    place(out, diagnostic.labels[i].range, sources);
    member(out, "text", diagnostic.labels[i].text);
    out += '}';
  }
  out += ']';
  texts(out, "notes", diagnostic.notes);
  texts(out, "helps", diagnostic.helps);
  out += ",\"fixes\":[";
  for (std::size_t i = 0; i < diagnostic.fixes.size(); ++i) {
    if (i != 0) out += ',';
    out += '{';
    place(out, diagnostic.fixes[i].range, sources);
    member(out, "title", diagnostic.fixes[i].title);
    member(out, "replacement", diagnostic.fixes[i].text);
    out += '}';
  }
  out += "]}\n";
}

}  // namespace gress::dsl::detail
