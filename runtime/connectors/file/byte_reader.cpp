#include "runtime/connectors/file/byte_reader.h"

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

using engine::Exit;
using engine::Failure;

constexpr std::size_t kRaw = 64 * 1024;
/// Read behind a piece at once, for its last line.
constexpr std::size_t kTail = 4 * 1024;

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

ByteReader::ByteReader(engine::Runtime& runtime, engine::SourceCounters& counters, std::string path, ReadBuffer buffer)
    : runtime_(runtime), counters_(counters), path_(std::move(path)), buffer_(std::move(buffer)) {
  if (buffer_.capacity() == 0) buffer_.grow(ReadBuffer::kUsual, 0);
  open();
}

ByteReader::~ByteReader() {
  if (fd_ > STDIN_FILENO && !is_standard_input()) ::close(fd_);
}

std::string ByteReader::place() const {
  return "source `" + counters_.name + "`: " + (is_standard_input() ? "standard input" : "`" + path_ + "`");
}

void ByteReader::open() {
  const auto refuse = [&](const char* why) {
    throw Failure(Exit::no_input, "input_unreadable", place() + " cannot be read: " + why,
                  {{"source", counters_.name, false}, {"file", path_, false}});
  };
  if (is_standard_input()) {
    fd_ = STDIN_FILENO;
    sniff_ = true;
  } else {
    // A named pipe without a writer does not hold us up here: two of them may be opened in any order by the other side.
    fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd_ < 0) refuse(path_.empty() ? "the path is empty" : engine::error_text(errno).c_str());
    compression_ = compression_by_name(path_);
    decompressor_ = make_decompressor(compression_);
  }
  struct stat st = {};
  if (::fstat(fd_, &st) != 0) refuse(engine::error_text(errno).c_str());
  if (S_ISDIR(st.st_mode)) {
    if (!is_standard_input()) ::close(fd_);
    fd_ = -1;
    refuse("it is a folder; `/*` behind it reads all its files");
  }
  regular_ = S_ISREG(st.st_mode);
  if (regular_) {
    file_ = {st.st_dev, st.st_ino};
    ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
}

void ByteReader::damaged(const std::string& why) {
  const std::uint64_t reached = offset_ + (end_ - begin_);
  throw Failure(Exit::data, "input_damaged",
                place() + ": " + why + ", after " + std::to_string(reached) + " uncompressed bytes",
                {{"source", counters_.name, false}, {"file", path_, false}, {"offset", std::to_string(reached), true}});
}

void ByteReader::make_room() {
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ > buffer_.capacity() / 2) buffer_.grow(buffer_.capacity() * 2, end_);
}

ByteReader::Raw ByteReader::read_raw(char* to, std::size_t room) {
  if (!regular_) {
    pollfd p{fd_, POLLIN, 0};
    if (::poll(&p, 1, 0) <= 0) {
      runtime_.watch(fd_);
      return {Read::idle, 0};
    }
  }
  for (;;) {
    const ssize_t n = ::read(fd_, to, room);
    if (n > 0) return {Read::data, static_cast<std::size_t>(n)};
    if (n == 0) return {Read::end, 0};
    if (errno == EINTR) {
      if (runtime_.stopping()) return {Read::stopped, 0};
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      runtime_.watch(fd_);
      return {Read::idle, 0};
    }
    input_failed();
  }
}

void ByteReader::input_failed() const {
  const std::string why = engine::error_text(errno);
  throw Failure(Exit::io, "input_failed",
                place() + ": reading failed at byte " + std::to_string(offset_ + (end_ - begin_)) + ": " + why,
                {{"source", counters_.name, false}, {"file", path_, false}});
}

ByteReader::Raw ByteReader::read_compressed(char* to, std::size_t room) {
  if (raw_.capacity() == 0) raw_.grow(kRaw, 0);
  std::size_t made = 0;
  for (;;) {
    const Decompressor::Result r = decompressor_->run(raw_.data() + raw_begin_, raw_size_, to + made, room - made);
    raw_begin_ += r.used;
    raw_size_ -= r.used;
    made += r.made;
    if (!r.error.empty()) {
      damage_ = std::string("damaged ") + name(compression_) + " data (" + r.error + ")";
      return {Read::data, made};
    }
    if (made == room || (made != 0 && raw_size_ == 0)) return {Read::data, made};
    if (r.used != 0 || r.made != 0) continue;
    // It wants more than what is there.
    if (raw_end_) {
      if (decompressor_->may_end()) return {Read::end, 0};
      damage_ = std::string(name(compression_)) + " data ends in the middle";
      return {Read::data, 0};
    }
    if (raw_size_ != 0) std::memmove(raw_.data(), raw_.data() + raw_begin_, raw_size_);
    raw_begin_ = 0;
    const Raw raw = read_raw(raw_.data() + raw_size_, raw_.capacity() - raw_size_);
    if (raw.result == Read::end) {
      raw_end_ = true;
    } else if (raw.result != Read::data) {
      return {raw.result, 0};
    }
    raw_size_ += raw.size;
  }
}

Read ByteReader::find_compression() {
  if (raw_.capacity() == 0) raw_.grow(kRaw, 0);
  for (;;) {
    bool enough = true;
    const Compression found = compression_by_content({raw_.data(), raw_size_}, enough);
    if (enough || raw_end_) {
      sniff_ = false;
      compression_ = found;
      decompressor_ = make_decompressor(found);
      return Read::data;
    }
    const Raw raw = read_raw(raw_.data() + raw_size_, raw_.capacity() - raw_size_);
    if (raw.result == Read::end) {
      raw_end_ = true;
    } else if (raw.result != Read::data) {
      return raw.result;
    }
    raw_size_ += raw.size;
  }
}

