#include "runtime/engine/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>

#include "runtime/engine/failure.h"

namespace gress::engine {
namespace {

/// Zero, or the error number.
int read_all(const std::string& path, std::string& text) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  char buffer[16384];
  int error = 0;
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) error = errno;
    if (n <= 0) break;
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return error;
}

const char* kind(const YAML::Node& node) {
  return node.IsSequence() ? "a list" : node.IsMap() ? "a map" : node.IsNull() ? "nothing" : "a value";
}

}  // namespace

ConfigFile read_config_file(const std::string& path) {
  ConfigFile file;
  std::string text;
  if (const int error = read_all(path, text)) {
    file.unreadable = true;
    file.problems.push_back("cannot read config file `" + path + "`: " + error_text(error));
    return file;
  }
  const auto problem = [&](const YAML::Mark& mark, const std::string& what) {
    file.problems.push_back(path + ":" + std::to_string(mark.line + 1) + ": " + what);
  };
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsDefined() || root.IsNull()) return file;
    if (!root.IsMap()) {
      problem(root.Mark(), std::string("expected `name: value` lines, got ") + kind(root));
      return file;
    }
    for (const auto& pair : root) {
      if (!pair.first.IsScalar()) {
        problem(pair.first.Mark(), std::string("expected a name, got ") + kind(pair.first));
        continue;
      }
      const std::string& name = pair.first.Scalar();
      const int line = pair.first.Mark().line + 1;
      bool repeated = false;
      for (const ConfigFile::Entry& e : file.entries) {
        if (e.name != name) continue;
        problem(pair.first.Mark(),
                "`" + name + "` stands a second time; it was given in line " + std::to_string(e.line));
        repeated = true;
      }
      if (repeated) continue;
      if (!pair.second.IsScalar()) {
        problem(pair.second.IsNull() ? pair.first.Mark() : pair.second.Mark(),
                "`" + name + "`: expected a plain value, got " + kind(pair.second));
        continue;
      }
      file.entries.push_back({name, pair.second.Scalar(), line});
    }
  } catch (const YAML::Exception& e) {
    problem(e.mark, "not YAML: " + e.msg);
  }
  return file;
}

}  // namespace gress::engine
