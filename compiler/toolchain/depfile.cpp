#include "compiler/toolchain/depfile.h"

#include <filesystem>
#include <set>

#include "compiler/toolchain/failure.h"

namespace gress::toolchain {

namespace {

/// A path as make reads it and C++ compilers write it: a backslash is one unless it stands before what it escapes.
std::string make_path(const std::string& path) {
  if (path.find_first_of("\n\r") != std::string::npos) {
    throw Failure(exit_usage, "a dependency file cannot name a path with a line break", {"rename the file"});
  }
  std::string out;
  std::size_t slashes = 0;  // just before
  for (char c : path) {
    if (c == ' ' || c == '\t' || c == '#' || c == ':') out.append(slashes + 1, '\\');
    if (c == '$') out += '$';
    slashes = c == '\\' ? slashes + 1 : 0;
    out += c;
  }
  return out;
}

}  // namespace

std::string depfile_text(const std::string& output, const std::vector<std::string>& inputs) {
  std::string out = make_path(output) + ':';
  std::set<std::string> seen;  // one file may be known by two paths
  for (const std::string& input : inputs) {
    const std::string path = std::filesystem::absolute(input).lexically_normal().string();
    if (seen.insert(path).second) out += " \\\n  " + make_path(path);
  }
  return out + '\n';
}

}  // namespace gress::toolchain
