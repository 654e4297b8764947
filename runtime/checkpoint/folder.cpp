#include "runtime/checkpoint/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <sstream>
#include <system_error>
#include <utility>

#include "runtime/engine/list_folder.h"

namespace gress::checkpoint {
namespace {

namespace fs = std::filesystem;
using engine::Exit;
using engine::Failure;

constexpr std::string_view kManifest = "manifest-", kState = "state-", kLive = "live-", kSavepoint = "savepoint-";
constexpr std::size_t kRun = 16;

std::string name_of(std::string_view prefix, const Decision& d) {
  const std::string digits = std::to_string(d.epoch);
  std::string name(prefix);
  name.append(digits.size() < 8 ? 8 - digits.size() : 0, '0');
  return name + digits + '-' + d.run;
}

bool is_run(std::string_view text) { return text.size() == kRun && text.find_first_not_of("0123456789abcdef") == text.npos; }

/// A name in the folder that is of a run; `epoch` is 0 for what is no whole manifest and no whole state.
std::optional<Decision> read_name(std::string_view name) {
  for (const std::string_view prefix : {kManifest, kState, kLive}) {
    if (!name.starts_with(prefix)) continue;
    std::string_view left = name.substr(prefix.size());
    Decision d;
    if (prefix != kLive) {
      const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), d.epoch);
      left.remove_prefix(static_cast<std::size_t>(end - left.data()));
      if (error != std::errc() || !left.starts_with('-')) return std::nullopt;
      left.remove_prefix(1);
    }
    if (!is_run(left.substr(0, kRun))) return std::nullopt;
    d.run = left.substr(0, kRun);
    if (left.size() != kRun) d.epoch = 0;  // on its way
    return d;
  }
  return std::nullopt;
}
std::optional<Decision> read_manifest_name(std::string_view name) {
  std::optional<Decision> d = name.starts_with(kManifest) ? read_name(name) : std::nullopt;
  return d && d->epoch != 0 ? d : std::nullopt;
}

void remove_tree(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
}

/// A manifest goes before its state: one that stands has all it names.
template <class Which>
void remove_from(const fs::path& folder, Which which) {
  std::error_code error;  // what stays goes the next time
  for (const fs::path& path : engine::list_folder(folder, error))
    if (const auto d = read_name(path.filename().native()); d && which(*d)) remove_tree(path);
}

constexpr const char* kLock = "LOCK";

Holder holder_in(int lock, const fs::path& folder) {
  char text[128] = {};
  if (::pread(lock, text, sizeof text - 1, 0) < 0) fail_io("cannot read", folder / kLock, errno);
  std::istringstream in(text);
  Holder holder;
  in >> holder.pid >> holder.run;
  if (!is_run(holder.run)) holder.run.clear();
  holder.listens = static_cast<bool>(in >> holder.begun >> holder.counts);
  return holder;
}

/// Behind another one, which may be empty.
std::string run_behind(const std::string& last) {
  unsigned count = 0;
  std::from_chars(last.data(), last.data() + std::min<std::size_t>(last.size(), kRun / 2), count, 16);
  char run[kRun + 1];
  std::snprintf(run, sizeof run, "%08x%08x", count + 1, std::random_device()());
  return run;
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

}  // namespace

void fail_io(const std::string& what, const fs::path& path, int error) {
  throw Failure(Exit::io, "checkpoint_failed", what + " `" + path.string() + "`: " + engine::error_text(error),
                {{"file", path.string(), false}});
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> found = engine::list_folder(folder, error);
  if (error) fail_io("cannot list", folder, error.value());
  return found;
}

Holder holder_of(const fs::path& folder) {
  const File lock(folder / kLock, O_RDONLY);
  if (lock.fd() >= 0) return holder_in(lock.fd(), folder);
  if (errno != ENOENT) fail_io("cannot read", folder / kLock, errno);
  return {};
}

/// Ids are used again, and another machine has others: it has the file open.
bool is_there(const Holder& holder, const fs::path& folder) {
  std::error_code error;
  // It may end meanwhile.
  for (fs::directory_iterator at("/proc/" + holder.pid + "/fd", error), end; !error && at != end; at.increment(error))
    if (std::error_code gone; fs::equivalent(at->path(), folder / kLock, gone)) return true;
  return false;
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
  const fs::path name = path_ / kLock;
  lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0)
    throw Failure(Exit::cannot_create, "checkpoint_dir_refused",
                  "cannot write in the checkpoint folder `" + path_.string() + "`: " + engine::error_text(errno), {{"folder", path_.string(), false}});
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const std::string pid = holder_in(lock_, path_).pid;
    throw Failure(Exit::temporary, "checkpoint_dir_in_use",
                  "the checkpoint folder `" + path_.string() + "` is in use by " + (pid.empty() ? "another process" : "process " + pid) +
                      "; two processes must not share one: stop that one, or give another `--checkpoint-dir`",
                  {{"folder", path_.string(), false}, {"pid", pid, true}});
  }
  std::string last = holder_in(lock_, path_).run;
  for (const Decision& d : all()) last = std::max(last, d.run);
  run_ = run_behind(last);
  if (::ftruncate(lock_, 0) != 0) fail_io("cannot write", name, errno);
  write_lock("");
}

