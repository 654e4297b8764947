#include "runtime/connectors/file/files_writer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

#include "runtime/engine/files_position.h"
#include "runtime/engine/list_folder.h"
#include "runtime/engine/log.h"
#include "runtime/engine/time_text.h"

namespace gress::file {
namespace {

using engine::Exit;
using engine::Failure;

constexpr std::size_t kPiece = 64 * 1024;           // of one file, before it is written
constexpr std::size_t kGathered = std::size_t{16} << 20;  // of all
constexpr std::size_t kSound = 100'000;

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "." : slash == 0 ? "/" : std::string(path.substr(0, slash));
}

}  // namespace

FilesWriter::FilesWriter(engine::Runtime& runtime, std::string_view sink, std::string_view, const FilesOptions& options, int line)
    : Output(runtime, sink, options.target, line),
      first_(this),
      windows_(options.windows),
      durable_(options.durable),
      max_open_(static_cast<std::size_t>(std::max<std::int64_t>(options.max_open, 1))),
      fixed_(options.begin.size()),
      marker_(options.marker),
      header_(options.header),
      folder_(folder_of(options.begin)),
      parts_(folder_ + (folder_ == "/" ? "." : "/.") + std::string(options.program) + '.' + std::string(sink) + ".parts"),
      marks_(static_cast<std::size_t>(runtime.workers()), kStartOfTime) {
  runtime.add_output(this);
}

FilesWriter::~FilesWriter() {
  for (const File* f : open_) ::close(f->fd);
  if (lock_ >= 0) ::close(lock_);
  runtime().remove_output(this);
}

void FilesWriter::fail(const char* what, const std::string& path, int error, Exit exit) {
  broken_ = true;
  throw Failure(exit, exit == Exit::io ? "output_failed" : "output_refused",
                "sink `" + sink() + "`: " + what + " `" + path + "`: " + engine::error_text(error) +
                    (error == EMFILE ? "; `max_open:` says how many files are open at a time" : ""),
                {{"sink", sink(), false}, {"file", path, false}});
}

// ---------------------------------------------------------------- rows

std::string FilesWriter::problem(std::string_view path) const {
  if (path.find('\0') != std::string_view::npos) return "it holds a zero byte";
  if (std::string why = path_problem(path, fixed_); !why.empty()) return why;
  const std::string text(path);
  if (('/' + text).find(parts_.substr(parts_.rfind('/')) + '/') != std::string::npos) return "the folder `" + parts_ + "` is the sink's own";
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (!marker_.empty() && name == marker_) return "`" + marker_ + "` is the name of markers";
  struct stat st = {};
  if (::stat(text.c_str(), &st) != 0) return "";
  if (!S_ISREG(st.st_mode)) return S_ISDIR(st.st_mode) ? "it is a folder" : "it is no regular file";
  return first_->runtime().user_of({st.st_dev, st.st_ino});
}

bool FilesWriter::change(Eval& ev, std::string_view path, std::int64_t end) {
  if (path != path_ && !sound_.contains(std::string(path))) {
    if (const std::string why = problem(path); !why.empty()) {
      ev.fail("`" + std::string(path.substr(0, 300)) + "` cannot be the name of a file: " + why);
      return false;
    }
    if (sound_.size() == kSound) sound_.clear();
    sound_.emplace(path);
  }
  pieces_.push_back({out().size(), paths_.size(), path.size(), end});
  paths_ += path;
  path_ = path;
  end_ = end;
  return true;
}

void FilesWriter::hand_over(bool to_disk) {
  first_->take(*this, pieces_, paths_, to_disk);
  pieces_.clear();
  paths_.clear();
  out().clear();
}

void FilesWriter::close(std::int64_t watermark, std::int64_t next) {
  mark_ = std::max(mark_, watermark);
  boundary_ = std::max(boundary_, next);
  hand_over(false);
  first_->raise(runtime().worker(), mark_);
}

// ---------------------------------------------------------------- files

