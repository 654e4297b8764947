// A bump allocator whose memory is reused: reset() keeps the chunks, so that a steady state touches no fresh page.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "runtime/core/large_memory.h"
#include "runtime/core/text.h"

namespace gress {

class Arena {
 public:
  static constexpr std::size_t kChunk = 64 * 1024;
  /// Readable bytes kept free behind every allocation, so that wide loads stay inside.
  static constexpr std::size_t kPadding = 64;

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  /// For what is kept: chunks grow with what is there, up to whole huge pages.
  void grow_large() { large_ = true; }

  /// Uninitialised bytes, aligned to 16, valid until reset().
  char* allocate(std::size_t bytes) {
    bytes = (bytes + 15) & ~std::size_t{15};
    if (bytes + kPadding > static_cast<std::size_t>(end_ - next_)) [[unlikely]] grow(bytes + kPadding);
    char* p = next_;
    next_ += bytes;
    return p;
  }
  template <class T>
  T* allocate_array(std::size_t count) {
    return reinterpret_cast<T*>(allocate(count * sizeof(T)));
  }
  /// Gives back the tail of the latest allocation: `end` is one past the last byte that stays.
  void shrink_last(char* end) { next_ = end + ((16 - (reinterpret_cast<std::uintptr_t>(end) & 15)) & 15); }
  /// A Text whose long bytes live here, unless they last.
  Text copy(Text t) {
    if (t.stays()) return t;
    char* p = allocate(t.size());
    std::memcpy(p, t.data(), t.size());
    return Text(p, t.size());
  }
  Text copy(std::string_view s) {
    if (s.size() <= Text::kInline) return Text(s);
    char* p = allocate(s.size());
    std::memcpy(p, s.data(), s.size());
    return Text(p, s.size());
  }
  /// Forgets everything allocated; the memory stays.
  void reset() {
    current_ = 0;
    if (chunks_.empty()) return;
    use(chunks_[0]);
  }

 private:
  struct Chunk {
    char* data;
    std::size_t size;
  };
  void grow(std::size_t bytes);
  void use(const Chunk& c) {
    next_ = c.data;
    end_ = c.data + c.size;
  }
  std::vector<Chunk> chunks_;
  std::size_t current_ = 0;
  char* next_ = nullptr;
  char* end_ = nullptr;
  bool large_ = false;
};

}  // namespace gress
