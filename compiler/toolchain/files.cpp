#include "compiler/toolchain/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace gress::toolchain {

namespace {

namespace fs = std::filesystem;

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

[[noreturn]] void cannot(const char* verb, const std::string& path, int error, int code) {
  throw Failure(code, "cannot " + std::string(verb) + " `" + path + "`: " + system_error_text(error));
}

bool read_all(int fd, std::string& text) {
  struct stat about{};
  if (::fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) text.reserve(static_cast<std::size_t>(about.st_size) + 1);
  char buffer[65536];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n > 0) {
      text.append(buffer, static_cast<std::size_t>(n));
    } else if (n == 0) {
      return true;
    } else if (errno != EINTR) {
      return false;
    }
  }
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string system_error_text(int error) {
  std::string text = std::strerror(error);
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

bool try_read_file(const std::string& path, std::string& text) {
  text.clear();
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  return file.fd >= 0 && read_all(file.fd, text);
}

std::string read_file(const std::string& path) {
  std::string text;
  if (!try_read_file(path, text)) cannot("read", path, errno, exit_no_input);
  return text;
}

void write_file(const std::string& path, std::string_view text, unsigned mode) {
  struct stat about{};
  if (::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) {
    if (S_ISDIR(about.st_mode)) cannot("create", path, EISDIR, exit_cannot_create);
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (file.fd < 0) cannot("open", path, errno, exit_cannot_create);
    if (!write_all(file.fd, text)) cannot("write", path, errno, exit_io);
    return;
  }
  // Beside the target, so that the rename stays in one file system; the target's own name may be too long to extend.
  std::string temporary = folder_of(path) + "/.gressc-XXXXXX";
  Descriptor file{::mkstemp(temporary.data())};
  if (file.fd < 0) cannot("create", path, errno, exit_cannot_create);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  const bool written = write_all(file.fd, text) && ::fchmod(file.fd, mode & ~mask) == 0;
  int error = errno;
  const bool closed = ::close(file.fd) == 0;
  if (written && !closed) error = errno;
  file.fd = -1;
  if (!written || !closed) {
    ::unlink(temporary.c_str());
    cannot("write", path, error, exit_io);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    error = errno;
    ::unlink(temporary.c_str());
    cannot("create", path, error, exit_cannot_create);
  }
}

void copy_file(const std::string& from, const std::string& to, unsigned mode) {
  std::string text;
  if (!try_read_file(from, text)) cannot("read", from, errno, exit_io);
  write_file(to, text, mode);
}

bool make_folders(const std::string& path, unsigned mode) {
  if (is_folder(path)) return true;
  const std::string parent = folder_of(path);
  if (parent != path && !make_folders(parent, mode)) return false;
  return ::mkdir(path.c_str(), mode) == 0 || (errno == EEXIST && is_folder(path));
}

void remove_tree(const std::string& path) {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string base_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool is_file(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode);
}

bool is_folder(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat one{}, other{};
  return ::stat(a.c_str(), &one) == 0 && ::stat(b.c_str(), &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino;
}

ScratchFolder::ScratchFolder(const std::string& parent) {
  const char* tmpdir = std::getenv("TMPDIR");
  const std::string fallback = tmpdir != nullptr && *tmpdir != 0 ? tmpdir : "/tmp";
  for (const std::string& place : {parent, fallback}) {
    if (place.empty()) continue;
    std::string made = place + "/gressc-XXXXXX";
    if (::mkdtemp(made.data()) != nullptr) {
      char absolute[PATH_MAX];  // processes that run in it must be able to name it
      path_ = ::realpath(made.c_str(), absolute) != nullptr ? absolute : made;
      return;
    }
  }
  throw Failure(exit_cannot_create, "cannot create a folder in `" + fallback + "`: " + system_error_text(errno),
                {"set TMPDIR to a folder that can be written"});
}

ScratchFolder::~ScratchFolder() {
  if (!path_.empty()) remove_tree(path_);
}

}  // namespace gress::toolchain
