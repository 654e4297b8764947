// What comes out of an open file, pipe or standard input, decompressed where it is compressed. One thread at a time reads
// from it: that of the source, or one that reads ahead (read_ahead.h).
#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "runtime/connectors/file/decompress.h"
#include "runtime/connectors/file/read_buffer.h"

namespace gress::file {

class ByteStream {
 public:
  enum class Got : std::uint8_t {
    data,
    end,
    idle,     // nothing there now; data comes when descriptor() is readable
    damaged,  // compressed data is: damage(); all that came before has been given
    failed,   // error() of the system
  };
  struct Part {
    Got got;
    std::size_t size = 0;  // of data, not 0
  };

  ByteStream() = default;
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  /// False when it cannot be opened: errno.
  bool open_file(const char* path, Compression);
  /// Standard input; may be compressed, which its first bytes tell.
  void open_standard_input();
  /// Waits for nothing but a disk.
  Part read(char* to, std::size_t room);
  /// Data once it is known whether the input is compressed.
  Got look();
  /// Of a file that is not compressed; false: errno.
  bool seek(std::uint64_t offset);

  int descriptor() const { return fd_; }
  /// A file, which always has something or is at its end.
  bool regular() const { return regular_; }
  /// Read as it lies there.
  bool plain() const { return !unknown_ && !decompressor_; }
  const std::string& damage() const { return damage_; }
  int error() const { return error_; }

 private:
  void set(Compression);
  Part read_raw(char* to, std::size_t room);
  Part read_compressed(char* to, std::size_t room);
  Got read_more_raw();

  int fd_ = -1;
  bool regular_ = false;
  bool unknown_ = false;  // whether it is compressed
  bool raw_end_ = false;
  Compression compression_ = Compression::none;
  std::unique_ptr<Decompressor> decompressor_;
  ReadBuffer raw_;  // read, not yet decompressed
  std::size_t raw_begin_ = 0, raw_size_ = 0;
  std::string damage_;
  int error_ = 0;
};

}  // namespace gress::file
