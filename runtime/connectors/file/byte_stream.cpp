#include "runtime/connectors/file/byte_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

namespace gress::file {
namespace {

constexpr std::size_t kRaw = 64 * 1024;

}  // namespace

void ReadBuffer::grow(std::size_t capacity, std::size_t used) {
  const std::size_t bytes = (capacity + kPadding + 63) / 64 * 64;
  auto* fresh = static_cast<char*>(std::aligned_alloc(64, bytes));
  if (!fresh) throw std::bad_alloc();
  if (used != 0) std::memcpy(fresh, data_.get(), used);
  std::memset(fresh + capacity, 0, bytes - capacity);
  data_.reset(fresh);
  capacity_ = capacity;
}

ByteStream::~ByteStream() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

void ByteStream::set(Compression compression) {
  compression_ = compression;
  decompressor_ = make_decompressor(compression);
}

bool ByteStream::open_file(const char* path, Compression compression) {
  // A named pipe without a writer does not hold us up here: two of them may be opened in any order by the other side.
  fd_ = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd_ < 0) return false;
  struct stat st = {};
  regular_ = ::fstat(fd_, &st) == 0 && S_ISREG(st.st_mode);
  set(compression);
  return true;
}

void ByteStream::open_standard_input() {
  fd_ = STDIN_FILENO;
  struct stat st = {};
  regular_ = ::fstat(fd_, &st) == 0 && S_ISREG(st.st_mode);
  unknown_ = true;
}

bool ByteStream::seek(std::uint64_t offset) {
  raw_end_ = false;
  return ::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) >= 0;
}

ByteStream::Part ByteStream::read_raw(char* to, std::size_t room) {
  for (;;) {
    if (!regular_) {
      pollfd p{fd_, POLLIN, 0};
      if (::poll(&p, 1, 0) <= 0) return {Got::idle};
    }
    const ssize_t n = ::read(fd_, to, room);
    if (n > 0) return {Got::data, static_cast<std::size_t>(n)};
    if (n == 0) return {Got::end};
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return {Got::idle};
    error_ = errno;
    return {Got::failed};
  }
}

ByteStream::Got ByteStream::read_more_raw() {
  if (raw_size_ != 0) std::memmove(raw_.data(), raw_.data() + raw_begin_, raw_size_);
  raw_begin_ = 0;
  const Part part = read_raw(raw_.data() + raw_size_, raw_.capacity() - raw_size_);
  raw_size_ += part.size;
  if (part.got != Got::end) return part.got;
  raw_end_ = true;
  return Got::data;
}

ByteStream::Part ByteStream::read_compressed(char* to, std::size_t room) {
  if (!damage_.empty()) return {Got::damaged};
  if (raw_.capacity() == 0) raw_.grow(kRaw, 0);
  std::size_t made = 0;
  const auto damaged = [&](std::string why) -> Part {
    damage_ = std::move(why);
    return {made != 0 ? Got::data : Got::damaged, made};
  };
  for (;;) {
    const Decompressor::Result r = decompressor_->run(raw_.data() + raw_begin_, raw_size_, to + made, room - made);
    raw_begin_ += r.used;
    raw_size_ -= r.used;
    made += r.made;
    if (!r.error.empty()) return damaged(std::string("damaged ") + name(compression_) + " data (" + r.error + ")");
    if (made == room || (made != 0 && raw_size_ == 0)) return {Got::data, made};
    if (r.used != 0 || r.made != 0) continue;
    // It wants more than what is there.
    if (raw_end_) {
      if (decompressor_->may_end()) return {Got::end};
      return damaged(std::string(name(compression_)) + " data ends in the middle");
    }
    if (const Got got = read_more_raw(); got != Got::data) return {got};
  }
}

ByteStream::Got ByteStream::look() {
  while (unknown_) {
    if (raw_.capacity() == 0) raw_.grow(kRaw, 0);
    bool enough = true;
    const Compression found = compression_by_content({raw_.data(), raw_size_}, enough);
    if (enough || raw_end_) {
      unknown_ = false;
      set(found);
    } else if (const Got got = read_more_raw(); got != Got::data) {
      return got;
    }
  }
  return Got::data;
}

ByteStream::Part ByteStream::read(char* to, std::size_t room) {
  if (const Got got = look(); got != Got::data) return {got};
  if (decompressor_) return read_compressed(to, room);
  if (raw_size_ != 0) {  // was read to look at the first bytes
    const std::size_t n = std::min(raw_size_, room);
    std::memcpy(to, raw_.data() + raw_begin_, n);
    raw_begin_ += n;
    raw_size_ -= n;
    return {Got::data, n};
  }
  return raw_end_ ? Part{Got::end} : read_raw(to, room);
}

}  // namespace gress::file
