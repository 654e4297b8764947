// The options of a class of a user's header.
#pragma once
#include "runtime/connectors/foreign/concepts.h"

namespace gress::foreign {

struct NoOptions {};
template <class C>
struct OptionsType {
  using Type = NoOptions;
};
template <HasOptions C>
struct OptionsType<C> {
  using Type = typename C::Options;
};
/// What it takes; where it takes none, an empty struct.
template <class C>
using OptionsOf = typename OptionsType<C>::Type;

}  // namespace gress::foreign
