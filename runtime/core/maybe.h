// A member that is there only when it is needed:  [[no_unique_address]] Maybe<T, kNeeded> name;
#pragma once

namespace gress {

template <class T, bool Present>
struct Maybe {
  T value{};
};
template <class T>
struct Maybe<T, false> {};

}  // namespace gress
