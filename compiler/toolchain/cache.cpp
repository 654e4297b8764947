#include "compiler/toolchain/cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <vector>

#include "compiler/toolchain/files.h"

namespace gress::toolchain {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t hour = 3600;

std::string wanted_root() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
  };
  if (std::string root = variable("GRESS_CACHE"); !root.empty()) return root;
  if (std::string root = variable("XDG_CACHE_HOME"); root.starts_with('/')) return root + "/gress";
  if (std::string home = variable("HOME"); !home.empty()) return home + "/.cache/gress";
  return "";
}

std::uint64_t bound() {
  std::uint64_t megabytes = 1024;
  if (const char* text = std::getenv("GRESS_CACHE_SIZE"); text != nullptr) {
    const std::string_view digits = text;
    std::from_chars(digits.data(), digits.data() + digits.size(), megabytes);
  }
  return megabytes << 20;
}

std::uint64_t size_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    const std::uint64_t size = fs::file_size(path, error);
    return error ? 0 : size;
  }
  std::uint64_t total = 0;
  for (fs::recursive_directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    const std::uint64_t size = at->file_size(error);
    if (!error) total += size;
    error.clear();
  }
  return total;
}

}  // namespace

Cache Cache::open() {
  Cache cache;
  std::string root = wanted_root();
  if (root.empty()) return cache;
  if (!root.starts_with('/')) {
    std::error_code error;
    root = fs::absolute(root, error).string();
  }
  // Only the user's own: whoever writes here decides what `gressc run` runs.
  if (!make_folders(root, 0700)) return cache;
  struct stat about{};
  if (::stat(root.c_str(), &about) != 0 || about.st_uid != ::geteuid() || (about.st_mode & S_IWOTH) != 0) return cache;
  for (const char* folder : {"/bin", "/pch", "/ir", "/headers", "/tmp", "/failed"}) {
    if (!make_folders(root + folder, 0700)) return cache;
  }
  if (::access((root + "/tmp").c_str(), W_OK | X_OK) != 0) return cache;
  cache.root_ = root;
  return cache;
}

std::string Cache::path(const std::string& kind, const std::string& key) const {
  return usable() ? root_ + '/' + kind + '/' + key : "";
}

std::string Cache::find(const std::string& kind, const std::string& key) const {
  if (!usable()) return "";
  std::string entry = path(kind, key);
  if (::utimensat(AT_FDCWD, entry.c_str(), nullptr, 0) != 0) return "";
  return entry;
}

std::string Cache::store(const std::string& kind, const std::string& key, const std::string& made) {
  if (!usable()) return "";
  const std::string entry = path(kind, key);
  if (::rename(made.c_str(), entry.c_str()) == 0) return entry;
  // A folder that another gressc finished first cannot be replaced, and need not be.
  return (errno == ENOTEMPTY || errno == EEXIST) ? entry : "";
}

void Cache::trim() const {
  if (!usable()) return;
  struct Entry {
    fs::path path;
    std::uint64_t size;
    std::int64_t used;
  };
  const std::int64_t now = std::time(nullptr);
  std::vector<Entry> entries;
  std::uint64_t total = 0;
  std::error_code error;
  for (const char* kind : {"bin", "pch", "ir", "headers", "failed", "tmp"}) {
    for (fs::directory_iterator at(root_ + '/' + kind, error), end; !error && at != end; at.increment(error)) {
      struct stat about{};
      if (::stat(at->path().c_str(), &about) != 0) continue;
      const std::int64_t used = about.st_mtim.tv_sec;
      if (std::string_view(kind) == "tmp") {  // left behind by a gressc that was killed
        if (now - used > 24 * hour) remove_tree(at->path());
        continue;
      }
      entries.push_back({at->path(), size_of(at->path()), used});
      total += entries.back().size;
    }
    error.clear();
  }
  const std::uint64_t most = bound();
  if (total <= most) return;
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& entry : entries) {
    if (total <= most - most / 5 || now - entry.used < hour) break;
    remove_tree(entry.path);
    total -= entry.size;
  }
}

}  // namespace gress::toolchain
