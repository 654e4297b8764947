// The bytes of one partition of a source: a plain file, a `.gz` or `.zst` file, a pipe, or standard input (`-`), which
// may be compressed too. read(2) goes into one reused buffer, which stays in the cache; why files are not mapped is said in
// docs/decisions/0029-reading-files.md. What is decompressed, and pipes, are read ahead by a thread of their own where the process may use several CPUs.
//
//   while (true) {
//     const std::size_t used = decode(reader.bytes(), reader.at_end());
//     reader.consume(used);
//     if (used == 0) switch (reader.more()) …
//   }
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "runtime/connectors/file/byte_stream.h"
#include "runtime/connectors/record_input.h"
#include "runtime/engine/rate_limiter.h"
#include "runtime/engine/runtime.h"

namespace gress::file {

/// read_ahead.h, whose thread programs need not compile.
class ReadAhead;
struct FreeReadAhead {
  void operator()(ReadAhead*) const;
};

/// What a reader needs besides its input; moves from a partition that has ended to the next.
struct Spare {
  ReadBuffer buffer = {};
  std::unique_ptr<ReadAhead, FreeReadAhead> ahead = {};
};

class ByteReader {
 public:
  /// Opens; throws Failure (no_input). Bytes read are counted in `counters`, whose name is the source's.
  ByteReader(engine::Runtime& runtime, engine::SourceCounters& counters, std::string path, Spare spare = {});
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  /// What is read and not consumed. ReadBuffer::kPadding bytes behind it can be read, whatever they hold.
  std::span<const char> bytes() const { return {buffer_.data() + begin_, end_ - begin_}; }
  std::span<const char> first(std::int64_t records) const { return engine::first_lines(bytes(), records); }
  bool at_end() const { return at_end_; }
  /// Of bytes(), in the uncompressed partition.
  std::uint64_t offset() const { return offset_; }
  std::uint64_t offset_at(std::size_t begin) const { return offset_ + begin; }
  /// Where an earlier run is to go on: skip_to().
  std::uint64_t position() const { return offset_; }
  void consume(std::size_t n) {
    begin_ += n;
    offset_ += n;
  }
  /// Reads further bytes behind the unconsumed ones, which move to the front of the buffer; the buffer grows only when
  /// a record fills more than half of it. Throws Failure: io, or data for damaged or truncated compressed data, once
  /// all that came before the damage has been handed out.
  Read more();
  /// The same, but waits instead of being idle; for tables, read whole before anything else runs.
  Read more_waiting();

  /// Goes on from an offset that an earlier run came to; false when the program is stopped on the way there. Throws
  /// Failure where the input cannot be read from there.
  bool skip_to(std::uint64_t offset);
  /// The same, from the first line that begins there or behind it; of one that is read in_pieces().
  void skip_to_line_behind(std::uint64_t offset);
  /// Throws Failure when it is shorter.
  void has(std::uint64_t offset) const;
  /// Whether it can be read in pieces: a plain file.
  bool in_pieces() const { return stream_.regular() && stream_.plain(); }
  /// From now on bytes() are the lines that begin in [begin, end) of the file, and nothing when both are 0.
  void take(std::uint64_t begin, std::uint64_t end);
  // The same where lines do not tell: the bytes from `begin` on, of which `size` (fewer at the end of the file) are read, and
  // more as wanted; then keep() says which they are. What is not kept is not counted.
  void load(std::uint64_t begin, std::size_t size);
  /// To the end of the file, which has come that far before.
  void load_rest(std::uint64_t begin);
  /// False at the end of the file.
  bool load_more(std::size_t size);
  /// Cuts the last line of bytes(), which has no end, to where it is `size` bytes long; gives where the next one begins.
  std::uint64_t cut_line(std::size_t size);
  void keep(std::uint64_t begin, std::uint64_t end);
  std::uint64_t size() const;
  /// It had that many bytes before.
  [[noreturn]] void was_cut(std::uint64_t had) const;

  const std::string& path() const { return path_; }
  engine::FileId file() const { return file_; }
  bool is_standard_input() const { return path_ == "-"; }
  /// Gives them away; the reader is of no use afterwards.
  Spare take_spare();

 private:
  void open();
  void make_room();
  Read more_of_piece();
  std::size_t read_at(char* to, std::size_t room, std::uint64_t at) const;
  Read more_ahead();
  /// What was got is behind the other bytes.
  Read got(ByteStream::Got, std::size_t size = 0);
  bool reads_ahead() const;
  [[noreturn]] void input_failed(int error) const;
  [[noreturn]] void changed(const std::string& why) const;
  [[noreturn]] void is_shorter(std::uint64_t size, std::uint64_t offset) const;
  [[noreturn]] void damaged(const std::string& why) const;
  std::string place() const;

  engine::Runtime& runtime_;
  engine::SourceCounters& counters_;
  std::string path_;
  ByteStream stream_;
  std::unique_ptr<ReadAhead, FreeReadAhead> ahead_;
  bool begun_ = false;  // it is known whether to read ahead
  bool at_end_ = false;
  engine::FileId file_;
  ReadBuffer buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t offset_ = 0;
  static constexpr std::uint64_t kWhole = UINT64_MAX;
  std::uint64_t position_ = kWhole;  // where the next read of a piece begins; kWhole: all is read, not a piece
  std::uint64_t piece_end_ = 0;
  bool whole_ = false;    // a piece from somewhere to the end, which need not be finished
  bool in_line_ = false;  // what comes first is the end of a line of the piece before
};

}  // namespace gress::file
