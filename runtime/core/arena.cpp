#include "runtime/core/arena.h"

#include <stdexcept>

#include "runtime/core/eval.h"

namespace gress {

Arena::~Arena() {
  for (const Chunk& c : chunks_) std::free(c.data);
}

void Arena::grow(std::size_t bytes) {
  while (current_ + 1 < chunks_.size()) {
    ++current_;
    if (chunks_[current_].size >= bytes) return use(chunks_[current_]);
  }
  std::size_t size = bytes > kChunk ? bytes : kChunk;
  if (large_ && chunks_.size() >= 16) size = (size + kHugePage - 1) / kHugePage * kHugePage;
  chunks_.push_back({static_cast<char*>(large_ ? allocate_large(size) : std::malloc(size)), size});
  current_ = chunks_.size() - 1;
  use(chunks_.back());
}

void Eval::overlooked() const { throw std::logic_error("a failure was overlooked, which is a bug of Gress: " + message); }

void Eval::fail(std::string_view why) {
  if (failed) return;
  failed = true;
  message.assign(why);
}

}  // namespace gress
