// Reads a ByteStream ahead of the thread that decodes it, which costs that one only the work of taking chunks: for inputs
// that are decompressed, and pipes, whose bytes the kernel copies. Chunks go round in a ring; each is swapped for the buffer
// that the reader has done with, so no byte is copied but a record's that two chunks share.
#pragma once
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "runtime/connectors/file/byte_stream.h"
#include "runtime/core/spsc_ring.h"
#include "runtime/engine/bell.h"

namespace gress::file {

class ReadAhead {
 public:
  /// Room before a chunk's bytes, for what the reader has not consumed of the one before.
  static constexpr std::size_t kBefore = 16 * 1024;
  struct Chunk {
    ReadBuffer buffer;
    ByteStream::Got got = ByteStream::Got::data;
    std::size_t size = 0;       // from kBefore of the buffer on
    std::exception_ptr thrown;  // instead
  };

  /// Null when there are many, or the system has no descriptors left.
  static std::unique_ptr<ReadAhead> make();
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Begins; nobody else reads from the stream until stop(). Without a thread, where the system has none, it does not run.
  void start(ByteStream&);
  /// What was read and not taken is forgotten.
  void stop();
  bool runs() const { return thread_.joinable(); }

  /// The next chunk, until taken(); the last is one that is no data. Waits while one is in the making; null when the
  /// stream has nothing now, then descriptor() tells when there is.
  Chunk* next();
  void taken();
  int descriptor() const { return reader_.descriptor(); }

 private:
  static constexpr int kMost = 64;  // in a process: many open files need no more, and each costs three descriptors
  static constexpr std::uint32_t kChunks = 8;
  static constexpr std::uint32_t kTold = kChunks / 2;  // chunks after which the other side, if it sleeps, is woken
  static constexpr std::size_t kChunk = 64 * 1024;

  ReadAhead();
  void run(ByteStream&);
  void wait_for_room();
  void wait_for_input(const ByteStream&);

  SpscRing<Chunk> ring_{kChunks};
  engine::Bell reader_, reads_;         // who takes chunks, and who makes them
  std::atomic<bool> waits_{false};      // for the stream to have something; all chunks were made before it was set
  std::atomic<bool> stop_{false};
  bool dozing_ = false;                 // the reader's bell
  std::uint32_t made_ = 0, taken_ = 0;  
  std::thread thread_;
};

}  // namespace gress::file
