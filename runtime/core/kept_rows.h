// Memory of rows that are kept until a watermark passes their end: a row and its text and lists in one piece, behind the
// row that came before it. Rows that come one after the other share a chunk, which is used again as a whole when all of
// them are over. Freeing costs nothing a row, and a steady state takes no fresh memory.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>
#include <vector>

#include "runtime/core/kept.h"
#include "runtime/core/large_memory.h"
#include "runtime/core/time.h"

namespace gress {

class KeptRows {
 public:
  KeptRows() = default;
  KeptRows(const KeptRows&) = delete;
  KeptRows& operator=(const KeptRows&) = delete;
  ~KeptRows() {
    for (void* slab : slabs_) std::free(slab);
    for (const Chunk& c : full_)
      if (c.alone != 0) std::free(c.data);
  }

  /// A copy of the row whose text stays until a watermark is greater than `end`.
  template <class Row>
  Row keep(const Row& row, std::int64_t end) {
    reach(end);
    return fn::copy_into(*this, row);
  }
  /// The same with the row itself here.
  template <class Row>
  const Row* place(const Row& row, std::int64_t end) {
    static_assert(std::is_trivially_copyable_v<Row>);
    reach(end);
    void* const at = allocate(sizeof(Row), alignof(Row));
    return ::new (at) Row(fn::copy_into(*this, row));
  }
  void expire(std::int64_t watermark) {
    while (!full_.empty() && watermark > full_.front().end) {
      std::pop_heap(full_.begin(), full_.end(), later);
      const Chunk over = full_.back();
      full_.pop_back();
      if (over.alone == 0) {
        free_.push_back(over.data);
      } else {
        memory_ -= over.alone;
        std::free(over.data);
      }
    }
  }

  /// Bytes taken, those included that wait to be used again.
  std::size_t memory() const { return memory_; }

  // What fn::copy_into asks for.
  Text copy(const Text& text) {
    if (text.stays()) return text;
    char* const at = allocate(text.size(), 1);
    std::memcpy(at, text.data(), text.size());
    return Text(at, text.size());
  }
  template <class T>
  T* allocate_array(std::size_t count) {
    return reinterpret_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

 private:
  static constexpr std::size_t kChunk = 64 * 1024;
  /// Readable bytes behind every allocation, so that wide loads stay inside.
  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kSmall = 16;  // chunks that are allocated one by one

  struct Chunk {
    char* data;
    std::int64_t end;   // highest of its rows
    std::size_t alone;  // its bytes if it holds one value that is larger than a chunk, else 0
  };
  static bool later(const Chunk& a, const Chunk& b) { return a.end > b.end; }

  void reach(std::int64_t end) {
    row_end_ = end;
    if (end > current_.end) current_.end = end;
  }
  char* allocate(std::size_t bytes, std::size_t alignment) {
    char* at = reinterpret_cast<char*>((reinterpret_cast<std::uintptr_t>(next_) + alignment - 1) & ~(alignment - 1));
    if (bytes > static_cast<std::size_t>(limit_ - next_) || at + bytes > limit_) [[unlikely]] at = more(bytes);
    else next_ = at + bytes;
    return at;
  }
  [[gnu::noinline]] char* more(std::size_t bytes) {
    if (bytes > kChunk - kPadding) {
      full_.push_back({static_cast<char*>(allocate_large(bytes + kPadding)), row_end_, bytes + kPadding});
      memory_ += bytes + kPadding;
      char* const at = full_.back().data;
      std::push_heap(full_.begin(), full_.end(), later);
      return at;
    }
    if (current_.data != nullptr) {
      full_.push_back(current_);
      std::push_heap(full_.begin(), full_.end(), later);
    }
    current_ = {fresh(), row_end_, 0};
    limit_ = current_.data + kChunk - kPadding;
    next_ = current_.data + bytes;
    return current_.data;
  }
  char* fresh() {
    if (!free_.empty()) {
      char* const data = free_.back();
      free_.pop_back();
      return data;
    }
    if (slab_left_ == 0) {
      slab_left_ = slabs_.size() < kSmall ? kChunk : kHugePage;
      slabs_.push_back(allocate_large(slab_left_));
      slab_ = static_cast<char*>(slabs_.back());
      memory_ += slab_left_;
    }
    char* const data = slab_;
    slab_ += kChunk;
    slab_left_ -= kChunk;
    return data;
  }

  char* next_ = nullptr;
  char* limit_ = nullptr;
  Chunk current_{nullptr, kStartOfTime, 0};
  std::int64_t row_end_ = kStartOfTime;  // of the row that is written
  std::vector<Chunk> full_;              // a heap, by their ends
  std::vector<char*> free_;
  std::vector<void*> slabs_;
  char* slab_ = nullptr;
  std::size_t slab_left_ = 0, memory_ = 0;
};

}  // namespace gress
