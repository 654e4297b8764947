#include "compiler/toolchain/runtime_identity.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "compiler/toolchain/files.h"

namespace gress::toolchain {

namespace {

void stamp(std::string& out, const std::string& path) { out += file_identity(path); }

void collect(const std::string& folder, std::vector<std::string>& headers) {
  DIR* listing = ::opendir(folder.c_str());
  if (listing == nullptr) return;
  while (const dirent* entry = ::readdir(listing)) {
    const std::string name = entry->d_name;
    if (name[0] == '.') continue;
    const std::string path = folder + '/' + name;
    if (name.ends_with(".h") || name.ends_with(".def")) {
      headers.push_back(path);
    } else if (entry->d_type == DT_DIR || (entry->d_type == DT_UNKNOWN && is_folder(path))) {
      collect(path, headers);
    }
  }
  ::closedir(listing);
}

}  // namespace

std::string file_identity(const std::string& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) {
    throw Failure(exit_unavailable, "cannot read `" + path + "`: " + system_error_text(errno),
                  {"Gress is built or installed incompletely: build or install it again"});
  }
  return path + ' ' + std::to_string(about.st_size) + ' ' + std::to_string(about.st_mtim.tv_sec) + '.' +
         std::to_string(about.st_mtim.tv_nsec) + '\n';
}

std::vector<std::string> runtime_headers(const Config& config) {
  std::vector<std::string> headers;
  collect(config.include + "/runtime", headers);
  std::sort(headers.begin(), headers.end());
  return headers;
}

std::string headers_identity(const Config& config) {
  std::string out;
  for (const std::string& header : runtime_headers(config)) stamp(out, header);
  return out;
}

std::string libraries_identity(const Config& config) {
  std::string out;
  for (const std::string& library : config.libraries) stamp(out, library);
  return out;
}

bool headers_are_newer(const Config& config) {
  const auto newest = [](const std::vector<std::string>& paths) {
    std::int64_t at = 0;
    struct stat about{};
    for (const std::string& path : paths)
      if (::stat(path.c_str(), &about) == 0) at = std::max(at, std::int64_t{about.st_mtim.tv_sec});
    return at;
  };
  return newest(runtime_headers(config)) > newest(config.libraries);
}

}  // namespace gress::toolchain
