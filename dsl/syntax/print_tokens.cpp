#include "dsl/syntax/print.h"

namespace gress::dsl {

std::string print_tokens(const std::vector<Token>& tokens, const SourceManager& sources) {
  std::string out;
  for (const Token& token : tokens) {
    const Position at = sources.position(token.range);
    const std::string_view name = name_of(token.kind);
    const std::string_view text = sources.text(token.range);
    out += std::to_string(at.line) + ':' + std::to_string(at.column) + ' ';
    out += name;
    if (text != name && !text.empty()) {
      out += ' ';
      out += text;
    }
    if (token.kind == TokenKind::duration || token.kind == TokenKind::timestamp) {
      out += " = " + std::to_string(token.value) + "us";
    } else if (token.kind == TokenKind::size) {
      out += " = " + std::to_string(token.value) + 'B';
    }
    out += '\n';
  }
  return out;
}

}  // namespace gress::dsl
