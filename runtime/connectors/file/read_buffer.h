// Memory for reading.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <memory>

namespace gress::file {

/// Moves from a partition that has ended to the next.
class ReadBuffer {
 public:
  /// A megabyte at a time costs the kernel a tenth less than a quarter of it, and decoding finds it in the cache still.
  static constexpr std::size_t kUsual = 1024 * 1024;
  /// Readable bytes behind the capacity.
  static constexpr std::size_t kPadding = 64;

  char* data() const { return data_.get(); }
  std::size_t capacity() const { return capacity_; }
  /// Keeps the first `used` bytes.
  void grow(std::size_t capacity, std::size_t used);

 private:
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  std::unique_ptr<char, Free> data_;
  std::size_t capacity_ = 0;
};

}  // namespace gress::file
