#include "runtime/connectors/file/path_glob.h"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace gress::file {
namespace {

class Expansion {
 public:
  Expansion(std::string_view pattern, std::vector<std::string>& unreadable) : unreadable_(unreadable) {
    std::size_t at = 0;
    while (at < pattern.size()) {
      const std::size_t slash = std::min(pattern.find('/', at), pattern.size());
      if (slash != at) parts_.emplace_back(pattern.substr(at, slash - at));
      at = slash + 1;
    }
    walk(pattern.starts_with('/') ? "/" : "", 0);
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  /// `base` is empty or ends with a slash.
  void walk(const std::string& base, std::size_t part) {
    const std::string& pattern = parts_[part];
    const bool last = part + 1 == parts_.size();
    if (pattern == "**") {
      if (!last) walk(base, part + 1);
      for (const std::string& name : names(base)) {
        if (name[0] == '.') continue;
        struct stat st = {};
        if (::lstat((base + name).c_str(), &st) != 0) continue;
        if (S_ISDIR(st.st_mode)) {
          walk(base + name + "/", part);
        } else if (last) {
          file(base + name);
        }
      }
    } else if (!is_pattern(pattern)) {
      step(base + pattern, part, last);
    } else {
      for (const std::string& name : names(base))
        if (::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME | FNM_PERIOD | FNM_NOESCAPE) == 0)
          step(base + name, part, last);
    }
  }

  void step(const std::string& path, std::size_t part, bool last) {
    if (last) {
      file(path);
      return;
    }
    struct stat st = {};
    if (::stat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) walk(path + "/", part + 1);
  }

  void file(const std::string& path) {
    struct stat st = {};
    if (::stat(path.c_str(), &st) == 0) {
      if (!S_ISDIR(st.st_mode)) found_.push_back(path);
      return;
    }
    const int why = errno;  // the name is there: a symbolic link that leads nowhere
    if (::lstat(path.c_str(), &st) == 0) unreadable_.push_back("`" + path + "`: " + std::strerror(why));
  }

  std::vector<std::string> names(const std::string& base) {
    std::vector<std::string> out;
    DIR* folder = ::opendir(base.empty() ? "." : base.c_str());
    if (!folder) {
      if (errno != ENOENT) unreadable_.push_back("`" + (base.empty() ? "." : base) + "`: " + std::strerror(errno));
      return out;
    }
    while (const dirent* entry = ::readdir(folder)) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") out.push_back(name);
    }
    ::closedir(folder);
    return out;
  }

  std::vector<std::string> parts_;
  std::vector<std::string>& unreadable_;
  std::vector<std::string> found_;
};

}  // namespace

bool is_pattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

std::vector<std::string> expand_pattern(const std::string& pattern, std::vector<std::string>& unreadable) {
  if (pattern.find_first_not_of('/') == std::string::npos) return {};
  return Expansion(pattern, unreadable).take();
}

}  // namespace gress::file
