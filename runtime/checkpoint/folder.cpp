#include "runtime/checkpoint/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace gress::checkpoint {
namespace {

namespace fs = std::filesystem;
using engine::Exit;
using engine::Failure;

constexpr std::string_view kManifest = "manifest-", kState = "state-", kSavepoint = "savepoint-";

std::string numbered(std::string_view prefix, std::uint64_t epoch) {
  const std::string digits = std::to_string(epoch);
  std::string name(prefix);
  name.append(digits.size() < 8 ? 8 - digits.size() : 0, '0');
  return name + digits;
}

/// 0: the name is none of these.
std::uint64_t number_in(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return 0;
  name.remove_prefix(prefix.size());
  std::uint64_t n = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), n);
  return error == std::errc() && end == name.data() + name.size() ? n : 0;
}

class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

void remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
}

}  // namespace

void fail_io(const std::string& what, const fs::path& path, int error) {
  throw Failure(Exit::io, "checkpoint_failed", what + " `" + path.string() + "`: " + engine::error_text(error),
                {{"file", path.string(), false}});
}

Folder::Folder(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error)
    throw Failure(Exit::cannot_create, "checkpoint_dir_refused",
                  "cannot create the checkpoint folder `" + path_.string() + "`: " + error.message(), {{"folder", path_.string(), false}});
}

Folder::~Folder() {
  if (lock_ >= 0) ::close(lock_);
}

void Folder::lock() {
  const fs::path name = path_ / "LOCK";
  lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0)
    throw Failure(Exit::cannot_create, "checkpoint_dir_refused",
                  "cannot write in the checkpoint folder `" + path_.string() + "`: " + engine::error_text(errno), {{"folder", path_.string(), false}});
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t n = ::pread(lock_, holder, sizeof holder - 1, 0);
    const std::string pid(holder, n > 0 ? static_cast<std::size_t>(n) : 0);
    throw Failure(Exit::temporary, "checkpoint_dir_in_use",
                  "the checkpoint folder `" + path_.string() + "` is in use by " + (pid.empty() ? "another process" : "process " + pid) +
                      "; two processes must not share one: stop that one, or give another `--checkpoint-dir`",
                  {{"folder", path_.string(), false}, {"pid", pid, true}});
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(lock_, 0) != 0 || ::pwrite(lock_, pid.data(), pid.size(), 0) < 0) fail_io("cannot write", name, errno);
}

fs::path Folder::manifest(std::uint64_t epoch) const { return path_ / numbered(kManifest, epoch); }
fs::path Folder::state(std::uint64_t epoch) const { return path_ / numbered(kState, epoch); }

std::vector<std::uint64_t> Folder::epochs() const {
  std::vector<std::uint64_t> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error))
    if (const std::uint64_t n = number_in(entry.path().filename().string(), kManifest)) found.push_back(n);
  std::sort(found.begin(), found.end());
  return found;
}

void Folder::remove_old(std::uint64_t newest) const {
  const std::vector<std::uint64_t> all = epochs();
  std::uint64_t oldest = newest;
  for (const std::uint64_t n : all)
    if (n < newest && (oldest == newest || n > oldest)) oldest = n;  // the one before it
  std::vector<fs::path> gone;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename().string();
    const std::uint64_t m = number_in(name, kManifest), s = number_in(name, kState);
    const std::uint64_t n = m != 0 ? m : s;
    if ((n != 0 && (n < oldest || n > newest)) || name.ends_with(".new")) gone.push_back(entry.path());
  }
  // A manifest goes before its state: one that stands has all it names.
  std::sort(gone.begin(), gone.end());
  for (const fs::path& path : gone) remove_tree(path);
}

void Folder::remove_all() const {
  std::vector<fs::path> gone;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename().string();
    if (number_in(name, kManifest) != 0 || number_in(name, kState) != 0 || name.ends_with(".new") || name == "live") gone.push_back(entry.path());
  }
  std::sort(gone.begin(), gone.end());
  for (const fs::path& path : gone) remove_tree(path);
  sync_folder(path_);
}

void Folder::remove(std::uint64_t epoch) const {
  remove_tree(manifest(epoch));
  sync_folder(path_);
  remove_tree(state(epoch));
}

