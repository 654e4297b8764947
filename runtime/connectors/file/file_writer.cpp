#include "runtime/connectors/file/file_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace gress::file {

using engine::Exit;
using engine::Failure;

namespace {

/// Standard output by another name, which, opened anew, would cut the file that it is.
std::string_view by_one_name(std::string_view path) { return path == "/dev/stdout" || path == "/dev/fd/1" ? "-" : path; }

}  // namespace

FileWriter::FileWriter(engine::Runtime& runtime, std::string_view sink, std::string_view path, int line)
    : Output(runtime, sink, by_one_name(path) == "-" ? "standard output" : path, line), path_(by_one_name(path)), writes_(is_standard() ? &standard_ : &own_) {
  if (!is_standard_output()) compressor_ = make_compressor(compression_by_name(path_));
  runtime.add_output(this);
}

FileWriter::~FileWriter() {
  if (fd_ >= 0 && !is_standard()) ::close(fd_);
  runtime().remove_output(this);
}

void FileWriter::fail(Exit exit, const char* event, const char* what, int error) {
  throw Failure(exit, event,
                "sink `" + sink() + "`: " + what + " " + (is_standard_output() ? target() : "`" + target() + "`") +
                    ": " + (error != 0 ? engine::error_text(error) : "the path is empty"),
                {{"sink", sink(), false}, {"file", target(), false}});
}

void FileWriter::open() {
  constexpr const char* kCannot = "cannot create";
  if (is_standard_error()) {  // what stands in a file there already is kept
    fd_ = STDERR_FILENO;
    return;
  }
  if (is_standard_output()) {
    fd_ = STDOUT_FILENO;
  } else {
    if (path_.empty()) fail(Exit::cannot_create, "output_refused", kCannot, 0);
    if (path_.find('\0') != std::string::npos) fail(Exit::cannot_create, "output_refused", kCannot, EINVAL);
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    created_ = fd_ >= 0;
    // O_CREAT again: the name may be a link to a file that is not there yet.
    while (fd_ < 0 && (errno == EEXIST || errno == EINTR)) {
      if (runtime().stopping()) return;  // nobody came to read a named pipe
      fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
      if (fd_ < 0 && errno != EINTR) break;
    }
    if (fd_ < 0 && errno == ENOENT) {
      const std::size_t slash = path_.rfind('/');
      const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash);
      throw Failure(Exit::cannot_create, "output_refused",
                    "sink `" + sink() + "`: cannot create `" + path_ + "`: there is no folder `" + folder + "`",
                    {{"sink", sink(), false}, {"file", path_, false}});
    }
    if (fd_ < 0) fail(Exit::cannot_create, "output_refused", kCannot, errno);
  }
  struct stat st = {};
  if (::fstat(fd_, &st) != 0) fail(Exit::cannot_create, "output_refused", kCannot, errno);
  regular_ = S_ISREG(st.st_mode);
  if (regular_) file_ = {st.st_dev, st.st_ino};
}

void FileWriter::begin() {
  if (fd_ < 0 || is_standard_output() || !regular_) return;
  if (::ftruncate(fd_, 0) != 0) fail(Exit::cannot_create, "output_refused", "cannot empty", errno);
}

std::string FileWriter::position() {
  if (first_ != nullptr) {
    flush();  // the first worker's output is asked next
    return {};
  }
  if (!regular_ || is_standard()) return Output::position();
  flush(*this, out().view(), true);  // of compressed files the next rows begin a part of their own
  out().clear();
  if (compressor_) compressor_ = make_compressor(compression_by_name(path_));
  const off_t at = ::lseek(fd_, 0, SEEK_CUR);
  if (at < 0) fail(Exit::io, "output_failed", "cannot tell the position in", errno);
  return std::to_string(at);
}

void FileWriter::sync() {
  if (!regular_ || is_standard() || fd_ < 0) return;
  if (::fdatasync(fd_) != 0) fail(Exit::io, "output_failed", "cannot bring to disk", errno);
}

