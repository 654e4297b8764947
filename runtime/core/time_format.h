// format_time with a pattern that is written in the program: the last text holds for all times of the same second,
// minute or whatever the pattern tells apart, and rows come nearly in order of time.
#pragma once
#include <cstdint>
#include <string_view>

#include "runtime/core/eval.h"

namespace gress::fn {

/// Of a pattern without errors, in UTC. Not for two threads.
class TimeFormat {
 public:
  explicit constexpr TimeFormat(std::string_view pattern) : pattern_(pattern) {}
  Text operator()(Eval& ev, std::int64_t t) {
    if (static_cast<std::uint64_t>(t) - from_ >= length_) [[unlikely]] return format(ev, t);
    return text_;
  }

 private:
  Text format(Eval& ev, std::int64_t t);

  std::string_view pattern_;
  std::uint64_t from_ = 0, length_ = 0;  // times of `text_`, which is short
  Text text_;
};

}  // namespace gress::fn