void Folder::tell(std::uint64_t begun, std::uint64_t counts) const {
  if (holder_of(path_).run <= run_) write_lock(' ' + std::to_string(begun) + ' ' + std::to_string(counts));
}

/// Numbers grow, so nothing of what was there before is left behind the new.
void Folder::write_lock(const std::string& more) const {
  const std::string holder = std::to_string(::getpid()) + ' ' + run_ + more;
  if (::pwrite(lock_, holder.data(), holder.size(), 0) < 0) fail_io("cannot write", path_ / kLock, errno);
}

void Folder::expect_held() const {
  const Holder holder = holder_of(path_);
  if (holder.run <= run_) return;
  throw Failure(Exit::temporary, "checkpoint_dir_taken",
                "the checkpoint folder `" + path_.string() + "` has been taken over by process " + holder.pid +
                    ", which has gone on from a checkpoint of this one, where its lock does not reach; this one ends",
                {{"folder", path_.string(), false}, {"pid", holder.pid, true}});
}

fs::path Folder::manifest(const Decision& d) const { return path_ / manifest_name(d); }
fs::path Folder::state(const Decision& d) const { return path_ / name_of(kState, d); }
fs::path Folder::live() const { return path_ / (std::string(kLive) + run_); }

std::vector<Decision> Folder::all() const {
  std::vector<Decision> found;
  for (const fs::path& path : entries_of(path_)) {
    const std::string name = path.filename().native();
    if (auto d = read_manifest_name(name)) found.push_back(std::move(*d));
    else if (name.starts_with(kManifest) && name.find_first_not_of("0123456789", kManifest.size()) == name.npos)
      throw Failure(Exit::data, "checkpoint_damaged",
                    "the checkpoint `" + path.string() + "` is of an earlier format, whose names say no run: name another folder, or remove this one");
  }
  std::sort(found.begin(), found.end());
  return found;
}

void Folder::remove_old(const Decision& newest, const Decision& before) const {
  const Decision at_work{run_, 0};
  remove_from(path_, [&](const Decision& d) { return d.run <= run_ && d != newest && d != before && d != at_work; });
}

void Folder::remove_unfinished() const {
  remove_from(path_, [&](const Decision& d) { return d.run < run_ && d.epoch == 0; });
}

void Folder::remove_all() const {
  remove_from(path_, [](const Decision&) { return true; });
  sync_folder(path_);
}

void Folder::remove(const Decision& d) const {
  remove_tree(manifest(d));
  sync_folder(path_);
  remove_tree(state(d));
}

std::vector<fs::path> manifests_in(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error))
    throw Failure(Exit::no_input, "checkpoint_missing", "there is no folder `" + folder.string() + "`", {{"folder", folder.string(), false}});
  std::vector<std::pair<Decision, fs::path>> found;
  for (fs::path& path : entries_of(folder))
    if (auto d = read_manifest_name(path.filename().native())) found.emplace_back(std::move(*d), std::move(path));
  std::sort(found.begin(), found.end());
  std::vector<fs::path> paths;
  for (auto& [d, path] : found) paths.push_back(std::move(path));
  return paths;
}

fs::path manifest_at(const fs::path& given) {
  std::error_code error;
  if (fs::is_regular_file(given, error)) return given;
  const std::string name = given.filename().string() + '-';
  if (!fs::exists(given, error) && name.starts_with(kManifest)) {
    const fs::path folder = given.has_parent_path() ? given.parent_path() : fs::path(".");
    if (fs::is_directory(folder, error)) {
      const std::vector<fs::path> all = manifests_in(folder);
      const auto at = std::find_if(all.rbegin(), all.rend(), [&](const fs::path& path) { return path.filename().native().starts_with(name); });
      if (at != all.rend()) return *at;
    }
  }
  if (!fs::exists(given, error))
    throw Failure(Exit::no_input, "checkpoint_missing", "there is no `" + given.string() + "`: wanted is a folder of checkpoints, or a manifest in one",
                  {{"folder", given.string(), false}});
  const std::vector<fs::path> all = manifests_in(given);
  if (all.empty())
    throw Failure(Exit::no_input, "checkpoint_missing", "there is no checkpoint in `" + given.string() + "`", {{"folder", given.string(), false}});
  return all.back();
}

std::string manifest_name(const Decision& d) { return name_of(kManifest, d); }

fs::path state_of(const fs::path& manifest) {
  return manifest.parent_path() / (std::string(kState) + manifest.filename().string().substr(kManifest.size()));
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

Content content_of(const fs::path& path) {
  const File file(path, O_RDONLY);
  if (file.fd() < 0) fail_io("cannot read", path, errno);
  std::string piece(std::size_t{1} << 18, '\0');
  Content content;
  for (;;) {
    const ssize_t n = ::read(file.fd(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_io("cannot read", path, errno);
    if (n == 0) return content;
    const auto bytes = static_cast<std::size_t>(n);
    content.size += bytes;
    content.checksum = static_cast<std::uint32_t>(::crc32_z(content.checksum, reinterpret_cast<const unsigned char*>(piece.data()), bytes));
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
