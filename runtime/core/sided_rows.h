// Rows of one side of a join in a window that have one key: mostly a single one, so that the first stands in the key's
// entry itself. A window that closes leaves the memory to the next one.
#pragma once
#include <cstdint>
#include <utility>

#include "runtime/core/growing_array.h"
#include "runtime/core/state_value.h"

namespace gress {

/// kCounted: only how many there are is wanted.
template <class Row, bool kCounted>
class SidedRows {
 public:
  static constexpr bool kMovesAsBytes = true;
  SidedRows() = default;
  SidedRows(SidedRows&& o) noexcept : first_(std::move(o.first_)), more_(std::move(o.more_)), count_(std::exchange(o.count_, 0)) {}
  SidedRows& operator=(SidedRows&& o) noexcept {
    std::swap(first_, o.first_);
    std::swap(more_, o.more_);
    std::swap(count_, o.count_);
    return *this;
  }

  void add(const Row& row) {
    if (count_++ == 0) [[likely]] first_.assign(row);
    else more_.push_back(Held<Row>(row));
  }
  void add_all(const SidedRows& o) {
    for (std::size_t i = 0; i != o.size(); ++i) add(o[i]);
  }
  std::size_t size() const { return count_; }
  const Row& operator[](std::size_t i) const { return i == 0 ? first_.get() : more_[i - 1].get(); }
  void clear() {
    more_.clear();
    count_ = 0;
  }
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      for (std::uint64_t left = io.count(); left != 0; --left) {
        Row row{};
        io(row);
        add(row);
        StateTraits<Row>::release(row);
      }
    } else {
      io.count(count_);
      for (std::size_t i = 0; i != count_; ++i) io((*this)[i]);
    }
  }

 private:
  Held<Row> first_;
  GrowingArray<Held<Row>> more_;
  std::uint32_t count_ = 0;
};

template <class Row>
class SidedRows<Row, true> {
 public:
  void add(const Row&) { ++count_; }
  void add_all(const SidedRows& o) { count_ += o.count_; }
  std::size_t size() const { return count_; }
  Row operator[](std::size_t) const { return {}; }
  /// Of several workers there are those of all.
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) count_ += io.template get<std::uint32_t>();
    else io(count_);
  }
  void clear() { count_ = 0; }

 private:
  std::uint32_t count_ = 0;
};

}  // namespace gress
