// One big file for all workers: pieces of it, numbered from 1 in the order in which they stand, each taken by whoever is
// free. A piece is the records that begin in its range. Where any line feed ends a record it can be read without the ones
// before; else whoever takes a piece is told where its first record begins, and tells it of the next one.
#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>

#ifndef GRESS_PIECE_BYTES
#define GRESS_PIECE_BYTES (480 * 1024)
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
  void go_on(std::uint64_t from) {
    from_ = from;
    record_.store(from, std::memory_order_relaxed);
  }
  /// The last one goes to where the file ends by then.
  Piece take() {
    const std::uint64_t number = taken_.fetch_add(1, std::memory_order_relaxed) + 1, end = from_ + number * bytes_;
    if (end - bytes_ >= size_) return {};
    return {static_cast<std::uint32_t>(number), end - bytes_, end >= size_ ? kEnd : end};
  }
  /// Where the last one ended.
  void ended(std::uint64_t at) { end_.store(at, std::memory_order_relaxed); }
  /// Where the next one begins, when all that were taken have been read: in the middle of a record that belongs to the
  /// one before, if it is not the file's end.
  std::uint64_t next() const {
    const std::uint64_t at = from_ + taken_.load(std::memory_order_relaxed) * bytes_;
    return at < size_ ? at : std::max(end_.load(std::memory_order_relaxed), from_);
  }

  // ---- where records may hold line feeds

  /// Where the first record begins, of the pieces of which one is taken; waits for who has the piece before, which does
  /// nothing else until it has told. Throws Abandoned when it has failed.
  std::uint64_t first_record(std::uint32_t number) const;
  /// By who has taken that piece: where the first record behind it begins.
  void tell_next(std::uint32_t number, std::uint64_t record);
  /// Nobody will tell it.
  void give_up();
  /// Where the next record begins, when all pieces that were taken have been read.
  std::uint64_t next_record() const { return std::max(record_.load(std::memory_order_relaxed), end_.load(std::memory_order_relaxed)); }

 private:
  // With its tail not more than a usual read buffer. The program says it that has the pieces, as tests do otherwise, not the
  // library, of which functions here are a part too.
  const std::uint64_t bytes_ = GRESS_PIECE_BYTES;
  std::uint64_t size_ = 0, from_ = 0;
  std::atomic<std::uint64_t> end_{0};
  std::atomic<std::uint64_t> taken_{0};
  static constexpr std::uint32_t kNobody = 0;
  std::atomic<std::uint64_t> record_{0};  // where the first one begins of
  std::atomic<std::uint32_t> known_{1};   // this piece
};

}  // namespace gress::engine
