#include "runtime/connectors/file/byte_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/connectors/file/read_ahead.h"
#include "runtime/engine/usable_cpus.h"

namespace gress::file {
namespace {

using engine::Exit;
using engine::Failure;

/// Read behind a piece at once, for its last line.
constexpr std::size_t kTail = 4 * 1024;

}  // namespace

ByteReader::ByteReader(engine::Runtime& runtime, engine::SourceCounters& counters, std::string path, Spare spare)
    : runtime_(runtime), counters_(counters), path_(std::move(path)), ahead_(std::move(spare.ahead)), buffer_(std::move(spare.buffer)) {
  if (buffer_.capacity() == 0) buffer_.grow(ReadBuffer::kUsual, 0);
  open();
}

void FreeReadAhead::operator()(ReadAhead* ahead) const { delete ahead; }

Spare ByteReader::take_spare() {
  if (ahead_) ahead_->stop();
  return {std::move(buffer_), std::move(ahead_)};
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
    stream_.open_standard_input();
  } else if (!stream_.open_file(path_.c_str(), compression_by_name(path_))) {
    refuse(path_.empty() ? "the path is empty" : engine::error_text(errno).c_str());
  }
  struct stat st = {};
  if (::fstat(stream_.descriptor(), &st) != 0) refuse(engine::error_text(errno).c_str());
  if (S_ISDIR(st.st_mode)) refuse("it is a folder; `/*` behind it reads all its files");
  if (stream_.regular()) {
    file_ = {st.st_dev, st.st_ino};
    ::posix_fadvise(stream_.descriptor(), 0, 0, POSIX_FADV_SEQUENTIAL);
  }
}

void ByteReader::damaged(const std::string& why) const {
  const std::uint64_t reached = offset_ + (end_ - begin_);
  throw Failure(Exit::data, "input_damaged",
                place() + ": " + why + ", after " + std::to_string(reached) + " uncompressed bytes",
                {{"source", counters_.name, false}, {"file", path_, false}, {"offset", std::to_string(reached), true}});
}

void ByteReader::make_room() {
  constexpr std::size_t kLine = 64;  // of the cache
  const std::size_t left = end_ - begin_;
  if (left + kLine > buffer_.capacity() / 2) buffer_.grow(buffer_.capacity() * 2, end_);
  // At the place of a cache line that it has in the page cache: copying takes the kernel a sixth less than to anywhere, and a
  // quarter of what it takes to the first bytes of a line behind it.
  const std::size_t begin = (offset_ - reinterpret_cast<std::uintptr_t>(buffer_.data())) % kLine;
  if (begin == begin_) return;
  std::memmove(buffer_.data() + begin, buffer_.data() + begin_, left);
  begin_ = begin;
  end_ = begin + left;
}

void ByteReader::input_failed(int error) const {
  const std::string why = engine::error_text(error);
  throw Failure(Exit::io, "input_failed",
                place() + ": reading failed at byte " + std::to_string(offset_ + (end_ - begin_)) + ": " + why,
                {{"source", counters_.name, false}, {"file", path_, false}});
}

bool ByteReader::reads_ahead() const {
  static const int cpus = engine::usable_cpus();
  constexpr std::uint64_t kSmall = 64 * 1024;  // read before a thread would have begun
  // Who writes into a pipe wants a CPU too; there is less to win than where bytes are decompressed.
  if (stream_.plain()) return !stream_.regular() && cpus > 2 && ::isatty(stream_.descriptor()) == 0;
  return cpus > 1 && (!stream_.regular() || size() > kSmall);
}

Read ByteReader::got(ByteStream::Got got, std::size_t size) {
  using Got = ByteStream::Got;
  switch (got) {
    case Got::data:
      end_ += size;
      counters_.bytes.add(size);
      return Read::data;
    case Got::end:
      at_end_ = true;
      return Read::end;
    case Got::idle:
      runtime_.watch(ahead_ && ahead_->runs() ? ahead_->descriptor() : stream_.descriptor());
      return Read::idle;
    case Got::damaged: damaged(stream_.damage());
    case Got::failed: input_failed(stream_.error());
  }
  __builtin_unreachable();
}

Read ByteReader::more_ahead() {
  ReadAhead::Chunk* const chunk = ahead_->next();
  if (chunk == nullptr) return got(ByteStream::Got::idle);
  if (chunk->thrown) std::rethrow_exception(chunk->thrown);
  if (chunk->got != ByteStream::Got::data) return got(chunk->got);
  const std::size_t left = end_ - begin_, size = chunk->size;
  if (left <= ReadAhead::kBefore) {
    char* const begin = chunk->buffer.data() + ReadAhead::kBefore - left;
    std::memcpy(begin, buffer_.data() + begin_, left);
    std::swap(buffer_, chunk->buffer);
    if (chunk->buffer.capacity() > ReadBuffer::kUsual) chunk->buffer = {};  // grown for a long record; the ring would fill with such
    begin_ = ReadAhead::kBefore - left;
    end_ = ReadAhead::kBefore;
  } else {
    make_room();
    if (buffer_.capacity() - end_ < size) buffer_.grow(buffer_.capacity() + size, end_);
    std::memcpy(buffer_.data() + end_, chunk->buffer.data() + ReadAhead::kBefore, size);
  }
  ahead_->taken();
  return got(ByteStream::Got::data, size);
}

std::uint64_t ByteReader::size() const {
  struct stat st = {};
  return ::fstat(stream_.descriptor(), &st) == 0 ? static_cast<std::uint64_t>(st.st_size) : 0;
}

