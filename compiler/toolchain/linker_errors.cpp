#include "compiler/toolchain/linker_errors.h"

#include <algorithm>
#include <string_view>

namespace gress::toolchain {

namespace {

/// Behind `mark`, to the end of the line or, where it says so, `close`.
void collect(const std::string& line, std::string_view mark, std::string_view close, std::vector<std::string>& found) {
  const std::size_t at = line.find(mark);
  if (at == std::string::npos) return;
  const std::string rest = line.substr(at + mark.size());
  const std::string name = close.empty() ? rest : rest.substr(0, rest.find(close));
  if (!name.starts_with("gress::") && std::find(found.begin(), found.end(), name) == found.end()) found.push_back(name);
}

}  // namespace

LinkerErrors linker_errors(const std::string& output) {
  LinkerErrors all;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = std::min(output.find('\n', at), output.size());
    const std::string line = output.substr(at, end - at);
    collect(line, "undefined symbol: ", "", all.undefined);
    collect(line, "undefined reference to `", "'", all.undefined);
    collect(line, "duplicate symbol: ", "", all.duplicate);
    collect(line, "multiple definition of `", "'", all.duplicate);
    collect(line, "unable to find library -l", "", all.missing);
    collect(line, "cannot find -l", ":", all.missing);
    at = end + 1;
  }
  return all;
}

}  // namespace gress::toolchain
