// A queue in memory that is used again, whose items keep their number while others come and go at its ends.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace gress {

template <class T>
class Ring {
 public:
  /// Items have the numbers [begin(), end()).
  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }
  bool empty() const { return begin_ == end_; }
  T& operator[](std::uint64_t number) { return items_[number & mask_]; }
  const T& operator[](std::uint64_t number) const { return items_[number & mask_]; }
  T& front() { return (*this)[begin_]; }
  T& back() { return (*this)[end_ - 1]; }

  /// What the next push and pop will touch.
  void prefetch_ends() const {
    if (items_.empty()) return;
    __builtin_prefetch(&items_[begin_ & mask_]);
    __builtin_prefetch(&items_[end_ & mask_], 1);
  }

  void push_back(T item) {
    if (size() == items_.size()) [[unlikely]] grow();
    (*this)[end_++] = std::move(item);
  }
  /// The items from `number` on get the next number.
  void insert(std::uint64_t number, T item) {
    push_back(T{});
    for (std::uint64_t k = end_ - 1; k != number; --k) (*this)[k] = std::move((*this)[k - 1]);
    (*this)[number] = std::move(item);
  }
  /// What the item owns stays until its place is taken again.
  void pop_front() { ++begin_; }
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      io(begin_);
      end_ = begin_;
      for (std::uint64_t left = io.count(); left != 0; --left) {
        T item{};
        io(item);
        push_back(std::move(item));
      }
    } else {
      io(begin_);
      io.count(size());
      for (std::uint64_t k = begin_; k != end_; ++k) io((*this)[k]);
    }
  }
  void clear() {
    begin_ = end_ = 0;
    if (items_.size() <= 1024) return;
    items_ = std::vector<T>();
    mask_ = 0;
  }

 private:
  [[gnu::noinline]] void grow() {
    std::vector<T> items(items_.empty() ? 4 : items_.size() * 2);
    const std::uint64_t mask = items.size() - 1;
    for (std::uint64_t k = begin_; k != end_; ++k) items[k & mask] = std::move((*this)[k]);
    items_.swap(items);
    mask_ = mask;
  }
  std::vector<T> items_;
  std::uint64_t mask_ = 0;
  std::uint64_t begin_ = 0, end_ = 0;
};

}  // namespace gress