/// Another path begins a file of its own, unless it leads to the same one. What stands in a file that may be the former one
/// under another name is not emptied.
bool FileWriter::goes_on_from(std::string_view target, std::string_view position) {
  if (target == this->target() || position.empty() || position.find_first_not_of("0123456789") != std::string_view::npos) return true;
  if (fd_ < 0 || !regular_ || is_standard()) return true;
  const std::string former(target);
  struct stat own = {}, theirs = {};
  if (::fstat(fd_, &own) != 0) fail(Exit::io, "output_failed", "cannot look at", errno);
  const bool stands = ::stat(former.c_str(), &theirs) == 0;
  if (stands && theirs.st_dev == own.st_dev && theirs.st_ino == own.st_ino) return true;
  if (stands || own.st_size == 0) return false;
  throw Failure(Exit::data, "output_changed",
                "sink `" + sink() + "`: it wrote `" + former + "` when the checkpoint was taken, which is not there any more, and `" + this->target() +
                    "` is not empty; if that is the same file, give it its former name and go on with that, else remove it to begin it anew",
                {{"sink", sink(), false}, {"file", this->target(), false}});
}

void FileWriter::resume(std::string_view position) {
  Output::resume(position);
  if (fd_ < 0 || !regular_ || is_standard()) return;
  if (position.empty()) return begin();
  off_t at = 0;
  const char* const end = position.data() + position.size();
  if (const auto read = std::from_chars(position.data(), end, at); read.ec != std::errc() || read.ptr != end)
    throw Failure(Exit::data, "output_changed",
                  "sink `" + sink() + "`: the checkpoint does not say how far `" + target() + "` was written: when it was taken the sink wrote files by row" +
                      "; give the sink another name, or begin anew with `--fresh`",
                  {{"sink", sink(), false}, {"file", target(), false}});
  struct stat st = {};
  if (::fstat(fd_, &st) != 0) fail(Exit::io, "output_failed", "cannot look at", errno);
  if (st.st_size < at) {
    throw Failure(Exit::data, "output_changed",
                  "sink `" + sink() + "`: `" + target() + "` has " + std::to_string(st.st_size) + " bytes, but had " + std::string(position) +
                      " when the checkpoint was taken: rows are lost; begin anew with `--fresh`",
                  {{"sink", sink(), false}, {"file", target(), false}});
  }
  if (::ftruncate(fd_, at) != 0 || ::lseek(fd_, at, SEEK_SET) < 0) fail(Exit::io, "output_failed", "cannot cut", errno);
}

void FileWriter::abandon() {
  if (fd_ < 0) return;
  if (created_) ::unlink(path_.c_str());
  if (!is_standard()) ::close(fd_);
  fd_ = -1;
}

void FileWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {  // somebody else made our standard output non-blocking
      pollfd p{fd_, POLLOUT, 0};
      ::poll(&p, 1, -1);
      continue;
    }
    const int error = errno;
    broken_ = true;
    if (error == EPIPE && is_standard_output()) throw engine::ReaderGone{};
    fail(Exit::io, "output_failed", "cannot write", error);
  }
}

void FileWriter::flush(FileWriter& by, std::string_view rows, bool last) {
  const engine::Waiting waiting(by.runtime().presence(), by.counters());
  const std::lock_guard lock(*writes_);
  if (fd_ >= 0 && !broken_) put(by, rows, last);
}

void FileWriter::put(FileWriter& by, std::string_view rows, bool last) {
  if (!compressor_) return write(rows);
  {
    const engine::At here(by.runtime().presence(), by.counters());
    compressed_.clear();
    compressor_->add(rows, last, compressed_);
  }
  write(compressed_);
}

void FileWriter::flush() {
  (first_ != nullptr ? first_ : this)->flush(*this, out().view(), false);
  out().clear();
}

void FileWriter::flush_when_idle() {
  if (!compressor_) flush();
}

void FileWriter::finish() {
  if (first_ != nullptr) return flush();
  if (fd_ < 0) return;
  const int fd = fd_;
  flush(*this, out().view(), true);
  out().clear();
  if (is_standard()) return;
  fd_ = -1;
  // Some file systems tell a full disk only now.
  if (::close(fd) != 0 && errno != EINTR && !broken_) fail(Exit::io, "output_failed", "cannot write", errno);
}

}  // namespace gress::file
