// The watermarks of several inputs and their minimum.
#pragma once
#include "runtime/core/time.h"

namespace gress {

template <int N>
class Watermarks {
 public:
  Watermarks() {
    for (std::int64_t& t : inputs_) t = kStartOfTime;
  }
  template <class Io>
  void archive(Io& io) {
    for (std::int64_t& t : inputs_) io(t);
  }
  /// True if the minimum rose.
  bool raise(int input, std::int64_t t) {
    if (t <= inputs_[input]) return false;
    const std::int64_t before = lowest();
    inputs_[input] = t;
    return lowest() > before;
  }
  std::int64_t lowest() const { return lowest_but(-1); }
  /// Of all inputs but one.
  std::int64_t lowest_but(int input) const {
    std::int64_t t = kEndOfTime;
    for (int i = 0; i < N; ++i)
      if (i != input && inputs_[i] < t) t = inputs_[i];
    return t;
  }

 private:
  std::int64_t inputs_[N];
};

}  // namespace gress
