// A list that mostly has one element, which stands in it; more of them stand together in memory of their own.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace gress {

template <class T>
class Few {
 public:
  std::size_t size() const { return many_ ? many_->size() : has_; }
  bool empty() const { return size() == 0; }
  T* begin() { return many_ ? many_->data() : &one_; }
  T* end() { return begin() + size(); }
  const T* begin() const { return many_ ? many_->data() : &one_; }
  const T* end() const { return begin() + size(); }
  T& operator[](std::size_t i) { return begin()[i]; }
  const T& operator[](std::size_t i) const { return begin()[i]; }
  /// The only element, or null.
  T* only() { return has_ && !many_ ? &one_ : nullptr; }

  T& insert(std::size_t at, T element) {
    if (!has_) {
      one_ = std::move(element);
      has_ = true;
      return one_;
    }
    if (!many_) {
      many_ = std::make_unique<std::vector<T>>();
      many_->push_back(std::move(one_));
    }
    return *many_->insert(many_->begin() + static_cast<std::ptrdiff_t>(at), std::move(element));
  }
  void push_back(T element) { insert(size(), std::move(element)); }
  void erase(std::size_t at) {
    if (many_) {
      many_->erase(many_->begin() + static_cast<std::ptrdiff_t>(at));
      if (many_->size() != 1) return;
      one_ = std::move(many_->front());
      many_.reset();
    } else {
      one_ = T{};
      has_ = false;
    }
  }
  template <class Io>
  void archive(Io& io) {
    if constexpr (Io::kReads) {
      for (std::uint64_t left = io.count(); left != 0; --left) {
        T element{};
        io(element);
        push_back(std::move(element));
      }
    } else {
      io.count(size());
      for (const T& element : *this) io(element);
    }
  }
  void clear() {
    many_.reset();
    one_ = T{};
    has_ = false;
  }

 private:
  T one_{};
  std::unique_ptr<std::vector<T>> many_;  // at least two, with none in one_
  bool has_ = false;
};

}  // namespace gress
