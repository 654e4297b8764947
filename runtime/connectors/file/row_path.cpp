#include "runtime/connectors/file/row_path.h"

#include <algorithm>

namespace gress::file {
namespace {

constexpr std::size_t kLongestName = 255, kLongestPath = 4000;

bool stands_as_it_is(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

Text path_value(Eval& ev, const Text& value) {
  const std::string_view text = value.view();
  const bool dots = text == "." || text == "..";
  if (!dots && std::all_of(text.begin(), text.end(), stands_as_it_is)) return value;
  std::string out;
  for (const char c : text) {
    if (!dots && stands_as_it_is(c)) {
      out += c;
      continue;
    }
    constexpr char kDigits[] = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return ev.arena.copy(out);
}

std::string path_problem(std::string_view path, std::size_t fixed) {
  if (path.size() > kLongestPath) return "it is longer than " + std::to_string(kLongestPath) + " bytes";
  // The part that the program wrote ends at a folder, or in the middle of a name.
  std::size_t at = path.substr(0, fixed).find_last_of('/');
  at = at == std::string_view::npos ? 0 : at + 1;
  for (;;) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view name = path.substr(at, end - at);
    if (name.empty()) return "a name in it is empty";
    if (name == "." || name == "..") return "`" + std::string(name) + "` is no name";
    if (name.size() > kLongestName) return "a name in it is longer than " + std::to_string(kLongestName) + " bytes";
    if (name.find('\0') != std::string_view::npos) return "it holds a zero byte";
    if (end == path.size()) return "";
    at = end + 1;
  }
}

}  // namespace gress::file
