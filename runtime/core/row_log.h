// Rows that are kept in the order in which they came, and seldom go: in chunks that never move, text and lists beside
// them in the chunk's arena. A chunk whose rows have all gone is used again, so that rows which go about as they came
// leave no holes, and freeing costs nothing a row.
#pragma once
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "runtime/core/kept.h"
#include "runtime/core/large_memory.h"
#include "runtime/core/state_value.h"

namespace gress {

inline constexpr int kRowLogShift = 10;  // rows of a chunk, as a power of two

/// Item: { Row row; … }, trivially copyable; `row` may view text, which is copied.
template <class Item>
class RowLog {
 public:
  static constexpr int kShift = kRowLogShift;
  static constexpr std::uint32_t kRows = 1u << kShift;
  using Row = decltype(Item::row);
  static_assert(std::is_trivially_copyable_v<Item>);

  RowLog() = default;
  RowLog(const RowLog&) = delete;
  RowLog& operator=(const RowLog&) = delete;
  ~RowLog() {
    for (void* slab : slabs_) std::free(slab);
  }

  Item& operator[](std::uint32_t number) { return rows_[number >> kShift][number & (kRows - 1)]; }
  const Item& operator[](std::uint32_t number) const { return rows_[number >> kShift][number & (kRows - 1)]; }

  const Row& row(std::uint32_t number) const { return (*this)[number].row; }

  /// Number of a kept copy.
  std::uint32_t add(const Item& item) {
    if (used_ == kRows) [[unlikely]] begin();
    Item& kept = rows_[current_][used_];
    kept = item;
    if constexpr (!StateTraits<Row>::is_plain) kept.row = fn::kept(chunks_[current_]->text, item.row);
    ++chunks_[current_]->live;
    ++size_;
    return (current_ << kShift) | used_++;
  }
  /// The row's memory stays as it is until recycle().
  void erase(std::uint32_t number) {
    --size_;
    const std::uint32_t c = number >> kShift;
    if (--chunks_[c]->live == 0 && c != current_) drained_.push_back(c);
  }
  /// Chunks without rows may be written over from now on.
  void recycle() {
    if (drained_.empty()) [[likely]] return;
    for (const std::uint32_t c : drained_) {
      chunks_[c]->text.arena.reset();
      chunks_[c]->open = false;
      free_.push_back(c);
    }
    drained_.clear();
  }
  std::size_t size() const { return size_; }
  /// Numbers [begin, end) of each chunk that holds rows.
  template <class Body>
  void each_chunk(Body body) {
    for (std::uint32_t c = 0; c != chunks_.size(); ++c)
      if (chunks_[c]->open && chunks_[c]->live != 0) body(c << kShift, (c << kShift) + (c == current_ ? used_ : kRows));
  }

 private:
  struct Chunk {
    Eval text;
    std::uint32_t live = 0;
    bool open = false;
  };

  [[gnu::noinline]] void begin() {
    used_ = 0;
    if (!chunks_.empty() && chunks_[current_]->live == 0) drained_.push_back(current_);
    if (free_.empty()) {
      current_ = static_cast<std::uint32_t>(rows_.size());
      rows_.push_back(carve());
      chunks_.push_back(std::make_unique<Chunk>());
    } else {
      current_ = free_.back();
      free_.pop_back();
    }
    chunks_[current_]->open = true;
  }
  /// Room for the rows of a chunk; one by one at first.
  Item* carve() {
    constexpr std::size_t bytes = (sizeof(Item) * kRows + 63) / 64 * 64;
    if (left_ < bytes) {
      left_ = slabs_.size() < 16 ? bytes : bytes > kHugePage ? bytes : kHugePage;
      slabs_.push_back(allocate_large(left_));
      next_ = static_cast<char*>(slabs_.back());
    }
    char* const at = next_;
    next_ += bytes;
    left_ -= bytes;
    return reinterpret_cast<Item*>(at);
  }

  std::vector<Item*> rows_;  // by chunk
  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<std::uint32_t> free_, drained_;
  std::uint32_t current_ = 0, used_ = kRows;
  std::size_t size_ = 0;
  std::vector<void*> slabs_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace gress