std::uint64_t ByteReader::size() const {
  struct stat st = {};
  return ::fstat(fd_, &st) == 0 ? static_cast<std::uint64_t>(st.st_size) : 0;
}

void ByteReader::take(std::uint64_t begin, std::uint64_t end) {
  begin_ = end_ = 0;
  in_line_ = begin != 0;
  offset_ = position_ = in_line_ ? begin - 1 : 0;  // a line feed just before it ends the line of the piece before
  piece_end_ = end;
  at_end_ = end == 0;
}

Read ByteReader::more_of_piece() {
  make_room();
  for (;;) {
    const std::uint64_t left = (position_ < piece_end_ ? piece_end_ - position_ : 0) + kTail;
    const std::size_t room = std::min<std::uint64_t>(buffer_.capacity() - end_, piece_end_ == kWhole ? kWhole : left);
    const ssize_t n = ::pread(fd_, buffer_.data() + end_, room, static_cast<off_t>(position_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) input_failed();
    if (n == 0) {
      at_end_ = true;
      return Read::end;
    }
    char* const fresh = buffer_.data() + end_;
    const std::uint64_t at = position_;
    position_ += static_cast<std::uint64_t>(n);
    end_ += static_cast<std::size_t>(n);
    if (in_line_) {
      const auto* feed = static_cast<const char*>(std::memchr(fresh, '\n', static_cast<std::size_t>(n)));
      begin_ = feed == nullptr ? end_ : static_cast<std::size_t>(feed + 1 - buffer_.data());
      offset_ = position_ - (end_ - begin_);
      if (offset_ >= piece_end_) {  // no line begins here
        begin_ = end_;
        at_end_ = true;
        return Read::end;
      }
      if (feed == nullptr) {
        begin_ = end_ = 0;
        continue;
      }
      in_line_ = false;
    }
    const std::size_t before = static_cast<std::size_t>(fresh - buffer_.data());
    if (position_ >= piece_end_) {
      const std::size_t last = at >= piece_end_ - 1 ? before : before + static_cast<std::size_t>(piece_end_ - 1 - at);
      if (const void* feed = std::memchr(buffer_.data() + last, '\n', end_ - last); feed != nullptr) {
        end_ = static_cast<std::size_t>(static_cast<const char*>(feed) + 1 - buffer_.data());
        at_end_ = true;
      }
    }
    counters_.bytes.add(end_ - std::max(before, begin_));
    return Read::data;
  }
}

Read ByteReader::more() {
  if (at_end_) return Read::end;
  const bool in_piece = position_ != kWhole;
  // A piece is finished: others may wait for its rest.
  if (runtime_.stopping() && (!in_piece || whole_)) return Read::stopped;
  if (in_piece) return more_of_piece();
  if (!damage_.empty()) damaged(damage_);
  if (sniff_) {
    if (const Read r = find_compression(); r != Read::data) return r;
  }
  make_room();
  char* const to = buffer_.data() + end_;
  const std::size_t room = buffer_.capacity() - end_;
  Raw raw{Read::end, 0};
  if (decompressor_) {
    raw = read_compressed(to, room);
    if (raw.result == Read::data && raw.size == 0) damaged(damage_);
  } else if (raw_size_ != 0) {
    // What was read to look at the first bytes; no more than half a usual buffer.
    std::memcpy(to, raw_.data(), raw_size_);
    raw = {Read::data, raw_size_};
    raw_size_ = 0;
  } else if (!raw_end_) {
    raw = read_raw(to, room);
  }
  if (raw.result == Read::data) {
    end_ += raw.size;
    counters_.bytes.add(raw.size);
  } else if (raw.result == Read::end) {
    at_end_ = true;
  }
  return raw.result;
}

void ByteReader::is_shorter(std::uint64_t size, std::uint64_t offset) const {
  throw Failure(Exit::data, "input_changed",
                place() + " has " + std::to_string(size) + " bytes, but the checkpoint was taken at byte " + std::to_string(offset) +
                    ": it is another file than then",
                {{"source", counters_.name, false}, {"file", path_, false}});
}

void ByteReader::has(std::uint64_t offset) const {
  if (const std::uint64_t bytes = size(); bytes < offset) is_shorter(bytes, offset);
}

void ByteReader::skip_to_line_behind(std::uint64_t offset) {
  has(offset);
  take(offset, kWhole);
  whole_ = true;
}

void ByteReader::skip_to(std::uint64_t offset) {
  if (!regular_ || is_standard_input()) {
    throw Failure(Exit::no_input, "input_not_repeatable",
                  place() + " cannot be read again from where the checkpoint stands (byte " + std::to_string(offset) + "): it is no file",
                  {{"source", counters_.name, false}, {"file", path_, false}});
  }
  if (!decompressor_) {
    has(offset);
    if (::lseek(fd_, static_cast<off_t>(offset), SEEK_SET) < 0)
      throw Failure(Exit::io, "input_failed", place() + ": " + engine::error_text(errno), {{"source", counters_.name, false}, {"file", path_, false}});
    begin_ = end_ = 0;
    offset_ = offset;
    at_end_ = raw_end_ = false;
    return;
  }
  while (offset_ != offset) {
    consume(std::min<std::uint64_t>(end_ - begin_, offset - offset_));
    if (offset_ == offset) return;
    const Read r = more();
    if (r == Read::end) is_shorter(offset_, offset);
    if (r == Read::stopped) return;
  }
}

Read ByteReader::more_waiting() {
  for (;;) {
    const Read r = more();
    if (r != Read::idle) return r;
    runtime_.wait(60'000'000);
  }
}

}  // namespace gress::file
