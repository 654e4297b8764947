// Memory for the text and lists of rows that are kept until a watermark passes their end: rows that come one after the
// other share an arena, which goes as a whole when all of them are over. Freeing costs nothing a row, and a steady
// state takes no fresh memory.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/core/kept.h"
#include "runtime/core/time.h"

namespace gress {

class KeptText {
 public:
  /// A copy that stays until a watermark is greater than `end`. Values without text are copied by the caller as they are.
  template <class T>
  T keep(const T& value, std::int64_t end) {
    if (current_ == nullptr || current_->rows == kRows) [[unlikely]] begin();
    ++current_->rows;
    if (end > current_->end) current_->end = end;
    return fn::kept(current_->memory, value);
  }
  void expire(std::int64_t watermark) {
    if (watermark <= next_) return;
    next_ = kEndOfTime;
    std::size_t kept = 0;
    for (std::unique_ptr<Shared>& s : shared_) {
      if (s->end >= watermark || s.get() == current_) {
        if (s.get() != current_) next_ = std::min(next_, s->end);
        std::swap(shared_[kept++], s);
        continue;
      }
      s->memory.arena.reset();
      s->rows = 0;
      s->end = kStartOfTime;
      free_.push_back(std::move(s));
    }
    shared_.resize(kept);
  }

 private:
  static constexpr std::uint32_t kRows = 1024;
  struct Shared {
    Eval memory;
    std::int64_t end = kStartOfTime;
    std::uint32_t rows = 0;
  };

  void begin() {
    if (current_ != nullptr) next_ = std::min(next_, current_->end);
    if (free_.empty()) {
      shared_.push_back(std::make_unique<Shared>());
    } else {
      shared_.push_back(std::move(free_.back()));
      free_.pop_back();
    }
    current_ = shared_.back().get();
  }

  std::vector<std::unique_ptr<Shared>> shared_, free_;
  Shared* current_ = nullptr;
  std::int64_t next_ = kEndOfTime;  // lowest end of all but the current one
};

}  // namespace gress