void FilesWriter::take(const Output& from, const std::vector<Piece>& pieces, std::string_view paths, bool to_disk) {
  const std::lock_guard lock(mutex_);
  if (broken_) return;
  const std::string_view rows = from.out().view();
  for (std::size_t i = 0; i != pieces.size(); ++i) {
    const std::size_t end = i + 1 == pieces.size() ? rows.size() : pieces[i + 1].begin;
    if (end == pieces[i].begin) continue;
    write(file_of(paths.substr(pieces[i].path, pieces[i].path_size), pieces[i].end), rows.substr(pieces[i].begin, end - pieces[i].begin), false);
  }
  if (to_disk || gathered_ > kGathered) write_all();
}

const std::string& FilesWriter::key(std::string_view path, std::int64_t end) {
  key_.assign(path);
  if (windows_) key_.append(1, '\0').append(reinterpret_cast<const char*>(&end), sizeof end);
  return key_;
}

FilesWriter::File& FilesWriter::file_of(std::string_view path, std::int64_t end) {
  std::unique_ptr<File>& f = files_[key(path, end)];
  if (!f) {
    f = std::make_unique<File>();
    f->path = path;
    f->end = end;
    if (windows_) claim(f->path, end);
    if (windows_ || durable_) f->number = next_++;
    if (!header_.empty()) gather(*f, header_);
  }
  return *f;
}

void FilesWriter::gather(File& f, std::string_view rows) {
  if (!f.gathers) gathering_.push_back(&f);
  f.gathers = true;
  f.gathered += rows;
  gathered_ += rows.size();
}

/// Two windows that have one file: the second would replace the first.
void FilesWriter::claim(const std::string& path, std::int64_t end) {
  if (ends_.size() >= remembered_) {
    std::erase_if(ends_, [&](const auto& known) { return known.second <= closed_; });
    remembered_ = std::max(kSound, 2 * ends_.size());
  }
  const std::int64_t other = ends_.try_emplace(path, end).first->second;
  if (other == end) return;
  broken_ = true;
  throw Failure(Exit::data, "output_conflict",
                "sink `" + sink() + "`: the windows that end at " + engine::time_text(std::min(other, end)) + " and at " +
                    engine::time_text(std::max(other, end)) + " have the same file `" + path +
                    "`, and one would replace the other: its `path:` must say more of the window, as `window_end` without a pattern does, or "
                    "`%z` where a clock is put back",
                {{"sink", sink(), false}, {"file", path, false}});
}

/// Rows are gathered until there are enough; without rows what has been gathered is written. `last` ends a compressed part.
void FilesWriter::write(File& f, std::string_view rows, bool last) {
  if (!rows.empty() && f.gathered.size() + rows.size() < kPiece) return gather(f, rows);
  if (f.gathered.empty() && rows.empty() && !(last && f.compressor)) return;
  if (f.fd < 0) open(f);
  else open_.splice(open_.begin(), open_, f.use);
  f.changed = true;
  const auto put = [&](std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(f.fd, bytes.data(), bytes.size(), static_cast<off_t>(f.size));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("cannot write", f.path, errno);
      f.size += static_cast<std::uint64_t>(n);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  };
  gathered_ -= f.gathered.size();
  if (const Compression how = compression_by_name(f.path); how != Compression::none) {
    if (!f.compressor) f.compressor = make_compressor(how);
    compressing_.clear();
    f.compressor->add(f.gathered, false, compressing_);
    f.compressor->add(rows, last, compressing_);
    put(compressing_);
    if (last) f.compressor.reset();
  } else {
    put(f.gathered);
    put(rows);
  }
  f.gathered.clear();
}

void FilesWriter::write_all() {
  for (File* f : gathering_) {
    f->gathers = false;
    write(*f, {}, false);
  }
  gathering_.clear();
}

void FilesWriter::open(File& f) {
  if (open_.size() >= max_open_) shut(*open_.back());
  std::vector<std::string> made;
  if (f.number == 0 && !f.begun) make_folders(folder_of(f.path), made);
  const std::string name = name_of(f);
  const int flags = O_WRONLY | O_CLOEXEC | (f.begun ? 0 : O_CREAT | O_TRUNC);
  do f.fd = ::open(name.c_str(), flags, 0666);
  while (f.fd < 0 && errno == EINTR);
  if (f.fd < 0) fail(f.begun ? "cannot open" : "cannot create", name, errno, f.begun ? Exit::io : Exit::cannot_create);
  f.begun = true;
  open_.push_front(&f);
  f.use = open_.begin();
}

