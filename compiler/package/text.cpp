#include "compiler/package/text.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "compiler/toolchain/failure.h"
#include "dsl/source/utf8.h"

namespace gress::package {

using toolchain::exit_usage;
using toolchain::Failure;

namespace {

std::string hexadecimal(char c) {
  constexpr char digits[] = "0123456789abcdef";
  const unsigned char byte = static_cast<unsigned char>(c);
  return {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

/// In double quotes, with escapes that YAML and systemd have in common.
std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at != text.size();) {
    const std::size_t begin = at;
    const char32_t c = dsl::decode_utf8(text, at);
    if (c == dsl::invalid_utf8) throw Failure(exit_usage, "a value is not UTF-8", {"files of deployments hold text only"});
    if (c == '"' || c == '\\')
      out += std::string{'\\', text[begin]};
    else if (c < 0x20 || c == 0x7f)
      out += hexadecimal(text[begin]);
    else
      out += text.substr(begin, at - begin);
  }
  return out + '"';
}

std::string doubled(std::string_view text, char which) {
  std::string out;
  for (char c : text) out.append(c == which ? 2 : 1, c);
  return out;
}

const std::string& value_of(const Holes& holes, std::string_view name, std::set<std::string_view>& used) {
  for (const auto& [hole, value] : holes) {
    if (hole != name) continue;
    used.insert(hole);
    return value;
  }
  throw std::logic_error("a template's hole `" + std::string(name) + "` has no value");
}

std::string fill_line(std::string_view line, const Holes& holes, std::set<std::string_view>& used) {
  std::string out;
  for (;;) {
    const std::size_t begin = line.find("{{");
    out += line.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const std::size_t end = line.find("}}", begin);
    if (end == std::string_view::npos) throw std::logic_error("a template's hole has no end");
    const std::string& value = value_of(holes, line.substr(begin + 2, end - begin - 2), used);
    const bool alone = out.size() == begin && out.find_first_not_of(' ') == std::string::npos && end + 2 == line.size();
    if (alone && value.empty()) return "";
    const std::string indent(alone ? begin : 0, ' ');
    for (char c : value) {
      out += c;
      if (c == '\n') out += indent;
    }
    line.remove_prefix(end + 2);
  }
}

}  // namespace

std::string fill(std::string_view text, const Holes& holes) {
  std::string out;
  std::set<std::string_view> used;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::string filled = fill_line(line, holes, used);
    if (!filled.empty() || line.empty()) out += filled + '\n';
  }
  if (used.size() != holes.size()) throw std::logic_error("a template has no hole for one of its values");
  return out;
}

std::string yaml_text(std::string_view text) { return double_quoted(text); }
std::string compose_text(std::string_view text) { return double_quoted(doubled(text, '$')); }
std::string systemd_word(std::string_view text) { return double_quoted(doubled(text, '%')); }

std::string systemd_line(std::string_view text) { return doubled(comment_text(text), '%'); }

std::string docker_path(std::string_view path) {
  for (char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && std::string_view("._-+/ ").find(c) == std::string_view::npos) {
      throw Failure(exit_usage, "a Dockerfile cannot name `" + std::string(path) + "`",
                    {"rename it: letters, digits, spaces and `._-+` are taken as they are"});
    }
  }
  return '"' + std::string(path) + '"';
}

std::string comment_text(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, text.find('\n')))
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out += c;
  while (out.ends_with('\\')) out.pop_back();  // it would join the next line to this one
  return out;
}

std::string remark(std::string_view text) { return text.empty() ? "" : "  # " + comment_text(text); }

}  // namespace gress::package