std::vector<fs::path> manifests_in(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw Failure(Exit::no_input, "checkpoint_missing", "there is no folder `" + folder.string() + "`", {{"folder", folder.string(), false}});
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (number_in(entry.path().filename().string(), kManifest) != 0) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

fs::path manifest_at(const fs::path& given) {
  std::error_code error;
  if (fs::is_regular_file(given, error)) return given;
  if (!fs::exists(given, error))
    throw Failure(Exit::no_input, "checkpoint_missing", "there is no `" + given.string() + "`: wanted is a folder of checkpoints, or a manifest in one",
                  {{"folder", given.string(), false}});
  const std::vector<fs::path> all = manifests_in(given);
  if (all.empty())
    throw Failure(Exit::no_input, "checkpoint_missing", "there is no checkpoint in `" + given.string() + "`", {{"folder", given.string(), false}});
  return all.back();
}

fs::path state_of(const fs::path& manifest) {
  return manifest.parent_path() / numbered(kState, number_in(manifest.filename().string(), kManifest));
}

fs::path savepoint_in(const fs::path& folder, std::string_view name) { return folder / (std::string(kSavepoint) + std::string(name)); }

void write_whole(const fs::path& path, std::string_view content) {
  fs::path fresh = path;
  fresh += ".new";
  {
    const File file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    if (file.fd() < 0) fail_io("cannot create", fresh, errno);
    for (std::string_view left = content; !left.empty();) {
      const ssize_t n = ::write(file.fd(), left.data(), left.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail_io("cannot write", fresh, errno);
      left.remove_prefix(static_cast<std::size_t>(n));
    }
    crash_point("manifest_written");
    if (::fsync(file.fd()) != 0) fail_io("cannot bring to disk", fresh, errno);
  }
  crash_point("manifest_synced");
  if (::rename(fresh.c_str(), path.c_str()) != 0) fail_io("cannot rename to", path, errno);
  crash_point("manifest_renamed");
  sync_folder(path.parent_path());
}

std::string read_whole(const fs::path& path) {
  const File file(path, O_RDONLY);
  std::string content;
  char piece[65536];
  for (ssize_t n = file.fd() < 0 ? -1 : 1; n != 0;) {
    if (n > 0) n = ::read(file.fd(), piece, sizeof piece);
    if (n < 0 && file.fd() >= 0 && errno == EINTR) {
      n = 1;
      continue;
    }
    if (n < 0)
      throw Failure(Exit::no_input, "checkpoint_unreadable", "cannot read `" + path.string() + "`: " + engine::error_text(errno),
                    {{"file", path.string(), false}});
    content.append(piece, static_cast<std::size_t>(n));
  }
  return content;
}

void sync_file(const fs::path& path) {
  const File file(path, O_RDONLY);
  if (file.fd() < 0 || ::fsync(file.fd()) != 0) fail_io("cannot bring to disk", path, errno);
}

void sync_folder(const fs::path& path) {
  const File folder(path, O_RDONLY | O_DIRECTORY);
  if (folder.fd() < 0 || ::fsync(folder.fd()) != 0) fail_io("cannot bring to disk the folder", path, errno);
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

std::uint32_t checksum_of(const fs::path& path) {
  const File file(path, O_RDONLY);
  if (file.fd() < 0) fail_io("cannot read", path, errno);
  std::string piece(std::size_t{1} << 18, '\0');
  unsigned long sum = 0;
  for (;;) {
    const ssize_t n = ::read(file.fd(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_io("cannot read", path, errno);
    if (n == 0) return static_cast<std::uint32_t>(sum);
    sum = ::crc32_z(sum, reinterpret_cast<const unsigned char*>(piece.data()), static_cast<std::size_t>(n));
  }
}

void crash_point(std::string_view name) {
  struct Asked {
    explicit Asked(const char* variable) {
      const char* const value = std::getenv(variable);
      if (value == nullptr) return;
      at = value;
      const std::size_t colon = at.find(':');
      if (colon != std::string_view::npos) left = std::atoi(value + colon + 1);
      at = at.substr(0, colon);
    }
    bool comes(std::string_view point) { return at == point && --left == 0; }
    std::string_view at;
    int left = 1;
  };
  static Asked crash("GRESS_CRASH_AT"), stop("GRESS_STOP_AT");
  // By the thread itself, which does not go on before the signal has come.
  if (crash.comes(name)) ::raise(SIGKILL);
  if (stop.comes(name)) ::raise(SIGSTOP);
}

}  // namespace gress::checkpoint