/// Ends the compressed part that it is in: what comes later begins another.
void FilesWriter::shut(File& f) {
  if (f.fd < 0) return;
  write(f, {}, true);
  open_.erase(f.use);
  const int fd = f.fd;
  f.fd = -1;
  if (::close(fd) != 0 && errno != EINTR) fail("cannot write", f.path, errno);
}

// ---------------------------------------------------------------- windows

void FilesWriter::raise(int worker, std::int64_t watermark) {
  const std::lock_guard lock(mutex_);
  marks_[static_cast<std::size_t>(worker)] = watermark;
  const std::int64_t lowest = *std::min_element(marks_.begin(), marks_.end());
  if (lowest <= closed_ || broken_) return;
  closed_ = lowest;
  close_windows();
}

void FilesWriter::close_windows() {
  std::erase_if(gathering_, [&](const File* f) { return f->end <= closed_; });
  for (auto at = files_.begin(); at != files_.end();) {
    File& f = *at->second;
    if (f.end > closed_) {
      ++at;
      continue;
    }
    write(f, {}, true);
    shut(f);
    closing_.push_back({f.path, f.end, f.number, f.size});
    at = files_.erase(at);
  }
  if (durable_ || closing_.empty()) return;
  give_names(closing_, busy_folders(), false);
  closing_.clear();
}

std::set<std::string> FilesWriter::busy_folders() const {
  std::set<std::string> folders;
  if (!marker_.empty())
    for (const auto& [key, f] : files_) folders.insert(folder_of(f->path));
  return folders;
}

// ---------------------------------------------------------------- names

void FilesWriter::make_folders(const std::string& folder, std::vector<std::string>& made) {
  if (::mkdir(folder.c_str(), 0777) == 0) return made.push_back(folder);
  const int error = errno;
  struct stat st = {};
  if (error == EEXIST && ::stat(folder.c_str(), &st) == 0 && S_ISDIR(st.st_mode)) return;
  if (error != ENOENT || folder_of(folder) == folder) fail("cannot create the folder", folder, error == EEXIST ? ENOTDIR : error, Exit::cannot_create);
  make_folders(folder_of(folder), made);
  if (::mkdir(folder.c_str(), 0777) != 0) fail("cannot create the folder", folder, errno, Exit::cannot_create);
  made.push_back(folder);
}

void FilesWriter::sync_folder(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail("cannot open the folder", folder, errno);
  const int error = ::fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  if (error != 0) fail("cannot bring to disk the folder", folder, error);
}

/// A folder has its marker from when none of its files is being written.
void FilesWriter::give_names(const std::vector<Ready>& ready, const std::set<std::string>& busy, bool again) {
  std::vector<std::string> made;
  std::set<std::string> folders, changed;
  for (const Ready& r : ready) folders.insert(folder_of(r.path));
  for (const std::string& folder : folders) {
    make_folders(folder, made);
    if (!marker_.empty() && ::unlink((folder + '/' + marker_).c_str()) != 0 && errno != ENOENT)
      fail("cannot remove", folder + '/' + marker_, errno);
  }
  for (const Ready& r : ready) {
    // Without windows the file is still being written, perhaps opened now.
    const std::unique_lock lock = windows_ ? std::unique_lock<std::mutex>() : std::unique_lock(mutex_);
    if (::rename(part(r.number).c_str(), r.path.c_str()) != 0 && !(again && errno == ENOENT)) fail("cannot rename to", r.path, errno);
    if (!windows_) file_of(r.path, r.end).number = 0;
  }
  changed = folders;
  for (const std::string& folder : made) changed.insert(folder_of(folder));
  if (durable_)
    for (const std::string& folder : changed) sync_folder(folder);
  if (marker_.empty()) return;
  for (const std::string& folder : folders) {
    if (busy.contains(folder)) continue;
    const std::string marker = folder + '/' + marker_;
    const int fd = ::open(marker.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) fail("cannot create", marker, errno);
    ::close(fd);
    if (durable_) sync_folder(folder);
  }
}