void ByteReader::take(std::uint64_t begin, std::uint64_t end) {
  begin_ = end_ = 0;
  in_line_ = begin != 0;
  offset_ = position_ = in_line_ ? begin - 1 : 0;  // a line feed just before it ends the line of the piece before
  piece_end_ = end;
  at_end_ = end == 0;
}

std::size_t ByteReader::read_at(char* to, std::size_t room, std::uint64_t at) const {
  for (;;) {
    const ssize_t n = ::pread(stream_.descriptor(), to, room, static_cast<off_t>(at));
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EINTR) input_failed(errno);
  }
}

void ByteReader::load(std::uint64_t begin, std::size_t size) {
  begin_ = end_ = 0;
  offset_ = position_ = begin;
  piece_end_ = kWhole;
  in_line_ = at_end_ = false;
  load_more(size);
}

void ByteReader::load_rest(std::uint64_t begin) {
  if (size() < begin) was_cut(begin);
  load(begin, 0);
}

bool ByteReader::load_more(std::size_t size) {
  if (buffer_.capacity() - end_ < size) buffer_.grow(std::max(buffer_.capacity() * 2, end_ + size), end_);
  for (const std::size_t end = end_ + size; end_ != end;) {
    const std::size_t n = read_at(buffer_.data() + end_, end - end_, position_);
    if (n == 0) return false;
    end_ += n;
    position_ += n;
  }
  return true;
}

std::uint64_t ByteReader::cut_line(std::size_t size) {
  const auto* const begin = static_cast<const char*>(::memrchr(bytes().data(), '\n', bytes().size()));
  end_ = (begin == nullptr ? begin_ : static_cast<std::size_t>(begin + 1 - buffer_.data())) + size;
  char* const rest = buffer_.data() + end_;
  for (;;) {
    const std::size_t n = read_at(rest, buffer_.capacity() - end_, position_);
    const auto* const feed = static_cast<const char*>(std::memchr(rest, '\n', n));
    position_ += feed == nullptr ? n : static_cast<std::size_t>(feed + 1 - rest);
    if (feed == nullptr && n != 0) continue;
    *rest = '\n';
    ++end_;
    return position_;
  }
}

void ByteReader::keep(std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t loaded = offset_ + (end_ - begin_);
  begin_ += begin - offset_;
  end_ -= loaded - std::min(loaded, end);
  offset_ = begin;
  at_end_ = true;
  counters_.bytes.add(end_ - begin_);
}

Read ByteReader::more_of_piece() {
  make_room();
  for (;;) {
    const std::uint64_t left = (position_ < piece_end_ ? piece_end_ - position_ : 0) + kTail;
    const std::size_t room = std::min<std::uint64_t>(buffer_.capacity() - end_, piece_end_ == kWhole ? kWhole : left);
    const std::size_t n = read_at(buffer_.data() + end_, room, position_);
    if (n == 0) {
      at_end_ = true;
      return Read::end;
    }
    char* const fresh = buffer_.data() + end_;
    const std::uint64_t at = position_;
    position_ += n;
    end_ += n;
    if (in_line_) {
      const auto* feed = static_cast<const char*>(std::memchr(fresh, '\n', n));
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
  if (!begun_) {
    if (const ByteStream::Got looked = stream_.look(); looked != ByteStream::Got::data) return got(looked);
    begun_ = true;
    if (reads_ahead()) {
      if (!ahead_) ahead_.reset(ReadAhead::make().release());
      if (ahead_) ahead_->start(stream_);
    }
  }
  if (ahead_ && ahead_->runs()) return more_ahead();
  make_room();
  const ByteStream::Part part = stream_.read(buffer_.data() + end_, buffer_.capacity() - end_);
  return got(part.got, part.size);
}

void ByteReader::changed(const std::string& why) const {
  throw Failure(Exit::data, "input_changed", place() + why, {{"source", counters_.name, false}, {"file", path_, false}});
}

void ByteReader::is_shorter(std::uint64_t size, std::uint64_t offset) const {
  changed(" has " + std::to_string(size) + " bytes, but the checkpoint was taken at byte " + std::to_string(offset) +
          ": it is another file than then");
}

void ByteReader::was_cut(std::uint64_t had) const {
  changed(" has " + std::to_string(size()) + " bytes, but had " + std::to_string(had) + " or more when reading began: a file that is read may grow, but "
          "must not be cut or written anew; read it again when it is whole");
}

void ByteReader::has(std::uint64_t offset) const {
  if (const std::uint64_t bytes = size(); bytes < offset) is_shorter(bytes, offset);
}

void ByteReader::skip_to_line_behind(std::uint64_t offset) {
  has(offset);
  take(offset, kWhole);
  whole_ = true;
  more_of_piece();  // to that line: what is saved from now on is where a line begins
}

bool ByteReader::skip_to(std::uint64_t offset) {
  if (!stream_.regular() || is_standard_input()) {
    throw Failure(Exit::no_input, "input_not_repeatable",
                  place() + " cannot be read again from where the checkpoint stands (byte " + std::to_string(offset) + "): it is no file",
                  {{"source", counters_.name, false}, {"file", path_, false}});
  }
  if (stream_.plain()) {
    has(offset);
    if (!stream_.seek(offset))
      throw Failure(Exit::io, "input_failed", place() + ": " + engine::error_text(errno), {{"source", counters_.name, false}, {"file", path_, false}});
    begin_ = end_ = 0;
    offset_ = offset;
    at_end_ = false;
    return true;
  }
  for (;;) {
    consume(std::min<std::uint64_t>(end_ - begin_, offset - offset_));
    if (offset_ == offset) return true;
    const Read r = more_waiting();
    if (r == Read::end) is_shorter(offset_, offset);
    if (r == Read::stopped) return false;
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
