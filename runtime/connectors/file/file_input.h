// The partitions of a file source: one file, or the files that match a pattern, numbered from 0 in byte order of their
// names. At most kMaxOpen are open at a time; the next begins when one has ended.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/connectors/file/byte_reader.h"
#include "runtime/engine/pieces.h"

namespace gress::file {

class FileInput {
 public:
  using Reader = ByteReader;
  static constexpr std::size_t kMaxOpen = 64;
  static constexpr std::size_t kMostFiles = 1 << 16;  // a row's position has 16 bits for its partition

  using Take = gress::Take;

  /// Finds the files, which are those that the first worker found, and opens the first ones; throws Failure: no_input when
  /// there is none or one cannot be read, usage when standard input has another reader.
  FileInput(engine::Runtime& runtime, std::string_view source, std::string_view path, int line = 0,
            Take take = Take::own);
  /// The same, with counters that there are already: a table that is read again.
  FileInput(engine::Runtime& runtime, engine::SourceCounters& counters, std::string_view path, Take take = Take::own);

  /// One plain file is read by all workers, in pieces: true if it is. Asked by each, the first worker first, before
  /// anything is read; reader(0) then gives nothing until it is told which piece.
  bool cut(engine::Pieces& pieces);

  engine::SourceCounters& counters() { return counters_; }
  std::size_t partitions() const { return paths_.size(); }
  /// Whether this worker reads it.
  bool owns(std::size_t partition) const { return partition % stride_ == first_; }
  /// `-` for standard input.
  const std::string& path(std::size_t partition) const { return paths_[partition]; }
  /// The same after a restart, and of no other.
  const std::string& name(std::size_t partition) const { return paths_[partition]; }

  /// Partitions that are being read, ascending; those that are neither here nor ended hold the watermark.
  std::span<const std::uint32_t> active() const { return active_; }
  bool done() const { return active_.empty(); }
  /// Of an active partition.
  ByteReader& reader(std::size_t partition) { return *readers_[partition]; }
  /// The partition is read to its end: closes it and begins the next one, if any. Changes active(). One that is not begun
  /// will not be.
  void ended(std::size_t partition);

 private:
  FileInput(engine::Runtime& runtime, engine::SourceCounters& counters, std::vector<std::string> paths, Take take);
  void look();
  void begin(Spare spare);

  engine::Runtime& runtime_;
  engine::SourceCounters& counters_;
  std::vector<std::string> paths_;
  std::vector<std::unique_ptr<ByteReader>> readers_;
  std::vector<bool> over_;  // are not to be begun
  std::vector<std::uint32_t> active_;
  std::size_t first_, stride_;  // of the partitions that this worker reads
  std::size_t next_;
};

}  // namespace gress::file