void FilesWriter::clean_parts() {
  std::set<std::string> kept;
  for (const auto& [key, f] : files_)
    if (f->number != 0) kept.insert(std::to_string(f->number));
  std::error_code error;
  for (const std::filesystem::path& path : engine::list_folder(parts_, error))
    if (!kept.contains(path.filename().string()) && ::unlink(path.c_str()) != 0) fail("cannot remove", path.string(), errno);
  if (error && error != std::errc::no_such_file_or_directory) fail("cannot list", parts_, error.value());
}

// ---------------------------------------------------------------- start and end

void FilesWriter::open() {
  if (marker_.find('/') != std::string::npos || marker_.find('\0') != std::string::npos || marker_ == "." || marker_ == "..")
    throw Failure(Exit::usage, "output_refused", "sink `" + sink() + "`: `marker: \"" + marker_ + "\"` is the name of no file",
                  {{"sink", sink(), false}});
  if (!windows_ && !durable_) return make_folders(folder_, made_);
  make_folders(parts_, made_);
  lock_ = locked(parts_);
}

/// A folder of parts, which is nobody else's now.
int FilesWriter::locked(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) fail("cannot open", folder, errno, Exit::cannot_create);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  ::close(fd);
  const std::string below = folder_of(folder);
  throw Failure(Exit::temporary, "output_in_use",
                "sink `" + sink() + "`: another process writes its files below `" + below + "`: stop that one, or give another folder",
                {{"sink", sink(), false}, {"folder", below, false}});
}

void FilesWriter::begin() { clean_parts(); }

void FilesWriter::abandon() {
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) ::rmdir(folder->c_str());
}

void FilesWriter::join(engine::Output& first) {
  first_ = static_cast<FilesWriter*>(&first);
  first_->marks_[static_cast<std::size_t>(runtime().worker())] = mark_;
}

void FilesWriter::finish() {
  hand_over(true);
  if (first_ != this) return;
  const std::lock_guard lock(mutex_);
  if (!broken_)
    while (!open_.empty()) shut(*open_.back());
  if (windows_ && !durable_ && !files_.empty())
    engine::log::warning("windows_not_closed", "sink `" + sink() + "`: " + std::to_string(files_.size()) +
                                                   " files of windows that have not closed stay in `" + parts_ + "` until the next start");
  if (lock_ >= 0) ::rmdir(parts_.c_str());
}

// ---------------------------------------------------------------- checkpoints

std::string FilesWriter::position() {
  hand_over(true);
  if (first_ != this) return {};
  const std::lock_guard lock(mutex_);
  ready_ = std::move(closing_);
  closing_.clear();
  for (const Ready& r : ready_) to_sync_.push_back(part(r.number));
  const std::size_t whole = ready_.size();
  engine::FilesPosition at{next_, closed_, parts_};
  for (auto& [key, f] : files_) {
    write(*f, {}, true);
    if (f->changed) to_sync_.push_back(name_of(*f));
    f->changed = false;
    const bool named = !windows_ && f->number != 0;
    at.files.push_back({named ? 'p' : 'o', f->number, f->size, f->end, f->path});
    if (named) ready_.push_back({f->path, f->end, f->number, f->size});
  }
  for (const Ready& r : std::span(ready_).first(whole)) at.files.push_back({'c', r.number, r.size, r.end, r.path});
  busy_ = busy_folders();
  return at.text();
}

void FilesWriter::sync() {
  bool parts = false;
  for (const std::string& name : to_sync_) {
    parts = parts || name.starts_with(parts_);
    const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("cannot open", name, errno);
    const int error = ::fsync(fd) != 0 ? errno : 0;
    ::close(fd);
    if (error != 0) fail("cannot bring to disk", name, error);
  }
  to_sync_.clear();
  if (!parts) return;
  sync_folder(parts_);
  sync_folder(folder_);
  for (const std::string& folder : made_) sync_folder(folder_of(folder));
  made_.clear();
}

