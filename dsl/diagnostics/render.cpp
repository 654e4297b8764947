#include "dsl/diagnostics/render.h"

#include "dsl/source/utf8.h"

namespace gress::dsl {

std::string render(const Diagnostics& diagnostics, const SourceManager& sources, MessageFormat format, bool colour) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    switch (format) {
      case MessageFormat::human: detail::render_human(out, diagnostic, sources, colour); break;
      case MessageFormat::short_: detail::render_short(out, diagnostic, sources); break;
      case MessageFormat::json: detail::render_json(out, diagnostic, sources); break;
    }
  }
  return out;
}

namespace detail {

void render_short(std::string& out, const Diagnostic& diagnostic, const SourceManager& sources) {
  const CodeInfo& code = info(diagnostic.code);
  if (diagnostic.range.file < sources.size()) {
    const Position at = sources.position(diagnostic.range);
    out += sources.file(diagnostic.range.file).name() + ':' + std::to_string(at.line) + ':' +
           std::to_string(at.column) + ": ";
  }
  out += word(code.severity);
  out += '[';
  out += code.id;
  out += "]: ";
  for (char c : to_valid_utf8(diagnostic.message)) out += c == '\n' ? ' ' : c;
  out += '\n';
}

}  // namespace detail
}  // namespace gress::dsl
