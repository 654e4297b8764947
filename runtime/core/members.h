// The members of a record, as a type: what goes through them is compiled for each record, and a std::tuple of them costs a
// compiler more than all that is done with it.
#pragma once
#include <cstddef>

namespace gress {

template <auto... M>
struct Members {
  static constexpr std::size_t size = sizeof...(M);
  /// f(pointers to all members).
  template <class F>
  static constexpr decltype(auto) apply(F&& f) {
    return f(M...);
  }
};

template <auto First>
constexpr auto only_member(Members<First>) {
  return First;
}

}  // namespace gress