void FilesWriter::commit() {
  give_names(ready_, busy_, false);
  ready_.clear();
}

void FilesWriter::resume(std::string_view position) {
  Output::resume(position);
  read_position(position);
  clean_parts();
}

/// The sink had another name, or its files another folder: what it had begun stands there.
void FilesWriter::move_parts(const std::string& from) {
  struct stat theirs = {}, own = {};
  if (::stat(from.c_str(), &theirs) != 0 || ::fstat(lock_, &own) != 0 || (theirs.st_dev == own.st_dev && theirs.st_ino == own.st_ino)) return;
  const int fd = locked(from);
  if (::rename(from.c_str(), parts_.c_str()) != 0) {
    const int error = errno;
    ::close(fd);
    throw Failure(Exit::cannot_create, "output_refused",
                  "sink `" + sink() + "`: the files that it had begun when the checkpoint was taken are in `" + from + "`, and cannot be moved to `" + parts_ +
                      "`: " + engine::error_text(error) + "; move the folder there, in the place of the one that stands there, or begin anew with `--fresh`",
                  {{"sink", sink(), false}, {"folder", from, false}});
  }
  ::close(std::exchange(lock_, fd));
  sync_folder(folder_of(from));
  sync_folder(folder_);
}

void FilesWriter::read_position(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    throw Failure(Exit::data, "output_changed", "sink `" + sink() + "`: " + why + "; begin anew with `--fresh`", {{"sink", sink(), false}});
  };
  const std::optional<engine::FilesPosition> at = engine::FilesPosition::read(text);
  if (!at) refuse("the checkpoint was taken when this sink wrote one file, or says of its files what cannot be read");
  move_parts(std::string(at->parts));
  next_ = at->next;
  closed_ = at->closed;
  marks_[0] = mark_;
  std::vector<Ready> ready;
  std::string gone;  // one of those that began under their names, and somebody took away
  for (const auto& [kind, number, size, end, path] : at->files) {
    const Ready r{std::string(path), end, number, size};
    if (windows_) claim(r.path, r.end);
    // Where it stands: a part, or with its name, when it has got that since. A name may be gone: who waited for the file has it.
    struct stat st = {};
    const auto stands = [&](const std::string& name) { return ::stat(name.c_str(), &st) == 0; };
    std::string name = r.number != 0 ? part(r.number) : r.path;
    if (!stands(name)) {
      const bool named = r.number != 0 && stands(r.path);
      if (kind == 'c') {
        if (named) ready.push_back(r);
        continue;
      }
      if (named && kind == 'o') {  // gone back to an earlier checkpoint
        if (!marker_.empty()) ::unlink((folder_of(r.path) + '/' + marker_).c_str());
        if (::rename(r.path.c_str(), name.c_str()) != 0) fail("cannot take back", r.path, errno);
      } else if (named) {
        name = r.path;
      } else if (kind == 'o' && r.number != 0) {
        refuse("neither `" + name + "` nor `" + r.path + "` is there, of which the checkpoint has " + std::to_string(r.size) +
               " bytes: if the file was moved away put it back");
      } else {
        if (gone.empty()) gone = r.path;
        continue;
      }
    }
    if (static_cast<std::uint64_t>(st.st_size) < r.size)
      refuse("`" + name + "` has " + std::to_string(st.st_size) + " bytes, but had " + std::to_string(r.size) + " when the checkpoint was taken: rows are lost");
    if (::truncate(name.c_str(), static_cast<off_t>(r.size)) != 0) fail("cannot cut", name, errno);
    if (kind != 'o') ready.push_back(r);
    if (kind == 'c') continue;
    File& f = file_of(r.path, r.end);
    gathered_ -= f.gathered.size();
    f.gathered.clear();
    f.number = kind == 'o' ? r.number : 0;
    f.size = r.size;
    f.begun = true;
  }
  give_names(ready, busy_folders(), true);
  if (!gone.empty())
    engine::log::warning("output_gone", "sink `" + sink() + "`: `" + gone + "` was taken away since the checkpoint; rows that come for it begin a new "
                                            "file, and those that it got behind the checkpoint are written again");
}

}  // namespace gress::file
