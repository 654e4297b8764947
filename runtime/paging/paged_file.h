// Memory that is mapped from a file which grows with it. Addresses are reserved once and never given back.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace gress::paging {

class PagedFile {
 public:
  /// Failure `no_state_file`.
  explicit PagedFile(const std::string& folder);

  /// Zeros, null where the file cannot grow: why_not() tells. `alignment`: a power of two. Asks malloc for nothing.
  void* take(std::size_t bytes, std::size_t alignment);
  bool has(const void* p) const { return p >= begin_ && p < begin_ + kReserved; }
  std::size_t used() const { return used_.load(std::memory_order_acquire); }
  const char* why_not() const { return why_not_; }

  /// Unmaps the pages of [from, from + bytes); what they hold stays.
  void unmap(void* from, std::size_t bytes);
  /// The next stretch of those in use, in a circle; its bytes.
  std::size_t unmap_next();

 private:
  static constexpr std::size_t kReserved = std::size_t{1} << 40;
  static constexpr std::size_t kStep = std::size_t{64} << 20;     // that the file grows by
  static constexpr std::size_t kStretch = std::size_t{8} << 20;   // that is unmapped at once
  bool back(std::size_t bytes);

  int file_ = -1;
  char* begin_ = nullptr;
  std::mutex growing_;
  std::atomic<std::size_t> used_ = 0;
  std::size_t backed_ = 0, hand_ = 0;
  char why_not_[160] = {};
};

}  // namespace gress::paging
