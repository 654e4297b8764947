#include "runtime/core/out.h"

#include <cstdlib>
#include <new>

namespace gress {

Out::~Out() { std::free(begin_); }

[[gnu::cold, gnu::noinline]] void Out::grow(std::size_t bytes) {
  constexpr std::size_t kFirst = 4096;
  const std::size_t used = size();
  std::size_t room = 2 * static_cast<std::size_t>(end_ - begin_);
  if (room < used + bytes) room = used + bytes;
  if (room < kFirst) room = kFirst;
  auto* larger = static_cast<char*>(std::realloc(begin_, room));
  if (larger == nullptr) throw std::bad_alloc();
  begin_ = larger;
  next_ = larger + used;
  end_ = larger + room;
}

}  // namespace gress
