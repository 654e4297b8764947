#include "compiler/toolchain/config.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "compiler/toolchain/files.h"

namespace gress::toolchain {

std::string own_path() {
  char buffer[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", buffer, sizeof buffer);
  if (size <= 0)
    throw Failure(exit_unavailable, "cannot read /proc/self/exe", {"set GRESS_HOME to where Gress is installed"});
  return {buffer, static_cast<std::size_t>(size)};
}

namespace {

std::string config_path() {
  if (const char* home = std::getenv("GRESS_HOME"); home != nullptr && *home != 0) {
    return std::string(home) + "/share/gress/toolchain.conf";
  }
  return folder_of(folder_of(own_path())) + "/share/gress/toolchain.conf";
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

Config load_config() {
  Config config;
  config.path = config_path();
  std::string text;
  if (!try_read_file(config.path, text)) {
    throw Failure(exit_unavailable, "the runtime is not found: cannot read `" + config.path + "`",
                  {"set GRESS_HOME to the folder in which Gress is installed"});
  }
  const std::string home = folder_of(config.path);
  const auto absolute = [&](const std::string& path) { return path.starts_with('/') ? path : home + '/' + path; };
  for (std::size_t at = 0, line = 1; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string entry = trimmed(text.substr(at, end - at));
    at = end + 1;
    if (entry.empty() || entry[0] == '#') continue;
    const std::size_t equals = entry.find('=');
    const std::string key = trimmed(entry.substr(0, equals));
    const std::string value = equals == std::string::npos ? "" : trimmed(entry.substr(equals + 1));
    if (key == "version")
      config.version = value;
    else if (key == "compiler")
      config.compiler = value;
    else if (key == "include")
      config.include = absolute(value);
    else if (key == "headers")
      config.headers = absolute(value);
    else if (key == "precompile")
      config.precompile = value;
    else if (key == "library")
      config.libraries.push_back(absolute(value));
    else if (key == "heap")
      config.heap = value;
    else if (key == "link")
      config.links.push_back(value);
    else if (key == "flag")
      config.flags.push_back(value);
    else
      throw Failure(exit_unavailable, config.path + ":" + std::to_string(line) + ": unknown key `" + key + "`",
                    {"gressc and the runtime it found are of different versions: install Gress again"});
  }
  if (config.include.empty()) throw Failure(exit_unavailable, config.path + ": `include` is missing");
  return config;
}

}  // namespace gress::toolchain
