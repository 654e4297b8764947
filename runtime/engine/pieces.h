// One big file for all workers: pieces of it, numbered from 1 in the order in which they stand, each taken by whoever is
// free. A piece is the records that begin in its range, so it can be read without the ones before.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>

#ifndef GRESS_PIECE_BYTES
#define GRESS_PIECE_BYTES (240 * 1024)
#endif

namespace gress::engine {

struct Piece {
  std::uint32_t number = 0;  // 0: none is left
  std::uint64_t begin = 0, end = 0;
};

class Pieces {
 public:
  static constexpr std::uint64_t kEnd = UINT64_MAX;

  /// By the first worker, before any runs: the file has this size and can be cut.
  void cut(std::uint64_t size) { size_ = size; }
  bool is_cut() const { return size_ != 0; }
  /// Before any worker runs: what stands before has been read. By each, of the same place.
  void go_on(std::uint64_t from) { from_ = from; }
  /// The last one goes to where the file ends by then.
  Piece take() {
    const std::uint64_t number = taken_.fetch_add(1, std::memory_order_relaxed) + 1, end = from_ + number * kBytes;
    if (end - kBytes >= size_) return {};
    return {static_cast<std::uint32_t>(number), end - kBytes, end >= size_ ? kEnd : end};
  }
  /// Where the last one ended.
  void ended(std::uint64_t at) { end_.store(at, std::memory_order_relaxed); }
  /// Where the next one begins, when all that were taken have been read: in the middle of a record that belongs to the
  /// one before, if it is not the file's end.
  std::uint64_t next() const {
    const std::uint64_t at = from_ + taken_.load(std::memory_order_relaxed) * kBytes;
    return at < size_ ? at : std::max(end_.load(std::memory_order_relaxed), from_);
  }

 private:
  static constexpr std::uint64_t kBytes = GRESS_PIECE_BYTES;  // with its tail not more than a usual read buffer
  std::uint64_t size_ = 0, from_ = 0;
  std::atomic<std::uint64_t> end_{0};
  std::atomic<std::uint64_t> taken_{0};
};

}  // namespace gress::engine
