// A growing buffer of bytes that rows are printed into. It knows no target: whoever owns it takes `view()` and calls
// `clear()`, which keeps the memory.
#pragma once
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

namespace gress {

class Out {
 public:
  Out() = default;
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;
  Out(Out&& other) noexcept { swap(other); }
  Out& operator=(Out&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Out();

  /// Where to write up to `bytes`; `advance` with the end of what was written takes them in.
  char* need(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(end_ - next_)) [[unlikely]]
      grow(bytes);
    return next_;
  }
  void advance(char* to) { next_ = to; }

  void put(char c) {
    char* p = need(1);
    *p = c;
    next_ = p + 1;
  }
  void write(std::string_view s) {
    if (s.empty()) return;
    char* p = need(s.size());
    std::memcpy(p, s.data(), s.size());
    next_ = p + s.size();
  }
  /// A literal: `out.write("\"delay\":")`, a move or two.
  template <std::size_t n>
  void write(const char (&literal)[n]) {
    char* p = need(n - 1);
    std::memcpy(p, literal, n - 1);
    next_ = p + n - 1;
  }

  const char* data() const { return begin_; }
  std::size_t size() const { return static_cast<std::size_t>(next_ - begin_); }
  bool empty() const { return next_ == begin_; }
  std::string_view view() const { return {begin_, size()}; }
  void clear() { next_ = begin_; }
  /// Forgets what was written behind the first `size` bytes.
  void cut(std::size_t size) { next_ = begin_ + size; }

 private:
  void grow(std::size_t bytes);
  void swap(Out& other) noexcept {
    std::swap(begin_, other.begin_);
    std::swap(next_, other.next_);
    std::swap(end_, other.end_);
  }

  char* begin_ = nullptr;
  char* next_ = nullptr;
  char* end_ = nullptr;
};

}  // namespace gress
